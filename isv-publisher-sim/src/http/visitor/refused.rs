//! Why a visitor is not signed in, or not as somebody the purchase is open to: the status, the words, and what to do
//! next. Called by the sign-in; shown by `failure`.

use axum::http::StatusCode;

use crate::{
    clients::{Trouble, authority::CodeTrouble, marketplace::Caller},
    domain::{UnsoundIdentity, Visitor},
    http::views::{Action, named},
    words::{say, say_with},
};

/// An administrator must approve the app first (Entra's number for it).
const ADMIN_CONSENT: &str = "AADSTS90094";
/// The longest text of the identity service that is shown, in characters.
const SAID_MAX: usize = 300;

/// Why a visitor is not let in.
#[derive(Debug)]
pub enum SignInFailure {
    /// A form came from somebody who is not signed in.
    Needed,
    /// Somebody came back whose visit is not known: it has ended, or the browser keeps no cookies.
    NoVisit,
    /// An answer that this visit does not wait for, or not any more.
    UnknownState,
    /// The visitor chose not to.
    Denied,
    /// The visitor may not without an administrator.
    ConsentNeeded,
    /// The identity service sent the visitor back with an error; in its words.
    Failed(String),
    /// The code was used or is too old; in the identity service's words.
    Code(String),
    /// The id token is not good.
    Unsound(UnsoundIdentity),
    /// The marketplace did not help.
    Marketplace(Trouble),
    /// The visitor neither bought it nor uses it.
    NotTheirs(Visitor),
}

impl SignInFailure {
    /// The error that a visitor came back with (OpenID Connect Core 3.1.2.6).
    pub(super) fn told(error: &str, description: &str) -> Self {
        let consent = error == "consent_required" || description.contains(ADMIN_CONSENT);
        match error {
            _ if consent => Self::ConsentNeeded,
            "access_denied" => Self::Denied,
            _ => {
                let first = description.lines().next().filter(|line| !line.trim().is_empty());
                let said =
                    first.map_or_else(|| error.to_owned(), |line| format!("{error}: {line}"));
                Self::Failed(said.chars().take(SAID_MAX).collect())
            }
        }
    }

    /// The status, the name of the words, and more to say.
    pub(in crate::http) fn row(&self) -> (StatusCode, &'static str, Option<String>) {
        let told = |said: &dyn std::fmt::Display| {
            Some(say_with("visitor-said", [("said", said.to_string().into())]))
        };
        match self {
            Self::Needed => (StatusCode::FORBIDDEN, "visitor-needed", None),
            Self::NoVisit => (StatusCode::BAD_REQUEST, "visitor-no-visit", None),
            Self::UnknownState => (StatusCode::BAD_REQUEST, "visitor-unknown", None),
            Self::Denied => (StatusCode::FORBIDDEN, "visitor-denied", None),
            Self::ConsentNeeded => (StatusCode::FORBIDDEN, "visitor-consent", None),
            Self::Failed(said) => (StatusCode::BAD_GATEWAY, "visitor-failed", told(said)),
            Self::Code(said) => (StatusCode::BAD_REQUEST, "visitor-code", told(said)),
            Self::Unsound(why) => (StatusCode::BAD_GATEWAY, "visitor-unsound", told(why)),
            Self::Marketplace(trouble) => (StatusCode::BAD_GATEWAY, "visitor-down", told(trouble)),
            Self::NotTheirs(visitor) => {
                let who = say_with("visitor-is", [("who", named(visitor).into())]);
                (StatusCode::FORBIDDEN, "visitor-not-theirs", Some(who))
            }
        }
    }

    /// What the visitor can do next on this page; nothing where only the link helps.
    pub(in crate::http) fn action(&self, caller: &Caller) -> Option<Action> {
        let (path, label) = match self {
            Self::NoVisit => return None,
            Self::Denied => ("sign-in", "visitor-choose-one"),
            Self::ConsentNeeded | Self::NotTheirs(_) => ("sign-in", "visitor-choose"),
            Self::Needed => ("landing", "visitor-sign-in"),
            _ => ("landing", "visitor-again"),
        };
        let href = format!("/s/{}/{}/{path}", caller.sandbox, caller.publisher);
        Some(Action { href, label: say(label) })
    }
}

impl From<Trouble> for SignInFailure {
    fn from(trouble: Trouble) -> Self {
        Self::Marketplace(trouble)
    }
}

impl From<CodeTrouble> for SignInFailure {
    fn from(trouble: CodeTrouble) -> Self {
        match trouble {
            CodeTrouble::Code(said) => Self::Code(said),
            CodeTrouble::Unsound(why) => Self::Unsound(why),
            CodeTrouble::Marketplace(trouble) => Self::Marketplace(trouble),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_identity_service_says_is_told_apart_and_cut() {
        let told = |error: &str, description: &str| SignInFailure::told(error, description);
        assert!(matches!(told("access_denied", "AADSTS65004: declined"), SignInFailure::Denied));
        for (error, description) in
            [("access_denied", "AADSTS90094: an administrator"), ("consent_required", "")]
        {
            assert!(matches!(told(error, description), SignInFailure::ConsentNeeded), "{error}");
        }
        let said = |error, description| match told(error, description) {
            SignInFailure::Failed(said) => said,
            other => panic!("{other:?}"),
        };
        assert_eq!(said("server_error", ""), "server_error");
        assert_eq!(said("server_error", "AADSTS1: x\r\nTrace ID"), "server_error: AADSTS1: x");
        assert_eq!(said("server_error", &"이".repeat(999)).chars().count(), SAID_MAX);
    }
}
