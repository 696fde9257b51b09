//! What else paths of carts and orders name, as it was sent. Called by their handlers, after the customer.

use axum::{extract::FromRequestParts, http::request::Parts};

use shared::ids::SubscriptionId;

use crate::{
    app::App,
    domain::{partner_refusal::PartnerRefusal, refusal::Refusal},
    http::extract::path,
};

macro_rules! in_path {
    ($(#[$doc:meta])* $name:ident, $parameter:literal) => {
        $(#[$doc])*
        pub struct $name(pub String);

        impl FromRequestParts<App> for $name {
            type Rejection = std::convert::Infallible;

            async fn from_request_parts(
                parts: &mut Parts,
                app: &App,
            ) -> Result<Self, Self::Rejection> {
                Ok(Self(path(parts, app, $parameter).await))
            }
        }
    };
}

in_path!(/// The cart.
    CartPath, "cartId");
in_path!(/// The order.
    OrderPath, "orderId");
in_path!(/// The line of the order.
    LinePath, "lineItemNumber");
in_path!(/// The subscription.
    BoughtPath, "subscriptionId");

/// The subscription of a path; malformed is as unknown (P7).
pub fn bought_id(sent: &str) -> Result<SubscriptionId, Refusal> {
    let shown = || sent.chars().take(60).collect();
    sent.parse().map_err(|_| PartnerRefusal::NoSubscription(shown()).into())
}
