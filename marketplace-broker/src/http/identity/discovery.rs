//! What clients need to know of an authority: metadata and keys, v1 and v2; instance discovery (fulfillment.md 3.5, 5.2;
//! clients.md 3). The keys also verify the tokens that webhooks carry.

use axum::{
    Json,
    extract::{RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use shared::{
    identity::{
        InstanceDiscovery, InstanceMetadata, KeySet, OpenIdMetadata, TokenError, issuer_v1,
        issuer_v2,
    },
    ids::SandboxId,
};
use url::Url;

use super::{
    params::{Params, shown},
    problem::{TokenRefusal, unavailable},
};
use crate::{
    app::App,
    domain::identity::Authority,
    http::{extract::TenantPath, fulfillment::location},
    store::{Failure, sandbox_of_tenant},
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

/// An authority, v1
#[utoipa::path(
    get, path = "/{tenant}/.well-known/openid-configuration", tag = "identity",
    params(("tenant" = String, Path, description = "A tenant id, common, organizations or consumers")),
    responses((status = 200, body = OpenIdMetadata), (status = 400, body = TokenError))
)]
pub async fn metadata_v1(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    headers: HeaderMap,
) -> Response {
    metadata(&app, &tenant, &headers, &V1).await
}

/// An authority, v2
#[utoipa::path(
    get, path = "/{tenant}/v2.0/.well-known/openid-configuration", tag = "identity",
    params(("tenant" = String, Path, description = "A tenant id, common, organizations or consumers")),
    responses((status = 200, body = OpenIdMetadata), (status = 400, body = TokenError))
)]
pub async fn metadata_v2(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    headers: HeaderMap,
) -> Response {
    metadata(&app, &tenant, &headers, &V2).await
}

/// Whether a host is an authority, for MSAL
#[utoipa::path(
    get, path = "/{tenant}/discovery/instance", tag = "identity",
    params(
        ("tenant" = String, Path, description = "common"),
        ("api-version" = String, Query, description = "1.0 or 1.1"),
        ("authorization_endpoint" = String, Query, description = "The authorize endpoint of the authority asked about"),
    ),
    responses((status = 200, body = InstanceDiscovery), (status = 400, body = TokenError))
)]
pub async fn instance(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let refuse = |refusal: TokenRefusal| refusal.into_answer(&app);
    if !tenant.eq_ignore_ascii_case("common") {
        return refuse(TokenRefusal::Malformed("Instance discovery is at /common.".to_owned()));
    }
    let mut params = Params::read(query.unwrap_or_default().as_bytes());
    let Some(version) = params.some("api-version") else {
        return refuse(TokenRefusal::Missing("api-version"));
    };
    let Some(asked) = params.some("authorization_endpoint") else {
        return refuse(TokenRefusal::Missing("authorization_endpoint"));
    };
    let here = location::absolute(&app, &headers, "");
    // Only our own host is an authority here. MSAL for Python asks without its port.
    let own = Url::parse(&here).ok();
    let both = own.zip(Url::parse(&asked).ok());
    let Some((own, asked)) = both.filter(|(own, asked)| own.host() == asked.host()) else {
        let text =
            "authorization_endpoint is on no known authority host; use the host you ask here.";
        return refuse(TokenRefusal::Malformed(text.to_owned()));
    };
    let mut segments = asked.path().split('/').filter(|segment| !segment.is_empty());
    let tenant = segments.next().unwrap_or("common");
    let found = match known(&app, tenant).await {
        Ok(found) => found,
        Err(refused) => return refused,
    };
    let is_v2 = segments.any(|segment| segment.eq_ignore_ascii_case("v2.0"));
    let (path, host) = (found.authority.in_path(), own.authority().to_owned());
    let version_path = if is_v2 { "/v2.0" } else { "" };
    Json(InstanceDiscovery {
        tenant_discovery_endpoint: format!(
            "{here}/{path}{version_path}/.well-known/openid-configuration"
        ),
        api_version: version,
        metadata: vec![InstanceMetadata {
            preferred_network: host.clone(),
            preferred_cache: host.clone(),
            aliases: vec![host],
        }],
    })
    .into_response()
}

