//! What the console lets its operator choose for each publisher of a sandbox: read for a page, and taken from its form.
//! Called by the pages of webhooks and of usage, which each have one such choice.

use std::sync::Arc;

use axum::{Form, extract::rejection::FormRejection};
use serde::Deserialize;
use shared::{
    ids::{PublisherId, SandboxId},
    rehearsal::Sandbox,
};

use super::{
    extract::{Operator, check_csrf, form_failure},
    failure::Failure,
};
use crate::{
    app::App,
    clients::{Trouble, marketplace::Caller},
};

/// The form that chooses for one publisher.
#[derive(Deserialize)]
pub(super) struct ChoiceForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    publisher: String,
    /// The name of what is chosen; each page calls it after what it is.
    #[serde(default, alias = "webhook", alias = "usage")]
    chosen: String,
}

/// The sandbox as the marketplace shows it now. What came of asking is the page's to show: what is known here is shown
/// all the same.
pub(super) async fn sandbox_now(
    app: &App,
    sandbox: &SandboxId,
) -> Result<Result<Arc<Sandbox>, Trouble>, Failure> {
    match app.marketplace.fresh_sandbox(sandbox).await {
        Err(Trouble::UnknownSandbox) => Err(Failure::NotFound),
        asked => Ok(asked),
    }
}

/// The publishers of a sandbox, each with its name.
pub(super) fn publishers(known: &Sandbox) -> impl Iterator<Item = (PublisherId, &str)> {
    let named = known.publishers.iter();
    named.filter_map(|one| Some((one.publisher_id.parse().ok()?, one.name.as_str())))
}

/// What a signed-in operator has chosen, and for whom: a publisher that the marketplace knows. `read` knows the names of
/// what there is to choose.
pub(super) async fn chosen<T>(
    app: &App,
    operator: &Operator,
    sandbox: SandboxId,
    form: Result<Form<ChoiceForm>, FormRejection>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<(Caller, T), Failure> {
    let Form(form) = form.map_err(|rejected| form_failure(&rejected))?;
    check_csrf(&operator.cookie, &form.csrf)?;
    let chosen = read(&form.chosen).ok_or(Failure::UnreadableForm)?;
    let publisher = form.publisher.parse().map_err(|_| Failure::NotFound)?;
    let caller = Caller { sandbox, publisher };
    app.marketplace.publisher(&caller).await?;
    Ok((caller, chosen))
}
