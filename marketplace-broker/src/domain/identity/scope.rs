//! What an app asks for. A landing page: OpenID Connect's scopes and `User.Read` of Microsoft Graph; everything else would
//! need an administrator's consent, which it must not ask for (fulfillment.md 1.14, LP-08). A partner's app also asks to
//! call Partner Center for the user (partner-center.md 3.1).

/// The application id of Microsoft Graph: the audience of access tokens for a person's own profile.
pub const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// Prefixes of Graph's scopes, as they may be written.
const GRAPH_PREFIXES: [&str; 2] =
    ["https://graph.microsoft.com/", "00000003-0000-0000-c000-000000000000/"];
const KNOWN: [&str; 5] = ["openid", "profile", "email", "offline_access", "User.Read"];
/// To call the partner face for the user.
pub const PARTNER_CENTER_SCOPE: &str = "https://api.partnercenter.microsoft.com/user_impersonation";
/// The same, as it may be written.
const PARTNER_CENTER_WORDS: [&str; 2] =
    [PARTNER_CENTER_SCOPE, "https://api.partnercenter.microsoft.com/.default"];

/// Whose app asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// A publisher's landing page.
    LandingPage,
    /// A partner's app.
    Partner,
}

/// What was asked for, in its own spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<&'static str>);

impl Scopes {
    /// Reads a list; the error is the first that is not there.
    pub fn read(text: &str, asker: Asker) -> Result<Self, String> {
        let mut scopes = Vec::new();
        for asked in text.split_whitespace() {
            let is_it = |word: &str| word.eq_ignore_ascii_case(asked);
            if asker == Asker::Partner && PARTNER_CENTER_WORDS.into_iter().any(is_it) {
                if !scopes.contains(&PARTNER_CENTER_SCOPE) {
                    scopes.push(PARTNER_CENTER_SCOPE);
                }
                continue;
            }
            let bare = GRAPH_PREFIXES.iter().find_map(|prefix| asked.strip_prefix(prefix));
            let name = match bare {
                Some(".default") => "User.Read",
                Some(name) => name,
                None => asked,
            };
            let known = KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(name));
            let known = known.ok_or_else(|| asked.chars().take(60).collect::<String>())?;
            if !scopes.contains(&known) {
                scopes.push(known);
            }
        }
        Ok(Self(scopes))
    }

    /// Whether this was asked for.
    #[must_use]
    pub fn has(&self, scope: &str) -> bool {
        self.0.contains(&scope)
    }

    /// Whether all of it was granted, but for what an app may always ask for of who signs in.
    #[must_use]
    pub fn is_within(&self, granted: &str) -> bool {
        let always =
            |scope: &str| ["openid", "profile", "email", "offline_access"].contains(&scope);
        let has = |scope: &str| granted.split(' ').any(|one| one == scope);
        self.0.iter().all(|scope| has(scope) || always(scope))
    }

    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_no_administrator() {
        let text = |asked| Scopes::read(asked, Asker::LandingPage).map(|scopes| scopes.text());
        assert_eq!(text("openid  profile EMAIL openid"), Ok("openid profile email".to_owned()));
        let graph = "https://graph.microsoft.com/User.Read";
        assert_eq!(text(graph), Ok("User.Read".to_owned()));
        assert_eq!(text("https://graph.microsoft.com/.default"), Ok("User.Read".to_owned()));
        assert_eq!(text(""), Ok(String::new()));
        let wrongs = ["Directory.Read.All", "openid .default", "https://evil.example/User.Read"];
        for wrong in wrongs.into_iter().chain(PARTNER_CENTER_WORDS) {
            assert!(text(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_partners_app_may_call_partner_center() {
        let read = |asked: &str| Scopes::read(asked, Asker::Partner);
        for word in PARTNER_CENTER_WORDS {
            let scopes = read(&format!("openid {word} offline_access")).unwrap();
            assert_eq!(scopes.text(), format!("openid {PARTNER_CENTER_SCOPE} offline_access"));
        }
        assert!(read("https://api.partnercenter.microsoft.com/everything").is_err());
        let granted = PARTNER_CENTER_SCOPE;
        assert!(
            read(&format!("openid profile {PARTNER_CENTER_SCOPE}")).unwrap().is_within(granted)
        );
        assert!(!read("User.Read").unwrap().is_within(granted));
    }
}
