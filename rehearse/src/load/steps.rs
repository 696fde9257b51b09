//! The five steps of a flow against one broker, one at a time or as a whole. Called by every measurement of `load`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::bail;
use reqwest::Client;
use shared::{
    rehearsal::{Publisher, Purchase, Purchased, SoldBy},
    secret::Secret,
};

use super::crowd::{self, Done, Errors};
use crate::{
    catalog,
    control::Control,
    publisher_face::{self, PublisherFace},
    web, words,
};

/// A step of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A purchase by the control API.
    Buy,
    /// The token is exchanged.
    Resolve,
    /// All licenses are assigned: a key.
    Licenses,
    /// Fulfillment is confirmed: the other key.
    Activate,
    /// The publisher looks at the result.
    Get,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 5] =
        [Self::Buy, Self::Resolve, Self::Licenses, Self::Activate, Self::Get];

    /// Its name in the report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Resolve => "resolve",
            Self::Licenses => "licenses",
            Self::Activate => "activate",
            Self::Get => "get",
        }
    }
}

/// How long each step of a flow took.
pub type Took = [Duration; 5];

/// A subscription that was bought, with its token.
#[derive(Debug)]
struct Bought {
    subscription_id: String,
    token: Secret<String>,
}

/// What is sold, and by whom.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deal<'a> {
    /// Whose plan; anybody's if absent.
    pub publisher: Option<&'a str>,
    /// Who sells; as a purchase has it if absent.
    pub sold_by: Option<SoldBy>,
    /// A metered plan with a flat rate instead of one with licenses.
    pub metered: bool,
}

/// The term of every purchase here.
const TERM: &str = "P1M";
/// A prime: neighbors in time are no neighbors in the set.
const STRIDE: usize = 7_919;

/// A broker to be measured: a publisher's app signed in, a purchase ready to be made.
#[derive(Debug, Clone)]
pub struct Stage(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: Client,
    health: String,
    control: Control,
    face: PublisherFace,
    publisher: Publisher,
    purchase: Purchase,
    licenses: i64,
    dimensions: Vec<String>,
}

impl Stage {
    /// Chooses a per-seat plan with few licenses or a metered one, and signs its publisher in. The bearer is fetched here, once.
    pub async fn set(http: Client, control: Control, deal: Deal<'_>) -> anyhow::Result<Self> {
        let sandbox = control.sandbox().await?;
        let customer = catalog::customer(&sandbox, None)?;
        let chosen = catalog::choose(&sandbox, customer, |offer, plan| {
            plan.is_price_per_seat != deal.metered
                && plan.metering_dimensions.is_empty() != deal.metered
                && !plan.is_auto_activated
                && plan.terms.iter().any(|term| term == TERM)
                && deal.publisher.is_none_or(|id| id == offer.publisher_id)
        })?;
        let quantity = catalog::quantity(chosen.plan, 1);
        let is_meant = |one: &&Publisher| one.publisher_id == chosen.offer.publisher_id;
        let publisher = sandbox.publishers.iter().find(is_meant).unwrap_or(&sandbox.publisher);
        let face = PublisherFace::sign_in(http.clone(), control.base(), publisher).await?;
        Ok(Self(Arc::new(Inner {
            http,
            health: format!("{}/health/live", control.base()),
            face,
            publisher: publisher.clone(),
            purchase: Purchase {
                offer_id: chosen.offer.offer_id.clone(),
                plan_id: chosen.plan.plan_id.clone(),
                quantity,
                customer_id: Some(customer.customer_id.clone()),
                term: Some(TERM.to_owned()),
                sold_by: deal.sold_by,
                ..Purchase::default()
            },
            licenses: quantity.unwrap_or(1),
            dimensions: chosen.plan.metering_dimensions.iter().map(|one| one.id.clone()).collect(),
            control,
        })))
    }

    /// A token for the publisher's program, asked for anew.
    pub async fn token(&self) -> anyhow::Result<()> {
        let Inner { http, control, publisher, .. } = &*self.0;
        match publisher_face::token(http, control.base(), publisher).await? {
            Some(_) => Ok(()),
            None => bail!(words::say("load-tokens-none")),
        }
    }

    /// The publisher's app.
    #[must_use]
    pub fn face(&self) -> &PublisherFace {
        &self.0.face
    }

    /// The plan that is bought.
    #[must_use]
    pub fn plan(&self) -> &str {
        &self.0.purchase.plan_id
    }

    /// What the plan meters.
    #[must_use]
    pub fn dimensions(&self) -> &[String] {
        &self.0.dimensions
    }

    /// Complete flows.
    pub async fn flows(&self, flows: usize, workers: usize) -> anyhow::Result<Done<Took>> {
        let stage = self.clone();
        crowd::run(&words::say("load-flows"), flows, workers, move |_| {
            let stage = stage.clone();
            async move { stage.0.flow().await }
        })
        .await
    }

