//! What a visitor's app asks for: OpenID Connect's scopes and `User.Read` of Microsoft Graph. Everything else would need
//! an administrator's consent, which a landing page must not ask for (fulfillment.md 1.14, LP-08).

/// The application id of Microsoft Graph: the audience of access tokens for a person's own profile.
pub const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// Prefixes of Graph's scopes, as they may be written.
const GRAPH_PREFIXES: [&str; 2] =
    ["https://graph.microsoft.com/", "00000003-0000-0000-c000-000000000000/"];
const KNOWN: [&str; 5] = ["openid", "profile", "email", "offline_access", "User.Read"];

/// What was asked for, in its own spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<&'static str>);

impl Scopes {
    /// Reads a list; the error is the first that is not there.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut scopes = Vec::new();
        for asked in text.split_whitespace() {
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
        let text = |asked| Scopes::read(asked).map(|scopes| scopes.text());
        assert_eq!(text("openid  profile EMAIL openid"), Ok("openid profile email".to_owned()));
        let graph = "https://graph.microsoft.com/User.Read";
        assert_eq!(text(graph), Ok("User.Read".to_owned()));
        assert_eq!(text("https://graph.microsoft.com/.default"), Ok("User.Read".to_owned()));
        assert_eq!(text(""), Ok(String::new()));
        for wrong in ["Directory.Read.All", "openid .default", "https://evil.example/User.Read"] {
            assert!(text(wrong).is_err(), "{wrong}");
        }
    }
}
