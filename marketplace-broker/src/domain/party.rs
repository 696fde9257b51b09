//! Who takes part: publishers, partners, customers, and the users named on a subscription. Values without rules;
//! made when a sandbox is, read by purchase and the control API.

use std::borrow::Cow;

use jiff::Timestamp;
use shared::{
    ids::{ClientId, CustomerId, PartnerId, PublisherId, SandboxId, TenantId},
    secret::Secret,
};

use super::refusal::Refusal;

/// How a publisher turns the first key (architecture.md, interface.md 'Licenses assigned').
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LicenseConfirmation {
    /// By `licenseAssignments`.
    #[default]
    Explicit,
    /// `activate` counts for both.
    WithActivation,
}

/// An app registration: how a publisher's or partner's program signs in.
#[derive(Debug, Clone)]
pub struct App {
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Its id, unique over the installation.
    pub client_id: ClientId,
    /// Its secret.
    pub client_secret: Secret<String>,
}

/// An ISV with offers in the marketplace.
#[derive(Debug, Clone)]
pub struct Publisher {
    /// Its id.
    pub id: PublisherId,
    /// Its name.
    pub name: String,
    /// Its app.
    pub app: App,
    /// When its app's secret ends, real time; `None`: never.
    pub secret_expires_at: Option<Timestamp>,
    /// Since when its tenant has no service principal for its app (fulfillment.md 5.4); `None`: it has one.
    pub principal_missing_since: Option<Timestamp>,
    /// What its landing page signs visitors in with.
    pub sign_in: SignInApp,
    /// Its landing page; `None`: the bundled publisher's.
    pub landing_page_url: Option<String>,
    /// Its webhook; `None`: the bundled publisher's.
    pub webhook_url: Option<String>,
    /// How it turns the first key.
    pub license_confirmation: LicenseConfirmation,
    /// The shape of the token that its webhooks carry.
    pub webhook_token_version: TokenVersion,
    /// The secret that its webhooks are signed with, `whsec_…`; `None`: they are not.
    pub webhook_secret: Option<Secret<String>>,
}

/// The registration that a landing page signs its visitors in with: multitenant, beside the single-tenant one that
/// calls the API (fulfillment.md 1.14). It lives in the publisher's tenant.
#[derive(Debug, Clone)]
pub struct SignInApp {
    /// Its id, unique over the installation.
    pub client_id: ClientId,
    /// Its secret.
    pub client_secret: Secret<String>,
    /// Where codes may be sent; `None`: the bundled publisher's page.
    pub redirect_uris: Option<Vec<String>>,
}

/// The shape of a webhook's token (fulfillment.md 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TokenVersion {
    /// `appid`, issuer sts.windows.net; some receivers insist on it (clients.md 3).
    V1,
    /// `azp`, issuer login.microsoftonline.com: what the real service sends.
    #[default]
    V2,
}

impl Publisher {
    /// Where buyers are sent: its own page, else the bundled publisher's at `bundled`, if there is one.
    #[must_use]
    pub fn landing_page(&self, sandbox: &SandboxId, bundled: Option<&str>) -> Option<String> {
        self.page(self.landing_page_url.as_ref(), sandbox, bundled, "landing")
    }

    /// Where webhooks go, by the same rule.
    #[must_use]
    pub fn webhook(&self, sandbox: &SandboxId, bundled: Option<&str>) -> Option<String> {
        self.page(self.webhook_url.as_ref(), sandbox, bundled, "webhook")
    }

    /// Where codes for its landing page may be sent: what is registered, else the bundled publisher's page.
    #[must_use]
    pub fn redirect_uris(&self, sandbox: &SandboxId, bundled: Option<&str>) -> Vec<String> {
        self.sign_in.redirect_uris(sandbox, &self.id, bundled)
    }

    fn page(
        &self,
        own: Option<&String>,
        sandbox: &SandboxId,
        bundled: Option<&str>,
        name: &str,
    ) -> Option<String> {
        own.cloned().or_else(|| Some(bundled_page(bundled?, sandbox, &self.id, name)))
    }
}

