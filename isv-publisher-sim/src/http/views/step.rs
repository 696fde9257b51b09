//! A step that this publisher wants done: its page for whoever is to do it, and its line on other pages.

use askama::Template;
use shared::fulfillment::BlockedChange;

use super::named;
use crate::{
    domain::{Account, Place, PublisherStep, Visitor},
    words::{instant, say, say_with},
};

/// The page of a step.
#[derive(Template)]
#[template(path = "step.html")]
pub(in crate::http) struct StepPage {
    publisher: String,
    initial: String,
    signed_in_as: String,
    /// Where another account is chosen.
    choose: String,
    heading: String,
    lead: String,
    step: StepLine,
    /// Where else it is done; may be empty.
    elsewhere: String,
    /// Where the button goes; empty: there is none.
    action: String,
    /// Why there is none; may be empty.
    closed: String,
    csrf: String,
    /// The account's own page.
    account: String,
}

/// A step in a list.
pub(super) struct StepLine {
    pub(super) title: String,
    pub(super) url: String,
    pub(super) blocks: String,
    pub(super) state: String,
    pub(super) done: bool,
    pub(super) symbol: &'static str,
}

impl StepLine {
    /// A step as it stands.
    pub(super) fn new(step: &PublisherStep) -> Self {
        let changes: Vec<_> = step.blocks.iter().copied().map(change).collect();
        let changes = [("changes", changes.join(", ").into())];
        let done = step.done_at.is_some();
        Self {
            title: step.title.clone(),
            url: step.url.clone(),
            blocks: say_with("wanted-blocks", changes),
            state: step.done_at.map_or_else(
                || say("wanted-open"),
                |at| say_with("wanted-done", [("at", instant(at).into())]),
            ),
            done,
            symbol: if done { "tick" } else { "todo" },
        }
    }
}

/// A change as a person names it.
pub(super) fn change(blocked: BlockedChange) -> String {
    say(match blocked {
        BlockedChange::Cancel => "block-cancel",
        BlockedChange::Suspend => "block-suspend",
        BlockedChange::Resume => "block-resume",
        BlockedChange::Quantity => "block-quantity",
        BlockedChange::AutoRenew => "block-auto-renew",
        BlockedChange::Reseller => "block-reseller",
        BlockedChange::Nickname => "block-nickname",
    })
}

impl StepPage {
    /// The page of a step for whoever looks at it; `own`: it is done here.
    pub(in crate::http) fn new(
        account: &Account,
        visitor: &Visitor,
        step: &PublisherStep,
        own: bool,
        csrf: String,
    ) -> Self {
        let (key, purchase) = (&account.key, &account.purchase);
        let path = |place: Place| place.path(&key.sandbox, &purchase.publisher);
        let is_open = step.done_at.is_none();
        let may = account.may_have_steps().is_ok();
        Self {
            publisher: purchase.publisher_name.clone(),
            initial: purchase.publisher_name.chars().take(1).collect(),
            signed_in_as: say_with("signed-in-as", [("who", named(visitor).into())]),
            choose: format!("/s/{}/{}/sign-in", key.sandbox, purchase.publisher),
            heading: say_with("wanted-heading", [("offer", purchase.offer.clone().into())]),
            lead: say_with("wanted-lead", [("name", purchase.publisher_name.clone().into())]),
            step: StepLine::new(step),
            elsewhere: if own {
                String::new()
            } else {
                say_with("wanted-elsewhere", [("url", step.url.clone().into())])
            },
            action: if is_open && may {
                path(Place::Step(key.subscription, step.id.clone()))
            } else {
                String::new()
            },
            closed: if may { String::new() } else { say("wanted-ended") },
            csrf,
            account: path(Place::Account(key.subscription)),
        }
    }
}
