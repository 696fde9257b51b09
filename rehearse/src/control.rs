//! The control API as a typed client. A refusal (`Problem`) becomes one clear line. Called by every verb.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header::HeaderValue};
use serde::{Serialize, de::DeserializeOwned};
use shared::{
    rehearsal::{
        Act, Acted, ActivationLink, Advance, Advanced, AskPartnerToken, Charges, ClockState,
        ConfigurePublisher, CreateSandbox, Deliveries, Delivery, DeliverySummary, Journal,
        JournalEntry, PartnerToken, Problem, PublishedOffers, Publisher, Purchase, Purchased,
        Quirk, Redeliver, Sandbox, SandboxQuirks, SetProfile, SetQuirk, SubscriptionTruth, Usage,
    },
    secret::Secret,
};

use crate::{web, words};

/// An advance waits for each webhook on its way: five hundred tries at a publisher that never answers take longest.
const ADVANCE_LIMIT: Duration = Duration::from_secs(3 * 3_600);

/// The control API of one broker, as one rehearsal sandbox of it is seen.
#[derive(Debug, Clone)]
pub struct Control {
    http: Client,
    base: String,
    sandbox: String,
    bearer: HeaderValue,
}

impl Control {
    /// The control API at `base` (no slash at its end), for `sandbox`.
    pub fn new(
        http: Client,
        base: &str,
        sandbox: &str,
        token: &Secret<String>,
    ) -> anyhow::Result<Self> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_| anyhow!(words::say("token-unreadable")))?;
        bearer.set_sensitive(true);
        Ok(Self { http, base: base.to_owned(), sandbox: sandbox.to_owned(), bearer })
    }

    /// The same broker, another sandbox.
    #[must_use]
    pub fn in_sandbox(&self, sandbox: &str) -> Self {
        Self { sandbox: sandbox.to_owned(), ..self.clone() }
    }

    /// The broker's base URL.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Makes a new sandbox.
    pub async fn create_sandbox(&self, wanted: &CreateSandbox) -> anyhow::Result<Sandbox> {
        let url = format!("{}/rehearsal/v1/sandboxes", self.base);
        self.ask(self.http.post(url).json(wanted)).await
    }

    /// The sandbox with its credentials, customers and offers.
    pub async fn sandbox(&self) -> anyhow::Result<Sandbox> {
        self.get("").await
    }

    /// Sets what a publisher wants.
    pub async fn configure_publisher(
        &self,
        publisher: &str,
        wanted: &ConfigurePublisher,
    ) -> anyhow::Result<Publisher> {
        let path = format!("/publishers/{}", segment(publisher));
        self.ask(self.call(Method::PUT, &path).json(wanted)).await
    }

    /// Adds offers to the catalogue, or replaces them: a `PublishOffers`, or JSON that the broker will judge.
    pub async fn publish_offers(&self, offers: &impl Serialize) -> anyhow::Result<PublishedOffers> {
        self.post("/offers", offers).await
    }

    /// A bearer of the partner face, without a sign-in.
    pub async fn partner_token(
        &self,
        partner: &str,
        asked: &AskPartnerToken,
    ) -> anyhow::Result<PartnerToken> {
        self.post(&format!("/partners/{}/tokens", segment(partner)), asked).await
    }

    /// Buys.
    pub async fn purchase(&self, purchase: &Purchase) -> anyhow::Result<Purchased> {
        self.post("/purchases", purchase).await
    }

    /// A fresh activation link.
    pub async fn activation_link(&self, subscription: &str) -> anyhow::Result<ActivationLink> {
        let path = format!("/subscriptions/{}/activation-links", segment(subscription));
        self.ask(self.call(Method::POST, &path)).await
    }

    /// The whole truth about a subscription.
    pub async fn subscription(&self, subscription: &str) -> anyhow::Result<SubscriptionTruth> {
        self.get(&format!("/subscriptions/{}", segment(subscription))).await
    }

    /// Its charges.
    pub async fn charges(&self, subscription: &str) -> anyhow::Result<Charges> {
        self.get(&format!("/subscriptions/{}/charges", segment(subscription))).await
    }

    /// Its usage in the present term.
    pub async fn usage(&self, subscription: &str) -> anyhow::Result<Usage> {
        self.get(&format!("/subscriptions/{}/usage", segment(subscription))).await
    }

    /// Lets something happen to it.
    pub async fn act(&self, subscription: &str, act: &Act) -> anyhow::Result<Acted> {
        self.post(&format!("/subscriptions/{}/actions", segment(subscription)), act).await
    }

    /// Webhooks of one subscription or of all, oldest first, to their end.
    pub async fn deliveries(&self, of: Option<&str>) -> anyhow::Result<Vec<DeliverySummary>> {
        let mut deliveries = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let asked = [("subscriptionId", of), ("after", after.as_deref())];
            let asked: Vec<(&str, &str)> =
                asked.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
            let page: Deliveries =
                self.ask(self.call(Method::GET, "/deliveries").query(&asked)).await?;
            deliveries.extend(page.deliveries);
            if page.next_after.is_none() || page.next_after == after {
                return Ok(deliveries);
            }
            after = page.next_after;
        }
    }

    /// One webhook, with every attempt.
    pub async fn delivery(&self, id: &str) -> anyhow::Result<Delivery> {
        self.get(&format!("/deliveries/{}", segment(id))).await
    }

    /// Sends a webhook again.
    pub async fn redeliver(&self, id: &str, times: u32) -> anyhow::Result<DeliverySummary> {
        let asked = Redeliver { times: Some(times) };
        self.post(&format!("/deliveries/{}/redeliver", segment(id)), &asked).await
    }

    /// Holds the sandbox's webhooks back, or lets them go.
    pub async fn hold(&self, hold: bool) -> anyhow::Result<()> {
        let path = if hold { "/deliveries/hold" } else { "/deliveries/release" };
        self.answered(self.call(Method::POST, path)).await.map(|_| ())
    }

    /// The quirks that are in force.
    pub async fn quirks(&self) -> anyhow::Result<SandboxQuirks> {
        self.get("/quirks").await
    }

    /// Sets a quirk, or gives it back to the profile.
    pub async fn set_quirk(&self, id: &str, value: Option<String>) -> anyhow::Result<Quirk> {
        let path = format!("/quirks/{}", segment(id));
        self.ask(self.call(Method::PUT, &path).json(&SetQuirk { value })).await
    }

    /// Gives the sandbox another profile.
    pub async fn set_profile(&self, profile: String) -> anyhow::Result<SandboxQuirks> {
        self.ask(self.call(Method::PUT, "/profile").json(&SetProfile { profile })).await
    }

    /// The clock.
    pub async fn clock(&self) -> anyhow::Result<ClockState> {
        self.get("/clock").await
    }

    /// Moves the clock.
    pub async fn advance(&self, advance: &Advance) -> anyhow::Result<Advanced> {
        let call = self.call(Method::POST, "/clock/advance").timeout(ADVANCE_LIMIT);
        self.ask(call.json(advance)).await
    }

    /// Lets the clock stand.
    pub async fn freeze(&self) -> anyhow::Result<ClockState> {
        self.ask(self.call(Method::POST, "/clock/freeze")).await
    }

    /// Lets the clock run.
    pub async fn resume(&self) -> anyhow::Result<ClockState> {
        self.ask(self.call(Method::POST, "/clock/resume")).await
    }

    /// All journal entries behind `after`, to the journal's end, and where to go on.
    pub async fn journal(&self, after: i64) -> anyhow::Result<(Vec<JournalEntry>, i64)> {
        let mut entries = Vec::new();
        let mut after = after;
        loop {
            let page: Journal = self.get(&format!("/journal?after={after}")).await?;
            if page.entries.is_empty() || page.next <= after {
                return Ok((entries, after));
            }
            after = page.next;
            entries.extend(page.entries);
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.ask(self.call(Method::GET, path)).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        self.ask(self.call(Method::POST, path).json(body)).await
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let sandbox = segment(&self.sandbox);
        self.http.request(method, format!("{}/rehearsal/v1/sandboxes/{sandbox}{path}", self.base))
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> anyhow::Result<T> {
        serde_json::from_slice(&self.answered(request).await?)
            .with_context(|| words::tell("strange-answer", &[("url", &self.base)]))
    }

    /// The body of an answer that is no refusal.
    async fn answered(&self, request: RequestBuilder) -> anyhow::Result<Vec<u8>> {
        let answer = request
            .header(reqwest::header::AUTHORIZATION, self.bearer.clone())
            .send()
            .await
            .map_err(|error| web::unreachable(&self.base, error))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| web::unreachable(&self.base, error))?;
        if status.is_success() { Ok(body.to_vec()) } else { Err(refused(status, &body)) }
    }
}