/// What differs between versions.
struct Version {
    issuer: fn(&str) -> String,
    keys: &'static str,
    /// The other endpoints are below it.
    oauth: &'static str,
    /// Below the tenant; `None`: it has one address for all.
    userinfo: Option<&'static str>,
    scopes: &'static [&'static str],
    claims: &'static [&'static str],
}

const V1: Version = Version {
    issuer: issuer_v1,
    keys: "/discovery/keys",
    oauth: "/oauth2",
    userinfo: Some("/openid/userinfo"),
    scopes: &["openid"],
    claims: &[
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "nbf",
        "amr",
        "nonce",
        "c_hash",
        "family_name",
        "given_name",
        "name",
        "oid",
        "tid",
        "ver",
        "unique_name",
        "upn",
    ],
};
const V2: Version = Version {
    issuer: issuer_v2,
    keys: "/discovery/v2.0/keys",
    oauth: "/oauth2/v2.0",
    userinfo: None,
    scopes: &["openid", "profile", "email", "offline_access"],
    claims: &[
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "nbf",
        "nonce",
        "c_hash",
        "name",
        "oid",
        "tid",
        "ver",
        "preferred_username",
        "email",
    ],
};

async fn metadata(app: &App, tenant: &str, headers: &HeaderMap, version: &Version) -> Response {
    let authority = match known(app, tenant).await {
        Ok(known) => known.authority,
        Err(refused) => return refused,
    };
    let path = authority.in_path();
    let at = |rest: &str| location::absolute(app, headers, &format!("/{path}{rest}"));
    let below = |rest: &str| at(&format!("{}{rest}", version.oauth));
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Json(OpenIdMetadata {
        issuer: (version.issuer)(&authority.in_issuer()),
        authorization_endpoint: below("/authorize"),
        token_endpoint: below("/token"),
        jwks_uri: at(version.keys),
        userinfo_endpoint: match version.userinfo {
            Some(own) => at(own),
            None => location::absolute(app, headers, "/oidc/userinfo"),
        },
        end_session_endpoint: below("/logout"),
        token_endpoint_auth_methods_supported: list(&[
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ]),
        token_endpoint_auth_signing_alg_values_supported: list(&["RS256", "PS256", "ES256"]),
        response_modes_supported: list(&["query", "fragment", "form_post"]),
        response_types_supported: list(&["code", "id_token", "code id_token"]),
        scopes_supported: list(version.scopes),
        code_challenge_methods_supported: list(&["S256"]),
        subject_types_supported: list(&["pairwise"]),
        id_token_signing_alg_values_supported: list(&["RS256"]),
        claims_supported: list(version.claims),
        request_uri_parameter_supported: false,
    })
    .into_response()
}

async fn keys(app: &App, tenant: &str) -> Response {
    let known = match known(app, tenant).await {
        Ok(known) => known,
        Err(refused) => return refused,
    };
    let published = app.keys.published(&app.store, known.sandbox.as_ref(), app.clock.now());
    match published.await {
        Ok(keys) => Json(KeySet { keys }).into_response(),
        Err(error) => {
            tracing::warn!(%error, "the keys cannot be shown");
            unavailable()
        }
    }
}

/// An authority of this installation, and the sandbox it is in if it is one tenant's.
struct Known {
    authority: Authority,
    sandbox: Option<SandboxId>,
}

async fn known(app: &App, text: &str) -> Result<Known, Response> {
    let refuse = || TokenRefusal::Tenant(shown(text)).into_answer(app);
    let authority = Authority::read(text).ok_or_else(refuse)?;
    let Authority::Tenant(tenant) = authority else {
        return Ok(Known { authority, sandbox: None });
    };
    let found = async { sandbox_of_tenant(&mut *app.store.read().await?, tenant).await };
    match found.await {
        Ok(Some(sandbox)) => Ok(Known { authority, sandbox: Some(sandbox) }),
        Ok(None) => Err(refuse()),
        Err::<_, Failure>(failure) => {
            tracing::warn!(%failure, "a tenant cannot be looked up");
            Err(unavailable())
        }
    }
}
