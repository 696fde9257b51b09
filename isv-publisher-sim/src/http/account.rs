//! The console's page of one account: what arrived, and the steps this publisher wants done before a partner changes the
//! subscription (S17): declared, marked as done, removed.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use shared::entropy::random_uuid;

use super::{
    console::{PressForm, pressed, settled},
    extract::{Operator, StepOf, check_csrf, csrf_token, form_failure},
    failure::Failure,
    views::{AccountPage, page},
    visitor,
};
use crate::{
    app::App,
    commands::{DeclareStep, FinishStep, RemoveStep},
    domain::{Account, AccountKey, Kind, Place, StepEntries},
};

/// The form of a new step: its entries by name, one a chosen change.
type StepForm = Result<Form<Vec<(String, String)>>, FormRejection>;

/// `GET /s/{sandbox}/accounts/{subscription}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    operator: Operator,
    key: AccountKey,
) -> Result<Response, Failure> {
    let account = account(&app, &key).await?;
    let view = view(&app, &account, &operator).await?;
    Ok(page(StatusCode::OK, &view))
}

/// `POST /s/{sandbox}/accounts/{subscription}/steps`
pub(super) async fn declare(
    State(app): State<Arc<App>>,
    operator: Operator,
    key: AccountKey,
    headers: HeaderMap,
    form: StepForm,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|rejected| form_failure(&rejected))?;
    let (csrf, entries) = read(form);
    check_csrf(&operator.cookie, &csrf)?;
    let account = account(&app, &key).await?;
    let new = match entries.read() {
        Ok(new) => new,
        Err(problems) => {
            let view = view(&app, &account, &operator).await?;
            let view = view.entries(entries).problems(&problems);
            return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &view));
        }
    };
    let random = random_uuid(&*app.entropy).simple().to_string();
    let base = app.site.address(visitor::host(&headers));
    let step = new.declared(&random[..8], |id| {
        let place = Place::Step(key.subscription, id.clone());
        format!("{base}{}", place.path(&key.sandbox, &account.purchase.publisher))
    });
    let step = step.ok_or(Failure::UnreadableForm)?;
    let changes = app.store.changes();
    let (message_id, now) = (app.new_id(), app.clock.now());
    let done = app.store.execute(DeclareStep { key: key.clone(), step, message_id, now }).await;
    settled(&app, &key, Kind::PublisherSteps, done, changes, &path(&key)).await
}

/// `POST /s/{sandbox}/accounts/{subscription}/steps/{step}/done`
pub(super) async fn finish(
    State(app): State<Arc<App>>,
    operator: Operator,
    key: AccountKey,
    StepOf(step): StepOf,
    form: PressForm,
) -> Result<Response, Failure> {
    let changes = pressed(&app, &operator, form)?;
    let at = app.marketplace.sandbox_time(&key.sandbox).await?;
    let (message_id, now) = (app.new_id(), app.clock.now());
    let command = FinishStep { key: key.clone(), step, at, message_id, now };
    let done = app.store.execute(command).await;
    settled(&app, &key, Kind::PublisherSteps, done, changes, &path(&key)).await
}

/// `POST /s/{sandbox}/accounts/{subscription}/steps/{step}/remove`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    operator: Operator,
    key: AccountKey,
    StepOf(step): StepOf,
    form: PressForm,
) -> Result<Response, Failure> {
    let changes = pressed(&app, &operator, form)?;
    let (message_id, now) = (app.new_id(), app.clock.now());
    let done = app.store.execute(RemoveStep { key: key.clone(), step, message_id, now }).await;
    settled(&app, &key, Kind::PublisherSteps, done, changes, &path(&key)).await
}

async fn account(app: &App, key: &AccountKey) -> Result<Account, Failure> {
    let account = app.store.account(key).await?;
    account.ok_or(Failure::NotFound)
}

async fn view(app: &App, account: &Account, operator: &Operator) -> Result<AccountPage, Failure> {
    let steps = app.store.publisher_steps(&account.key).await?;
    let setup = app.store.setup(&account.key).await?;
    Ok(AccountPage::new(account, &steps, setup.as_ref(), csrf_token(&operator.cookie)))
}

/// The page's address.
fn path(key: &AccountKey) -> String {
    format!("/s/{}/accounts/{}", key.sandbox, key.subscription)
}

/// The form's token and its entries. What it has beside them is not looked at.
fn read(form: Vec<(String, String)>) -> (String, StepEntries) {
    let (mut csrf, mut entries) = (String::new(), StepEntries::default());
    for (name, value) in form {
        match name.as_str() {
            "csrf" => csrf = value,
            "title" => entries.title = value,
            "url" => entries.url = value,
            "blocks" => entries.blocks.push(value),
            _ => {}
        }
    }
    (csrf, entries)
}
