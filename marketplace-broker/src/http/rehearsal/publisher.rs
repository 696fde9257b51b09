//! PUT …/publisher and …/publishers/{publisherId}: landing page, webhook, sign-in, way of confirming licenses.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::{
    entropy,
    ids::{PublisherId, SandboxId},
    rehearsal::{
        ConfigurePublisher as Wire, LicenseConfirmation as WireConfirmation,
        Problem as ProblemBody, Publisher, WebhookSignature, WebhookTokenVersion,
    },
    webhook_signature::SignatureKey,
};

use super::{problem::Problem, view};
use crate::{
    app::App,
    commands::{ConfigurePublisher, PublisherSettings},
    domain::{
        party::{LicenseConfirmation, TokenVersion, check_redirect_uris, check_url},
        refusal::Refusal,
    },
    http::{
        body::{ReadBody, json},
        extract::{OperatorIn, PublisherPath},
        notes::Notes,
    },
};

/// Set the first publisher's landing page, webhook and license confirmation
#[utoipa::path(
    put, path = "/rehearsal/v1/sandboxes/{sandbox}/publisher", tag = "rehearsal", request_body = Wire,
    params(("sandbox" = String, Path)),
    responses(
        (status = 200, body = Publisher), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
    )
)]
pub async fn configure_first_publisher(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
    body: ReadBody,
) -> Response {
    configure(&app, sandbox, None, &notes, body).await
}

/// Set a publisher's landing page, webhook and license confirmation
#[utoipa::path(
    put, path = "/rehearsal/v1/sandboxes/{sandbox}/publishers/{publisherId}", tag = "rehearsal", request_body = Wire,
    params(("sandbox" = String, Path), ("publisherId" = String, Path)),
    responses(
        (status = 200, body = Publisher), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
    )
)]
pub async fn configure_publisher(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    PublisherPath(publisher): PublisherPath,
    notes: Notes,
    body: ReadBody,
) -> Response {
    let Ok(id) = publisher.parse::<PublisherId>() else {
        return Problem::from(Refusal::unknown("Publisher", publisher)).noted(&notes);
    };
    configure(&app, sandbox, Some(id), &notes, body).await
}

async fn configure(
    app: &App,
    sandbox: SandboxId,
    publisher: Option<PublisherId>,
    notes: &Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let settings = match body.and_then(|bytes| read(&bytes)) {
        Ok(settings) => settings,
        Err(refusal) => return Problem::from(refusal).noted(notes),
    };
    let webhook_secret = SignatureKey::new(entropy::seed(app.entropy.as_ref())).written();
    let command =
        ConfigurePublisher { sandbox: sandbox.clone(), publisher, settings, webhook_secret };
    match app.store.execute(command).await {
        Ok(stored) => {
            let bundled = app.publisher_url.as_deref();
            Json(view::publisher(&sandbox, &stored, bundled)).into_response()
        }
        Err(failure) => Problem::from(failure).noted(notes),
    }
}

fn read(bytes: &[u8]) -> Result<PublisherSettings, Refusal> {
    let asked: Wire = json(bytes)?;
    let url = |field, sent: Option<Option<String>>| {
        let checked = |url: Option<String>| url.map(|url| check_url(field, &url)).transpose();
        sent.map(checked).transpose()
    };
    Ok(PublisherSettings {
        landing_page_url: url("landingPageUrl", asked.landing_page_url)?,
        webhook_url: url("webhookUrl", asked.webhook_url)?,
        license_confirmation: asked.license_confirmation.map(|sent| sent.map(confirmation)),
        webhook_token_version: asked.webhook_token_version.map(|sent| {
            sent.map(|version| match version {
                WebhookTokenVersion::V1 => TokenVersion::V1,
                WebhookTokenVersion::V2 => TokenVersion::V2,
            })
        }),
        secret_expires_at: asked.client_secret_expires_at.map(|sent| sent.map(|at| at.0)),
        has_principal: asked.service_principal.map(|sent| sent.unwrap_or(true)),
        redirect_uris: asked
            .redirect_uris
            .map(|sent| sent.map(check_redirect_uris).transpose())
            .transpose()?,
        webhook_signed: asked
            .webhook_signature
            .map(|sent| sent == Some(WebhookSignature::StandardWebhooks)),
    })
}

/// The wire's word for how the first key is turned.
pub fn confirmation(wire: WireConfirmation) -> LicenseConfirmation {
    match wire {
        WireConfirmation::Explicit => LicenseConfirmation::Explicit,
        WireConfirmation::WithActivation => LicenseConfirmation::WithActivation,
    }
}
