//! The publisher's face of the marketplace as a client: bearer, resolve, licenses, activate, get, list, usage. Called by
//! `demo`, to look at a subscription as its publisher does, by `usage` and by `load`.

use anyhow::{anyhow, bail};
use reqwest::{Client, RequestBuilder, header::HeaderValue};
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

use crate::{
    signed_in::{self, App, SignedIn},
    words,
};

const API_VERSION: &str = "api-version=2018-08-31";

fn credentials(app: &Publisher) -> App<'_> {
    App {
        tenant_id: &app.tenant_id,
        client_id: &app.client_id,
        client_secret: &app.client_secret,
        resource: MARKETPLACE_RESOURCE,
    }
}

/// A token for a publisher's app; `None` while the broker's signing key is not ready.
pub async fn token(http: &Client, base: &str, app: &Publisher) -> anyhow::Result<Option<TokenV1>> {
    signed_in::token(http, base, &credentials(app)).await
}

/// A publisher's app, signed in.
#[derive(Debug, Clone)]
pub struct PublisherFace(SignedIn);

impl PublisherFace {
    /// Signs in with the publisher's credentials.
    pub async fn sign_in(http: Client, base: &str, app: &Publisher) -> anyhow::Result<Self> {
        Ok(Self(SignedIn::new(http, base, &credentials(app)).await?))
    }

    /// Exchanges a purchase token for the subscription.
    pub async fn resolve(&self, token: &Secret<String>) -> anyhow::Result<Resolved> {
        let mut value = HeaderValue::from_str(token.expose())
            .map_err(|_| anyhow!(words::say("token-unreadable")))?;
        value.set_sensitive(true);
        let url = self.url("resolve");
        let body =
            self.ask(self.0.http.post(url).header(headers::MARKETPLACE_TOKEN, value)).await?;
        self.0.read(&body)
    }

    /// Says that `people` licenses are assigned.
    pub async fn assign(
        &self,
        subscription: &str,
        people: i64,
    ) -> anyhow::Result<LicensesAssigned> {
        let url = self.url(&format!("{subscription}/licenseAssignments"));
        let body = self.ask(self.0.http.put(url).json(&assignments(people))).await?;
        self.0.read(&body)
    }

    /// Confirms fulfillment.
    pub async fn activate(&self, subscription: &str) -> anyhow::Result<()> {
        let url = self.url(&format!("{subscription}/activate"));
        self.ask(self.0.http.post(url)).await.map(|_| ())
    }

    /// The subscription as its publisher sees it.
    pub async fn get(&self, subscription: &str) -> anyhow::Result<Subscription> {
        let body = self.ask(self.0.http.get(self.url(subscription))).await?;
        self.0.read(&body)
    }

    /// A page of its subscriptions: the first one, or where `next`, the link of the page before, leads.
    pub async fn list(&self, next: Option<&str>) -> anyhow::Result<SubscriptionList> {
        let url = match next {
            None => format!("{}/api/saas/subscriptions?{API_VERSION}", self.0.base),
            // The bearer goes nowhere else.
            Some(next) if is_below(next, &self.0.base) => next.to_owned(),
            Some(_) => bail!(words::say("list-elsewhere")),
        };
        let body = self.ask(self.0.http.get(url)).await?;
        self.0.read(&body)
    }

    /// Reports one usage event.
    pub async fn report_usage(&self, event: &UsageEvent) -> anyhow::Result<UsageEventOkResponse> {
        let url = format!("{}/api/usageEvent?{API_VERSION}", self.0.base);
        let body = self.ask(self.0.http.post(url).json(event)).await?;
        self.0.read(&body)
    }

    /// Reports usage events at once; each has a status of its own.
    pub async fn report_batch(
        &self,
        events: Vec<UsageEvent>,
    ) -> anyhow::Result<BatchUsageEventOkResponse> {
        let url = format!("{}/api/batchUsageEvent?{API_VERSION}", self.0.base);
        let batch = BatchUsageEvent { request: events };
        let body = self.ask(self.0.http.post(url).json(&batch)).await?;
        self.0.read(&body)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/saas/subscriptions/{path}?{API_VERSION}", self.0.base)
    }

    async fn ask(&self, request: RequestBuilder) -> anyhow::Result<Vec<u8>> {
        self.0.ask(request, ("publisher-refused", detail)).await
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
fn detail(body: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = value.as_str().or_else(|| value.get("message")?.as_str());
    text.map(ToOwned::to_owned)
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
        let said = br#"{"message":"too many","code":"BadArgument"}"#;
        assert_eq!(detail(said).as_deref(), Some("too many"));
        assert_eq!(detail(br#""Forbidden""#).as_deref(), Some("Forbidden"));
        assert_eq!(detail(b"<html>"), None);
    }
}
