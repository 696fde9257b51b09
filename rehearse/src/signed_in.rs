//! An app that has signed in by its secret: its bearer, and calls with it. What the faces of publishers and partners have
//! in common as clients. Called by `publisher_face` and `partner_face`.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use reqwest::{
    Client, RequestBuilder, StatusCode,
    header::{AUTHORIZATION, HeaderValue},
};
use serde::de::DeserializeOwned;
use shared::{identity::TokenV1, secret::Secret};

use crate::{wait, web, words};

/// The broker makes its signing key in the background after its first start.
const KEY_LIMIT: Duration = Duration::from_secs(60);

/// Who signs in, and for what.
pub struct App<'a> {
    /// Its tenant.
    pub tenant_id: &'a str,
    /// Which it is.
    pub client_id: &'a str,
    /// What it proves itself with.
    pub client_secret: &'a Secret<String>,
    /// What it wants to call.
    pub resource: &'a str,
}

/// A token for an app; `None` while the broker's signing key is not ready.
pub async fn token(http: &Client, base: &str, app: &App<'_>) -> anyhow::Result<Option<TokenV1>> {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", app.client_id),
        ("client_secret", app.client_secret.expose()),
        ("resource", app.resource),
    ];
    let request = http.post(format!("{base}/{}/oauth2/token", app.tenant_id)).form(&form);
    let answer = request.send().await.map_err(|error| web::unreachable(base, error))?;
    let status = answer.status();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        return Ok(None);
    }
    if !status.is_success() {
        return Err(anyhow!(words::tell("no-bearer", &[("status", status.as_str())])));
    }
    answer.json().await.map(Some).map_err(|error| web::unreachable(base, error))
}

/// An app, signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub http: Client,
    pub base: String,
    bearer: HeaderValue,
}

impl SignedIn {
    /// Signs in; waits while the broker's signing key is not ready.
    pub async fn new(http: Client, base: &str, app: &App<'_>) -> anyhow::Result<Self> {
        let token = wait::until(&words::say("wait-bearer"), KEY_LIMIT, async || {
            token(&http, base, app).await
        })
        .await?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.access_token.expose()))
            .map_err(|_| anyhow!(words::say("token-unreadable")))?;
        bearer.set_sensitive(true);
        Ok(Self { http, base: base.to_owned(), bearer })
    }

    /// The body of the answer. A refusal is worded by `key`, with its status and what `detail` reads from its body.
    pub async fn ask(
        &self,
        request: RequestBuilder,
        (key, detail): (&str, impl FnOnce(&[u8]) -> Option<String>),
    ) -> anyhow::Result<Vec<u8>> {
        let lost = |error| web::unreachable(&self.base, error);
        let request = request.header(AUTHORIZATION, self.bearer.clone());
        let answer = request.send().await.map_err(lost)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(lost)?;
        if status.is_success() {
            return Ok(body.to_vec());
        }
        let detail = detail(&body).unwrap_or_else(|| words::say("no-detail"));
        Err(anyhow!(words::tell(key, &[("status", status.as_str()), ("detail", &*detail)])))
    }

    /// What an answer says.
    pub fn read<T: DeserializeOwned>(&self, body: &[u8]) -> anyhow::Result<T> {
        serde_json::from_slice(body)
            .with_context(|| words::tell("strange-answer", &[("url", &self.base)]))
    }
}
