//! A partner's app with a bearer, by itself or for a user who has signed in. Called by the tests of the partner face.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use shared::{identity::PARTNER_CENTER_RESOURCE, rehearsal::Partner};

use super::{Anonymous, Answer, Ask, World, keys::signed, visitor::claims};

/// A partner's app with a bearer.
#[derive(Clone)]
pub struct PartnerApp {
    pub anon: Anonymous,
    pub bearer: String,
    pub app: Partner,
}

impl PartnerApp {
    /// Signs in by itself (app-only).
    pub async fn sign_in(base: &str, app: &Partner) -> Self {
        let anon = Anonymous::new(base);
        let answer = anon.token(&app.tenant_id, &partner_credentials(app)).await.is(200);
        Self { anon, bearer: answer.text_at("/access_token"), app: app.clone() }
    }

    /// The same app with another bearer.
    pub fn with_bearer(&self, bearer: &str) -> Self {
        Self { bearer: bearer.to_owned(), ..self.clone() }
    }

    /// The same app for a user with these roles, who has signed in with a second factor (App+User).
    pub fn as_user(&self, roles: &[&str]) -> Self {
        self.with_claims(|claims| {
            claims["scp"] = "user_impersonation".into();
            claims["oid"] = "5f1d3c0a-7a7e-4a55-9a0f-0d2c0b9f7a01".into();
            claims["upn"] = "somebody@partner.example".into();
            claims["amr"] = json!(["pwd", "mfa"]);
            claims["roles"] = json!(roles);
        })
    }

    /// The same app with changed claims, signed with the broker's own key.
    pub fn with_claims(&self, change: impl FnOnce(&mut Value)) -> Self {
        let mut claims = claims(&self.bearer);
        change(&mut claims);
        let header = jsonwebtoken::decode_header(&self.bearer).expect("a JWT");
        self.with_bearer(&signed(&claims, header.kid))
    }

    /// Exchanges the bearer for one of the partner face.
    pub async fn exchange(&self) -> Answer {
        let call = self.anon.call(Method::POST, "/v3/generatetoken").bearer_auth(&self.bearer);
        call.form(&[("grant_type", "jwt_token")]).ask().await
    }
}

impl PartnerApp {
    /// A call under `/v1`.
    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.anon.call(method, &format!("/v1{path}")).bearer_auth(&self.bearer)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).ask().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path).json(body).ask().await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path).json(body).ask().await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path).json(body).ask().await
    }
}

impl World {
    /// The app of the partner with this id, by itself.
    pub async fn partner(&self, id: &str) -> PartnerApp {
        let found = self.sandbox.partners.iter().find(|partner| partner.partner_id == id);
        let found = found.unwrap_or_else(|| panic!("no partner {id}"));
        PartnerApp::sign_in(&self.base, found).await
    }
}

impl Answer {
    /// Holds a refusal of the partner face: its status, its number, and that it says what to change.
    #[track_caller]
    pub fn partner_error(self, status: u16, code: u32) -> Self {
        let refused = self.is(status);
        assert_eq!(refused.at("/code"), code, "{refused}");
        assert!(!refused.text_at("/description").is_empty(), "{refused}");
        assert_eq!(refused.at("/source"), "PartnerFD", "{refused}");
        if status == 401 {
            assert!(refused.header("www-authenticate").starts_with("Bearer"), "{refused}");
        }
        refused
    }
}

/// The form of the token endpoint.
pub fn partner_credentials(app: &Partner) -> [(&str, &str); 4] {
    [
        ("grant_type", "client_credentials"),
        ("client_id", &app.client_id),
        ("client_secret", app.client_secret.expose()),
        ("resource", PARTNER_CENTER_RESOURCE),
    ]
}
