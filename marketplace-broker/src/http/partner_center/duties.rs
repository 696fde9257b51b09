//! GET …/subscriptions/{subscriptionId}/duties and POST …/duties/urlsent: what a partner does between purchase and use
//! (S24, S25). Our extension: the documentation names the duties and gives them no API.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::{fulfillment::Duties as Wire, ids::SubscriptionId, partner_center::Error};

use super::{
    caller::PartnerCaller, customer_path::CustomerOf, problem::Problem,
    subscriptions::SubscriptionIn,
};
use crate::{
    app::App,
    commands::RecordUrlSent,
    domain::{access::Errand, duty::Duties, party::Customer},
    http::{fulfillment::setup, notes::Notes},
    queries,
    store::Failure,
};

/// The duties of a subscription, and where its customer signs in
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/subscriptions/{subscriptionId}/duties", tag = "partner",
    params(("customerId" = String, Path), ("subscriptionId" = String, Path)),
    responses(
        (status = 200, body = Wire),
        (status = 401, description = "No sound bearer", body = Error),
        (status = 403, description = "Another partner's customer, or not with this role", body = Error),
        (status = 404, description = "No such subscription of the customer", body = Error),
    )
)]
pub async fn get_duties(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    SubscriptionIn(id): SubscriptionIn,
    notes: Notes,
) -> Response {
    let found = match caller.may(Errand::ReadSubscriptions) {
        Ok(()) => queries::duties(&app.store, &caller.sandbox, (customer.id, id)).await,
        Err(refusal) => Err(refusal.into()),
    };
    answer(found, &notes)
}

/// Record that the customer was sent the sign-in URL; it may be repeated
///
/// By whom follows from the bearer. A body is not read.
#[utoipa::path(
    post, path = "/v1/customers/{customerId}/subscriptions/{subscriptionId}/duties/urlsent", tag = "partner",
    operation_id = "record_duty_url_sent",
    params(("customerId" = String, Path), ("subscriptionId" = String, Path)),
    responses(
        (status = 200, body = Wire),
        (status = 400, description = "The subscription has ended", body = Error),
        (status = 401, description = "No sound bearer", body = Error),
        (status = 403, description = "Another partner's customer, or not with this role", body = Error),
        (status = 404, description = "No such subscription of the customer", body = Error),
        (status = 409, description = "The publisher has given no sign-in URL yet", body = Error),
    )
)]
pub async fn record_url_sent(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    SubscriptionIn(id): SubscriptionIn,
    notes: Notes,
) -> Response {
    answer(record(&app, &caller, &customer, id).await, &notes)
}

async fn record(
    app: &App,
    caller: &PartnerCaller,
    customer: &Customer,
    subscription: SubscriptionId,
) -> Result<Duties, Failure> {
    caller.may(Errand::RecordDuty)?;
    let by = match &caller.user {
        Some(user) => user.name.clone(),
        None => format!("app {}", caller.client),
    };
    let command = RecordUrlSent {
        sandbox: caller.sandbox.clone(),
        customer: Some(customer.id),
        subscription,
        by: Ok(by),
    };
    app.store.execute(command).await
}

fn answer(found: Result<Duties, Failure>, notes: &Notes) -> Response {
    match found {
        Ok(duties) => Json(setup::shown(&duties)).into_response(),
        Err(failure) => Problem::from(failure).noted(notes),
    }
}
