//! The publisher's console: every purchase of a sandbox with both confirmations, and the two buttons.

use std::{sync::Arc, time::Duration};

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use super::{
    extract::{InSandbox, Operator, check_csrf, csrf_token, form_failure},
    failure::Failure,
    views::{ConsolePage, page},
};
use crate::{
    app::App,
    clients::Trouble,
    commands::{AssignLicenses, ConfirmSetup},
    domain::{AccountKey, Kind, Refusal, Step},
    queries::list_accounts,
    store::Error,
};

/// How long a press of a button waits for the marketplace before the console is shown as it is.
const PATIENCE: Duration = Duration::from_secs(3);

/// A press of a button.
#[derive(Deserialize)]
pub(super) struct Press {
    #[serde(default)]
    csrf: String,
}

impl Press {
    /// The token of the form.
    pub(super) fn csrf(&self) -> &str {
        &self.csrf
    }
}

pub(super) type PressForm = Result<Form<Press>, FormRejection>;

/// `GET /`
pub(super) async fn home() -> Redirect {
    Redirect::to("/s/default/console")
}

/// `GET /s/{sandbox}/console`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    operator: Operator,
    InSandbox(sandbox): InSandbox,
) -> Result<Response, Failure> {
    let time = match app.marketplace.sandbox_time(&sandbox).await {
        Ok(at) => Ok(at),
        Err(Trouble::UnknownSandbox) => return Err(Failure::NotFound),
        Err(trouble) => Err(trouble), // the purchases are known here, so they are shown all the same
    };
    let accounts = list_accounts(&app.store, &sandbox).await?;
    let view =
        ConsolePage::new(&sandbox, &accounts, time.as_ref().copied(), csrf_token(&operator.cookie));
    Ok(page(StatusCode::OK, &view))
}

/// `POST /s/{sandbox}/accounts/{subscription}/assign-licenses`
pub(super) async fn assign_licenses(
    State(app): State<Arc<App>>,
    operator: Operator,
    key: AccountKey,
    form: PressForm,
) -> Result<Response, Failure> {
    let changes = pressed(&app, &operator, form)?;
    let command =
        AssignLicenses { key: key.clone(), message_id: app.new_id(), now: app.clock.now() };
    let done = app.store.execute(command).await;
    let to = console(&key);
    settled(&app, &key, Kind::LicenseAssignments, done, changes, &to).await
}

/// `POST /s/{sandbox}/accounts/{subscription}/confirm-setup`
pub(super) async fn confirm_setup(
    State(app): State<Arc<App>>,
    operator: Operator,
    key: AccountKey,
    form: PressForm,
) -> Result<Response, Failure> {
    let changes = pressed(&app, &operator, form)?;
    let command = ConfirmSetup { key: key.clone(), message_id: app.new_id(), now: app.clock.now() };
    let done = app.store.execute(command).await;
    let to = console(&key);
    settled(&app, &key, Kind::Activate, done, changes, &to).await
}

/// The console's address.
fn console(key: &AccountKey) -> String {
    format!("/s/{}/console", key.sandbox)
}

/// A button of a signed-in operator was pressed; tells of every change from now on.
pub(super) fn pressed(
    app: &App,
    operator: &Operator,
    form: PressForm,
) -> Result<watch::Receiver<u64>, Failure> {
    let Form(press) = form.map_err(|rejected| form_failure(&rejected))?;
    check_csrf(&operator.cookie, &press.csrf)?;
    Ok(app.store.changes())
}

/// Goes on to `to` once the call has had its first attempt, or patience is at an end. A second press of a button asks
/// for nothing new.
pub(super) async fn settled(
    app: &App,
    key: &AccountKey,
    kind: Kind,
    done: Result<(), Error>,
    mut changes: watch::Receiver<u64>,
    to: &str,
) -> Result<Response, Failure> {
    match done {
        Ok(())
        | Err(Error::Refused(
            Refusal::Underway | Refusal::LicensesAssigned | Refusal::FulfillmentConfirmed,
        )) => {}
        Err(error) => return Err(error.into()),
    }
    let until = Instant::now() + PATIENCE;
    while let Some(account) = app.store.account(key).await? {
        let waits = matches!(account.progress(kind), Step::Underway { failure: None, .. });
        if !waits || !matches!(timeout_at(until, changes.changed()).await, Ok(Ok(()))) {
            break;
        }
    }
    Ok(Redirect::to(to).into_response())
}
