//! `rehearse load --partner`: a partner's list of a customer's subscriptions beside the same values from memory, single
//! reads beside `GET /health/live`, and whether a page of a long catalogue costs the same wherever it stands. `memory`
//! sends from memory, `report` tells.

mod memory;
mod report;

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::anyhow;
use reqwest::Client;
use shared::{
    partner_center::Product,
    rehearsal::{Amount, Customer, OfferDraft, PlanDraft, Price, PublishOffers, Sandbox},
};

use super::{
    Measured,
    crowd::{self, Done, Errors},
    own::Own,
    size, stats,
    steps::{Deal, Stage},
};
use crate::{catalog, cli, control::Control, partner_face::PartnerFace, words};
use memory::Memory;
use report::{Report, Rounds, Walks};

/// Rounds. What disturbs the machine for a while disturbs few of them, and medians pass over it.
const ROUNDS: usize = 5;
/// Lists of a round. Each has megabytes, so few clients read them at a time.
const LISTS: usize = 40;
/// Clients that read lists.
const LIST_CLIENTS: usize = 4;
/// Single reads of a round.
const GETS: usize = 4_000;
/// Health requests of a round.
const HEALTHS: usize = 10_000;
/// Products of the catalogue.
const PRODUCTS: usize = 10_000;
/// Offers that are added at once.
const OFFERS_AT_ONCE: usize = 1_000;
/// Walks over the whole catalogue.
const WALKS: usize = 3;
/// A prime: neighbors in time are no neighbors in the set.
const STRIDE: usize = 7_919;

/// Measures a customer with so many subscriptions.
pub async fn measure(
    http: Client,
    (subscriptions, asked): (u32, &cli::Load),
    own: &Own,
) -> anyhow::Result<Measured> {
    let workers = size(asked.concurrency);
    let control = own.control(http.clone(), asked).await?;
    let sandbox = control.sandbox().await?;
    let customer = catalog::customer(&sandbox, None)?.clone();
    let face = sign_in(http.clone(), &control, &sandbox, &customer).await?;
    let stage = Stage::set(http, control.clone(), Deal::default()).await?;
    let done = stage.bought(size(subscriptions), workers).await?;
    let mut errors = done.errors;
    let ids: Vec<String> = done.results.into_iter().map(|(_, id)| id).collect();
    let side = Side { face, customer, ids: Arc::new(ids) };

    let listed = side.face.subscriptions(&side.customer.customer_id).await?;
    errors.add(words::say("load-list-missing"), side.ids.len().abs_diff(listed.items.len()));
    let memory = Memory::open(listed).await?;
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        let from_memory = side.memory(memory.url()).await?;
        rounds.memory.push(stats::rate(from_memory.results.len(), from_memory.took));
        errors.merge(from_memory.errors);
        let lists = side.lists().await?;
        rounds.lists.push(stats::rate(lists.results.len(), lists.took));
        errors.merge(lists.errors);
        let health = stage.health(HEALTHS, workers).await?;
        rounds.health.push(stats::rate(health.results.len(), health.took));
        errors.merge(health.errors);
        let gets = side.gets(workers).await?;
        rounds.gets.push(stats::rate(gets.results.len(), gets.took));
        errors.merge(gets.errors);
    }
    drop(memory);
    fill(&control, &sandbox, &side.customer.country).await?;
    let mut walks = Walks::default();
    let mut products = 0;
    for _ in 0..WALKS {
        let walk = walk(&side.face, &side.customer.country, &mut errors).await?;
        products = walk.0;
        walks.0.push(walk.1);
    }
    let asked = (subscriptions, asked.concurrency);
    let report = Report::new(asked, &rounds, (products, &walks), &errors);
    Measured::new(&report, report.lines(), errors)
}

/// Signs in the app of the partner that serves the customer.
async fn sign_in(
    http: Client,
    control: &Control,
    sandbox: &Sandbox,
    customer: &Customer,
) -> anyhow::Result<PartnerFace> {
    let partner = sandbox.partners.iter().find(|one| one.partner_id == customer.partner_id);
    let partner = partner.unwrap_or(&sandbox.partner);
    PartnerFace::sign_in(http, control.base(), partner).await
}

