//! The two keys and the receipt, on one wire. Part of the landing page.

use crate::{
    domain::{Account, State},
    words::{instant_to_second, number, say, say_with},
};

/// The panel.
pub(super) struct Gate {
    pub(super) title: String,
    pub(super) count: String,
    /// The subscription ended before billing started.
    pub(super) dead: bool,
    pub(super) keys: [GateKey; 3],
}

/// A lock, or the receipt.
pub(super) struct GateKey {
    pub(super) class: &'static str,
    pub(super) symbol: &'static str,
    pub(super) name: String,
    pub(super) say: String,
    pub(super) detail: String,
}

impl Gate {
    pub(super) fn of(account: &Account) -> Self {
        let keys = account.keys();
        let (first, second) = (keys.licenses_assigned_at, keys.fulfillment_confirmed_at);
        let started = first.zip(second).map(|(first, second)| first.max(second));
        let ended = account.is_ended();
        let title = match (started, ended) {
            (Some(at), _) => say_with("gate-billing-since", [("at", instant_to_second(at).into())]),
            (None, true) => say("gate-ended-before"),
            (None, false) => say("gate-not-started"),
        };
        let count = if started.is_some() {
            say("gate-both-in")
        } else {
            let turned = i64::from(first.is_some()) + i64::from(second.is_some());
            say_with("gate-count", [("turned", number(turned))])
        };
        let keys = [licenses(account), fulfillment(account), billing(account)];
        Self { title, count, dead: ended && started.is_none(), keys }
    }
}

fn licenses(account: &Account) -> GateKey {
    let (assigned, required) = (account.licenses_accepted, account.purchase.required());
    let turned = account.keys().licenses_assigned_at;
    let say_count = |name| {
        let missing = (required - assigned).max(0);
        let values = [("assigned", assigned), ("required", required), ("missing", missing)];
        say_with(name, values.map(|(key, value)| (key, number(value))))
    };
    let (say, detail) = match turned {
        Some(at) if assigned == 0 => (instant_to_second(at), say("gate-with-activation")),
        Some(at) => (instant_to_second(at), say_count("licenses-of")),
        None if account.is_ended() => (say("gate-never"), say_count("licenses-of")),
        None if assigned > 0 => (say_count("gate-waiting-of"), say_count("gate-missing")),
        None if account.submitted().is_some() => {
            (say("gate-waiting"), say_count("gate-assign-next"))
        }
        None => (say("gate-waiting"), say_count("gate-assign-later")),
    };
    GateKey {
        class: if turned.is_some() { "in live" } else { "" },
        symbol: if turned.is_some() { "k1" } else { "k0" },
        name: crate::words::say("licenses-assigned"),
        say,
        detail,
    }
}

fn fulfillment(account: &Account) -> GateKey {
    let keys = account.keys();
    let name = say("fulfillment-confirmed");
    match keys.fulfillment_confirmed_at {
        Some(at) => {
            let by = [("name", account.purchase.publisher_name.clone().into())];
            GateKey {
                // The wire after it is live only if the lock before it is in, too.
                class: if keys.licenses_assigned_at.is_some() { "in live" } else { "in" },
                symbol: "k1",
                name,
                say: instant_to_second(at),
                detail: say_with("gate-by", by),
            }
        }
        None => {
            let ended = account.is_ended();
            let said = if ended { say("gate-never") } else { say("gate-waiting") };
            let detail = if ended { String::new() } else { say("gate-confirm-later") };
            GateKey { class: "", symbol: "k0", name, say: said, detail }
        }
    }
}

fn billing(account: &Account) -> GateKey {
    let keys = account.keys();
    if let Some((first, second)) = keys.licenses_assigned_at.zip(keys.fulfillment_confirmed_at) {
        let say_at = instant_to_second(first.max(second));
        let name = say("gate-billing-started");
        return GateKey {
            class: "in live",
            symbol: "b1",
            name,
            say: say_at,
            detail: String::new(),
        };
    }
    let (name, said, detail) = match account.state {
        State::Ended { .. } => (say("gate-billing"), say("gate-never-started"), String::new()),
        State::AwaitingInformation { .. } | State::SettingUp { .. } | State::Billing { .. } => {
            (say("gate-billing-starts"), say("gate-not-yet"), say("gate-when-both"))
        }
    };
    GateKey { class: "out", symbol: "b0", name, say: said, detail }
}
