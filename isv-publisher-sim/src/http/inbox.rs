//! The console's second page: what came by webhook, what was answered and done, and how the next one is answered.

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
    views::{Answering, InboxPage, page},
};
use crate::{
    app::App,
    clients::{Trouble, marketplace::Caller},
    commands::SetBehavior,
    domain::Behavior,
    queries::list_webhooks,
};

/// The form that chooses how a publisher answers.
#[derive(Deserialize)]
pub(super) struct BehaviorForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    publisher: String,
    #[serde(default)]
    webhook: String,
}

/// `GET /s/{sandbox}/console/webhooks`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    operator: Operator,
    InSandbox(sandbox): InSandbox,
) -> Result<Response, Failure> {
    let known = match app.marketplace.fresh_sandbox(&sandbox).await {
        Ok(known) => Ok(known),
        Err(Trouble::UnknownSandbox) => return Err(Failure::NotFound),
        Err(trouble) => Err(trouble), // the webhooks are known here, so they are shown all the same
    };
    let (time, answering) = match known {
        Ok(known) => (Ok(known.clock.now.0), answering(&app, &known).await?),
        Err(trouble) => (Err(trouble), Vec::new()),
    };
    let arrivals = list_webhooks(&app.store, &sandbox).await?;
    let csrf = csrf_token(&operator.cookie);
    let view = InboxPage::new(&sandbox, &arrivals, &answering, time, csrf);
    Ok(page(StatusCode::OK, &view))
}

/// How each publisher of the sandbox answers.
async fn answering(app: &App, sandbox: &Sandbox) -> Result<Vec<Answering>, Failure> {
    let mut all = Vec::new();
    for publisher in &sandbox.publishers {
        let ids = sandbox.id.parse().ok().zip(publisher.publisher_id.parse().ok());
        let Some((sandbox, id)) = ids else { continue };
        let behavior = app.store.behavior(&sandbox, &id).await?;
        all.push(Answering { publisher: id, name: publisher.name.clone(), behavior });
    }
    Ok(all)
}

/// `POST /s/{sandbox}/console/behavior`
pub(super) async fn set_behavior(
    State(app): State<Arc<App>>,
    operator: Operator,
    InSandbox(sandbox): InSandbox,
    form: Result<Form<BehaviorForm>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|rejected| form_failure(&rejected))?;
    check_csrf(&operator.cookie, &form.csrf)?;
    let behavior = Behavior::read(&form.webhook).ok_or(Failure::UnreadableForm)?;
    let publisher = form.publisher.parse().map_err(|_| Failure::NotFound)?;
    let caller = Caller { sandbox, publisher };
    app.marketplace.publisher(&caller).await?;
    let Caller { sandbox, publisher } = caller;
    let to = format!("/s/{sandbox}/console/webhooks");
    app.store
        .execute(SetBehavior { sandbox, publisher, behavior: Some(behavior), reporting: None })
        .await?;
    Ok(Redirect::to(&to).into_response())
}
