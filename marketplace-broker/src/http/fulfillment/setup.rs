//! PUT /api/saas/subscriptions/{subscriptionId}/setup (interface.md, S24): who submitted the information, and where the
//! customer signs in. Our extension. The control API shows the duties by the same function.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::fulfillment::{
    Detail, Duties as Wire, InformationSubmitted, ReportSetup, SubmittedBy, UrlSent,
};

use super::problem::Problem;
use crate::{
    app::App,
    commands,
    domain::{
        duty::{Duties, Report, Submitter},
        refusal::Refusal,
    },
    http::{
        body::{ReadBody, json},
        extract::{PublisherCaller, SubscriptionPath},
        notes::Notes,
    },
};

/// Tell who submitted the information and where the customer signs in; it may be repeated
#[utoipa::path(
    put, path = "/api/saas/subscriptions/{subscriptionId}/setup", tag = "fulfillment",
    params(("subscriptionId" = String, Path)),
    request_body = ReportSetup,
    responses(
        (status = 200, body = Wire),
        (status = 400, description = "It tells nothing, names nobody, the URL is none, or Unsubscribed", body = Detail),
        (status = 403, description = "Not this publisher's", body = String, content_type = "application/json"),
        (status = 404, description = "No such subscription", body = Detail),
        (status = 413, description = "Body over 1 MiB", body = Detail),
    )
)]
pub async fn report_setup(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    SubscriptionPath(subscription): SubscriptionPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let command = commands::ReportSetup {
        sandbox: caller.sandbox,
        publisher: caller.publisher,
        subscription,
        report: body.and_then(|bytes| read(&bytes)),
    };
    match app.store.execute(command).await {
        Ok(duties) => Json(shown(&duties)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

fn read(bytes: &[u8]) -> Result<Report, Refusal> {
    let sent: ReportSetup = json(bytes)?;
    let submitter = |by: SubmittedBy| Submitter {
        object_id: by.object_id,
        tenant_id: by.tenant_id,
        email_id: by.email_id,
    };
    Report::new(sent.information_submitted_by.map(submitter), sent.sign_in_url)
}

/// Duties on the wire.
pub fn shown(duties: &Duties) -> Wire {
    let Duties { information_submitted, sign_in_url, url_sent } = duties;
    Wire {
        information_submitted: information_submitted.as_ref().map(|done| InformationSubmitted {
            by: SubmittedBy {
                object_id: done.by.object_id.clone(),
                tenant_id: done.by.tenant_id.clone(),
                email_id: done.by.email_id.clone(),
            },
            at: done.at.into(),
        }),
        sign_in_url: sign_in_url.clone(),
        url_sent: url_sent.as_ref().map(|done| UrlSent { by: done.by.clone(), at: done.at.into() }),
    }
}
