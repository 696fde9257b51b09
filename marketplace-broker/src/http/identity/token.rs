//! POST /{tenant}/oauth2/token and /{tenant}/oauth2/v2.0/token: bearers for publishers' and partners' programs by client
//! credentials (fulfillment.md 5.1, 5.2; partner-center.md 3.1). What somebody's sign-in is worth is told by `grants`.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::identity::{PARTNER_CENTER_RESOURCE, TokenError, TokenV1, TokenV2};

use super::{
    clients::{Client, Place, authenticate},
    issue::api_token,
    params::{Params, shown},
    problem::{Denied, TokenRefusal, unavailable},
    shape,
};
use crate::{
    app::App,
    domain::{
        identity::{Authority, Version},
        policy::GraphWindowsNet,
        refusal::Refusal,
    },
    http::{body::ReadBody, extract::TenantPath, notes::Notes},
    key_ring::{AUDIENCES, GRAPH_WINDOWS_NET},
    store::tenant_exists,
};

/// A token, v1: for a publisher's or partner's program by resource, for somebody who signed in by code; all members are text
#[utoipa::path(
    post, path = "/{tenant}/oauth2/token", tag = "identity",
    params(("tenant" = String, Path, description = "A tenant id; with a code also common or organizations")),
    request_body(
        content = String, content_type = "application/x-www-form-urlencoded",
        description = "grant_type=client_credentials with resource, authorization_code with code, redirect_uri and \
                       code_verifier, or refresh_token, both with resource if another is wanted than was named at \
                       sign-in; client_id with client_secret, or with client_assertion_type and client_assertion"
    ),
    responses(
        (status = 200, body = TokenV1),
        (status = 400, description = "A parameter is missing or names nothing here", body = TokenError),
        (status = 401, description = "The app has not proved who it is", body = TokenError),
        (status = 413, description = "The body is too long", body = TokenError),
    )
)]
pub async fn token_v1(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    notes: Notes,
    uri: Uri,
    headers: HeaderMap,
    ReadBody(body): ReadBody,
) -> Response {
    let place = Place { tenant: &tenant, headers: &headers, uri: &uri };
    let call = Call { app: &app, notes: &notes, place };
    let answered = async {
        let (grant, mut params) = call.begin(body)?;
        match grant.as_str() {
            "client_credentials" => call.by_credentials_v1(&mut params).await,
            "authorization_code" => {
                call.answer_v1(call.by_code(Version::V1, &mut params).await?).await
            }
            "refresh_token" => {
                call.answer_v1(call.by_refresh(Version::V1, &mut params).await?).await
            }
            other => Err(TokenRefusal::GrantType(shown(other)).into()),
        }
    };
    let answered = answered.await;
    call.end(answered)
}

/// A token, v2: for a publisher's or partner's program by scope, for somebody who signed in by authorization code
#[utoipa::path(
    post, path = "/{tenant}/oauth2/v2.0/token", tag = "identity",
    params(("tenant" = String, Path, description = "A tenant id; with a code also common, organizations or consumers")),
    request_body(
        content = String, content_type = "application/x-www-form-urlencoded",
        description = "grant_type=client_credentials with scope, authorization_code with code, redirect_uri and \
                       code_verifier, or refresh_token; client_id with client_secret, or with client_assertion_type and client_assertion"
    ),
    responses(
        (status = 200, body = TokenV2),
        (status = 400, description = "A parameter is missing or names nothing here; the code is over", body = TokenError),
        (status = 401, description = "The app has not proved who it is", body = TokenError),
        (status = 413, description = "The body is too long", body = TokenError),
    )
)]
pub async fn token_v2(
    State(app): State<App>,
    TenantPath(tenant): TenantPath,
    notes: Notes,
    uri: Uri,
    headers: HeaderMap,
    ReadBody(body): ReadBody,
) -> Response {
    let place = Place { tenant: &tenant, headers: &headers, uri: &uri };
    let call = Call { app: &app, notes: &notes, place };
    let answered = async {
        let (grant, mut params) = call.begin(body)?;
        match grant.as_str() {
            "client_credentials" => call.by_credentials(&mut params).await,
            "authorization_code" => {
                call.answer_v2(call.by_code(Version::V2, &mut params).await?).await
            }
            "refresh_token" => {
                call.answer_v2(call.by_refresh(Version::V2, &mut params).await?).await
            }
            other => Err(TokenRefusal::GrantType(shown(other)).into()),
        }
    };
    let answered = answered.await;
    call.end(answered)
}

/// The answer to another method than POST at a token endpoint; `None`: this is none.
pub fn wrong_method(app: &App, method: &Method, path: &str) -> Option<Response> {
    let is_token = path.ends_with("/oauth2/token") || path.ends_with("/oauth2/v2.0/token");
    is_token.then(|| TokenRefusal::Method(shown(method.as_str())).into_answer(app))
}

/// One call of a token endpoint.
pub struct Call<'a> {
    /// The broker.
    pub app: &'a App,
    notes: &'a Notes,
    /// Where it was called.
    pub place: Place<'a>,
}

