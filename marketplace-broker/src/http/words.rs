//! Words for people in answers and on pages, from `locales/en.ftl`. Called by the views of the control API, by the
//! projection of plans and by pages.

use std::{borrow::Cow, collections::HashMap};

use fluent_templates::{
    LanguageIdentifier, Loader, fluent_bundle::FluentValue, langid, static_loader,
};
use shared::rehearsal::WaitingFor;

use crate::domain::{activation::Confirmation, subscription::Subscription, term::TermUnit};

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

const ENGLISH: LanguageIdentifier = langid!("en");

/// Words that stand by themselves. Called by the pages.
pub fn text(key: &str) -> String {
    LOCALES.lookup(&ENGLISH, key)
}

/// Words around names. Called by the pages.
pub fn text_with<const N: usize>(key: &str, values: [(&'static str, String); N]) -> String {
    say(key, values.map(|(name, value)| (name, FluentValue::from(value))))
}

fn say<const N: usize>(key: &str, values: [(&'static str, FluentValue<'static>); N]) -> String {
    let values: HashMap<Cow<'static, str>, FluentValue<'static>> =
        values.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect();
    LOCALES.lookup_with_args(&ENGLISH, key, &values)
}

/// A term: `1 month`, `3 years`.
pub fn term(term: TermUnit) -> String {
    let months = term.months();
    if months % 12 == 0 {
        say("term-years", [("count", FluentValue::from(months / 12))])
    } else {
        say("term-months", [("count", FluentValue::from(months))])
    }
}

/// A term as the catalogue calls it: `1 Month Subscription`.
pub fn subscription_term(term: TermUnit) -> String {
    let months = term.months();
    if months % 12 == 0 {
        say("term-subscription-years", [("count", FluentValue::from(months / 12))])
    } else {
        say("term-subscription-months", [("count", FluentValue::from(months))])
    }
}

/// One confirmation that is missing: the call that makes it, and the sentence that says so.
pub fn waiting_for(confirmation: Confirmation, stored: &Subscription) -> WaitingFor {
    let api = format!("/api/saas/subscriptions/{}", stored.id);
    let (name, call, key) = match confirmation {
        Confirmation::LicensesAssigned => (
            "licensesAssigned",
            format!("PUT {api}/licenseAssignments?api-version=2018-08-31"),
            "waiting-licenses",
        ),
        Confirmation::FulfillmentConfirmed => (
            "fulfillmentConfirmed",
            format!("POST {api}/activate?api-version=2018-08-31"),
            "waiting-fulfillment",
        ),
    };
    let values = [
        ("assigned", FluentValue::from(stored.licenses_assigned)),
        ("required", FluentValue::from(stored.licenses_required())),
    ];
    WaitingFor { confirmation: name.to_owned(), call, words: say(key, values) }
}
