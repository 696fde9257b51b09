//! POST /v1/customers/{customerId}/carts/{cartId}/checkout: each group of lines becomes an order (partner-center.md 3.4).

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shared::partner_center::{CartCheckoutResult, Error};

use super::{
    carts::cart_id, customer_path::CustomerOf, order_path::CartPath, order_view, problem::Problem,
};
use crate::{app::App, commands::CheckOut, domain::access::Errand, http::notes::Notes};

/// Check a cart out
///
/// A cart that was checked out answers with its orders again.
#[utoipa::path(
    post, path = "/v1/customers/{customerId}/carts/{cartId}/checkout", tag = "partner",
    params(("customerId" = String, Path), ("cartId" = String, Path)),
    responses(
        (status = 201, body = CartCheckoutResult), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
        (status = 409, description = "A publisher has no landing page", body = Error),
    )
)]
pub async fn check_out(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    CartPath(sent): CartPath,
    notes: Notes,
) -> Response {
    let checked_out = async {
        caller.may(Errand::CheckOut)?;
        let command = CheckOut {
            sandbox: caller.sandbox.clone(),
            partner: caller.partner.clone(),
            purchaser: caller.purchaser(),
            customer: customer.id,
            cart: cart_id(&sent)?,
            ids: app.id_seed(),
            bundled_publisher: app.publisher_url.clone(),
        };
        app.store.execute(command).await
    };
    match checked_out.await {
        Ok(what) => {
            let bought = what.orders.iter().flat_map(|placed| &placed.subscriptions);
            bought.take(1).for_each(|first| notes.subscription(first.id));
            let answer = order_view::checked_out(&what, &customer);
            (StatusCode::CREATED, Json(answer)).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