impl Call<'_> {
    /// The form, and its grant.
    fn begin(&self, body: Result<Vec<u8>, Refusal>) -> Result<(String, Params), TokenRefusal> {
        let mut params = Params::read(&body.map_err(|_| TokenRefusal::TooLong)?);
        if let Some(name) = params.repeated() {
            let text = format!("The parameter '{name}' is there twice.");
            return Err(TokenRefusal::Malformed(text));
        }
        let grant = params.some("grant_type").ok_or_else(|| self.no_grant())?;
        Ok((grant, params))
    }

    /// No grant: perhaps because the body is no form.
    fn no_grant(&self) -> TokenRefusal {
        const GRANT: &str = "grant_type";
        let sent = self.place.headers.get(header::CONTENT_TYPE);
        let sent = sent.map(|sent| String::from_utf8_lossy(sent.as_bytes()).to_ascii_lowercase());
        match sent.filter(|sent| !sent.starts_with("application/x-www-form-urlencoded")) {
            Some(other) => TokenRefusal::NotForm(shown(&other), GRANT),
            None => TokenRefusal::Missing(GRANT),
        }
    }

    fn end<T: Serialize>(&self, answered: Result<T, Denied>) -> Response {
        match answered {
            Ok(token) => {
                let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
                (StatusCode::OK, no_store, Json(token)).into_response()
            }
            Err(denied) => {
                self.notes.refusal(&denied);
                match denied {
                    Denied::Refused(refusal) => refusal.into_answer(self.app),
                    Denied::Failed(_) | Denied::Unsigned(_) => unavailable(),
                }
            }
        }
    }

    /// The authority of the path.
    pub async fn authority(&self) -> Result<Authority, Denied> {
        let unknown = || TokenRefusal::Tenant(shown(self.place.tenant));
        match Authority::read(self.place.tenant).ok_or_else(unknown)? {
            Authority::Tenant(id) => {
                let exists = tenant_exists(&mut *self.app.store.read().await?, id).await?;
                if exists { Ok(Authority::Tenant(id)) } else { Err(unknown().into()) }
            }
            many => Ok(many),
        }
    }

    /// Notes who calls.
    pub fn caller(&self, client: &Client) {
        self.notes.caller(client.registration.owner.to_string());
        self.notes.sandbox(&client.registration.sandbox, client.registration.clock);
    }

    /// A program in its own tenant.
    async fn program(&self, params: &mut Params) -> Result<Client, Denied> {
        let Authority::Tenant(tenant) = self.authority().await? else {
            return Err(TokenRefusal::Tenant(shown(self.place.tenant)).into());
        };
        let is_of_tenant = |found: &crate::store::Registration| found.app.tenant_id == tenant;
        let client = authenticate(self.app, &self.place, is_of_tenant, params).await?;
        self.caller(&client);
        Ok(client)
    }

    async fn by_credentials_v1(&self, params: &mut Params) -> Result<TokenV1, Denied> {
        let resource = params.some("resource");
        let client = self.program(params).await?;
        let resource = resource.ok_or(TokenRefusal::Missing("resource"))?;
        let audience = known_resource(&client, &resource)?;
        let issued = api_token(self.app, &client.registration, client.proof, audience).await?;
        let left = (issued.ends - self.app.clock.now().as_second()).max(0).to_string();
        Ok(TokenV1 {
            token_type: "Bearer".to_owned(),
            scope: None,
            expires_in: left.clone(),
            ext_expires_in: left,
            expires_on: issued.ends.to_string(),
            not_before: issued.begins.to_string(),
            resource,
            access_token: issued.token,
            refresh_token: None,
            id_token: None,
        })
    }

    async fn by_credentials(&self, params: &mut Params) -> Result<TokenV2, Denied> {
        let scope = params.some("scope");
        let client = self.program(params).await?;
        if params.some("resource").is_some() {
            return Err(TokenRefusal::ResourceInV2.into());
        }
        let scope = scope.ok_or(TokenRefusal::Missing("scope"))?;
        let malformed = || TokenRefusal::Scope(shown(&scope));
        let resource = scope.trim().strip_suffix("/.default").ok_or_else(malformed)?;
        if resource.contains(char::is_whitespace) {
            return Err(malformed().into());
        }
        let audience = known_resource(&client, resource)?;
        let issued = api_token(self.app, &client.registration, client.proof, audience).await?;
        let left = (issued.ends - self.app.clock.now().as_second()).max(0);
        let left = shape::seconds(&client.registration.policy, left);
        Ok(TokenV2 {
            token_type: "Bearer".to_owned(),
            scope: None,
            expires_in: left.clone(),
            ext_expires_in: left,
            access_token: issued.token,
            refresh_token: None,
            id_token: None,
            client_info: None,
        })
    }
}

/// The audience of a resource that there is, in the client's sandbox.
fn known_resource<'a>(client: &Client, resource: &'a str) -> Result<&'a str, TokenRefusal> {
    let audience = resource.trim_end_matches('/');
    let takes_graph =
        || client.registration.policy.get::<GraphWindowsNet>() == GraphWindowsNet::Take;
    let is_known = AUDIENCES.contains(&audience)
        || audience == PARTNER_CENTER_RESOURCE
        || (audience == GRAPH_WINDOWS_NET && takes_graph());
    if is_known { Ok(audience) } else { Err(TokenRefusal::Resource(shown(resource))) }
}
