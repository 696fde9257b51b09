//! The publisher's face of the marketplace as a client: bearer, resolve, licenses, activate, get, list, usage. Called by
//! `demo`, to look at a subscription as its publisher does, by `usage` and by `load`.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use reqwest::{
    Client, RequestBuilder, StatusCode,
    header::{AUTHORIZATION, HeaderValue},
};
use shared::{
    fulfillment::{
        AssignedTo, LicenseAssignments, LicensesAssigned, Resolved, Subscription, SubscriptionList,
    },
    headers,
    identity::{MARKETPLACE_RESOURCE, TokenV1},
    metering::{BatchUsageEvent, BatchUsageEventOkResponse, UsageEvent, UsageEventOkResponse},
    rehearsal::Publisher,
    secret::Secret,
};

use crate::{wait, web, words};

const API_VERSION: &str = "api-version=2018-08-31";
/// The broker makes its signing key in the background after its first start.
const KEY_LIMIT: Duration = Duration::from_secs(60);

/// A token for a publisher's app; `None` while the broker's signing key is not ready.
pub async fn token(http: &Client, base: &str, app: &Publisher) -> anyhow::Result<Option<TokenV1>> {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &app.client_id),
        ("client_secret", app.client_secret.expose()),
        ("resource", MARKETPLACE_RESOURCE),
    ];
    let request = http.post(format!("{base}/{}/oauth2/token", app.tenant_id)).form(&form);
    let answer = request.send().await.map_err(|error| web::unreachable(base, error))?;
    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
        return Ok(None);
    }
    if !answer.status().is_success() {
        let status = answer.status();
        return Err(anyhow!(words::tell("no-bearer", &[("status", status.as_str())])));
    }
    answer.json().await.map(Some).map_err(|error| web::unreachable(base, error))
}

/// A publisher's app, signed in.
#[derive(Debug, Clone)]
pub struct PublisherFace {
    http: Client,
    base: String,
    bearer: HeaderValue,
}

impl PublisherFace {
    /// Signs in with the publisher's credentials; waits while the broker's signing key is not ready.
    pub async fn sign_in(http: Client, base: &str, app: &Publisher) -> anyhow::Result<Self> {
        let token = wait::until(&words::say("wait-bearer"), KEY_LIMIT, async || {
            token(&http, base, app).await
        })
        .await?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.access_token.expose()))
            .map_err(|_| anyhow!(words::say("token-unreadable")))?;
        bearer.set_sensitive(true);
        Ok(Self { http, base: base.to_owned(), bearer })
    }

    /// Exchanges a purchase token for the subscription.
    pub async fn resolve(&self, token: &Secret<String>) -> anyhow::Result<Resolved> {
        let mut value = HeaderValue::from_str(token.expose())
            .map_err(|_| anyhow!(words::say("token-unreadable")))?;
        value.set_sensitive(true);
        let url = self.url("resolve");
        let body = self.ask(self.http.post(url).header(headers::MARKETPLACE_TOKEN, value)).await?;
        self.read(&body)
    }

    /// Says that `people` licenses are assigned.
    pub async fn assign(
        &self,
        subscription: &str,
        people: i64,
    ) -> anyhow::Result<LicensesAssigned> {
        let url = self.url(&format!("{subscription}/licenseAssignments"));
        let body = self.ask(self.http.put(url).json(&assignments(people))).await?;
        self.read(&body)
    }

    /// Confirms fulfillment.
    pub async fn activate(&self, subscription: &str) -> anyhow::Result<()> {
        let url = self.url(&format!("{subscription}/activate"));
        self.ask(self.http.post(url)).await.map(|_| ())
    }

    /// The subscription as its publisher sees it.
    pub async fn get(&self, subscription: &str) -> anyhow::Result<Subscription> {
        let body = self.ask(self.http.get(self.url(subscription))).await?;
        self.read(&body)
    }

    /// A page of its subscriptions: the first one, or where `next`, the link of the page before, leads.
    pub async fn list(&self, next: Option<&str>) -> anyhow::Result<SubscriptionList> {
        let url = match next {
            None => format!("{}/api/saas/subscriptions?{API_VERSION}", self.base),
            // The bearer goes nowhere else.
            Some(next) if is_below(next, &self.base) => next.to_owned(),
            Some(_) => bail!(words::say("list-elsewhere")),
        };
        let body = self.ask(self.http.get(url)).await?;
        self.read(&body)
    }

    /// Reports one usage event.
    pub async fn report_usage(&self, event: &UsageEvent) -> anyhow::Result<UsageEventOkResponse> {
        let url = format!("{}/api/usageEvent?{API_VERSION}", self.base);
        let body = self.ask(self.http.post(url).json(event)).await?;
        self.read(&body)
    }

    /// Reports usage events at once; each has a status of its own.
    pub async fn report_batch(
        &self,
        events: Vec<UsageEvent>,
    ) -> anyhow::Result<BatchUsageEventOkResponse> {
        let url = format!("{}/api/batchUsageEvent?{API_VERSION}", self.base);
        let batch = BatchUsageEvent { request: events };
        let body = self.ask(self.http.post(url).json(&batch)).await?;
        self.read(&body)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/saas/subscriptions/{path}?{API_VERSION}", self.base)
    }

    async fn ask(&self, request: RequestBuilder) -> anyhow::Result<Vec<u8>> {
        let answer = request
            .header(AUTHORIZATION, self.bearer.clone())
            .send()
            .await
            .map_err(|error| web::unreachable(&self.base, error))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| web::unreachable(&self.base, error))?;
        if status.is_success() {
            return Ok(body.to_vec());
        }
        Err(anyhow!(words::tell(
            "publisher-refused",
            &[("status", status.as_str()), ("detail", &detail(&body))]
        )))
    }

    fn read<T: serde::de::DeserializeOwned>(&self, body: &[u8]) -> anyhow::Result<T> {
        serde_json::from_slice(body)
            .with_context(|| words::tell("strange-answer", &[("url", &self.base)]))
    }
}

/// Whether a link leads to the same host as `base`.
fn is_below(link: &str, base: &str) -> bool {
    link.strip_prefix(base).is_some_and(|path| path.starts_with('/'))
}

/// A set of `people` persons, the same each time.
fn assignments(people: i64) -> LicenseAssignments {
    let person =
        |n| AssignedTo { object_id: None, email_id: Some(format!("person{n}@customer.example")) };
    LicenseAssignments { assigned_to: (1..=people).map(person).collect() }
}

/// What a refusal says: the message of E3, the bare string of E1, or nothing readable.
fn detail(body: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) else {
        return words::say("no-detail");
    };
    let text = value.as_str().or_else(|| value.get("message")?.as_str());
    text.map_or_else(|| words::say("no-detail"), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_different_people() {
        let set = assignments(3).assigned_to;
        assert_eq!(set.len(), 3);
        assert_ne!(set[0], set[1]);
    }

    #[test]
    fn a_link_to_another_host_is_not_followed() {
        let base = "http://127.0.0.1:8700";
        assert!(is_below("http://127.0.0.1:8700/api/saas/subscriptions?x=1", base));
        for link in ["http://127.0.0.1:87001/api", "http://127.0.0.1:8700@evil.example/", "/api"] {
            assert!(!is_below(link, base), "{link}");
        }
    }

    #[test]
    fn every_shape_of_refusal_is_read() {
        assert_eq!(detail(br#"{"message":"too many","code":"BadArgument"}"#), "too many");
        assert_eq!(detail(br#""Forbidden""#), "Forbidden");
        assert_eq!(detail(b"<html>"), "no reason given");
    }
}
