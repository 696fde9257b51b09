//! The console's third page: usage that was reported, what became of it, and whether it is reported at all.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use shared::rehearsal::Sandbox;

use super::{
    extract::{InSandbox, Operator, check_csrf, csrf_token, form_failure},
    failure::Failure,
    views::{Reporter, UsagePage, page},
};
use crate::{
    app::App,
    clients::{Trouble, marketplace::Caller},
    commands::SetBehavior,
    domain::Reporting,
    queries::list_reports,
};

/// The form that chooses whether a publisher reports.
#[derive(Deserialize)]
pub(super) struct ReportingForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    publisher: String,
    #[serde(default)]
    usage: String,
}

/// `GET /s/{sandbox}/console/usage`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    operator: Operator,
    InSandbox(sandbox): InSandbox,
) -> Result<Response, Failure> {
    let known = match app.marketplace.fresh_sandbox(&sandbox).await {
        Ok(known) => Ok(known),
        Err(Trouble::UnknownSandbox) => return Err(Failure::NotFound),
        Err(trouble) => Err(trouble), // what was reported is known here, so it is shown all the same
    };
    let (time, reporters) = match known {
        Ok(known) => (Ok(known.clock.now.0), reporters(&app, &known).await?),
        Err(trouble) => (Err(trouble), Vec::new()),
    };
    let reports = list_reports(&app.store, &sandbox).await?;
    let csrf = csrf_token(&operator.cookie);
    let view = UsagePage::new(&sandbox, &reports, reporters, time, csrf);
    Ok(page(StatusCode::OK, &view))
}

/// Whether each publisher of the sandbox reports.
async fn reporters(app: &App, sandbox: &Sandbox) -> Result<Vec<Reporter>, Failure> {
    let mut all = Vec::new();
    for publisher in &sandbox.publishers {
        let ids = sandbox.id.parse().ok().zip(publisher.publisher_id.parse().ok());
        let Some((sandbox, id)) = ids else { continue };
        let reporting = app.store.reporting(&sandbox, &id).await?;
        all.push(Reporter { publisher: id, name: publisher.name.clone(), reporting });
    }
    Ok(all)
}

/// `POST /s/{sandbox}/console/reporting`
pub(super) async fn set_reporting(
    State(app): State<Arc<App>>,
    operator: Operator,
    InSandbox(sandbox): InSandbox,
    form: Result<Form<ReportingForm>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|rejected| form_failure(&rejected))?;
    check_csrf(&operator.cookie, &form.csrf)?;
    let reporting = Reporting::read(&form.usage).ok_or(Failure::UnreadableForm)?;
    let publisher = form.publisher.parse().map_err(|_| Failure::NotFound)?;
    let caller = Caller { sandbox, publisher };
    app.marketplace.publisher(&caller).await?;
    let Caller { sandbox, publisher } = caller;
    let to = format!("/s/{sandbox}/console/usage");
    app.store
        .execute(SetBehavior { sandbox, publisher, behavior: None, reporting: Some(reporting) })
        .await?;
    Ok(Redirect::to(&to).into_response())
}
