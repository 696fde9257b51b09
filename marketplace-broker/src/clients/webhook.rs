//! What a webhook looks like on the wire: body (fulfillment.md 3.2), token (3.5), signature. Called by
//! `workers/deliver_webhook` and the control API's view of deliveries.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp, civil::Date};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::de::{IntoDeserializer, value::StrDeserializer};
use serde_json::Value;
use shared::{
    clock::Instant,
    fulfillment::{
        OperationAction as WireAction, Party, Webhook, WebhookSubscription, WebhookTerm,
    },
    headers::{REHEARSE_NOW, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP},
    identity::{MARKETPLACE_RESOURCE, WebhookClaims, issuer_v1, issuer_v2},
    ids::{OperationId, SandboxId, SubscriptionId},
    secret::Secret,
    webhook_signature::SignatureKey,
};
use uuid::Uuid;

use crate::{
    domain::{
        delivery::{Departure, Notice, Schema},
        operation::OperationAction,
        party::{Publisher, TokenVersion, User},
        term::midnight,
    },
    key_ring::{KeyError, KeyRing},
    ordered_json::{Members, Node},
    store::Store,
};

/// How long a token is good, real time.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// How long one is used again.
const TOKEN_REUSE: SignedDuration = SignedDuration::from_mins(5);
/// How far it is backdated: receivers allow no skew (fulfillment.md 3.5).
const BACKDATED: SignedDuration = SignedDuration::from_mins(5);
/// Tokens remembered; then all are forgotten.
const TOKENS_MAX: usize = 4_096;
/// Bytes that nearly all webhooks have room in.
const USUAL_SIZE: usize = 2_048;
/// Stands where a secret was.
const MASK: &str = "(masked)";

/// An action by its name on the wire.
#[must_use]
pub fn action(action: OperationAction) -> WireAction {
    match action {
        OperationAction::ChangePlan => WireAction::ChangePlan,
        OperationAction::ChangeQuantity => WireAction::ChangeQuantity,
        OperationAction::Reinstate => WireAction::Reinstate,
        OperationAction::Renew => WireAction::Renew,
        OperationAction::Suspend => WireAction::Suspend,
        OperationAction::Unsubscribe => WireAction::Unsubscribe,
        OperationAction::Subscribe => WireAction::Subscribe,
    }
}

/// The members of a webhook's short form (fulfillment.md 3.3).
const SHORT: [&str; 6] =
    ["id", "activityId", "operationRequestSource", "subscriptionId", "timeStamp", "action"];

/// What is empty in the form that tells nothing (azure-docs #45427).
const BLANK: [&str; 5] = ["offerId", "planId", "publisherId", "quantity", "status"];

/// The body of a webhook, as it is written. `None` when what is stored has names that the wire does not know.
#[must_use]
pub fn body(
    operation: OperationId,
    subscription: SubscriptionId,
    (action, notice): (OperationAction, &Notice),
) -> Option<String> {
    let whole = whole(operation, subscription, (action, notice))?;
    let is_null = notice.flat_is_null && notice.target_quantity.is_none();
    if notice.schema == Schema::Full && !is_null && notice.departures.is_empty() {
        let mut text = Vec::with_capacity(USUAL_SIZE);
        serde_json::to_writer(&mut text, &whole).ok()?;
        return String::from_utf8(text).ok();
    }
    let mut node = Node::of(&whole)?;
    if let Node::Object(members) = &mut node {
        if is_null {
            members.change("quantity", |_| Value::Null);
        }
        match notice.schema {
            Schema::Full => {}
            Schema::Mid | Schema::Blank => {
                members.remove("subscription");
                members.remove("purchaseToken");
            }
            Schema::Short => members.keep(&SHORT),
        }
        notice.departures.iter().for_each(|departure| depart(members, *departure));
        if notice.schema == Schema::Blank {
            BLANK.iter().for_each(|name| members.change(name, |_| "".into()));
        }
        if notice.departs(Departure::OrgPair) {
            let pair = org_pair(operation, subscription, &notice.purchaser);
            members.change("id", |_| pair.into());
        }
    }
    serde_json::to_string(&node).ok()
}

/// Writes a webhook as it was at another time (fulfillment.md 3.3).
fn depart(members: &mut Members, departure: Departure) {
    match departure {
        Departure::OrgPair | Departure::NoBearer => {}
        Departure::Success => members.change("status", |_| "Success".into()),
        Departure::OperationType => {
            members.keep(&SHORT);
            members.rename("action", "operationType");
        }
        Departure::TextQuantity => members.change("quantity", |quantity| match quantity {
            Value::Null => Value::Null,
            quantity => quantity.to_string().into(),
        }),
        Departure::Suspended => members.change("action", |_| "Suspended".into()),
    }
}

/// Two GUIDs of which neither names the operation; the same each time.
fn org_pair(operation: OperationId, subscription: SubscriptionId, buyer: &User) -> String {
    let second = Uuid::from_u128(operation.0.as_u128() ^ subscription.0.as_u128());
    format!("org:{},{second}", buyer.tenant_id)
}

