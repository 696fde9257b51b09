//! What a browser remembers of the account picker: which account was chosen, a token that its forms carry, and that the
//! access code was entered. No account has a password, so the first of these is no secret.

use axum::http::HeaderMap;
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use shared::{
    entropy::{self, Entropy},
    ids::SandboxId,
    secret::Secret,
};
use uuid::Uuid;

const ACCESS: &str = "rehearsal-access";
const CSRF: &str = "rehearsal-csrf";
/// Sandboxes of one browser that are looked at when it signs out. A jar has no order, so which are left out is chance:
/// more than a browser of people has, and few enough that a forged header does not make the broker search for long.
const SANDBOXES_MAX: usize = 64;

/// The cookies of a visit. What is changed here must be sent back: [`Session::into_jar`].
pub struct Session {
    jar: CookieJar,
    secure: bool,
}

impl Session {
    /// Reads what came; `secure`: whether we are called by https.
    pub fn read(headers: &HeaderMap, secure: bool) -> Self {
        Self { jar: CookieJar::from_headers(headers), secure }
    }

    fn set(&mut self, name: String, value: String) {
        let cookie = Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax);
        self.jar = std::mem::take(&mut self.jar).add(cookie);
    }

    /// What the forms carry; drawn if there is none.
    pub fn csrf(&mut self, entropy: &dyn Entropy) -> String {
        if let Some(known) = self.jar.get(CSRF).map(Cookie::value).filter(|value| value.len() == 43)
        {
            return known.to_owned();
        }
        let drawn = URL_SAFE_NO_PAD.encode(entropy::seed(entropy));
        self.set(CSRF.to_owned(), drawn.clone());
        drawn
    }

    /// Whether a form was opened by this browser.
    pub fn is_own_form(&self, sent: &str) -> bool {
        let known = self.jar.get(CSRF).map(Cookie::value).filter(|value| value.len() == 43);
        known.is_some_and(|known| Secret::new(known.to_owned()).matches(sent))
    }

    /// Whether the access code was entered.
    pub fn has_access(&self, code: &Secret<String>) -> bool {
        let known = self.jar.get(ACCESS).map(Cookie::value);
        known.is_some_and(|known| pass(code).matches(known))
    }

    /// Remembers that it was.
    pub fn give_access(&mut self, code: &Secret<String>) {
        self.set(ACCESS.to_owned(), pass(code).expose().clone());
    }

    /// The account that was chosen before in this sandbox.
    pub fn account(&self, sandbox: &SandboxId) -> Option<Uuid> {
        self.jar.get(&account(sandbox)).and_then(|cookie| cookie.value().parse().ok())
    }

    /// Remembers an account.
    pub fn remember(&mut self, sandbox: &SandboxId, object_id: Uuid) {
        self.set(account(sandbox), object_id.to_string());
    }

    /// The names of the sandboxes in which an account was chosen, as the browser tells them.
    pub fn sandboxes(&self) -> Vec<String> {
        let prefix = account_prefix();
        let names = self.jar.iter().filter_map(|cookie| cookie.name().strip_prefix(&prefix));
        names.map(str::to_owned).take(SANDBOXES_MAX).collect()
    }

    /// Forgets the accounts of every sandbox.
    pub fn forget(&mut self) {
        let prefix = account_prefix();
        let names: Vec<_> = self.jar.iter().map(|cookie| cookie.name().to_owned()).collect();
        for name in names.into_iter().filter(|name| name.starts_with(&prefix)) {
            self.jar = std::mem::take(&mut self.jar).remove(Cookie::build(name).path("/"));
        }
    }

    /// What to send back.
    pub fn into_jar(self) -> CookieJar {
        self.jar
    }
}

fn account_prefix() -> String {
    "rehearsal-account-".to_owned()
}

fn account(sandbox: &SandboxId) -> String {
    format!("{}{sandbox}", account_prefix())
}

/// What a browser keeps instead of the access code. The code is drawn from enough randomness that nobody finds it from
/// this.
fn pass(code: &Secret<String>) -> Secret<String> {
    let hash = Sha256::new().chain_update("access\0").chain_update(code.expose()).finalize();
    Secret::new(URL_SAFE_NO_PAD.encode(hash))
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use shared::entropy::SystemEntropy;

    use super::*;

    fn session(cookies: &str) -> Session {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookies.parse().unwrap());
        Session::read(&headers, true)
    }

    #[test]
    fn only_who_entered_the_code_has_access() {
        let code = Secret::new("one".to_owned());
        let mut given = session("");
        assert!(!given.has_access(&code));
        given.give_access(&code);
        assert!(given.has_access(&code));
        assert!(!given.has_access(&Secret::new("two".to_owned())));
        assert!(!session("rehearsal-access=one").has_access(&code));
    }

    #[test]
    fn a_form_of_another_browser_is_told() {
        let mut mine = session("rehearsal-csrf=short");
        assert!(!mine.is_own_form("short") && !mine.is_own_form(""));
        let token = mine.csrf(&SystemEntropy);
        assert!(mine.is_own_form(&token));
        assert_eq!(mine.csrf(&SystemEntropy), token);
        assert!(!session("").is_own_form(&token));
    }

    #[test]
    fn accounts_are_remembered_for_each_sandbox_and_forgotten_together() {
        let (one, two) = ("one".parse().unwrap(), "two".parse().unwrap());
        let mut session = session("rehearsal-account-two=no-id; other=1");
        assert_eq!((session.account(&one), session.account(&two)), (None, None));
        session.remember(&one, Uuid::nil());
        assert_eq!((session.account(&one), session.account(&two)), (Some(Uuid::nil()), None));
        let mut known = session.sandboxes();
        known.sort();
        assert_eq!(known, ["one", "two"]);
        for n in 0..SANDBOXES_MAX - 2 {
            assert_eq!(session.sandboxes().len(), n + 2);
            session.remember(&format!("s{n}").parse().unwrap(), Uuid::nil());
        }
        session.remember(&"one-more".parse().unwrap(), Uuid::nil());
        assert_eq!(session.sandboxes().len(), SANDBOXES_MAX);
        session.forget();
        assert_eq!(session.account(&one), None);
        assert!(session.into_jar().get("other").is_some());
    }
}
