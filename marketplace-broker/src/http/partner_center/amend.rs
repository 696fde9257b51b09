//! PATCH of a subscription (partner-center.md 3.8): nickname, licenses, end, suspension, auto-renew, reseller.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    ids::SubscriptionId,
    partner_center::{Error, Subscription as Wire},
};

use super::{
    caller::PartnerCaller,
    customer_path::CustomerOf,
    problem::Problem,
    reading::{json, word},
    request_key::request_key,
    subscription_view::expected,
    subscriptions::{SubscriptionIn, shown},
};
use crate::{
    app::App,
    commands::{AmendSubscription, Amended, Once},
    domain::{access::Errand, amendment::Sent, party::Customer, refusal::Refusal},
    http::{body::ReadBody, notes::Notes},
    store::{Failure, RequestKey},
};

/// Members of a body that mean something; a client sends many more.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
struct Body {
    friendlyname: Option<String>,
    quantity: Option<i64>,
    autorenewenabled: Option<bool>,
    status: Option<String>,
    partnerid: Option<String>,
    billingcycle: Option<String>,
}

/// Change a subscription
///
/// Send it as it was read, with other values of `friendlyName`, `quantity`, `status` (`active`, `suspended`, `deleted`),
/// `autoRenewEnabled` or `partnerId`. All changes are made, or none. What is absent, null, 0 or `none` stays as it is, but
/// for `autoRenewEnabled`: absent, it is off.
#[utoipa::path(
    patch, path = "/v1/customers/{customerId}/subscriptions/{subscriptionId}",
    tag = "partner",
    params(
        ("customerId" = String, Path), ("subscriptionId" = String, Path),
        ("If-Match" = Option<String>, Header, description = "The etag that the change is about"),
    ),
    request_body = Wire,
    responses(
        (status = 200, description = "Changed", body = Wire),
        (status = 202, description = "Waits for the publisher: look at Location again", body = Wire,
         headers(("location" = String))),
        (status = 400, description = "Not possible, or the etag is stale", body = Error),
        (status = 401, description = "No sound bearer", body = Error),
        (status = 403, description = "Another partner's customer, or not with this role", body = Error),
        (status = 404, description = "No such subscription of the customer, or no such reseller", body = Error),
        (status = 409, description = "An operation is pending", body = Error),
        (status = 413, description = "Body over 1 MiB", body = Error),
    )
)]
pub async fn amend_subscription(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    SubscriptionIn(id): SubscriptionIn,
    (notes, method, uri, headers): (Notes, Method, Uri, HeaderMap),
    ReadBody(body): ReadBody,
) -> Response {
    let key = body.as_ref().ok();
    let key = key.and_then(|body| request_key(&caller, (&method, &uri), &headers, body));
    let sent = body.and_then(|bytes| read(&bytes));
    let expected = expected(&headers, id);
    match amend(&app, (&caller, &customer), id, (sent, expected, key)).await {
        Ok((Amended::Done, now)) => Json(now).into_response(),
        Ok((Amended::Waits, now)) => {
            let mut response = (StatusCode::ACCEPTED, Json(now)).into_response();
            let at = format!("/v1/customers/{}/subscriptions/{id}", customer.id);
            if let Ok(at) = HeaderValue::try_from(at) {
                response.headers_mut().insert(header::LOCATION, at);
            }
            response
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

async fn amend(
    app: &App,
    (caller, customer): (&PartnerCaller, &Customer),
    id: SubscriptionId,
    (sent, expected, key): (Result<Sent, Refusal>, Option<Vec<i64>>, Option<RequestKey>),
) -> Result<(Amended, Wire), Failure> {
    caller.may(Errand::AmendSubscription)?;
    let command = AmendSubscription {
        sandbox: caller.sandbox.clone(),
        partner: caller.partner.clone(),
        customer: (customer.id, customer.country.clone()),
        subscription: id,
        expected,
        sent,
        ids: app.id_seed(),
    };
    let amended = app.store.execute(Once { command, key }).await?;
    Ok((amended, shown(app, caller, customer, id).await?))
}

fn read(bytes: &[u8]) -> Result<Sent, Refusal> {
    let body: Body = json(bytes, &[])?;
    let lower = |sent: Option<String>| sent.map(|sent| word(&sent));
    Ok(Sent {
        nickname: body.friendlyname,
        quantity: body.quantity,
        auto_renew: body.autorenewenabled,
        status: lower(body.status),
        reseller: body.partnerid,
        billing_cycle: lower(body.billingcycle),
    })
}