impl SignInApp {
    /// Where codes may be sent: what is registered, else the page of the bundled publisher at `bundled`.
    #[must_use]
    pub fn redirect_uris(
        &self,
        sandbox: &SandboxId,
        publisher: &PublisherId,
        bundled: Option<&str>,
    ) -> Vec<String> {
        let own = self.redirect_uris.clone();
        let page = |base| bundled_page(base, sandbox, publisher, "signed-in");
        own.unwrap_or_else(|| bundled.map(page).into_iter().collect())
    }
}

/// A page of the bundled publisher, which serves every sandbox.
fn bundled_page(base: &str, sandbox: &SandboxId, publisher: &PublisherId, name: &str) -> String {
    format!("{}/s/{sandbox}/{publisher}/{name}", base.trim_end_matches('/'))
}

/// Checks the URL of a page or a webhook: absolute, http or https, without a fragment (fulfillment.md 1.14) and
/// without a user name or password.
pub fn check_url(field: impl Into<Cow<'static, str>>, text: &str) -> Result<String, Refusal> {
    let field = field.into();
    let refuse = |reason: &str| {
        Refusal::field(field.clone(), format!("{reason}: enter http:// or https://"))
    };
    if text.len() > 2_000 {
        return Err(refuse("the URL is longer than 2,000 characters"));
    }
    // The parser would drop some of these without a word, and one of them is no text to PostgreSQL.
    if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
        let reason =
            "the URL may contain neither blanks nor control characters: percent-encode them";
        return Err(Refusal::field(field, reason));
    }
    let url = url::Url::parse(text).map_err(|_| refuse("this is no absolute URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(refuse("only http and https are possible"));
    }
    if url.fragment().is_some() {
        return Err(Refusal::field(field, "the URL may not contain '#'"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::field(field, "the URL may not contain a user name or password"));
    }
    Ok(text.to_owned())
}

/// Redirect URIs of one registration.
pub const REDIRECT_URIS_MAX: usize = 20;

/// Checks redirect URIs: each as [`check_url`] has it, and none twice.
pub fn check_redirect_uris(uris: Vec<String>) -> Result<Vec<String>, Refusal> {
    let field = "redirectUris";
    if uris.len() > REDIRECT_URIS_MAX {
        let reason = format!("{REDIRECT_URIS_MAX} redirect URIs at most");
        return Err(Refusal::field(field, reason));
    }
    for (position, uri) in uris.iter().enumerate() {
        check_url(field, uri)?;
        if uris[..position].contains(uri) {
            return Err(Refusal::field(field, "one redirect URI stands here twice: send it once"));
        }
    }
    Ok(uris)
}

/// What a partner may do in the CSP programme (S1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartnerKind {
    /// Buys and is billed itself.
    DirectBill,
    /// Buys for its resellers' customers.
    IndirectProvider,
    /// Buys through its provider.
    IndirectReseller,
}

impl PartnerKind {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DirectBill => "directBill",
            Self::IndirectProvider => "indirectProvider",
            Self::IndirectReseller => "indirectReseller",
        }
    }
}

/// Whether a partner buys for real (partner-center.md 3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccountKind {
    /// Purchases are activated by their publishers, and charged.
    #[default]
    Production,
    /// Microsoft's integration sandbox: the partner activates its purchases itself.
    IntegrationSandbox,
}

impl AccountKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Production, Self::IntegrationSandbox];

    /// Its name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::IntegrationSandbox => "integrationSandbox",
        }
    }
}

/// A partner in the CSP programme.
#[derive(Debug, Clone)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub kind: PartnerKind,
    /// Its app.
    pub app: App,
    /// Its Microsoft Partner Network id.
    pub mpn_id: String,
    /// The provider a reseller buys through.
    pub provider_id: Option<PartnerId>,
    /// Whether it buys for real.
    pub account_kind: AccountKind,
    /// Since when the Microsoft Partner Agreement is signed (partner-center.md 2.8); `None`: it is not.
    pub agreement_signed_at: Option<Timestamp>,
    /// Its global admin, who buys where nobody has signed in.
    pub buyer: User,
    /// Where codes for its app may be sent; `None`: [`PARTNER_REDIRECTS`].
    pub redirect_uris: Option<Vec<String>>,
}

