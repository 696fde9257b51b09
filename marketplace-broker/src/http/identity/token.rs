//! POST /{tenant}/oauth2/token: a publisher's bearer by client credentials, v1 (fulfillment.md 5.1).

use std::collections::HashMap;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;
use shared::{
    identity::{TokenError, TokenV1, issuer_v1},
    ids::{ClientId, TenantId},
};

use super::problem::{TokenRefusal, unavailable};
use crate::{
    app::App,
    http::{body::ReadBody, extract::TenantPath, notes::Notes},
    key_ring::{AUDIENCES, Claims},
    store::{Failure, PublisherApp, app_of_client, tenant_exists},
};

/// How long a token lives, real time (fulfillment.md 5.1).
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// What a client sends.
struct Ask {
    client_id: String,
    client_secret: String,
    resource: String,
}

/// A bearer token for a publisher's program, by client credentials
#[utoipa::path(
    post, path = "/{tenant}/oauth2/token", tag = "identity",
    params(("tenant" = String, Path, description = "The publisher's tenant id")),
    request_body(
        content = String, content_type = "application/x-www-form-urlencoded",
        description = "grant_type=client_credentials, client_id, client_secret, resource"
    ),
    responses(
        (status = 200, body = TokenV1),
        (status = 400, description = "A parameter is missing or names nothing here", body = TokenError),
        (status = 401, description = "Wrong secret", body = TokenError),
        (status = 503, description = "The signing key is being made"),
    )
)]
pub async fn token(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    match admit(&app, &tenant, &body.unwrap_or_default()).await {
        Ok((found, resource)) => {
            notes.caller(format!("publisher {}", found.caller.publisher));
            notes.sandbox(&found.caller.sandbox, found.caller.clock);
            issue(&app, &found, resource).await
        }
        Err(Denied::Refused(refusal)) => {
            notes.refusal(&refusal);
            refusal.into_answer(&app)
        }
        Err(Denied::Failed(failure)) => {
            notes.refusal(&failure);
            unavailable()
        }
    }
}

/// The app that may have a token, and for which resource.
async fn admit(app: &App, tenant: &str, body: &[u8]) -> Result<(PublisherApp, String), Denied> {
    let ask = read(body)?;
    let found = authenticate(app, tenant, &ask).await?;
    Ok((found, ask.resource))
}

enum Denied {
    Refused(TokenRefusal),
    Failed(Failure),
}

impl From<TokenRefusal> for Denied {
    fn from(refusal: TokenRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Failure> for Denied {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Reads the form.
fn read(body: &[u8]) -> Result<Ask, Denied> {
    let mut form: HashMap<_, _> = url::form_urlencoded::parse(body).into_owned().collect();
    let mut take = |name: &'static str| form.remove(name).ok_or(TokenRefusal::Missing(name));
    let grant_type = take("grant_type")?;
    if grant_type != "client_credentials" {
        return Err(TokenRefusal::GrantType(grant_type.chars().take(60).collect()).into());
    }
    let ask = Ask {
        client_id: take("client_id")?,
        client_secret: take("client_secret")?,
        resource: take("resource")?,
    };
    if AUDIENCES.contains(&ask.resource.trim_end_matches('/')) {
        Ok(ask)
    } else {
        Err(TokenRefusal::Resource(ask.resource.chars().take(60).collect()).into())
    }
}

/// Finds the app and compares its secret in constant time.
async fn authenticate(app: &App, tenant: &str, ask: &Ask) -> Result<PublisherApp, Denied> {
    let shown = |text: &str| text.chars().take(60).collect::<String>();
    let mut conn = app.store.read().await?;
    let tenant_id: Option<TenantId> = tenant.parse().ok();
    let known = match tenant_id {
        Some(id) => tenant_exists(&mut conn, id).await?,
        None => false,
    };
    let tenant_id = tenant_id.filter(|_| known);
    let tenant_id = tenant_id.ok_or_else(|| TokenRefusal::Tenant(shown(tenant)))?;
    let no_app = || TokenRefusal::App(shown(&ask.client_id));
    let client: ClientId = ask.client_id.parse().map_err(|_| no_app())?;
    let found = app_of_client(&mut conn, client).await?.ok_or_else(no_app)?;
    if found.app.tenant_id != tenant_id {
        return Err(no_app().into());
    }
    if !found.app.client_secret.matches(&ask.client_secret) {
        return Err(TokenRefusal::Secret.into());
    }
    Ok(found)
}

async fn issue(app: &App, found: &PublisherApp, resource: String) -> Response {
    let now = app.clock.now();
    let (from, until) = (now.as_second(), (now + LIFETIME).as_second());
    let tenant = found.app.tenant_id.to_string();
    let client = found.app.client_id.to_string();
    let claims = Claims {
        aud: resource.trim_end_matches('/').to_owned(),
        iss: issuer_v1(&tenant),
        tid: tenant,
        oid: client.clone(),
        sub: client.clone(),
        appid: client,
        iat: from,
        nbf: from,
        exp: until,
        ver: "1.0".to_owned(),
    };
    match app.keys.sign(claims).await {
        Ok(access_token) => {
            let lifetime = LIFETIME.as_secs().to_string();
            let token = TokenV1 {
                token_type: "Bearer".to_owned(),
                expires_in: lifetime.clone(),
                ext_expires_in: lifetime,
                expires_on: until.to_string(),
                not_before: from.to_string(),
                resource,
                access_token,
            };
            let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (StatusCode::OK, no_store, Json(token)).into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "no token could be signed");
            unavailable()
        }
    }
}
