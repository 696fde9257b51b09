//! The console's third page: usage that was reported, what became of it, and whether it is reported at all.

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
    views::{UsagePage, page},
};
use crate::{
    app::App, clients::marketplace::Caller, commands::SetBehavior, domain::Reporting,
    queries::list_reports,
};

/// `GET /s/{sandbox}/console/usage`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    operator: Operator,
    InSandbox(sandbox): InSandbox,
) -> Result<Response, Failure> {
    let known = sandbox_now(&app, &sandbox).await?;
    let reports = list_reports(&app.store, &sandbox).await?;
    let csrf = csrf_token(&operator.cookie);
    let time = known.as_ref().map(|known| known.clock.now.0);
    let mut view = UsagePage::new(&sandbox, &reports, time, csrf);
    for (publisher, name) in known.iter().flat_map(|known| publishers(known)) {
        let reporting = app.store.reporting(&sandbox, &publisher).await?;
        view = view.reporting(&publisher, name, reporting);
    }
    Ok(page(StatusCode::OK, &view))
}

/// `POST /s/{sandbox}/console/reporting`
pub(super) async fn set_reporting(
    State(app): State<Arc<App>>,
    operator: Operator,
    InSandbox(sandbox): InSandbox,
    form: Result<Form<ChoiceForm>, FormRejection>,
) -> Result<Response, Failure> {
    let to = format!("/s/{sandbox}/console/usage");
    let (caller, reporting) = chosen(&app, &operator, sandbox, form, Reporting::read).await?;
    let Caller { sandbox, publisher } = caller;
    app.store
        .execute(SetBehavior { sandbox, publisher, behavior: None, reporting: Some(reporting) })
        .await?;
    Ok(Redirect::to(&to).into_response())
}
