//! `rehearse usage`: reports usage as the subscription's publisher would, by its bearer and the metering API, and shows
//! what was accepted in the present term. What may be reported is the broker's to say.

use anyhow::{anyhow, bail};
use reqwest::Client;
use shared::{
    metering::{UsageBatchEventOkMessage, UsageEvent, UsageEventStatus},
    rehearsal::{DimensionUsage, Publisher, Sandbox, SubscriptionTruth, Usage, UsageLine},
};

use crate::{
    cli::{self, UsageDeed},
    control::Control,
    locate,
    publisher_face::PublisherFace,
    term::Terminal,
    web, words,
};

/// Events that are shown.
const SHOWN: usize = 20;

/// Does what was asked for.
pub async fn usage(asked: cli::Usage) -> anyhow::Result<()> {
    let control = locate::control(&asked.target)?;
    let terminal = Terminal::new();
    match &asked.deed {
        UsageDeed::Ls { subscription } => {
            let usage = control.usage(subscription).await?;
            let lines =
                if asked.json { vec![serde_json::to_string(&usage)?] } else { lines(&usage) };
            lines.iter().try_for_each(|line| terminal.line(line))?;
        }
        UsageDeed::Report { subscription, dimension, quantity, at, plan } => {
            let truth = control.subscription(subscription).await?;
            let sandbox = control.sandbox().await?;
            let event = UsageEvent {
                resource_id: Some(truth.subscription_id.clone()),
                resource_uri: None,
                quantity: Some(*quantity),
                dimension: Some(match dimension {
                    Some(dimension) => dimension.clone(),
                    None => only_dimension(&sandbox, &truth)?,
                }),
                effective_start_time: Some(match at {
                    Some(at) => at.clone(),
                    None => control.clock().await?.now.0.to_string(),
                }),
                plan_id: Some(plan.clone().unwrap_or(truth.plan_id.clone())),
            };
            let face =
                publisher(web::client_for(&asked.target.data_dir)?, &control, &sandbox, &truth)
                    .await?;
            let told = face.report_batch(vec![event]).await?.result.pop();
            let told = told.ok_or_else(|| anyhow!(words::say("usage-no-answer")))?;
            if asked.json {
                terminal.line(&serde_json::to_string(&told)?)?;
            } else if told.status == UsageEventStatus::Accepted {
                terminal.line(&accepted(&told))?;
            }
            if told.status != UsageEventStatus::Accepted {
                bail!(refused(&told));
            }
        }
    }
    Ok(())
}

/// The dimension of a plan that meters one thing only.
fn only_dimension(sandbox: &Sandbox, truth: &SubscriptionTruth) -> anyhow::Result<String> {
    let offer = sandbox.offers.iter().find(|offer| offer.offer_id == truth.offer_id);
    let plan = offer.and_then(|o| o.plans.iter().find(|plan| plan.plan_id == truth.plan_id));
    let dimensions = plan.map(|plan| &*plan.metering_dimensions).unwrap_or_default();
    match dimensions {
        [one] => Ok(one.id.clone()),
        [] => bail!(words::tell("usage-not-metered", &[("plan", &truth.plan_id)])),
        many => {
            let names: Vec<_> = many.iter().map(|one| one.id.as_str()).collect();
            bail!(words::tell("usage-which-dimension", &[("dimensions", &names.join(", "))]))
        }
    }
}

/// The publisher whose offer it is, signed in.
async fn publisher(
    http: Client,
    control: &Control,
    sandbox: &Sandbox,
    truth: &SubscriptionTruth,
) -> anyhow::Result<PublisherFace> {
    let is_its = |one: &&Publisher| one.publisher_id == truth.publisher_id;
    let app = sandbox.publishers.iter().find(is_its).unwrap_or(&sandbox.publisher);
    PublisherFace::sign_in(http, control.base(), app).await
}

/// Quantity, dimension and time of an event.
fn event_words(quantity: &str, dimension: &str, at: &str) -> String {
    words::tell("usage-event", &[("quantity", quantity), ("dimension", dimension), ("at", at)])
}

fn told_words(told: &UsageBatchEventOkMessage) -> String {
    let quantity = told.quantity.map(|quantity| quantity.0.to_string()).unwrap_or_default();
    let (dimension, at) = (told.dimension.as_deref(), told.effective_start_time.as_deref());
    event_words(&quantity, dimension.unwrap_or_default(), at.unwrap_or_default())
}

fn accepted(told: &UsageBatchEventOkMessage) -> String {
    let id = told.usage_event_id.as_deref().unwrap_or_default();
    words::tell("usage-accepted", &[("event", &told_words(told)), ("id", id)])
}

