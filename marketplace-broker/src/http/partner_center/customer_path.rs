//! The customer in a path of the partner face: after who calls, before everything else (P6).

use axum::{extract::FromRequestParts, http::request::Parts, response::Response};
use shared::ids::CustomerId;

use super::{caller::PartnerCaller, problem::Problem};
use crate::{
    app::App,
    domain::{partner_refusal::PartnerRefusal, party::Customer, refusal::Refusal},
    http::{extract::path, notes::Notes},
    store::{Failure, customer_of_partner},
};

/// Who calls, and the customer that the path names. Malformed, unknown, another partner's and removed are one: 403/20002.
pub struct CustomerOf(pub PartnerCaller, pub Customer);

impl FromRequestParts<App> for CustomerOf {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let caller = PartnerCaller::from_request_parts(parts, app).await?;
        let sent = path(parts, app, "customerId").await;
        match customer(app, &caller, &sent).await {
            Ok(customer) => Ok(Self(caller, customer)),
            Err(failure) => {
                let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
                Err(Problem::from(failure).noted(&notes))
            }
        }
    }
}

async fn customer(app: &App, caller: &PartnerCaller, sent: &str) -> Result<Customer, Failure> {
    let foreign = || {
        let shown = sent.chars().take(60).collect();
        Refusal::from(PartnerRefusal::ForeignCustomer(shown))
    };
    let id: CustomerId = sent.parse().map_err(|_| foreign())?;
    let mut conn = app.store.read().await?;
    let found = customer_of_partner(&mut conn, &caller.sandbox, &caller.partner, id).await?;
    Ok(found.ok_or_else(foreign)?)
}