/// All that a webhook can say.
fn whole(
    operation: OperationId,
    subscription: SubscriptionId,
    (what, notice): (OperationAction, &Notice),
) -> Option<Webhook> {
    let Notice { publisher, offer, name, .. } = notice;
    let id = operation.to_string();
    let subscription_id = subscription.to_string();
    Some(Webhook {
        id: id.clone(),
        activity_id: id,
        publisher_id: publisher.clone(),
        offer_id: offer.clone(),
        plan_id: notice.target_plan.clone(),
        quantity: notice.target_quantity.unwrap_or(1),
        subscription_id: subscription_id.clone(),
        time_stamp: notice.time_stamp.to_string(),
        action: action(what),
        status: named(&notice.status)?,
        operation_request_source: named(&notice.source)?,
        subscription: WebhookSubscription {
            id: subscription_id,
            name: name.clone(),
            publisher_id: publisher.clone(),
            offer_id: offer.clone(),
            plan_id: notice.plan.clone(),
            quantity: notice.quantity,
            beneficiary: party(&notice.beneficiary),
            purchaser: party(&notice.purchaser),
            allowed_customer_operations: notice.customer_operations.clone(),
            session_mode: "None".to_owned(),
            is_free_trial: false,
            is_test: false,
            sandbox_type: "None".to_owned(),
            saas_subscription_status: named(&notice.subscription_status)?,
            term: WebhookTerm {
                start_date: notice.first_day.map(day),
                end_date: notice.last_day.map(day),
                term_unit: notice.term.clone(),
                charge_duration: None,
            },
            auto_renew: notice.auto_renew,
            created: notice.created.to_string(),
            last_modified: notice.modified.to_string(),
        },
        purchase_token: None,
    })
}

/// A value of an enum of the wire by its name.
fn named<T: serde::de::DeserializeOwned>(name: &str) -> Option<T> {
    let name: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
    T::deserialize(name).ok()
}

fn party(user: &User) -> Party {
    Party {
        email_id: user.email.clone(),
        object_id: user.object_id.to_string(),
        tenant_id: user.tenant_id.to_string(),
        puid: user.puid.clone(),
    }
}

fn day(day: Date) -> String {
    midnight(day).to_string()
}

/// Headers of a webhook.
#[must_use]
pub fn headers(
    operation: OperationId,
    (token, signature): (Option<&Secret<String>>, Option<&SignatureKey>),
    body: &str,
    (sandbox_now, real_now): (Timestamp, Timestamp),
) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut put = |name: &'static str, value: String, is_secret: bool| {
        if let Ok(mut value) = HeaderValue::try_from(value) {
            value.set_sensitive(is_secret);
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    if let Some(token) = token {
        put("authorization", format!("Bearer {}", token.expose()), true);
    }
    put(REHEARSE_NOW, Instant(sandbox_now).to_string(), false);
    if let Some(key) = signature {
        let id = operation.to_string();
        put(WEBHOOK_SIGNATURE, key.sign(&id, real_now, body.as_bytes()), true);
        put(WEBHOOK_TIMESTAMP, real_now.as_second().to_string(), false);
        put(WEBHOOK_ID, id, false);
    }
    headers
}

/// The headers as JSON, for those who look at attempts; secrets are masked.
#[must_use]
pub fn shown(headers: &HeaderMap) -> String {
    let shown = |value: &HeaderValue| match value.is_sensitive() {
        true => MASK.to_owned(),
        false => value.to_str().unwrap_or_default().to_owned(),
    };
    let all: BTreeMap<_, _> =
        headers.iter().map(|(name, value)| (name.as_str(), shown(value))).collect();
    serde_json::to_string(&all).unwrap_or_default() // text under text: it can be written
}

/// Whose token, in which shape, signed with which key.
type TokenKey = (SandboxId, Uuid, Uuid, TokenVersion, String);

/// Tokens of webhooks: signed off the async threads, used again for minutes.
pub struct Tokens {
    keys: Arc<KeyRing>,
    store: Store,
    made: Mutex<HashMap<TokenKey, (Timestamp, Secret<String>)>>,
}

impl Tokens {
    /// None yet.
    #[must_use]
    pub fn new(keys: Arc<KeyRing>, store: Store) -> Self {
        Self { keys, store, made: Mutex::default() }
    }

    /// The token for a publisher at `now`, real time.
    pub async fn token(
        &self,
        sandbox: &SandboxId,
        publisher: &Publisher,
        now: Timestamp,
    ) -> Result<Secret<String>, KeyError> {
        let app = &publisher.app;
        let version = publisher.webhook_token_version;
        let kid = self.keys.signs_with(sandbox);
        let key = (sandbox.clone(), app.tenant_id.0, app.client_id.0, version, kid);
        let known = self.made.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((made_at, token)) = known
            && (SignedDuration::ZERO..TOKEN_REUSE).contains(&now.duration_since(made_at))
        {
            return Ok(token);
        }
        let token = self.keys.sign(&self.store, sandbox, claims(publisher, now)).await?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= TOKENS_MAX {
            made.clear();
        }
        made.insert(key, (now, token.clone()));
        Ok(token)
    }
}

fn claims(publisher: &Publisher, now: Timestamp) -> WebhookClaims {
    let tid = publisher.app.tenant_id.to_string();
    let marketplace = MARKETPLACE_RESOURCE.to_owned();
    let is_v1 = publisher.webhook_token_version == TokenVersion::V1;
    let begins = (now - BACKDATED).as_second();
    WebhookClaims {
        aud: publisher.app.client_id.to_string(),
        iss: if is_v1 { issuer_v1(&tid) } else { issuer_v2(&tid) },
        tid,
        appid: is_v1.then(|| marketplace.clone()),
        azp: (!is_v1).then(|| marketplace.clone()),
        azpacr: (!is_v1).then(|| "1".to_owned()),
        oid: marketplace.clone(),
        sub: marketplace,
        iat: begins,
        nbf: begins,
        exp: (now + TOKEN_LIFETIME).as_second(),
        ver: if is_v1 { "1.0" } else { "2.0" }.to_owned(),
    }
}