/// Why it was not accepted; of a duplicate, what the hour has.
fn refused(told: &UsageBatchEventOkMessage) -> String {
    let status = format!("{:?}", told.status);
    let said = told.error.as_ref().map(|error| error.message.as_str()).unwrap_or_default();
    let line = words::tell("usage-refused", &[("status", &status), ("said", said)]);
    let first = told.error.as_ref().and_then(|error| error.additional_info.as_ref());
    let Some(first) = first.map(|info| &info.accepted_message) else { return line };
    let quantity = first.quantity.0.to_string();
    let event = event_words(&quantity, &first.dimension, &first.effective_start_time);
    let id = first.usage_event_id.as_str();
    format!("{line} {}", words::tell("usage-first", &[("event", &event), ("id", id)]))
}

fn lines(usage: &Usage) -> Vec<String> {
    let day = |at: &Option<shared::clock::Instant>| {
        at.map(|at| at.to_string().chars().take(10).collect::<String>()).unwrap_or_default()
    };
    let mut lines = vec![match usage.term_start {
        Some(_) => {
            let (start, end) = (day(&usage.term_start), day(&usage.term_end));
            let of = [("plan", &*usage.plan_id), ("start", &start), ("end", &end)];
            words::tell("usage-title", &of)
        }
        None => words::tell("usage-title-no-term", &[("plan", &usage.plan_id)]),
    }];
    lines.extend(usage.dimensions.iter().map(dimension_line));
    if usage.events.is_empty() {
        lines.push(words::say("usage-none"));
    }
    lines.extend(usage.events.iter().take(SHOWN).map(event_line));
    if usage.events.len() > SHOWN {
        let more = (usage.events.len() - SHOWN).to_string();
        lines.push(words::tell("usage-more", &[("count", &more)]));
    }
    lines
}

fn dimension_line(of: &DimensionUsage) -> String {
    if of.unlimited {
        return words::tell("usage-unlimited", &[("dimension", &of.dimension)]);
    }
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let money = |amount: Option<shared::rehearsal::Amount>| {
        amount.map_or_else(|| "?".to_owned(), |amount| amount.0.normalize().to_string())
    };
    words::tell(
        "usage-dimension",
        &[
            ("dimension", &of.dimension),
            ("overage", &of.overage.0.to_string()),
            ("included", &number(of.included)),
            ("left", &number(of.included_left)),
            ("price", &money(of.unit_price)),
            ("amount", &money(of.amount)),
            ("currency", &of.currency),
        ],
    )
}

fn event_line(line: &UsageLine) -> String {
    let quantity = line.quantity.0.to_string();
    format!("  {}", event_words(&quantity, &line.dimension, &line.effective_start_time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duplicate_tells_what_the_hour_has() {
        let told = serde_json::from_str(
            r#"{"status":"Duplicate","messageTime":"2027-01-31T09:00:00Z","error":{"additionalInfo":
            {"acceptedMessage":{"usageEventId":"e-1","status":"Duplicate","messageTime":"2027-01-31T08:00:00Z",
            "resourceId":"s","quantity":5.5,"dimension":"gigabytes","effectiveStartTime":"2027-01-31T08:30:00Z",
            "planId":"metered"}},"message":"This usage event already exist.","code":"Conflict"},"quantity":7}"#,
        );
        let line = refused(&told.unwrap());
        for part in
            ["Duplicate", "already exist", "5.5", "gigabytes", "2027-01-31T08:30:00Z", "e-1"]
        {
            assert!(line.contains(part), "{part}: {line}");
        }
    }

    #[test]
    fn a_term_is_told_by_dimension_and_event() {
        let usage: Usage = serde_json::from_str(
            r#"{"subscriptionId":"s","planId":"metered","termStart":"2027-01-31T00:00:00.000000Z",
            "termEnd":"2027-02-27T00:00:00.000000Z","dimensions":[{"planId":"metered","dimension":"gigabytes",
            "displayName":"G","unitOfMeasure":"GB","unlimited":false,"included":100,"includedUsed":100,
            "includedLeft":0,"overage":5.5,"events":1,"unitPrice":0.12,"amount":0.66,"currency":"USD"}],
            "events":[{"usageEventId":"e-1","dimension":"gigabytes","planId":"metered","quantity":5.5,
            "effectiveStartTime":"2027-01-31T08:30:00","hour":"2027-01-31T08:00:00.000000Z",
            "acceptedAt":"2027-01-31T09:00:00.000000Z"}]}"#,
        )
        .unwrap();
        let text = lines(&usage).join("\n");
        for part in ["2027-01-31 to 2027-02-27", "5.5", "100", "0.66 USD", "2027-01-31T08:30:00"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let none = Usage { term_start: None, events: Vec::new(), ..usage };
        assert!(lines(&none).join("\n").contains("no usage"), "{:?}", lines(&none));
    }
}
