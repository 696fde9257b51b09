//! The stand-in's identity service: sends a visitor back at once, as whoever it is told, and gives an id token for the
//! code; does wrong when it is told to. Mounted by `broker`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::{
    clock::{Clock, SystemClock},
    identity::issuer_v2,
};

use super::{
    sender::{KID, OLD_KEY, public_key, signed},
    world::{BENEFICIARY, SIGN_IN, World},
};

type Shared = Arc<Mutex<World>>;
type Pairs = HashMap<String, String>;

/// What it knows and does.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who is chosen: tenant, object id, address.
    pub person: [&'static str; 3],
    /// The registration's secret that is shown, and the one that is taken.
    pub secret: &'static str,
    pub secret_taken: &'static str,
    /// Send the visitor back with this in place of a code.
    pub error: Option<(&'static str, &'static str)>,
    /// Claims over those of a good id token; null leaves one out.
    pub claims: Value,
    /// The key it signs with, by the name of the published one.
    pub key: &'static str,
    /// Answer 503 to the exchange of a code, or to everything.
    pub exchange_down: bool,
    pub down: bool,
    /// Where it says that browsers find it; the address it is called by unless given.
    pub public: Option<&'static str>,
    /// What visitors were sent with, in order.
    pub asked: Vec<Pairs>,
    codes: HashMap<String, Pairs>,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            person: BENEFICIARY,
            secret: SIGN_IN.1,
            secret_taken: SIGN_IN.1,
            error: None,
            claims: json!({}),
            key: OLD_KEY,
            exchange_down: false,
            down: false,
            public: None,
            asked: Vec::new(),
            codes: HashMap::new(),
        }
    }
}

/// Its routes.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/common/v2.0/.well-known/openid-configuration", get(metadata))
        .route("/common/discovery/v2.0/keys", get(keys))
        .route("/common/oauth2/v2.0/authorize", get(authorize))
        .route("/common/oauth2/v2.0/token", post(token))
}

async fn metadata(State(world): State<Shared>, headers: HeaderMap) -> Response {
    let identity = world.lock().unwrap().identity.clone();
    if identity.down {
        return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "7")]).into_response();
    }
    let own = format!("http://{}", headers["host"].to_str().unwrap());
    let at = |path: &str| format!("{}/common{path}", identity.public.unwrap_or(&own));
    Json(json!({"issuer": issuer_v2("{tenantid}"),
        "authorization_endpoint": at("/oauth2/v2.0/authorize"),
        "token_endpoint": at("/oauth2/v2.0/token"), "jwks_uri": at("/discovery/v2.0/keys")}))
    .into_response()
}

async fn keys() -> Json<Value> {
    Json(json!({"keys": [public_key(OLD_KEY, KID)]}))
}

/// A person who chooses at once.
async fn authorize(State(world): State<Shared>, Query(asked): Query<Pairs>) -> Redirect {
    let identity = &mut world.lock().unwrap().identity;
    assert_eq!((&*asked["response_type"], &*asked["client_id"]), ("code", SIGN_IN.0));
    let mut back = url::Url::parse(&asked["redirect_uri"]).unwrap();
    let mut query = back.query_pairs_mut();
    query.append_pair("state", &asked["state"]);
    match identity.error {
        Some((error, description)) => {
            query.append_pair("error", error).append_pair("error_description", description);
        }
        None => {
            let code = format!("code-{}", identity.asked.len());
            query.append_pair("code", &code);
            identity.codes.insert(code, asked.clone());
        }
    }
    drop(query);
    identity.asked.push(asked);
    Redirect::to(back.as_str())
}

fn refused(error: &str, description: &str) -> Response {
    let status = match error {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    let body =
        json!({"error": error, "error_description": format!("{description}\r\nTrace ID: 1")});
    (status, Json(body)).into_response()
}

async fn token(State(world): State<Shared>, Form(form): Form<Pairs>) -> Response {
    let identity = &mut world.lock().unwrap().identity;
    if identity.exchange_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    assert_eq!((&*form["grant_type"], &*form["client_id"]), ("authorization_code", SIGN_IN.0));
    if form["client_secret"] != identity.secret_taken {
        return refused("invalid_client", "AADSTS7000215: Invalid client secret provided.");
    }
    let Some(asked) = identity.codes.remove(&form["code"]) else {
        return refused("invalid_grant", "AADSTS54005: The code was already redeemed.");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    if asked["code_challenge_method"] != "S256"
        || challenge != asked["code_challenge"]
        || form["redirect_uri"] != asked["redirect_uri"]
    {
        return refused("invalid_grant", "AADSTS501481: The verifier does not match.");
    }
    let now = SystemClock.now().as_second();
    let [tenant, object, address] = identity.person;
    let mut claims = json!({"aud": SIGN_IN.0, "iss": issuer_v2(tenant), "tid": tenant, "oid": object,
        "sub": "pairwise", "name": "이하은", "preferred_username": address, "ver": "2.0",
        "nonce": asked["nonce"], "iat": now, "nbf": now, "exp": now + 3600});
    for (name, value) in identity.claims.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let id_token = signed(&claims, (identity.key, KID));
    Json(json!({"token_type": "Bearer", "scope": "openid", "expires_in": 3599,
        "access_token": "opaque", "id_token": id_token}))
    .into_response()
}
