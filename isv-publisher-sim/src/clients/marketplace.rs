//! The marketplace as the publisher calls it: the control API for its own credentials and the names of things, the
//! token endpoint, and the SaaS Fulfillment API; what it says of operations is in `operations`. Called by the pages,
//! the receiver of webhooks and the outbox worker.

use std::sync::Arc;

use http::{HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Certificate, Client, RequestBuilder};
use shared::{
    clock::Clock,
    fulfillment::{AssignedTo, LicenseAssignments, LicensesAssigned, Resolved},
    headers::{CORRELATION_ID, MARKETPLACE_TOKEN, REQUEST_ID},
    identity::{MARKETPLACE_RESOURCE, TokenV1},
    ids::{PublisherId, SandboxId, SubscriptionId},
    rehearsal::{ClockState, LicenseConfirmation, Publisher, Sandbox},
    secret::Secret,
};
use url::Url;

use super::{
    exchange::{self, Answer, Trouble},
    keys::Keys,
    memory::Memory,
};

pub(super) const VERSION: &str = "api-version=2018-08-31";
/// An answer of the publisher face.
pub(super) const ANSWER_MAX: usize = 64 * 1024;
/// A sandbox with its whole catalogue.
const SANDBOX_MAX: usize = 1024 * 1024;
/// A bearer is not used in its last minute.
const BEARER_MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// A publisher in a sandbox: who calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The publisher.
    pub publisher: PublisherId,
}

#[derive(Clone)]
struct Bearer {
    token: Secret<String>,
    good_until: Timestamp,
}

/// The marketplace, by HTTP.
pub struct Marketplace {
    pub(super) http: Client,
    pub(super) base: String,
    control_token: Secret<String>,
    pub(super) clock: Arc<dyn Clock>,
    sandboxes: Memory<SandboxId, Arc<Sandbox>>,
    bearers: Memory<Caller, Bearer>,
    pub(super) keys: Keys,
}