/// Where codes for a partner's app may be sent unless it says so: a program on the developer's machine, on any port.
pub const PARTNER_REDIRECTS: [&str; 2] = ["http://localhost", "http://localhost/"];

impl Partner {
    /// Who buys (partner-center.md 2.3): whoever of the partner has signed in, by object id and user name; where its app
    /// calls by itself, its buyer.
    #[must_use]
    pub fn purchaser(&self, signed_in: Option<(uuid::Uuid, &str)>) -> User {
        match signed_in.filter(|(object_id, _)| *object_id != self.buyer.object_id) {
            Some((object_id, name)) => User::of(name.to_owned(), object_id, self.app.tenant_id),
            None => self.buyer.clone(),
        }
    }

    /// Where codes for its app may be sent.
    #[must_use]
    pub fn redirect_uris(&self) -> Vec<String> {
        let usual = || PARTNER_REDIRECTS.map(str::to_owned).to_vec();
        self.redirect_uris.clone().unwrap_or_else(usual)
    }
}

/// A customer of a partner.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Its id, the same as its tenant.
    pub id: CustomerId,
    /// Its name.
    pub name: String,
    /// Two letters: the market it buys in.
    pub country: String,
    /// Its domain.
    pub domain: String,
    /// The partner that serves it.
    pub partner_id: PartnerId,
    /// Its administrator, the beneficiary of purchases.
    pub admin: User,
    /// What the partner said of it.
    pub profile: CustomerProfile,
    /// Its indirect reseller, by its Microsoft Partner Network id.
    pub reseller_mpn: Option<String>,
    /// Since when its partner has let it go (partner-center.md 3.2, integration sandboxes only).
    pub removed_at: Option<Timestamp>,
}

/// Company and billing profile of a customer (partner-center.md 3.2); what is absent follows from the customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct CustomerProfile {
    /// Language and region, `en-US`.
    pub culture: Option<String>,
    /// Language, `en`.
    pub language: Option<String>,
    /// Where bills go.
    pub email: Option<String>,
    /// First name of who gets them.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Street and number.
    pub address_line: Option<String>,
    /// More of it.
    pub address_line_2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or region.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// The number it is registered by, in countries that want one.
    pub registration_number: Option<String>,
}

/// A user as the fulfillment API shows it (fulfillment.md 1.5).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct User {
    /// E-mail address.
    pub email: String,
    /// Object id in the tenant.
    pub object_id: uuid::Uuid,
    /// Tenant.
    pub tenant_id: TenantId,
    /// Passport unique id.
    pub puid: String,
}

impl User {
    /// Somebody of a tenant; the passport id follows from the object id.
    #[must_use]
    pub fn of(email: String, object_id: uuid::Uuid, tenant_id: TenantId) -> Self {
        let digits = object_id.as_u128() % 10_u128.pow(12);
        Self { email, object_id, tenant_id, puid: format!("1003{digits:012}") }
    }
}

#[cfg(test)]
mod tests {
    use super::check_url;

    #[test]
    fn a_url_is_absolute_http_and_holds_nothing_that_gets_lost() {
        for good in ["http://127.0.0.1:8701/a?b=c", "https://x.example/%00", "HTTPS://X.example"] {
            assert_eq!(check_url("url", good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "/a",
            "x.example",
            "ftp://x.example/",
            "javascript:alert(1)",
            "https://x.example/#a",
            "https://a:b@x.example/",
            " https://x.example/",
            "https://x.example/a b",
            "https://x.example/\u{0}",
            "https://x.exam\nple/",
            &format!("https://x.example/{}", "x".repeat(2_000)),
        ] {
            assert!(check_url("url", bad).is_err(), "{bad}");
        }
    }
}