    /// Purchases and nothing else: the subscriptions.
    pub async fn bought(
        &self,
        subscriptions: usize,
        workers: usize,
    ) -> anyhow::Result<Done<String>> {
        let stage = self.clone();
        crowd::run(Step::Buy.name(), subscriptions, workers, move |_| {
            let stage = stage.clone();
            async move { Ok(stage.0.buy().await?.subscription_id) }
        })
        .await
    }

    /// Subscriptions whose billing has started: bought, licenses assigned, activated.
    pub async fn subscribed(
        &self,
        subscriptions: usize,
        workers: usize,
    ) -> anyhow::Result<Done<()>> {
        let stage = self.clone();
        crowd::run(&words::say("load-subscriptions"), subscriptions, workers, move |_| {
            let stage = stage.clone();
            async move {
                let bought = stage.0.buy().await?;
                stage.0.step(Step::Licenses, &bought).await?;
                stage.0.step(Step::Activate, &bought).await
            }
        })
        .await
    }

    /// Nothing but the publisher's GET of subscriptions, all over the set.
    pub async fn gets(
        &self,
        subscriptions: &Arc<Vec<String>>,
        requests: usize,
        workers: usize,
    ) -> anyhow::Result<Done<()>> {
        let (stage, subscriptions) = (self.clone(), Arc::clone(subscriptions));
        crowd::run(Step::Get.name(), requests, workers, move |job| {
            let (stage, subscriptions) = (stage.clone(), Arc::clone(&subscriptions));
            async move {
                let at = job.wrapping_mul(STRIDE) % subscriptions.len().max(1);
                match subscriptions.get(at) {
                    Some(id) => stage.0.face.get(id).await.map(drop),
                    None => Ok(()),
                }
            }
        })
        .await
    }

    /// Nothing but `GET /health/live`.
    pub async fn health(&self, requests: usize, workers: usize) -> anyhow::Result<Done<()>> {
        let stage = self.clone();
        crowd::run("health", requests, workers, move |_| {
            let stage = stage.clone();
            async move { stage.0.health().await }
        })
        .await
    }

    /// Each step alone, one after the other over the same fresh subscriptions: how many a second, in order.
    pub async fn steps_alone(
        &self,
        subscriptions: usize,
        workers: usize,
        errors: &mut Errors,
    ) -> anyhow::Result<[f64; 5]> {
        let stage = self.clone();
        let bought = crowd::run(Step::Buy.name(), subscriptions, workers, move |_| {
            let stage = stage.clone();
            async move { stage.0.buy().await }
        })
        .await?;
        let mut rates = [0.0; 5];
        rates[0] = super::stats::rate(bought.results.len(), bought.took);
        errors.merge(bought.errors);
        let bought: Arc<Vec<Bought>> =
            Arc::new(bought.results.into_iter().map(|(_, bought)| bought).collect());
        for (rate, step) in rates.iter_mut().zip(Step::ALL).skip(1) {
            let (stage, subjects) = (self.clone(), Arc::clone(&bought));
            let done = crowd::run(step.name(), bought.len(), workers, move |job| {
                let (stage, subjects) = (stage.clone(), Arc::clone(&subjects));
                async move { stage.0.step(step, &subjects[job]).await }
            })
            .await?;
            *rate = super::stats::rate(done.results.len(), done.took);
            errors.merge(done.errors);
        }
        Ok(rates)
    }
}

impl Inner {
    async fn flow(&self) -> anyhow::Result<Took> {
        let mut took = Took::default();
        let begun = Instant::now();
        let bought = self.buy().await?;
        took[0] = begun.elapsed();
        for (took, step) in took.iter_mut().zip(Step::ALL).skip(1) {
            let begun = Instant::now();
            self.step(step, &bought).await?;
            *took = begun.elapsed();
        }
        Ok(took)
    }

    async fn buy(&self) -> anyhow::Result<Bought> {
        let bought: Purchased = self.control.purchase(&self.purchase).await?;
        Ok(Bought { subscription_id: bought.subscription_id, token: bought.authorization_code })
    }

    async fn step(&self, step: Step, of: &Bought) -> anyhow::Result<()> {
        let id = &of.subscription_id;
        match step {
            Step::Buy => self.buy().await.map(drop),
            Step::Resolve => self.face.resolve(&of.token).await.map(drop),
            Step::Licenses => {
                let assigned = self.face.assign(id, self.licenses).await?;
                if !assigned.complete {
                    bail!(words::say("load-incomplete"));
                }
                Ok(())
            }
            Step::Activate => self.face.activate(id).await,
            Step::Get => self.face.get(id).await.map(drop),
        }
    }

    async fn health(&self) -> anyhow::Result<()> {
        let lost = |error| web::unreachable(&self.health, error);
        let answer = self.http.get(&self.health).send().await.map_err(lost)?;
        let status = answer.status();
        // The body is read to its end so that the connection can be used again.
        answer.bytes().await.map_err(lost)?;
        if !status.is_success() {
            bail!(words::tell("refused-bare", &[("status", status.as_str())]));
        }
        Ok(())
    }
}
