//! The partner face as a typed client: a partner's app, signed in by itself. Called by `load`.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use reqwest::{
    Client, RequestBuilder, StatusCode,
    header::{AUTHORIZATION, HeaderValue},
};
use serde::de::DeserializeOwned;
use shared::{
    headers::MS_CONTINUATION_TOKEN,
    identity::{PARTNER_CENTER_RESOURCE, TokenV1},
    partner_center::{Collection, Error, Product, Subscription},
    rehearsal::Partner,
};

use crate::{wait, web, words};

/// The broker makes its signing key in the background after its first start.
const KEY_LIMIT: Duration = Duration::from_secs(60);

/// A partner's app, signed in.
#[derive(Debug, Clone)]
pub struct PartnerFace {
    http: Client,
    base: String,
    bearer: HeaderValue,
}

impl PartnerFace {
    /// Signs in with the partner's credentials; waits while the broker's signing key is not ready.
    pub async fn sign_in(http: Client, base: &str, app: &Partner) -> anyhow::Result<Self> {
        let token = wait::until(&words::say("wait-bearer"), KEY_LIMIT, async || {
            token(&http, base, app).await
        })
        .await?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.access_token.expose()))
            .map_err(|_| anyhow!(words::say("token-unreadable")))?;
        bearer.set_sensitive(true);
        Ok(Self { http, base: base.to_owned(), bearer })
    }

    /// All subscriptions of a customer.
    pub async fn subscriptions(&self, customer: &str) -> anyhow::Result<Collection<Subscription>> {
        let url = format!("{}/v1/customers/{customer}/subscriptions", self.base);
        self.read(&self.ask(self.http.get(url)).await?)
    }

    /// The same, thrown away as it arrives.
    pub async fn drain_subscriptions(&self, customer: &str) -> anyhow::Result<()> {
        self.drain(&format!("{}/v1/customers/{customer}/subscriptions", self.base)).await
    }

    /// One subscription, thrown away as it arrives.
    pub async fn drain_subscription(&self, customer: &str, id: &str) -> anyhow::Result<()> {
        self.drain(&format!("{}/v1/customers/{customer}/subscriptions/{id}", self.base)).await
    }

    /// A page of the catalogue: the first one, or where `next`, the token of the page before, leads.
    pub async fn products(
        &self,
        country: &str,
        next: Option<&str>,
    ) -> anyhow::Result<Collection<Product>> {
        let asked = [("country", country), ("targetView", "MarketplaceSaaS")];
        let mut request = self.http.get(format!("{}/v1/products", self.base)).query(&asked);
        if let Some(next) = next {
            request = request.query(&[("seekOperation", "Next")]);
            request = request.header(MS_CONTINUATION_TOKEN, next);
        }
        self.read(&self.ask(request).await?)
    }

    /// Whatever is there, thrown away as it arrives. Only for addresses of this run.
    pub async fn drain(&self, url: &str) -> anyhow::Result<()> {
        self.ask(self.http.get(url)).await.map(drop)
    }

    async fn ask(&self, request: RequestBuilder) -> anyhow::Result<Vec<u8>> {
        let request = request.header(AUTHORIZATION, self.bearer.clone());
        let lost = |error| web::unreachable(&self.base, error);
        let answer = request.send().await.map_err(lost)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(lost)?;
        if status.is_success() {
            return Ok(body.to_vec());
        }
        let said = serde_json::from_slice::<Error>(&body).map(|error| error.description);
        let detail = said.unwrap_or_else(|_| words::say("no-detail"));
        let told = [("status", status.as_str()), ("detail", &*detail)];
        Err(anyhow!(words::tell("partner-refused", &told)))
    }

    fn read<T: DeserializeOwned>(&self, body: &[u8]) -> anyhow::Result<T> {
        serde_json::from_slice(body)
            .with_context(|| words::tell("strange-answer", &[("url", &self.base)]))
    }
}

/// A token for a partner's app; `None` while the broker's signing key is not ready.
async fn token(http: &Client, base: &str, app: &Partner) -> anyhow::Result<Option<TokenV1>> {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &app.client_id),
        ("client_secret", app.client_secret.expose()),
        ("resource", PARTNER_CENTER_RESOURCE),
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
