//! Carts: POST /v1/customers/{customerId}/carts, GET and PUT …/carts/{cartId} (partner-center.md 3.4).

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use shared::{
    entropy::ordered_uuid,
    ids::CartId,
    partner_center::{Cart as Wire, CartRequest, Error},
};

use super::{
    caller::PartnerCaller, customer_path::CustomerOf, line_reading, order_path::CartPath,
    order_view, problem::Problem, request_key::request_key,
};
use crate::{
    app::App,
    commands::{CreateCart, Filling, Once, ReplaceCart},
    domain::{access::Errand, partner_refusal::PartnerRefusal, party::Customer, refusal::Refusal},
    http::{body::ReadBody, notes::Notes},
    queries,
    store::Failure,
};

/// Make a cart for a customer
///
/// What is wrong with a line is told in the cart. Repeated with the same MS-RequestId and body, it answers with the
/// cart that was made.
#[utoipa::path(
    post, path = "/v1/customers/{customerId}/carts", tag = "partner", request_body = CartRequest,
    params(("customerId" = String, Path)),
    responses(
        (status = 201, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error),
    )
)]
pub async fn create_cart(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    notes: Notes,
    (method, uri): (Method, Uri),
    headers: HeaderMap,
    ReadBody(body): ReadBody,
) -> Response {
    let made = async {
        caller.may(Errand::FillCart)?;
        let body = body?;
        let id = CartId(ordered_uuid(app.entropy.as_ref(), app.clock.now()));
        let command = CreateCart(filling(&caller, &customer, id, &body)?);
        let key = request_key(&caller, (&method, &uri), &headers, &body);
        app.store.execute(Once { command, key }).await
    };
    match made.await {
        Ok(cart) => (StatusCode::CREATED, Json(order_view::cart(&cart))).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// A cart
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/carts/{cartId}", tag = "partner",
    params(("customerId" = String, Path), ("cartId" = String, Path)),
    responses(
        (status = 200, body = Wire), (status = 401, body = Error), (status = 403, body = Error),
        (status = 404, body = Error),
    )
)]
pub async fn get_cart(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    CartPath(sent): CartPath,
    notes: Notes,
) -> Response {
    let found = async {
        caller.may(Errand::FillCart)?;
        let whose = (&caller.partner.id, &customer);
        queries::cart(&app.store, &caller.sandbox, whose, &sent).await
    };
    match found.await {
        Ok(cart) => Json(order_view::cart(&cart)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Replace what a cart holds
#[utoipa::path(
    put, path = "/v1/customers/{customerId}/carts/{cartId}", tag = "partner", request_body = CartRequest,
    params(("customerId" = String, Path), ("cartId" = String, Path)),
    responses(
        (status = 200, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn replace_cart(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    CartPath(sent): CartPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let changed = async {
        caller.may(Errand::FillCart)?;
        let command = ReplaceCart(filling(&caller, &customer, cart_id(&sent)?, &body?)?);
        app.store.execute(command).await
    };
    match changed.await {
        Ok(cart) => Json(order_view::cart(&cart)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// The cart of a path; malformed is as unknown.
pub fn cart_id(sent: &str) -> Result<CartId, Failure> {
    let unknown = |_| Refusal::from(PartnerRefusal::NoCart(sent.chars().take(60).collect()));
    Ok(sent.parse().map_err(unknown)?)
}

fn filling(
    caller: &PartnerCaller,
    customer: &Customer,
    cart: CartId,
    body: &[u8],
) -> Result<Filling, Refusal> {
    let asked = line_reading::cart(body)?;
    let by = caller.user.as_ref().map(|user| user.name.clone());
    Ok(Filling {
        sandbox: caller.sandbox.clone(),
        partner: caller.partner.clone(),
        customer: customer.id,
        cart,
        attested: asked.attested,
        lines: asked.lines,
        by: by.unwrap_or_else(|| caller.client.to_string()),
    })
}
