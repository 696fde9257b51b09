//! GET …/products/{productId}/skus, …/skus/{skuId}: the plans of a product, by country and by customer
//! (partner-center.md 3.3).

use axum::{
    extract::{Path, State},
    response::Response,
};
use shared::partner_center::{Collection, Error, Link, Sku as Wire, SkuAttributes, SkuLinks};

use super::{
    catalogue::{Catalogue, InCountry, InSegment, Named},
    market::Market,
    problem::answer,
};
use crate::{
    app::App,
    domain::{
        catalog::{Offer, Plan, SeatRange},
        listing::{ProductId, SkuId},
    },
    http::notes::Notes,
    store::Failure,
};

/// The SKUs of a product in a country
#[utoipa::path(
    get, path = "/v1/products/{productId}/skus", tag = "partner",
    params(("productId" = String, Path), InCountry, InSegment),
    responses(
        (status = 200, body = Collection<Wire>), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn list_skus(
    State(app): State<App>,
    catalogue: Catalogue,
    Path(named): Path<Named>,
    notes: Notes,
) -> Response {
    answer(all(&app, &catalogue, &named).await, &notes)
}

/// The SKUs of a product for a customer
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/products/{productId}/skus", tag = "partner",
    params(("customerId" = String, Path), ("productId" = String, Path), InSegment),
    responses(
        (status = 200, body = Collection<Wire>), (status = 401, body = Error), (status = 403, body = Error),
        (status = 404, body = Error),
    )
)]
pub async fn list_customer_skus(
    app: State<App>,
    catalogue: Catalogue,
    named: Path<Named>,
    notes: Notes,
) -> Response {
    list_skus(app, catalogue, named, notes).await
}

/// One SKU in a country
#[utoipa::path(
    get, path = "/v1/products/{productId}/skus/{skuId}", tag = "partner",
    params(("productId" = String, Path), ("skuId" = String, Path), InCountry, InSegment),
    responses(
        (status = 200, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn get_sku(
    State(app): State<App>,
    catalogue: Catalogue,
    Path(named): Path<Named>,
    notes: Notes,
) -> Response {
    answer(one(&app, &catalogue, &named).await, &notes)
}

/// One SKU for a customer
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/products/{productId}/skus/{skuId}", tag = "partner",
    params(
        ("customerId" = String, Path), ("productId" = String, Path), ("skuId" = String, Path), InSegment,
    ),
    responses(
        (status = 200, body = Wire), (status = 401, body = Error), (status = 403, body = Error),
        (status = 404, body = Error),
    )
)]
pub async fn get_customer_sku(
    app: State<App>,
    catalogue: Catalogue,
    named: Path<Named>,
    notes: Notes,
) -> Response {
    get_sku(app, catalogue, named, notes).await
}

async fn all(app: &App, catalogue: &Catalogue, named: &Named) -> Result<Collection<Wire>, Failure> {
    let offer = catalogue.product(app, named).await?.offer;
    let market = &catalogue.market;
    let listed = offer.plans.iter().filter(|plan| plan.is_listed(&market.country));
    let skus = listed.filter_map(|plan| Some(sku(&offer, plan, SkuId::of(&offer, plan)?, market)));
    Ok(catalogue.whole(skus.collect()))
}

async fn one(app: &App, catalogue: &Catalogue, named: &Named) -> Result<Wire, Failure> {
    let offer = catalogue.product(app, named).await?.offer;
    let id: SkuId = named.sku_id.parse()?;
    let plan = id.listed_plan(&offer, &catalogue.market.country)?;
    Ok(sku(&offer, plan, id, &catalogue.market))
}

fn sku(offer: &Offer, plan: &Plan, id: SkuId, market: &Market) -> Wire {
    let product = ProductId::of(offer);
    let SeatRange { min, max } = plan.seats.unwrap_or(SeatRange { min: 1, max: 1 });
    let mut cycles: Vec<String> = Vec::new();
    for price in plan.prices_in(&market.country) {
        if !cycles.contains(&price.billing_cycle) {
            cycles.push(price.billing_cycle.clone());
        }
    }
    Wire {
        id: id.to_string(),
        product_id: product.to_string(),
        title: format!("{} - {}", offer.name, plan.name),
        description: plan.description.clone(),
        minimum_quantity: min,
        maximum_quantity: max,
        is_trial: false,
        supported_billing_cycles: cycles,
        purchase_prerequisites: Vec::new(),
        inventory_variables: Vec::new(),
        provisioning_variables: Vec::new(),
        dynamic_attributes: SkuAttributes { is_microsoft_product: false },
        links: SkuLinks {
            availabilities: Link::get(market.availabilities(product, id, "")),
            own: Link::get(market.sku(product, id)),
        },
    }
}
