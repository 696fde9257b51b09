//! The customer in a path of the partner face: after who calls, before everything else (P6).

use axum::{extract::FromRequestParts, http::request::Parts, response::Response};

use super::{caller::PartnerCaller, problem::Problem};
use crate::{
    app::App,
    domain::party::Customer,
    http::{extract::path, notes::Notes},
    queries,
};

/// Who calls, and the customer that the path names. Malformed, unknown, another partner's and removed are one: 403/20002.
pub struct CustomerOf(pub PartnerCaller, pub Customer);

impl FromRequestParts<App> for CustomerOf {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let caller = PartnerCaller::from_request_parts(parts, app).await?;
        let sent = path(parts, app, "customerId").await;
        let found = queries::customer_of(&app.store, &caller.sandbox, &caller.partner, &sent).await;
        match found {
            Ok(customer) => Ok(Self(caller, customer)),
            Err(failure) => {
                let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
                Err(Problem::from(failure).noted(&notes))
            }
        }
    }
}