/// A partner with a customer and its subscriptions.
#[derive(Debug, Clone)]
struct Side {
    face: PartnerFace,
    customer: Customer,
    ids: Arc<Vec<String>>,
}

impl Side {
    /// The customer's whole list, and nothing else; what is read is thrown away.
    async fn lists(&self) -> anyhow::Result<Done<()>> {
        let side = self.clone();
        crowd::run("list", LISTS, LIST_CLIENTS, move |_| {
            let side = side.clone();
            async move { side.face.drain_subscriptions(&side.customer.customer_id).await }
        })
        .await
    }

    /// The same values from memory.
    async fn memory(&self, url: &str) -> anyhow::Result<Done<()>> {
        let (side, url) = (self.clone(), url.to_owned());
        crowd::run("memory", LISTS, LIST_CLIENTS, move |_| {
            let (side, url) = (side.clone(), url.clone());
            async move { side.face.drain(&url).await }
        })
        .await
    }

    /// Single subscriptions, all over the set.
    async fn gets(&self, workers: usize) -> anyhow::Result<Done<()>> {
        let side = self.clone();
        crowd::run("get", GETS, workers, move |job| {
            let side = side.clone();
            async move {
                let at = job.wrapping_mul(STRIDE) % side.ids.len().max(1);
                match side.ids.get(at) {
                    Some(id) => side.face.drain_subscription(&side.customer.customer_id, id).await,
                    None => Ok(()),
                }
            }
        })
        .await
    }
}

/// Fills the catalogue with [`PRODUCTS`] offers.
async fn fill(control: &Control, sandbox: &Sandbox, country: &str) -> anyhow::Result<()> {
    let price = sandbox.offers.iter().flat_map(|offer| &offer.plans);
    let price = price.filter(|plan| plan.markets.iter().any(|market| market == country));
    let price = price.flat_map(|plan| &plan.prices).find(|price| price.term == "P1M");
    let currency = price.map(|price| price.currency.clone());
    let currency = currency.ok_or_else(|| anyhow!(words::say("load-partner-no-price")))?;
    let draft = |number: usize| OfferDraft {
        publisher_id: sandbox.publisher.publisher_id.clone(),
        offer_id: format!("measured-{number}"),
        name: format!("Measured {number}"),
        plans: vec![PlanDraft {
            plan_id: "one".to_owned(),
            name: "One".to_owned(),
            description: None,
            is_private: false,
            is_auto_activated: Some(false),
            is_stop_sold: false,
            min_quantity: Some(1),
            max_quantity: Some(100),
            markets: vec![country.to_owned()],
            prices: vec![Price {
                currency: currency.clone(),
                term: "P1M".to_owned(),
                billing_cycle: "monthly".to_owned(),
                unit_price: Amount(10.into()),
            }],
            metering_dimensions: Vec::new(),
        }],
        selling: None,
    };
    let numbers: Vec<usize> = (0..PRODUCTS).collect();
    for some in numbers.chunks(OFFERS_AT_ONCE) {
        let offers = some.iter().map(|number| draft(*number)).collect();
        control.publish_offers(&PublishOffers { offers }).await?;
    }
    Ok(())
}

/// From page to page to the end of the catalogue: how many products, and how long each page took.
async fn walk(
    face: &PartnerFace,
    country: &str,
    errors: &mut Errors,
) -> anyhow::Result<(usize, Vec<Duration>)> {
    let (mut took, mut seen) = (Vec::new(), HashSet::new());
    let mut next: Option<String> = None;
    loop {
        let begun = Instant::now();
        let page = face.products(country, next.as_deref()).await?;
        took.push(begun.elapsed());
        let (before, count) = (seen.len(), page.items.len());
        seen.extend(page.items.into_iter().map(|product: Product| product.id));
        errors.add(words::say("load-list-repeated"), before + count - seen.len());
        let token = page.links.next.and_then(|next| next.headers.into_iter().next());
        match token {
            Some(token) if count > 0 => next = Some(token.value),
            _ => return Ok((seen.len(), took)),
        }
    }
}
