//! What clients need to know of a tenant's authority: metadata and keys, v1 and v2 (fulfillment.md 3.5, 5.2). The
//! keys also verify the tokens that webhooks carry.

use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use shared::{
    identity::{KeySet, OpenIdMetadata, TokenError, issuer_v1, issuer_v2},
    ids::TenantId,
};

use super::problem::{TokenRefusal, unavailable};
use crate::{
    app::App,
    http::{extract::TenantPath, fulfillment::location},
    store::{Failure, tenant_exists},
};

/// Keys that tokens of a tenant are signed with, v1
#[utoipa::path(
    get, path = "/{tenant}/discovery/keys", tag = "identity", params(("tenant" = String, Path)),
    responses((status = 200, body = KeySet), (status = 400, body = TokenError))
)]
pub async fn keys_v1(State(app): State<App>, TenantPath(tenant): TenantPath) -> Response {
    keys(&app, &tenant).await
}

/// Keys that tokens of a tenant are signed with, v2
#[utoipa::path(
    get, path = "/{tenant}/discovery/v2.0/keys", tag = "identity", params(("tenant" = String, Path)),
    responses((status = 200, body = KeySet), (status = 400, body = TokenError))
)]
pub async fn keys_v2(State(app): State<App>, TenantPath(tenant): TenantPath) -> Response {
    keys(&app, &tenant).await
}

/// A tenant's authority, v1
#[utoipa::path(
    get, path = "/{tenant}/.well-known/openid-configuration", tag = "identity", params(("tenant" = String, Path)),
    responses((status = 200, body = OpenIdMetadata), (status = 400, body = TokenError))
)]
pub async fn metadata_v1(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    headers: HeaderMap,
) -> Response {
    metadata(&app, &tenant, &headers, (issuer_v1, "/discovery/keys")).await
}

/// A tenant's authority, v2
#[utoipa::path(
    get, path = "/{tenant}/v2.0/.well-known/openid-configuration", tag = "identity",
    params(("tenant" = String, Path)),
    responses((status = 200, body = OpenIdMetadata), (status = 400, body = TokenError))
)]
pub async fn metadata_v2(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    headers: HeaderMap,
) -> Response {
    metadata(&app, &tenant, &headers, (issuer_v2, "/discovery/v2.0/keys")).await
}

/// `version`: how its tokens name their issuer, and where its keys are.
async fn metadata(
    app: &App,
    tenant: &str,
    headers: &HeaderMap,
    version: (fn(&str) -> String, &str),
) -> Response {
    let tenant = match known(app, tenant).await {
        Ok(tenant) => tenant.to_string(),
        Err(refused) => return refused,
    };
    let at = |path: &str| location::absolute(app, headers, &format!("/{tenant}{path}"));
    let (issuer, keys) = version;
    Json(OpenIdMetadata {
        issuer: issuer(&tenant),
        // Tokens are had here in v1 form; their keys and issuers serve both.
        token_endpoint: at("/oauth2/token"),
        jwks_uri: at(keys),
        token_endpoint_auth_methods_supported: vec!["client_secret_post".to_owned()],
        subject_types_supported: vec!["pairwise".to_owned()],
        id_token_signing_alg_values_supported: vec!["RS256".to_owned()],
    })
    .into_response()
}

async fn keys(app: &App, tenant: &str) -> Response {
    if let Err(refused) = known(app, tenant).await {
        return refused;
    }
    match app.keys.published(&app.store).await {
        Ok(keys) => Json(KeySet { keys }).into_response(),
        Err(error) => {
            tracing::warn!(%error, "the keys cannot be shown");
            unavailable()
        }
    }
}

/// A tenant of this installation.
async fn known(app: &App, text: &str) -> Result<TenantId, Response> {
    let refuse = || TokenRefusal::Tenant(text.chars().take(60).collect()).into_answer(app);
    let tenant: TenantId = text.parse().map_err(|_| refuse())?;
    let exists = async { tenant_exists(&mut *app.store.read().await?, tenant).await };
    match exists.await {
        Ok(true) => Ok(tenant),
        Ok(false) => Err(refuse()),
        Err::<_, Failure>(failure) => {
            tracing::warn!(%failure, "a tenant cannot be looked up");
            Err(unavailable())
        }
    }
}
