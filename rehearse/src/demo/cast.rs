//! The people of the story and what each does, over HTTP: the partner who buys, the visitor who opens the link, the
//! publisher's staff at the console, and the operator who looks at the truth. Called by `demo`.

use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use shared::{
    rehearsal::{Charge, JournalEntry, Publisher, Purchase, Sandbox, SoldBy, SubscriptionTruth},
    secret::Secret,
};
use url::Url;

use super::{
    PUBLISHER, SANDBOX,
    browser::Browser,
    page,
    story::{Step, StepName, Story},
    timeline, views,
};
use crate::{catalog, control::Control, wait, words};

const BROKER: &str = "broker";
const OPERATOR: &str = "operator";
const VISITOR: &str = "visitor";
const LICENSES: i64 = 4;
/// How long the story waits for the publisher's own work before it gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Everybody who plays.
#[derive(Debug)]
pub struct Cast {
    control: Control,
    sandbox: Sandbox,
    /// Whose plan is sold.
    pub publisher: Publisher,
    visitor: Browser,
    staff: Browser,
}

/// What was sold.
#[derive(Debug)]
pub struct Sold {
    /// The subscription.
    pub subscription_id: String,
    quantity: i64,
    customer_domain: String,
    link: Secret<String>,
}

impl Cast {
    /// Gathers them from the sandbox.
    pub async fn gather(control: Control) -> anyhow::Result<Self> {
        let sandbox = control.sandbox().await?;
        let is_meant = |one: &&Publisher| one.publisher_id == PUBLISHER;
        let publisher = sandbox.publishers.iter().find(is_meant).cloned();
        let publisher = publisher.ok_or_else(|| anyhow!(words::say("no-publisher")))?;
        let (visitor, staff) = (Browser::open()?, Browser::open()?);
        Ok(Self { control, sandbox, publisher, visitor, staff })
    }

    /// The partner buys for a customer, then asks for a fresh activation link.
    pub async fn sell(&self, story: &mut Story) -> anyhow::Result<Sold> {
        let american = self.sandbox.customers.iter().find(|customer| customer.country == "US");
        let customer = american.ok_or_else(|| anyhow!(words::say("no-customers")))?;
        let chosen = catalog::choose(&self.sandbox, customer, |offer, plan| {
            offer.publisher_id == PUBLISHER && plan.is_price_per_seat
        })?;
        let quantity = catalog::quantity(chosen.plan, LICENSES).unwrap_or(1);
        let partners = &self.sandbox.partners;
        let partner = partners.iter().find(|partner| partner.partner_id == customer.partner_id);
        let partner = partner.map_or(&self.sandbox.partner, |partner| partner);
        let seller = format!("partner {}", partner.partner_id);
        let purchase = Purchase {
            offer_id: chosen.offer.offer_id.clone(),
            plan_id: chosen.plan.plan_id.clone(),
            quantity: Some(quantity),
            customer_id: Some(customer.customer_id.clone()),
            sold_by: Some(SoldBy::Partner),
            ..Purchase::default()
        };
        let begun = Instant::now();
        let bought = self.control.purchase(&purchase).await?;
        let count = quantity.to_string();
        let what = [
            ("partner", partner.name.as_str()),
            ("customer", &customer.name),
            ("offer", &chosen.offer.name),
            ("plan", &chosen.plan.name),
            ("quantity", &count),
            ("id", &bought.subscription_id),
        ];
        let step = Step::timed(StepName::Purchase, &seller, BROKER, begun);
        story.tell(step, &[words::tell("told-purchase", &what)])?;

        let begun = Instant::now();
        let link = self.control.activation_link(&bought.subscription_id).await?;
        let step = Step::timed(StepName::ActivationLink, &seller, BROKER, begun);
        let until = timeline::time(link.token_expires_at);
        story.tell(step, &[words::tell("told-link", &[("until", &until)])])?;
        Ok(Sold {
            subscription_id: bought.subscription_id,
            quantity,
            customer_domain: customer.domain.clone(),
            link: link.activation_link,
        })
    }

