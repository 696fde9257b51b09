//! GET /v1/products, /v1/products/{productId}, and their twins for a customer: what is for sale (partner-center.md 3.3).

use axum::{
    extract::{Path, State},
    response::Response,
};
use shared::partner_center::{Collection, Error, Link, Product as Wire, ProductLinks, ProductType};

use super::{
    catalogue::{Catalogue, InCountry, InPages, InSegment, Named},
    market::Market,
    problem::answer,
};
use crate::{app::App, domain::listing::ProductId, http::notes::Notes, queries::Listed};

/// What is for sale in a country, a page at a time
#[utoipa::path(
    get, path = "/v1/products", tag = "partner", params(InCountry, InPages, InSegment),
    responses(
        (status = 200, body = Collection<Wire>), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error),
    )
)]
pub async fn list_products(State(app): State<App>, catalogue: Catalogue, notes: Notes) -> Response {
    answer(catalogue.page(&app, product).await, &notes)
}

/// What is for sale to a customer, a page at a time
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/products", tag = "partner",
    params(("customerId" = String, Path), InPages, InSegment),
    responses(
        (status = 200, body = Collection<Wire>), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error),
    )
)]
pub async fn list_customer_products(
    app: State<App>,
    catalogue: Catalogue,
    notes: Notes,
) -> Response {
    list_products(app, catalogue, notes).await
}

/// One product in a country
#[utoipa::path(
    get, path = "/v1/products/{productId}", tag = "partner",
    params(("productId" = String, Path), InCountry, InSegment),
    responses(
        (status = 200, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn get_product(
    State(app): State<App>,
    catalogue: Catalogue,
    Path(named): Path<Named>,
    notes: Notes,
) -> Response {
    let found = catalogue.product(&app, &named).await;
    answer(found.map(|listed| product(&listed, &catalogue.market)), &notes)
}

/// One product for a customer
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/products/{productId}", tag = "partner",
    params(("customerId" = String, Path), ("productId" = String, Path), InSegment),
    responses(
        (status = 200, body = Wire), (status = 401, body = Error), (status = 403, body = Error),
        (status = 404, body = Error),
    )
)]
pub async fn get_customer_product(
    app: State<App>,
    catalogue: Catalogue,
    named: Path<Named>,
    notes: Notes,
) -> Response {
    get_product(app, catalogue, named, notes).await
}

fn product(listed: &Listed, market: &Market) -> Wire {
    let id = ProductId::of(&listed.offer);
    let mut plans = listed.offer.plans.iter();
    let first = plans.find(|plan| plan.is_listed(&market.country));
    Wire {
        id: id.to_string(),
        title: listed.offer.name.clone(),
        description: first.map(|plan| plan.description.clone()).unwrap_or_default(),
        product_type: ProductType::marketplace_saas(),
        is_microsoft_product: false,
        publisher_name: listed.publisher.clone(),
        links: ProductLinks {
            skus: Link::get(market.skus(id)),
            own: Link::get(market.product(id)),
        },
    }
}
