//! GET …/products/{productId}/skus, …/skus/{skuId}: the plans of a product, by country and by customer
//! (partner-center.md 3.3).

use axum::{
    extract::{Path, State},
    http::Uri,
    response::Response,
};
use shared::partner_center::{Collection, Error, Link, Sku as Wire, SkuAttributes, SkuLinks};

use super::{
    caller::PartnerCaller,
    collection::own_address,
    customer_path::CustomerOf,
    market::Market,
    params::Params,
    products::{answer, shelf},
};
use crate::{
    app::App,
    domain::{
        access::Errand,
        catalog::{Offer, Plan, SeatRange},
        listing::{ProductId, SkuId},
    },
    http::notes::Notes,
    queries,
    store::Failure,
};

/// The SKUs of a product in a country
#[utoipa::path(
    get, path = "/v1/products/{productId}/skus", tag = "partner",
    params(
        ("productId" = String, Path), ("country" = String, Query, description = "Two letters"),
        ("targetSegment" = Option<String>, Query, description = "commercial, education, government, nonprofit"),
    ),
    responses(
        (status = 200, body = Collection<Wire>), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn list_skus(
    State(app): State<App>,
    caller: PartnerCaller,
    Path(product): Path<String>,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadCatalogue)?;
        let market = Market::named(&Params::of(&uri)?)?;
        list(&app, &caller, &market, &product, &uri).await
    };
    answer(found.await, &notes)
}

/// The SKUs of a product for a customer
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/products/{productId}/skus", tag = "partner",
    params(
        ("customerId" = String, Path), ("productId" = String, Path),
        ("targetSegment" = Option<String>, Query, description = "commercial, education, government, nonprofit"),
    ),
    responses(
        (status = 200, body = Collection<Wire>), (status = 401, body = Error), (status = 403, body = Error),
        (status = 404, body = Error),
    )
)]
pub async fn list_customer_skus(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    Path((_, product)): Path<(String, String)>,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadCatalogue)?;
        let market = Market::of(&customer, &Params::of(&uri)?)?;
        list(&app, &caller, &market, &product, &uri).await
    };
    answer(found.await, &notes)
}

/// One SKU in a country
#[utoipa::path(
    get, path = "/v1/products/{productId}/skus/{skuId}", tag = "partner",
    params(
        ("productId" = String, Path), ("skuId" = String, Path), ("country" = String, Query, description = "Two letters"),
    ),
    responses(
        (status = 200, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn get_sku(
    State(app): State<App>,
    caller: PartnerCaller,
    Path((product, id)): Path<(String, String)>,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadCatalogue)?;
        let market = Market::named(&Params::of(&uri)?)?;
        one(&app, &caller, &market, (&product, &id)).await
    };
    answer(found.await, &notes)
}

/// One SKU for a customer
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/products/{productId}/skus/{skuId}", tag = "partner",
    params(("customerId" = String, Path), ("productId" = String, Path), ("skuId" = String, Path)),
    responses(
        (status = 200, body = Wire), (status = 401, body = Error), (status = 403, body = Error),
        (status = 404, body = Error),
    )
)]
pub async fn get_customer_sku(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    Path((_, product, id)): Path<(String, String, String)>,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadCatalogue)?;
        let market = Market::of(&customer, &Params::of(&uri)?)?;
        one(&app, &caller, &market, (&product, &id)).await
    };
    answer(found.await, &notes)
}

async fn list(
    app: &App,
    caller: &PartnerCaller,
    market: &Market,
    product: &str,
    uri: &Uri,
) -> Result<Collection<Wire>, Failure> {
    let found = queries::product(&app.store, &shelf(caller, market), product.parse()?).await?;
    let offer = &found.offer;
    let listed = offer.plans.iter().filter(|plan| plan.is_listed(&market.country));
    let skus = listed.filter_map(|plan| Some(sku(offer, plan, SkuId::of(offer, plan)?, market)));
    Ok(Collection::whole(skus.collect(), own_address(uri)))
}

async fn one(
    app: &App,
    caller: &PartnerCaller,
    market: &Market,
    (product, id): (&str, &str),
) -> Result<Wire, Failure> {
    let found = queries::product(&app.store, &shelf(caller, market), product.parse()?).await?;
    let id: SkuId = id.parse()?;
    let plan = id.listed_plan(&found.offer, &market.country)?;
    Ok(sku(&found.offer, plan, id, market))
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
