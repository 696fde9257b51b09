//! What an app asks for. A landing page: OpenID Connect's scopes and `User.Read` of Microsoft Graph; everything else would
//! need an administrator's consent, which it must not ask for (fulfillment.md 1.14, LP-08). A partner's app also asks to
//! call Partner Center for the user (partner-center.md 3.1).

use shared::identity::PARTNER_CENTER_RESOURCE;

/// The application id of Microsoft Graph: the audience of access tokens for a person's own profile.
pub const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// Prefixes of Graph's scopes, as they may be written.
const GRAPH_PREFIXES: [&str; 2] =
    ["https://graph.microsoft.com/", "00000003-0000-0000-c000-000000000000/"];
const USER_READ: &str = "User.Read";
/// Who signs in, and to stay signed in.
const OPENID: [&str; 4] = ["openid", "profile", "email", "offline_access"];
const KNOWN: [&str; 5] = ["openid", "profile", "email", "offline_access", USER_READ];
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

/// What an access token of a sign-in can be for: v1 asks for it by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Microsoft Graph: the person's own profile.
    Graph,
    /// The partner face.
    PartnerCenter,
}

impl Resource {
    /// Reads the `resource` of v1; `None`: there is no such resource for this app.
    #[must_use]
    pub fn read(text: &str, asker: Asker) -> Option<Self> {
        let is_it = |name: &str| text.trim_end_matches('/').eq_ignore_ascii_case(name);
        if is_it("https://graph.microsoft.com") || is_it(GRAPH) {
            return Some(Self::Graph);
        }
        (asker == Asker::Partner && is_it(PARTNER_CENTER_RESOURCE)).then_some(Self::PartnerCenter)
    }

    /// What must have been granted for it.
    #[must_use]
    pub fn scopes(self) -> Scopes {
        Scopes(vec![self.scope()])
    }

    fn scope(self) -> &'static str {
        match self {
            Self::Graph => USER_READ,
            Self::PartnerCenter => PARTNER_CENTER_SCOPE,
        }
    }
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
                Some(".default") => USER_READ,
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
        let always = |scope: &str| OPENID.contains(&scope);
        let has = |scope: &str| granted.split(' ').any(|one| one == scope);
        self.0.iter().all(|scope| has(scope) || always(scope))
    }

    /// What a sign-in by v1 grants, where no scopes are named: everything about who signs in, to stay signed in, and each
    /// resource there is for the app, the one that was asked for first.
    #[must_use]
    pub fn by_resource(resource: Option<Resource>, asker: Asker) -> Self {
        let resources = match (asker, resource) {
            (Asker::LandingPage, _) => &[Resource::Graph][..],
            (Asker::Partner, Some(Resource::Graph)) => &[Resource::Graph, Resource::PartnerCenter],
            (Asker::Partner, _) => &[Resource::PartnerCenter, Resource::Graph],
        };
        let resources = resources.iter().map(|resource| resource.scope());
        Self(OPENID.into_iter().chain(resources).collect())
    }

    /// The resource that an access token is for where none is named: the first of those that were granted.
    #[must_use]
    pub fn resource(&self) -> Resource {
        let both = [Resource::Graph, Resource::PartnerCenter];
        let is_it = |scope: &&str| both.into_iter().find(|resource| resource.scope() == *scope);
        self.0.iter().find_map(is_it).unwrap_or(Resource::Graph)
    }

    /// What of it an access token for the person's own profile says.
    #[must_use]
    pub fn of_graph(&self) -> String {
        let is_of_graph = |scope: &&str| ![PARTNER_CENTER_SCOPE, "offline_access"].contains(scope);
        self.0.iter().copied().filter(is_of_graph).collect::<Vec<_>>().join(" ")
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
    fn v1_asks_by_resource() {
        let read = |text: &str| Resource::read(text, Asker::Partner);
        let graph = "https://graph.microsoft.com";
        for (text, resource) in [
            (graph, Some(Resource::Graph)),
            ("https://Graph.microsoft.com/", Some(Resource::Graph)),
            (GRAPH, Some(Resource::Graph)),
            ("https://api.partnercenter.microsoft.com/", Some(Resource::PartnerCenter)),
            ("https://graph.windows.net", None),
            ("", None),
        ] {
            assert_eq!(read(text), resource, "{text}");
        }
        assert_eq!(Resource::read(PARTNER_CENTER_RESOURCE, Asker::LandingPage), None);
        let bare = "openid profile email offline_access";
        let landing = Scopes::by_resource(None, Asker::LandingPage);
        assert_eq!(landing.text(), format!("{bare} User.Read"));
        for (asked, first) in [
            (None, Resource::PartnerCenter),
            (Some(Resource::PartnerCenter), Resource::PartnerCenter),
            (Some(Resource::Graph), Resource::Graph),
        ] {
            let granted = Scopes::by_resource(asked, Asker::Partner);
            assert_eq!(granted.resource(), first);
            assert_eq!(granted.of_graph(), "openid profile email User.Read");
            for resource in [Resource::Graph, Resource::PartnerCenter] {
                assert!(resource.scopes().is_within(&granted.text()));
            }
        }
        assert_eq!(Scopes::read("openid", Asker::Partner).unwrap().resource(), Resource::Graph);
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
