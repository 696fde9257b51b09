//! GET …/skus/{skuId}/availabilities, …/availabilities/{availabilityId}: how a SKU is sold in a market, and what is put into
//! a cart (partner-center.md 3.3, P10).

use axum::{
    extract::{Path, State},
    response::Response,
};
use shared::partner_center::{
    Availability as Wire, AvailabilityLinks, CancellationPolicy, Collection, CurrencyInfo, Error,
    Link, RenewalInstruction, RenewalOption, Term, TermRefund,
};

use super::{
    catalogue::{Catalogue, InCountry, InSegment, Named},
    market::Market,
    problem::answer,
};
use crate::{
    app::App,
    domain::{
        cancellation::CancellationRules,
        catalog::{Offer, Plan, Price, market_currency},
        listing::{CatalogItemId, SkuId},
        order::{Holding, is_purchasable},
        partner_refusal::PartnerRefusal,
        policy::TermUnits,
        refusal::Refusal,
        subscription::SoldBy,
        term::{BillingCycle, TermUnit, sells},
    },
    http::{notes::Notes, words},
    queries,
    store::Failure,
};

/// How a SKU is sold in a country
#[utoipa::path(
    get, path = "/v1/products/{productId}/skus/{skuId}/availabilities", tag = "partner",
    params(("productId" = String, Path), ("skuId" = String, Path), InCountry, InSegment),
    responses(
        (status = 200, body = Collection<Wire>), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn list_availabilities(
    State(app): State<App>,
    catalogue: Catalogue,
    Path(named): Path<Named>,
    notes: Notes,
) -> Response {
    let found = find(&app, &catalogue, &named).await;
    answer(found.map(|found| catalogue.whole(vec![found])), &notes)
}

/// How a SKU is sold to a customer
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/products/{productId}/skus/{skuId}/availabilities", tag = "partner",
    params(
        ("customerId" = String, Path), ("productId" = String, Path), ("skuId" = String, Path), InSegment,
    ),
    responses(
        (status = 200, body = Collection<Wire>), (status = 401, body = Error), (status = 403, body = Error),
        (status = 404, body = Error),
    )
)]
pub async fn list_customer_availabilities(
    app: State<App>,
    catalogue: Catalogue,
    named: Path<Named>,
    notes: Notes,
) -> Response {
    list_availabilities(app, catalogue, named, notes).await
}

/// One availability in a country
#[utoipa::path(
    get, path = "/v1/products/{productId}/skus/{skuId}/availabilities/{availabilityId}", tag = "partner",
    params(
        ("productId" = String, Path), ("skuId" = String, Path), ("availabilityId" = String, Path),
        InCountry, InSegment,
    ),
    responses(
        (status = 200, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn get_availability(
    State(app): State<App>,
    catalogue: Catalogue,
    Path(named): Path<Named>,
    notes: Notes,
) -> Response {
    let found = find(&app, &catalogue, &named).await;
    answer(found.and_then(|found| is_this(found, &named.availability_id)), &notes)
}

/// One availability for a customer
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/products/{productId}/skus/{skuId}/availabilities/{availabilityId}",
    tag = "partner",
    params(
        ("customerId" = String, Path), ("productId" = String, Path), ("skuId" = String, Path),
        ("availabilityId" = String, Path), InSegment,
    ),
    responses(
        (status = 200, body = Wire), (status = 401, body = Error), (status = 403, body = Error),
        (status = 404, body = Error),
    )
)]
pub async fn get_customer_availability(
    app: State<App>,
    catalogue: Catalogue,
    named: Path<Named>,
    notes: Notes,
) -> Response {
    get_availability(app, catalogue, named, notes).await
}

/// The one availability of a SKU in a market, if it is the one asked for; one that was read before its offer changed is not.
fn is_this(found: Wire, sent: &str) -> Result<Wire, Failure> {
    if found.id.eq_ignore_ascii_case(sent) {
        return Ok(found);
    }
    let shown = sent.chars().take(60).collect();
    Err(Refusal::from(PartnerRefusal::NoAvailability(shown)).into())
}

async fn find(app: &App, catalogue: &Catalogue, named: &Named) -> Result<Wire, Failure> {
    let Catalogue { caller, market, .. } = catalogue;
    let offer = catalogue.product(app, named).await?.offer;
    let sku: SkuId = named.sku_id.parse()?;
    let plan = sku.listed_plan(&offer, &market.country)?;
    let item = CatalogItemId::of(&offer, plan, &market.country);
    let item = item.ok_or_else(|| PartnerRefusal::NoSku(sku.to_string())).map_err(Refusal::from)?;
    let has = match market.customer {
        Some(customer) => {
            queries::holding(&app.store, &caller.sandbox, customer, &offer.id).await?
        }
        None => Holding::default(),
    };
    let is_purchasable = is_purchasable(&offer, &caller.partner, has);
    let rules = CancellationRules::of(SoldBy::Partner, &caller.policy);
    let sold = (&rules, caller.policy.get());
    Ok(availability((&offer, plan), &item, market, (is_purchasable, sold)))
}

fn availability(
    (offer, plan): (&Offer, &Plan),
    item: &CatalogItemId,
    market: &Market,
    (is_purchasable, sold): (bool, (&CancellationRules, TermUnits)),
) -> Wire {
    let CatalogItemId { product, sku, availability } = item;
    let currency = market_currency(&market.country);
    let prices = (1..).zip(plan.prices_in(&market.country));
    let terms: Vec<_> = prices.filter_map(|(number, price)| term(number, price, sold)).collect();
    let renewal =
        RenewalOption { renew_to_id: format!("{product}:{sku}"), is_auto_renewable: true };
    let instruction = RenewalInstruction {
        applicable_term_ids: terms.iter().map(|term| term.id.clone()).collect(),
        renewal_options: vec![renewal],
    };
    let id = availability.to_string();
    Wire {
        product_id: product.to_string(),
        sku_id: sku.to_string(),
        catalog_item_id: item.to_string(),
        default_currency: CurrencyInfo {
            code: currency.code().to_owned(),
            symbol: currency.symbol().to_owned(),
        },
        segment: market.segment_of(offer),
        country: market.country.clone(),
        is_purchasable,
        is_renewable: true,
        renewal_instructions: vec![instruction],
        terms,
        links: AvailabilityLinks { own: Link::get(market.availabilities(*product, *sku, &id)) },
        id,
    }
}

/// A term; `None` if its price is stored in words that nobody knows.
/// A term, if the sandbox sells it.
fn term(
    number: usize,
    price: &Price,
    (rules, sold): (&CancellationRules, TermUnits),
) -> Option<Term> {
    let (term, cycle): (TermUnit, BillingCycle) =
        (price.term.parse().ok()?, price.billing_cycle.parse().ok()?);
    if !sells(sold, term) {
        return None;
    }
    let refund = TermRefund {
        sequence_id: 0,
        kind: "Full".to_owned(),
        expires_after: rules.window(term, cycle).to_string(),
    };
    Some(Term {
        id: format!("t{number}"),
        duration: term.to_string(),
        description: words::subscription_term(term),
        billing_cycle: match cycle {
            BillingCycle::Monthly => "Monthly",
            BillingCycle::Annual => "Annual",
        }
        .to_owned(),
        cancellation_policies: vec![CancellationPolicy { refund_options: vec![refund] }],
    })
}