    /// The visitor opens the link, signs in as the person it was bought for, and submits the form; the publisher
    /// resolves the token on the way.
    pub async fn set_up(&mut self, story: &mut Story, sold: &Sold) -> anyhow::Result<()> {
        let publisher = self.publisher_name();
        let link = Url::parse(sold.link.expose()).map_err(|_| anyhow!(words::say("bad-link")))?;
        let begun = Instant::now();
        self.visitor.goto(&link).await?;
        let page = self.visitor.choose("account", &sold.customer_domain).await?;
        if page.url.query_pairs().any(|(name, _)| name == "token") {
            bail!(words::say("token-in-url"));
        }
        let form = page.form_with("site_address")?;
        let landed = words::tell("told-landing", &[("url", page.url.as_str())]);
        let signed_in = words::tell("told-signed-in", &[("domain", &sold.customer_domain)]);
        let step = Step::timed(StepName::LandingOpened, VISITOR, &publisher, begun);
        story.tell(step, &[landed, signed_in])?;
        let resolved = self.exchange("resolve", &sold.subscription_id).await?;
        story.tell(Step::journaled(StepName::TokenResolved, &resolved), &[])?;

        let people: Vec<String> =
            (1..=sold.quantity).map(|n| format!("person{n}@{}", sold.customer_domain)).collect();
        let site = sold.customer_domain.split('.').next().unwrap_or_default();
        let admin_email = format!("admin@{}", sold.customer_domain);
        let people = people.join("\n");
        let typed = [
            ("site_address", site),
            ("admin_name", "Dana Whitlock"),
            ("admin_email", &admin_email),
            ("people", &people),
        ];
        let begun = Instant::now();
        self.visitor.submit(&form, None, &typed).await?;
        let step = Step::timed(StepName::InformationSubmitted, VISITOR, &publisher, begun);
        story.tell(step, &[words::tell("told-form", &[("quantity", &sold.quantity.to_string())])])
    }

    /// The publisher's staff sign in to the console at `base` and press both buttons; in between, billing waits.
    pub async fn turn_both_keys(
        &mut self,
        story: &mut Story,
        sold: &Sold,
        base: &str,
        token: &Secret<String>,
    ) -> anyhow::Result<()> {
        let id = &sold.subscription_id;
        let page = self.staff.goto(&sign_in(base)?).await?;
        let form = page.form_with("token")?;
        self.staff.submit(&form, None, &[("token", token.expose())]).await?;

        let assigned = self.press("Assign licenses", "licenseAssignments", id, base).await?;
        let first_key = words::tell("told-first-key", &[("quantity", &sold.quantity.to_string())]);
        story.tell(Step::journaled(StepName::LicensesAssigned, &assigned), &[first_key])?;

        let begun = Instant::now();
        let truth = self.control.subscription(id).await?;
        let step = Step::timed(StepName::BillingWaiting, OPERATOR, BROKER, begun);
        let is_half_way = truth.licenses_assigned_at.is_some() && !truth.waiting_for.is_empty();
        if !is_half_way || truth.billing_started_at.is_some() {
            bail!(words::say("not-waiting"));
        }
        story.tell(step, &views::waiting(&truth))?;

        let confirmed = self.press("Confirm setup", "activate", id, base).await?;
        let second_key = words::say("told-second-key");
        story.tell(Step::journaled(StepName::FulfillmentConfirmed, &confirmed), &[second_key])
    }

