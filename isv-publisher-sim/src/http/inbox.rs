//! The console's second page: what came by webhook, what was answered and done, and how the next one is answered.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    choice::{ChoiceForm, chosen, publishers, sandbox_now},
    extract::{InSandbox, Operator, csrf_token},
    failure::Failure,
    views::{InboxPage, page},
};
use crate::{
    app::App, clients::marketplace::Caller, commands::SetBehavior, domain::Behavior,
    queries::list_webhooks,
};

/// `GET /s/{sandbox}/console/webhooks`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    operator: Operator,
    InSandbox(sandbox): InSandbox,
) -> Result<Response, Failure> {
    let known = sandbox_now(&app, &sandbox).await?;
    let arrivals = list_webhooks(&app.store, &sandbox).await?;
    let csrf = csrf_token(&operator.cookie);
    let time = known.as_ref().map(|known| known.clock.now.0);
    let mut view = InboxPage::new(&sandbox, &arrivals, time, csrf);
    for (publisher, name) in known.iter().flat_map(|known| publishers(known)) {
        let behavior = app.store.behavior(&sandbox, &publisher).await?;
        view = view.answering(&publisher, name, behavior);
    }
    Ok(page(StatusCode::OK, &view))
}

/// `POST /s/{sandbox}/console/behavior`
pub(super) async fn set_behavior(
    State(app): State<Arc<App>>,
    operator: Operator,
    InSandbox(sandbox): InSandbox,
    form: Result<Form<ChoiceForm>, FormRejection>,
) -> Result<Response, Failure> {
    let to = format!("/s/{sandbox}/console/webhooks");
    let (caller, behavior) = chosen(&app, &operator, sandbox, form, Behavior::read).await?;
    let Caller { sandbox, publisher } = caller;
    app.store
        .execute(SetBehavior { sandbox, publisher, behavior: Some(behavior), reporting: None })
        .await?;
    Ok(Redirect::to(&to).into_response())
}