impl Marketplace {
    /// The marketplace at `base`.
    pub fn new(
        base: &Url,
        control_token: Secret<String>,
        clock: Arc<dyn Clock>,
        roots: Vec<Certificate>,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: exchange::client(roots)?,
            base: base.as_str().trim_end_matches('/').to_owned(),
            control_token,
            clock,
            sandboxes: Memory::default(),
            bearers: Memory::default(),
            keys: Keys::default(),
        })
    }

    /// What the sandbox holds, as it was when it was last asked for.
    pub async fn sandbox(&self, id: &SandboxId) -> Result<Arc<Sandbox>, Trouble> {
        match self.sandboxes.recall(id) {
            Some(sandbox) => Ok(sandbox),
            None => self.fresh_sandbox(id).await,
        }
    }

    /// What the sandbox holds now.
    pub async fn fresh_sandbox(&self, id: &SandboxId) -> Result<Arc<Sandbox>, Trouble> {
        let request = self.control(&format!("sandboxes/{id}"));
        let answer = exchange::send(request, SANDBOX_MAX).await.map_err(sandbox_trouble)?;
        let sandbox: Arc<Sandbox> = Arc::new(answer.json()?);
        self.sandboxes.remember(id.clone(), sandbox.clone());
        Ok(sandbox)
    }

    /// The sandbox's time.
    pub async fn sandbox_time(&self, id: &SandboxId) -> Result<Timestamp, Trouble> {
        let request = self.control(&format!("sandboxes/{id}/clock"));
        let answer = exchange::send(request, ANSWER_MAX).await.map_err(sandbox_trouble)?;
        Ok(answer.json::<ClockState>()?.now.0)
    }

    /// The caller's entry in its sandbox; asked for anew if it is not there.
    pub async fn publisher(&self, caller: &Caller) -> Result<Publisher, Trouble> {
        let find = |sandbox: &Sandbox| {
            let mut all = sandbox.publishers.iter();
            all.find(|one| one.publisher_id == caller.publisher.as_str()).cloned()
        };
        if let Some(known) = self.sandboxes.recall(&caller.sandbox).as_deref().and_then(find) {
            return Ok(known);
        }
        find(&*self.fresh_sandbox(&caller.sandbox).await?).ok_or(Trouble::UnknownPublisher)
    }

    /// The caller's entry in its sandbox, as it is now.
    pub async fn fresh_publisher(&self, caller: &Caller) -> Result<Publisher, Trouble> {
        self.fresh_sandbox(&caller.sandbox).await?;
        self.publisher(caller).await
    }

    /// How the caller's first key is turned, now.
    pub async fn license_confirmation(
        &self,
        caller: &Caller,
    ) -> Result<LicenseConfirmation, Trouble> {
        Ok(self.fresh_publisher(caller).await?.license_confirmation)
    }

    /// What the purchase token stands for, and the sandbox's time.
    pub async fn resolve(
        &self,
        caller: &Caller,
        token: HeaderValue,
    ) -> Result<(Resolved, Timestamp), Trouble> {
        let url = format!("{}/api/saas/subscriptions/resolve?{VERSION}", self.base);
        let answer = self
            .call(caller, || self.http.post(&url).header(MARKETPLACE_TOKEN, token.clone()))
            .await?;
        Ok((answer.json()?, answer.now()?))
    }

    /// Tells who holds a license. `request_id` is the same at every attempt.
    pub async fn assign_licenses(
        &self,
        caller: &Caller,
        subscription: SubscriptionId,
        people: &[String],
        request_id: &str,
    ) -> Result<LicensesAssigned, Trouble> {
        let url = self.subscription_url(subscription, "/licenseAssignments");
        let assigned_to = people
            .iter()
            .map(|email| AssignedTo { object_id: None, email_id: Some(email.clone()) })
            .collect();
        let body = LicenseAssignments { assigned_to };
        let put = || named(self.http.put(&url), request_id).json(&body);
        self.call(caller, put).await?.json()
    }

    /// Confirms fulfillment; answers the sandbox's time.
    pub async fn activate(
        &self,
        caller: &Caller,
        subscription: SubscriptionId,
        request_id: &str,
    ) -> Result<Timestamp, Trouble> {
        let url = self.subscription_url(subscription, "/activate");
        self.call(caller, || named(self.http.post(&url), request_id)).await?.now()
    }

    pub(super) fn subscription_url(&self, subscription: SubscriptionId, rest: &str) -> String {
        format!("{}/api/saas/subscriptions/{subscription}{rest}?{VERSION}", self.base)
    }

    fn control(&self, path: &str) -> RequestBuilder {
        let url = format!("{}/rehearsal/v1/{path}", self.base);
        self.http.get(url).bearer_auth(self.control_token.expose())
    }

    /// Sends with the caller's bearer. A 403 may mean that a remembered bearer is stale: it is dropped, and the call
    /// made once more with a new one.
    pub(super) async fn call(
        &self,
        caller: &Caller,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Answer, Trouble> {
        let remembered = self.bearers.recall(caller).filter(|b| b.good_until > self.clock.now());
        let was_remembered = remembered.is_some();
        let bearer = match remembered {
            Some(bearer) => bearer,
            None => self.new_bearer(caller).await?,
        };
        let send = |bearer: &Bearer| {
            exchange::send(request().bearer_auth(bearer.token.expose()), ANSWER_MAX)
        };
        let answer = send(&bearer).await;
        let forbidden = matches!(&answer, Err(Trouble::Refused { status, .. }) if *status == StatusCode::FORBIDDEN);
        if !forbidden {
            return answer;
        }
        self.bearers.forget(caller);
        if !was_remembered {
            return answer;
        }
        let bearer = self.new_bearer(caller).await?;
        send(&bearer).await
    }

    /// Signs in. Credentials that are refused may be old: they are asked for anew, once.
    async fn new_bearer(&self, caller: &Caller) -> Result<Bearer, Trouble> {
        let publisher = self.publisher(caller).await?;
        let bearer = match self.sign_in(&publisher).await {
            Err(Trouble::Refused { .. }) => {
                let publisher = self.fresh_publisher(caller).await?;
                self.sign_in(&publisher).await.map_err(not_ours)?
            }
            other => other?,
        };
        self.bearers.remember(caller.clone(), bearer.clone());
        Ok(bearer)
    }

    async fn sign_in(&self, publisher: &Publisher) -> Result<Bearer, Trouble> {
        let url = format!("{}/{}/oauth2/token", self.base, publisher.tenant_id);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &publisher.client_id),
            ("client_secret", publisher.client_secret.expose()),
            ("resource", MARKETPLACE_RESOURCE),
        ];
        let asked_at = self.clock.now();
        let token: TokenV1 =
            exchange::send(self.http.post(url).form(&form), ANSWER_MAX).await?.json()?;
        let lifetime = token.expires_in.parse().unwrap_or(0).min(24 * 3600);
        let good_until = asked_at + SignedDuration::from_secs(lifetime) - BEARER_MARGIN;
        Ok(Bearer { token: token.access_token, good_until })
    }
}

fn sandbox_trouble(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Refused { status: StatusCode::NOT_FOUND, .. } => Trouble::UnknownSandbox,
        other => not_ours(other),
    }
}

/// A refusal of our own credentials says nothing about what was asked: it may work once they are put right.
fn not_ours(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Refused { .. } => {
            Trouble::unreachable(format!("our sign-in was refused: {trouble}"))
        }
        other => other,
    }
}

/// Names the request by the id of its message.
pub(super) fn named(request: RequestBuilder, id: &str) -> RequestBuilder {
    request.header(REQUEST_ID, id).header(CORRELATION_ID, id)
}
