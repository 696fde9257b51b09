//! GET /v1/products, /v1/products/{productId}, and their twins for a customer: what is for sale (partner-center.md 3.3).

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use shared::partner_center::{Collection, Error, Link, Product as Wire, ProductLinks, ProductType};

use super::{
    caller::PartnerCaller,
    collection::{continuation, page},
    customer_path::CustomerOf,
    customers::place_after,
    market::{Market, check_view},
    params::Params,
    problem::Problem,
};
use crate::{
    app::App,
    domain::{access::Errand, listing::ProductId},
    http::notes::Notes,
    queries::{self, Listed, Shelf},
    store::Failure,
};

/// Products of a page, unless its request says how many.
const PAGE: usize = 100;
/// Products of a page at most.
const PAGE_MAX: usize = 500;

/// What is for sale in a country, a page at a time
#[utoipa::path(
    get, path = "/v1/products", tag = "partner",
    params(
        ("country" = String, Query, description = "Two letters"),
        ("targetView" = String, Query, description = "MarketplaceSaaS, or Azure, which contains it"),
        ("targetSegment" = Option<String>, Query, description = "commercial, education, government, nonprofit"),
        ("size" = Option<usize>, Query, description = "1 to 500; 100 if absent"),
        ("seekOperation" = Option<String>, Query, description = "Next, with the header MS-ContinuationToken"),
    ),
    responses(
        (status = 200, body = Collection<Wire>), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error),
    )
)]
pub async fn list_products(
    State(app): State<App>,
    caller: PartnerCaller,
    notes: Notes,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let found = async {
        caller.may(Errand::ReadCatalogue)?;
        let params = Params::of(&uri)?;
        let market = Market::named(&params)?;
        list(&app, &caller, (&market, &params), (&uri, &headers)).await
    };
    answer(found.await, &notes)
}

/// What is for sale to a customer, a page at a time
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/products", tag = "partner",
    params(
        ("customerId" = String, Path),
        ("targetView" = String, Query, description = "MarketplaceSaaS, or Azure, which contains it"),
        ("targetSegment" = Option<String>, Query, description = "commercial, education, government, nonprofit"),
        ("size" = Option<usize>, Query, description = "1 to 500; 100 if absent"),
        ("seekOperation" = Option<String>, Query, description = "Next, with the header MS-ContinuationToken"),
    ),
    responses(
        (status = 200, body = Collection<Wire>), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error),
    )
)]
pub async fn list_customer_products(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    notes: Notes,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let found = async {
        caller.may(Errand::ReadCatalogue)?;
        let params = Params::of(&uri)?;
        let market = Market::of(&customer, &params)?;
        list(&app, &caller, (&market, &params), (&uri, &headers)).await
    };
    answer(found.await, &notes)
}

/// One product in a country
#[utoipa::path(
    get, path = "/v1/products/{productId}", tag = "partner",
    params(("productId" = String, Path), ("country" = String, Query, description = "Two letters")),
    responses(
        (status = 200, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn get_product(
    State(app): State<App>,
    caller: PartnerCaller,
    Path(product): Path<String>,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadCatalogue)?;
        let market = Market::named(&Params::of(&uri)?)?;
        one(&app, &caller, &market, &product).await
    };
    answer(found.await, &notes)
}

/// One product for a customer
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/products/{productId}", tag = "partner",
    params(("customerId" = String, Path), ("productId" = String, Path)),
    responses(
        (status = 200, body = Wire), (status = 401, body = Error), (status = 403, body = Error),
        (status = 404, body = Error),
    )
)]
pub async fn get_customer_product(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    Path((_, product)): Path<(String, String)>,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadCatalogue)?;
        let market = Market::of(&customer, &Params::of(&uri)?)?;
        one(&app, &caller, &market, &product).await
    };
    answer(found.await, &notes)
}

/// What was found, or why not. Called by SKUs and availabilities too.
pub fn answer<T: serde::Serialize>(found: Result<T, Failure>, notes: &Notes) -> Response {
    match found {
        Ok(found) => Json(found).into_response(),
        Err(failure) => Problem::from(failure).noted(notes),
    }
}

/// The shelf that a caller looks at.
pub fn shelf<'a>(caller: &'a PartnerCaller, market: &'a Market) -> Shelf<'a> {
    Shelf { sandbox: &caller.sandbox, country: &market.country, segment: market.segment }
}

async fn list(
    app: &App,
    caller: &PartnerCaller,
    (market, params): (&Market, &Params),
    (uri, headers): (&Uri, &HeaderMap),
) -> Result<Collection<Wire>, Failure> {
    check_view(params)?;
    let size = params.number("size", PAGE_MAX)?.filter(|size| *size > 0).unwrap_or(PAGE);
    let after = place_after(continuation(headers))?.unwrap_or(-1);
    let found = queries::products(&app.store, &shelf(caller, market), (after, size)).await?;
    let products = found.products.iter().map(|listed| product(listed, market)).collect();
    Ok(page(products, uri, found.next_after.map(|place| place.to_string())))
}

async fn one(
    app: &App,
    caller: &PartnerCaller,
    market: &Market,
    sent: &str,
) -> Result<Wire, Failure> {
    let id: ProductId = sent.parse()?;
    let found = queries::product(&app.store, &shelf(caller, market), id).await?;
    Ok(product(&found, market))
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
