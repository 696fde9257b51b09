//! The marketplace as a sender of webhooks: what it sends, and each way in which somebody else might. Used by tests.

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use shared::{
    clock::{Clock, SystemClock},
    identity::{MARKETPLACE_RESOURCE, issuer_v1, issuer_v2},
    webhook_signature::SignatureKey,
};

use super::{
    Setting, Shown, shown,
    world::{CLIENT, OPERATION, SUBSCRIPTION, TENANT},
};

/// The key the marketplace signs with at first, and one it may change to.
pub const OLD_KEY: &str = include_str!("../../../../tests/support/signing-key.pem");
pub const NEW_KEY: &str = include_str!("../../../../tests/support/foreign-key.pem");
/// The name of the first.
pub const KID: &str = "key-1";

fn private(pem: &str) -> EncodingKey {
    EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
}

/// A key as the marketplace publishes it.
pub fn public_key(pem: &str, kid: &str) -> Value {
    let mut key =
        serde_json::to_value(Jwk::from_encoding_key(&private(pem), Algorithm::RS256).unwrap());
    let key = key.as_mut().unwrap();
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": key["n"], "e": key["e"]})
}

/// A token with these claims, signed with a key under a name.
pub fn signed(claims: &Value, (pem, kid): (&str, &str)) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::RS256) };
    jsonwebtoken::encode(&header, claims, &private(pem)).unwrap()
}

/// A webhook about to be sent. As it is made, it is the marketplace's.
pub struct Sending {
    pub body: String,
    pub claims: Value,
    /// The key it is signed with, and the name it gives that key.
    pub key: (&'static str, String),
    /// In place of the token.
    pub authorization: Option<String>,
    /// The secret of Standard Webhooks, and how long ago it was signed.
    pub secret: Option<(String, SignedDuration)>,
    /// What stands in the body that was signed, in place of the body that is sent.
    pub signed_body: Option<String>,
}

impl Sending {
    /// Tells of the first operation.
    pub fn of(action: &str) -> Self {
        Self::about(OPERATION, action)
    }

    /// Tells of an operation.
    pub fn about(operation: &str, action: &str) -> Self {
        let now = SystemClock.now().as_second();
        let body = json!({"id": operation, "activityId": operation, "publisherId": "contoso",
            "offerId": "desk", "planId": "gold", "quantity": 2, "subscriptionId": SUBSCRIPTION,
            "timeStamp": "2027-01-31T09:00:00Z", "action": action, "status": "InProgress",
            "operationRequestSource": "Azure", "subscription": {"id": SUBSCRIPTION},
            "purchaseToken": null, "unheardOf": [1, {"deep": null}]});
        let claims = json!({"aud": CLIENT, "iss": issuer_v2(TENANT), "tid": TENANT,
            "azp": MARKETPLACE_RESOURCE, "azpacr": "1", "oid": "o", "sub": "o", "ver": "2.0",
            "iat": now - 300, "nbf": now - 300, "exp": now + 3600});
        Self {
            body: body.to_string(),
            claims,
            key: (OLD_KEY, KID.to_owned()),
            authorization: None,
            secret: None,
            signed_body: None,
        }
    }

    /// With a token of the older shape.
    pub fn v1(mut self) -> Self {
        let claims = self.claims.as_object_mut().unwrap();
        let caller = claims.remove("azp").unwrap();
        claims.insert("appid".to_owned(), caller);
        claims.insert("iss".to_owned(), issuer_v1(TENANT).into());
        self
    }

    /// With another claim.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    /// The token it carries.
    pub fn token(&self) -> String {
        signed(&self.claims, (self.key.0, &self.key.1))
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: &str| {
            headers.insert(name, value.parse().unwrap());
        };
        set("content-type", "application/json");
        set("x-rehearse-now", "2027-01-31T09:00:05.000000Z");
        let bearer = || format!("Bearer {}", self.token());
        set("authorization", &self.authorization.clone().unwrap_or_else(bearer));
        if let Some((secret, ago)) = &self.secret {
            let at: Timestamp = SystemClock.now() - *ago;
            let key = SignatureKey::parse(secret).unwrap();
            let body = self.signed_body.as_ref().unwrap_or(&self.body);
            set("webhook-id", "msg_1");
            set("webhook-timestamp", &at.as_second().to_string());
            set("webhook-signature", &key.sign("msg_1", at, body.as_bytes()));
        }
        headers
    }

    /// Sends it.
    pub async fn send(&self, setting: &Setting) -> Shown {
        let url = format!("{}/s/default/contoso/webhook", setting.url());
        let call = setting.browser().client.post(url).headers(self.headers());
        shown(call.body(self.body.clone())).await
    }

    /// Sends it; it must be answered so.
    #[track_caller]
    pub fn gets(&self, setting: &Setting, status: u16) -> impl Future<Output = Shown> {
        let sent = self.send(setting);
        let place = std::panic::Location::caller();
        async move {
            let shown = sent.await;
            assert_eq!(shown.status, status, "{place}: {}", shown.text);
            shown
        }
    }
}