/// An id in a path. The broker's own ids need no escaping; what a person typed may.
fn segment(text: &str) -> String {
    let mut url = url::Url::parse("http://x/").ok();
    let path = url.as_mut().and_then(|url| {
        url.path_segments_mut().ok()?.clear().push(text);
        Some(url.path().trim_start_matches('/').to_owned())
    });
    // `.` and `..` are dropped by the parser; an underscore is a segment that no id can be.
    path.filter(|path| !path.is_empty()).unwrap_or_else(|| "_".to_owned())
}

/// A refusal in one line: what is wrong, and with which fields.
fn refused(status: StatusCode, body: &[u8]) -> anyhow::Error {
    if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
        return anyhow!(words::say("token-refused"));
    }
    let Ok(problem) = serde_json::from_slice::<Problem>(body) else {
        return anyhow!(words::tell("refused-bare", &[("status", status.as_str())]));
    };
    let mut line = problem.detail;
    let fields: Vec<String> = problem
        .errors
        .iter()
        .filter(|error| !line.contains(&error.reason))
        .map(|error| format!("{}: {}", error.field, error.reason))
        .collect();
    if !fields.is_empty() {
        line = format!("{line} ({})", fields.join("; "));
    }
    anyhow!(words::tell("refused", &[("status", status.as_str()), ("detail", &line)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_line_that_names_the_fields() {
        let body = br#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"The purchase cannot be made.",
            "errors":[{"field":"quantity","reason":"at least 1"}]}"#;
        let line = refused(StatusCode::BAD_REQUEST, body).to_string();
        assert_eq!(line, "refused (400): The purchase cannot be made. (quantity: at least 1)");
    }

    #[test]
    fn what_is_no_problem_document_still_gives_a_line() {
        let line = refused(StatusCode::BAD_GATEWAY, b"<html>").to_string();
        assert_eq!(line, "refused with status 502");
    }

    #[test]
    fn an_id_stays_one_segment() {
        assert_eq!(segment("default"), "default");
        assert_eq!(segment("a/b?c"), "a%2Fb%3Fc");
        assert_eq!(segment(".."), "_");
    }

    #[test]
    fn the_token_does_not_show() {
        let token = Secret::new("hunter2".to_owned());
        let control =
            Control::new(web::client().unwrap(), "http://127.0.0.1:1", "default", &token).unwrap();
        assert!(!format!("{control:?}").contains("hunter2"));
    }
}
