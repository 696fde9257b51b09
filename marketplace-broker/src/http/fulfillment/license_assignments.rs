//! PUT /api/saas/subscriptions/{subscriptionId}/licenseAssignments (interface.md): licenses assigned. Our extension.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::fulfillment::{Detail, LicenseAssignments, LicensesAssigned};

use super::problem::Problem;
use crate::{
    app::App,
    commands::AssignLicenses,
    domain::{license::Person, refusal::Refusal},
    http::{
        body::{ReadBody, json},
        extract::{PublisherCaller, SubscriptionPath},
        notes::Notes,
    },
};

/// Replace the set of people who hold a license; the first key of billing
#[utoipa::path(
    put, path = "/api/saas/subscriptions/{subscriptionId}/licenseAssignments", tag = "fulfillment",
    params(("subscriptionId" = String, Path)),
    request_body = LicenseAssignments,
    responses(
        (status = 200, body = LicensesAssigned),
        (status = 400, description = "More people than licenses, somebody twice, Suspended, or Unsubscribed", body = Detail),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription", body = Detail),
        (status = 413, description = "Body over 1 MiB", body = Detail),
    )
)]
pub async fn assign_licenses(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(subscription): SubscriptionPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let command = AssignLicenses {
        sandbox: caller.sandbox,
        publisher: caller.publisher,
        subscription,
        ids: app.id_seed(),
        people: body.and_then(|bytes| read(&bytes)),
    };
    match app.store.execute(command).await {
        Ok(now) => Json(LicensesAssigned {
            required: now.required,
            assigned: now.assigned,
            complete: now.assigned == now.required,
            confirmed_at: now.confirmed_at.map(Into::into),
        })
        .into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

fn read(bytes: &[u8]) -> Result<Vec<Person>, Refusal> {
    let sent: LicenseAssignments = json(bytes)?;
    let person = |to: shared::fulfillment::AssignedTo| Person {
        object_id: to.object_id,
        email_id: to.email_id,
    };
    Ok(sent.assigned_to.into_iter().map(person).collect())
}
