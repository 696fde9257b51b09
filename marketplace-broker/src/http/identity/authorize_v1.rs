//! GET and POST /{tenant}/oauth2/authorize: the account picker of v1, which asks by resource and takes work accounts only
//! (clients.md 3; fulfillment.md 5.1). What happens is in `authorize`.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};

use super::authorize::{Sent, show, take};
use crate::{
    app::App,
    domain::identity::Version,
    http::{body::ReadBody, extract::TenantPath, notes::Notes},
};

/// Sign a person in, v1: the account picker, or the answer if somebody is remembered
#[utoipa::path(
    get, path = "/{tenant}/oauth2/authorize", tag = "identity",
    params(
        ("tenant" = String, Path, description = "A tenant id, common or organizations"),
        ("client_id" = String, Query), ("redirect_uri" = String, Query),
        ("response_type" = String, Query, description = "code, id_token or both"),
        ("resource" = Option<String>, Query, description = "What the access token will be for, unless the token endpoint is \
            told: https://graph.microsoft.com, for a partner's app also https://api.partnercenter.microsoft.com"),
        ("state" = Option<String>, Query), ("nonce" = Option<String>, Query),
        ("code_challenge" = Option<String>, Query), ("code_challenge_method" = Option<String>, Query),
        ("response_mode" = Option<String>, Query, description = "query, fragment or form_post"),
        ("prompt" = Option<String>, Query, description = "none, login, select_account, consent or admin_consent"),
        ("login_hint" = Option<String>, Query),
        ("domain_hint" = Option<String>, Query, description = "A domain or organizations: who comes first"),
    ),
    responses(
        (status = 200, description = "The account picker"),
        (status = 303, description = "The answer, on its way to redirect_uri"),
        (status = 400, description = "Who asks is not known, or not by this redirect URI: a page"),
    )
)]
pub async fn authorize_v1(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    notes: Notes,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let sent = Sent { app: &app, notes: &notes, tenant: &tenant, uri: &uri, headers: &headers };
    show(Version::V1, sent).await
}

/// The picker's form comes back, v1: an account was chosen, or not
#[utoipa::path(
    post, path = "/{tenant}/oauth2/authorize", tag = "identity",
    params(("tenant" = String, Path)),
    request_body(
        content = String, content_type = "application/x-www-form-urlencoded",
        description = "csrf, and one of account (an object id), cancel, decline, access_code; without a query, an app's \
                       request, which is sent on to GET"
    ),
    responses(
        (status = 200, description = "An administrator must approve: a page"),
        (status = 303, description = "The answer, on its way to redirect_uri"),
        (status = 400, description = "Who asks is not known, or the account is none of those shown: a page"),
        (status = 403, description = "The form is not of this browser, or the access code is wrong: a page"),
    )
)]
pub async fn choose_v1(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    notes: Notes,
    uri: Uri,
    headers: HeaderMap,
    ReadBody(body): ReadBody,
) -> Response {
    let sent = Sent { app: &app, notes: &notes, tenant: &tenant, uri: &uri, headers: &headers };
    take(Version::V1, sent, body).await
}
