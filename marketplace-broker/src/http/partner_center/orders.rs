//! Orders of a customer: GET and POST /v1/customers/{customerId}/orders, GET and PATCH …/orders/{orderId}, GET
//! …/orders/{orderId}/provisioningstatus (partner-center.md 3.5).

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    ids::OrderId,
    partner_center::{
        Collection, Error, Order as Wire, OrderChange, OrderLineProvisioningStatus, OrderRequest,
    },
};

use super::{
    caller::PartnerCaller,
    collection::page,
    customer_path::CustomerOf,
    line_reading,
    order_path::OrderPath,
    order_view,
    params::Params,
    problem::Problem,
    reading::{self, word},
    request_key::request_key,
};
use crate::{
    app::App,
    commands::{CancelOrder, Once, PlaceOrder},
    domain::{
        access::Errand, order::Placed, partner_refusal::PartnerRefusal, party::Customer,
        refusal::Refusal,
    },
    http::{body::ReadBody, notes::Notes},
    queries,
    store::Failure,
};

/// Order without a cart
///
/// What is wrong with a line refuses the order. Repeated with the same MS-RequestId and body, it answers with the order
/// that was placed.
#[utoipa::path(
    post, path = "/v1/customers/{customerId}/orders", tag = "partner", request_body = OrderRequest,
    params(("customerId" = String, Path)),
    responses(
        (status = 201, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
        (status = 409, description = "A publisher has no landing page", body = Error),
    )
)]
pub async fn place_order(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    notes: Notes,
    (method, uri): (Method, Uri),
    headers: HeaderMap,
    ReadBody(body): ReadBody,
) -> Response {
    let placed = async {
        caller.may(Errand::PlaceOrder)?;
        let body = body?;
        let command = wanted(&app, &caller, &customer, &body)?;
        let key = request_key(&caller, (&method, &uri), &headers, &body);
        app.store.execute(Once { command, key }).await
    };
    match placed.await {
        Ok(placed) => {
            placed.subscriptions.iter().take(1).for_each(|first| notes.subscription(first.id));
            let answer = order_view::order(&placed, &customer, false);
            (StatusCode::CREATED, Json(answer)).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

fn wanted(
    app: &App,
    caller: &PartnerCaller,
    customer: &Customer,
    body: &[u8],
) -> Result<PlaceOrder, Refusal> {
    let asked = line_reading::order(body, &customer.id.to_string())?;
    Ok(PlaceOrder {
        sandbox: caller.sandbox.clone(),
        partner: caller.partner.clone(),
        purchaser: caller.purchaser(),
        customer: customer.id,
        attested: asked.attested,
        lines: asked.lines,
        ids: app.id_seed(),
        bundled_publisher: app.publisher_url.clone(),
    })
}

/// The orders of a customer, oldest first
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/orders", tag = "partner",
    params(
        ("customerId" = String, Path),
        ("billingType" = Option<String>, Query, description = "license (all of them) or usage (none here)"),
        ("include_price" = Option<bool>, Query, description = "Whether lines have their prices"),
    ),
    responses(
        (status = 200, body = Collection<Wire>), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error),
    )
)]
pub async fn list_orders(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadOrders)?;
        let params = Params::of(&uri)?;
        let with_prices = with_prices(&params)?;
        if is_usage(&params)? {
            return Ok((Vec::new(), with_prices));
        }
        let rule = (caller.policy.get(), caller.clock.at(app.clock.now()));
        let orders = queries::orders(&app.store, &caller.sandbox, &customer, rule).await?;
        Ok::<_, Failure>((orders, with_prices))
    };
    match found.await {
        Ok((orders, with_prices)) => {
            let shown = orders.iter().map(|one| order_view::order(one, &customer, with_prices));
            Json(page(shown.collect(), &uri, None)).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Whether orders are asked for that are billed by usage: purchases of SaaS are not.
fn is_usage(params: &Params) -> Result<bool, Refusal> {
    match params.get("billingType").map(word).as_deref() {
        None | Some("license" | "none" | "unknown") => Ok(false),
        Some("usage") => Ok(true),
        Some(_) => Err(Refusal::field("billingType", "send license or usage")),
    }
}

fn with_prices(params: &Params) -> Result<bool, Refusal> {
    match params.get("include_price").map(str::to_ascii_lowercase).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Refusal::field("include_price", "send true or false")),
    }
}

/// An order
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/orders/{orderId}", tag = "partner",
    params(
        ("customerId" = String, Path), ("orderId" = String, Path),
        ("include_price" = Option<bool>, Query, description = "Whether lines have their prices"),
    ),
    responses(
        (status = 200, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn get_order(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    OrderPath(sent): OrderPath,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        let placed = found(&app, &caller, &customer, &sent).await?;
        Ok::<_, Failure>((placed, with_prices(&Params::of(&uri)?)?))
    };
    match found.await {
        Ok((placed, with_prices)) => {
            Json(order_view::order(&placed, &customer, with_prices)).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

async fn found(
    app: &App,
    caller: &PartnerCaller,
    customer: &Customer,
    sent: &str,
) -> Result<Placed, Failure> {
    caller.may(Errand::ReadOrders)?;
    queries::order(&app.store, &caller.sandbox, customer, sent).await
}

/// How far the lines of an order are
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/orders/{orderId}/provisioningstatus", tag = "partner",
    params(("customerId" = String, Path), ("orderId" = String, Path)),
    responses(
        (status = 200, body = Collection<OrderLineProvisioningStatus>), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn get_provisioning(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    OrderPath(sent): OrderPath,
    notes: Notes,
    uri: Uri,
) -> Response {
    match found(&app, &caller, &customer, &sent).await {
        Ok(placed) => Json(page(order_view::provisioning(&placed), &uri, None)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

#[derive(Deserialize)]
struct SentChange {
    status: Option<String>,
}

/// Cancel an order, which only an integration sandbox allows
///
/// In production a purchase is canceled through its subscription.
#[utoipa::path(
    patch, path = "/v1/customers/{customerId}/orders/{orderId}", tag = "partner", request_body = OrderChange,
    params(("customerId" = String, Path), ("orderId" = String, Path)),
    responses(
        (status = 200, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn cancel_order(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    OrderPath(sent): OrderPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let canceled = async {
        caller.may(Errand::CancelOrder)?;
        let unknown = |_| Refusal::from(PartnerRefusal::NoOrder(sent.chars().take(60).collect()));
        let order: OrderId = sent.parse().map_err(unknown)?;
        let change: SentChange = reading::json(&body?, &[])?;
        let status = change.status.as_deref().map(word);
        if !matches!(status.as_deref(), Some("cancelled" | "canceled")) {
            return Err(Refusal::field("status", "send cancelled: nothing else changes").into());
        }
        let command = CancelOrder {
            sandbox: caller.sandbox.clone(),
            partner: caller.partner.clone(),
            customer: customer.id,
            order,
            ids: app.id_seed(),
        };
        app.store.execute(command).await?;
        queries::order(&app.store, &caller.sandbox, &customer, &sent).await
    };
    match canceled.await {
        Ok(placed) => Json(order_view::order(&placed, &customer, false)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