    /// The operator sees that billing has started and what was charged.
    pub async fn bill(
        &self,
        story: &mut Story,
        id: &str,
    ) -> anyhow::Result<(SubscriptionTruth, Vec<Charge>)> {
        let begun = Instant::now();
        let truth = wait::until(&words::say("wait-billing"), PATIENCE, async || {
            let truth = self.control.subscription(id).await?;
            Ok(truth.billing_started_at.is_some().then_some(truth))
        })
        .await?;
        let step = Step::timed(StepName::BillingStarted, OPERATOR, BROKER, begun);
        let at = truth.billing_started_at.map(timeline::time).unwrap_or_default();
        story.tell(step, &[words::tell("told-billing", &[("at", &at)])])?;

        let begun = Instant::now();
        let charges = wait::until(&words::say("wait-charge"), PATIENCE, async || {
            let charges = self.control.charges(id).await?.charges;
            Ok((!charges.is_empty()).then_some(charges))
        })
        .await?;
        let step = Step::timed(StepName::FirstCharge, OPERATOR, BROKER, begun);
        let told: Vec<String> = charges.iter().map(views::charge).collect();
        let told: Vec<String> = told.iter().map(|line| line.trim().to_owned()).collect();
        story.tell(step, &told)?;
        Ok((truth, charges))
    }

    /// The subscription's row on the publisher's console.
    pub async fn console_row(&mut self, id: &str, base: &str) -> anyhow::Result<Option<String>> {
        let page = self.staff.goto(&console(base)?).await?;
        Ok(page::rows(&page.html, id).into_iter().next())
    }

    /// How often the journal, read to its end, says that billing started.
    pub async fn billing_starts(&self, id: &str) -> anyhow::Result<usize> {
        let (entries, _) = self.control.journal(0).await?;
        Ok(entries.iter().filter(|entry| is_about(entry, "event", "billingStarted", id)).count())
    }

    fn publisher_name(&self) -> String {
        format!("publisher {}", self.publisher.publisher_id)
    }

    /// Presses a button of the console and waits for the publisher's call that follows from it.
    async fn press(
        &mut self,
        label: &str,
        call: &str,
        id: &str,
        base: &str,
    ) -> anyhow::Result<JournalEntry> {
        // The button waits for the publisher's own books: a person would reload the page.
        let form =
            wait::until(&words::tell("wait-button", &[("label", label)]), PATIENCE, async || {
                Ok(self.staff.goto(&console(base)?).await?.form_by_button(label, id))
            })
            .await?;
        self.staff.submit(&form, Some(label), &[]).await?;
        self.exchange(call, id).await
    }

    /// The accepted exchange called `name` about a subscription. It is written just behind its answer.
    async fn exchange(&self, name: &str, id: &str) -> anyhow::Result<JournalEntry> {
        let mut after = 0;
        let what = words::tell("wait-exchange", &[("name", name)]);
        wait::until(&what, PATIENCE, async || {
            let (entries, next) = self.control.journal(after).await?;
            after = next;
            let is_meant =
                |entry: &JournalEntry| is_about(entry, "exchange", name, id) && is_accepted(entry);
            Ok(entries.into_iter().find(is_meant))
        })
        .await
    }
}

fn sign_in(base: &str) -> anyhow::Result<Url> {
    Ok(format!("{base}/console/sign-in").parse()?)
}

fn console(base: &str) -> anyhow::Result<Url> {
    Ok(format!("{base}/s/{SANDBOX}/console").parse()?)
}

fn is_about(entry: &JournalEntry, kind: &str, name: &str, id: &str) -> bool {
    entry.kind == kind && entry.name == name && entry.subscription_id.as_deref() == Some(id)
}

/// A refused try comes before the accepted one, when there was one.
fn is_accepted(entry: &JournalEntry) -> bool {
    let status = entry.data.get("status").and_then(serde_json::Value::as_u64);
    status.is_none_or(|status| (200..300).contains(&status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_accepted_exchange_about_the_subscription_counts() {
        let entry = |status: u16, id: &str| -> JournalEntry {
            serde_json::from_value(serde_json::json!({"sequence": 1, "at": "2027-01-31T09:00:00Z", "kind": "exchange",
                "name": "activate", "from": "publisher contoso", "to": "broker", "subscriptionId": id, "ms": 1.5,
                "data": {"status": status}}))
            .unwrap()
        };
        let check = |entry: &JournalEntry| {
            is_about(entry, "exchange", "activate", "s1") && is_accepted(entry)
        };
        assert!(check(&entry(200, "s1")));
        assert!(!check(&entry(503, "s1")));
        assert!(!check(&entry(200, "s2")));
    }
}
