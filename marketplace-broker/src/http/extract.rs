//! Who calls, and in which sandbox. The order of refusals on the publisher face is kept here: api-version (400),
//! bearer (403), id of the path (404). Together with the workers the only place that makes a `SandboxId`.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::{HeaderMap, header, request::Parts},
    response::Response,
};
use serde::Deserialize;
use shared::{
    ids::{ClientId, OperationId, PartnerId, SandboxId, StepId, SubscriptionId, TenantId},
    secret::Secret,
};

use super::{
    fulfillment::{problem as fulfillment_problem, shape::Shape},
    metering::{problem as metering_problem, shape::UsageShape},
    notes::Notes,
    observe::RequestIds,
    rehearsal::problem::{self, Problem},
};
use crate::{
    app::App,
    domain::{
        policy::{PublisherRateLimit, RetiredResource},
        refusal::Refusal,
    },
    key_ring::{AUDIENCES, Claims, KeyError, KeyRing, RETIRED_RESOURCE},
    store::{Caller, Failure, sandbox, sandbox_clock},
    workers::default_sandbox,
};

impl<S: Send + Sync> FromRequestParts<S> for Notes {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// The text after `Bearer `.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Calls of a publisher in a minute, where they are counted; the number is ours (fulfillment.md Q20).
const PUBLISHER_CALLS_MAX: u32 = 60;

/// A publisher with a sound bearer, after its api-version was looked at.
pub struct PublisherCaller(pub Caller);

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "api-version")]
    api_version: Option<String>,
}

impl FromRequestParts<App> for PublisherCaller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let refused = |failure| fulfillment_problem::Problem::from(failure).into_answer();
        let caller = calling_publisher(parts, app, refused).await?;
        match caller {
            Some(caller) => Ok(Self(caller)),
            None => Err(without_bearer(app, parts, fulfillment_problem::without_bearer).await),
        }
    }
}

/// The same on the metering face, which refuses in its own words (E7).
pub struct MeteringCaller(pub Caller);

impl FromRequestParts<App> for MeteringCaller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let refused =
            |failure| metering_problem::Problem::from(failure).into_answer(UsageShape::default());
        let caller = calling_publisher(parts, app, refused).await?;
        match caller {
            Some(caller) => Ok(Self(caller)),
            None => Err(without_bearer(app, parts, metering_problem::without_bearer).await),
        }
    }
}

/// Api-version, then bearer; `refused` words what is wrong with the latter. `None`: there is no bearer.
async fn calling_publisher(
    parts: &Parts,
    app: &App,
    refused: impl FnOnce(Failure) -> Response,
) -> Result<Option<Caller>, Response> {
    let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
    let version = Query::<Version>::try_from_uri(&parts.uri).ok();
    let version = version.and_then(|Query(version)| version.api_version);
    if let Some(refused) = fulfillment_problem::api_version(version.as_deref()) {
        notes.refusal("api-version");
        return Err(refused);
    }
    let Some(token) = bearer(&parts.headers) else { return Ok(None) };
    let (caller, tenant) = publisher_of(app, token).await.map_err(|failure| {
        notes.refusal(&failure);
        refused(failure)
    })?;
    notes.caller(format!("publisher {}", caller.publisher));
    notes.sandbox(&caller.sandbox, caller.clock);
    notes.policy(caller.policy);
    if caller.policy.get::<PublisherRateLimit>() == PublisherRateLimit::PerMinute60 {
        let counted = app.publisher_rates.count(tenant, PUBLISHER_CALLS_MAX, app.clock.now());
        if let Err(seconds) = counted {
            notes.refusal("too many calls");
            return Err(fulfillment_problem::too_many(seconds));
        }
    }
    Ok(Some(caller))
}

/// What a sound bearer says that is for one of these audiences and valid now.
pub async fn claims_of(
    app: &App,
    token: &str,
    audiences: &[&str],
) -> Result<Option<Arc<Claims>>, Failure> {
    let claims = match app.unverified_bearers {
        false => app.keys.verify(&app.store, token, audiences, app.clock.now()).await,
        true => Ok(KeyRing::unverified(token)),
    };
    claims.map_err(|error| match error {
        KeyError::Store(failure) => failure,
        _ => Failure::Busy,
    })
}

/// The publisher a bearer stands for: its app id says who, its tenant must fit (fulfillment.md 5.3).
async fn publisher_of(app: &App, token: &str) -> Result<(Caller, TenantId), Failure> {
    let claims = claims_of(app, token, &AUDIENCES).await?.ok_or(Refusal::NotYours)?;
    let client: Option<ClientId> = claims.app().and_then(|app| app.parse().ok());
    let client = client.ok_or(Refusal::NotYours)?;
    let found = app.store.caller(client).await?.ok_or(Refusal::NotYours)?;
    let retired = claims.aud == RETIRED_RESOURCE
        && found.caller.policy.get::<RetiredResource>() == RetiredResource::Reject;
    if found.app.tenant_id.to_string() == claims.tid && !retired {
        Ok((found.caller.clone(), found.app.tenant_id))
    } else {
        Err(Refusal::NotYours.into())
    }
}

/// A call without a bearer comes from no sandbox: the quirk of `default` decides how it is refused.
async fn without_bearer(
    app: &App,
    parts: &Parts,
    refused: impl FnOnce(Shape) -> Response,
) -> Response {
    let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
    let found = async { sandbox(&mut *app.store.read().await?, &default_sandbox()).await };
    match found.await {
        Ok(row) => {
            notes.refusal(Refusal::NotYours);
            let policy = row.map(|row| row.policy).unwrap_or_default();
            refused(Shape::under(policy))
        }
        Err(failure) => fulfillment_problem::Problem::from(failure).noted(&notes),
    }
}

