//! `--auto`: takes the publisher's two steps without a person, by the same two commands, once the form has arrived.
//! It keeps nothing in memory, so a restart goes on where it was. Started by `server`.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::pause;
use crate::{
    app::App,
    commands::{AssignLicenses, ConfirmSetup},
    domain::{Account, AccountKey, Step},
    store::Error,
};

/// The longest time without a look.
const IDLE: Duration = Duration::from_secs(30);

/// Looks after every change until it is told to stop.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut changes = app.store.changes();
    loop {
        changes.mark_unchanged();
        if let Err(error) = step(&app).await {
            tracing::error!(error = &error as &dyn std::error::Error, "auto cannot go on");
        }
        if !pause(&mut changes, IDLE, &stop).await {
            return;
        }
    }
}

/// Takes the next step of every account that has one.
pub async fn step(app: &App) -> Result<(), Error> {
    for key in app.store.accounts_in_setup().await? {
        if let Some(account) = app.store.account(&key).await? {
            match take_next(app, &account, key).await {
                Ok(()) | Err(Error::Refused(_)) => {} // somebody pressed the button first
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Licenses first; the confirmation when the marketplace has taken the list. What it refused waits for a person.
async fn take_next(app: &App, account: &Account, key: AccountKey) -> Result<(), Error> {
    let refused = matches!(account.assigning, Step::Refused { .. });
    let (message_id, now) = (app.new_id(), app.clock.now());
    if !refused && account.may_assign().is_ok() {
        return app.store.execute(AssignLicenses { key, message_id, now }).await;
    }
    let assigned =
        account.assigning == Step::Delivered || account.keys().licenses_assigned_at.is_some();
    if assigned && account.confirming == Step::Open && account.may_confirm().is_ok() {
        return app.store.execute(ConfirmSetup { key, message_id, now }).await;
    }
    Ok(())
}