/// The subscription in a path of the publisher face; malformed is as unknown.
pub struct SubscriptionPath(pub SubscriptionId);

impl FromRequestParts<App> for SubscriptionPath {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
        let sent = path(parts, app, "subscriptionId").await;
        match sent.parse() {
            Ok(id) => {
                notes.subscription(id);
                Ok(Self(id))
            }
            Err(_) => {
                notes.refusal("malformed subscription id");
                let refusal = Refusal::unknown("Subscription", sent);
                Err(fulfillment_problem::Problem::from(Failure::from(refusal)).into_answer())
            }
        }
    }
}

/// The tenant in a path of the authority, as it was sent; empty if it is no text.
pub struct TenantPath(pub String);

impl FromRequestParts<App> for TenantPath {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(path(parts, app, "tenant").await))
    }
}

/// The operation in a path of the publisher face; malformed is as unknown. Refused after whose the subscription is.
pub struct OperationPath(pub Result<OperationId, Refusal>);

impl FromRequestParts<App> for OperationPath {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let sent = path(parts, app, "operationId").await;
        Ok(Self(sent.parse().map_err(|_| Refusal::unknown("Operation", sent))))
    }
}

/// The publisher's step in a path; malformed is as unknown. Refused after whose the subscription is.
pub struct StepPath(pub Result<StepId, Refusal>);

impl FromRequestParts<App> for StepPath {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let sent = path(parts, app, "step").await;
        Ok(Self(sent.parse().map_err(|_| Refusal::unknown("Step", sent))))
    }
}

/// The delivery in a path of the control API; its id is its operation's.
pub struct DeliveryPath(pub Result<OperationId, Refusal>);

impl FromRequestParts<App> for DeliveryPath {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let sent = path(parts, app, "deliveryId").await;
        Ok(Self(sent.parse().map_err(|_| Refusal::unknown("Delivery", sent))))
    }
}

impl FromRequestParts<App> for RequestIds {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let known = parts.extensions.get::<Self>().cloned();
        Ok(known.unwrap_or_else(|| Self::of(app, &parts.headers)))
    }
}

/// A path parameter as text; empty if it is none (not UTF-8, for example).
pub async fn path(parts: &mut Parts, app: &App, name: &str) -> String {
    type All = Path<Vec<(String, String)>>;
    let all = <All as FromRequestParts<App>>::from_request_parts(parts, app).await;
    let found = all.ok().and_then(|Path(all)| all.into_iter().find(|(key, _)| key == name));
    found.map(|(_, value)| value).unwrap_or_default()
}

/// The operator of the rehearsal: our own host name, and the control token.
pub struct Operator;

impl FromRequestParts<App> for Operator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
        if !app.hosts.allow(&parts.headers, &parts.uri) {
            notes.refusal("host or origin");
            return Err(problem::foreign_host());
        }
        let sent = bearer(&parts.headers).map(|token| Secret::new(token.to_owned()));
        if !sent.is_some_and(|sent| app.control_token.matches(sent.expose())) {
            notes.refusal("control token");
            return Err(problem::unauthorized());
        }
        notes.caller("operator");
        Ok(Self)
    }
}

/// The operator, in a sandbox that exists.
pub struct OperatorIn(pub SandboxId);

impl FromRequestParts<App> for OperatorIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        Operator::from_request_parts(parts, app).await?;
        let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
        let sent = path(parts, app, "sandbox").await;
        let found = existing_sandbox(app, &sent).await;
        let (id, clock) = found.map_err(|failure| {
            notes.refusal(&failure);
            Problem::from(failure).into_answer()
        })?;
        notes.sandbox(&id, clock);
        Ok(Self(id))
    }
}

async fn existing_sandbox(
    app: &App,
    sent: &str,
) -> Result<(SandboxId, crate::domain::sandbox::SandboxClock), Failure> {
    let unknown = || Refusal::unknown("Sandbox", sent);
    let id: SandboxId = sent.parse().map_err(|_| unknown())?;
    let clock = sandbox_clock(&mut *app.store.read().await?, &id).await?;
    Ok((id, clock.ok_or_else(unknown)?))
}

/// The subscription in a path of the control API.
pub struct SubscriptionOf(pub SubscriptionId);

impl FromRequestParts<App> for SubscriptionOf {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
        let sent = path(parts, app, "subscriptionId").await;
        let id: Result<SubscriptionId, _> = sent.parse();
        if let Ok(id) = id {
            notes.subscription(id);
            return Ok(Self(id));
        }
        let refusal = Refusal::unknown("Subscription", sent);
        notes.refusal(&refusal);
        Err(Problem::from(Failure::from(refusal)).into_answer())
    }
}

/// The quirk in a path, as it was sent.
pub struct QuirkPath(pub String);

impl FromRequestParts<App> for QuirkPath {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(path(parts, app, "quirk").await))
    }
}

/// Reads the id of a new sandbox, or of one that a cookie names.
pub fn sandbox_id(text: &str) -> Result<SandboxId, Refusal> {
    text.parse().map_err(|_| Refusal::field("id", "1 to 40 of a-z, 0-9 and - make an id"))
}

/// The name of a key in a path.
pub struct KeyPath(pub String);

impl FromRequestParts<App> for KeyPath {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(path(parts, app, "kid").await))
    }
}

/// The partner in a path of the control API.
pub struct PartnerPath(pub Result<PartnerId, Refusal>);

impl FromRequestParts<App> for PartnerPath {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let sent = path(parts, app, "partnerId").await;
        Ok(Self(sent.parse().map_err(|_| Refusal::unknown("Partner", sent))))
    }
}

/// The publisher in a path.
pub struct PublisherPath(pub String);

impl FromRequestParts<App> for PublisherPath {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(path(parts, app, "publisherId").await))
    }
}
