//! POST /{tenant}/oauth2/token and /{tenant}/oauth2/v2.0/token: bearers for publishers' and partners' programs by client
//! credentials, and what somebody's sign-in is worth by authorization code (fulfillment.md 5.1, 5.2; partner-center.md
//! 3.1).

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::json;
use shared::{
    identity::{PARTNER_CENTER_RESOURCE, TokenError, TokenV1, TokenV2},
    secret::Secret,
};

use super::{
    clients::{Client, Place, authenticate},
    issue::{Issued, Person, api_token, graph_token, id_token},
    params::{Params, shown},
    problem::{Denied, TokenRefusal, unavailable},
};
use crate::{
    app::App,
    commands::RedeemCode,
    domain::{
        identity::{Authority, CodeRefusal, Redeeming, Scopes, TOKEN_LIFETIME},
        policy::GraphWindowsNet,
    },
    http::{body::ReadBody, extract::TenantPath, notes::Notes},
    key_ring::{AUDIENCES, GRAPH_WINDOWS_NET},
    queries,
    store::tenant_exists,
};

/// A bearer token for a publisher's or partner's program, v1: by resource; every member is text
#[utoipa::path(
    post, path = "/{tenant}/oauth2/token", tag = "identity",
    params(("tenant" = String, Path, description = "The tenant id of the publisher or partner")),
    request_body(
        content = String, content_type = "application/x-www-form-urlencoded",
        description = "grant_type=client_credentials, client_id, client_secret, resource"
    ),
    responses(
        (status = 200, body = TokenV1),
        (status = 400, description = "A parameter is missing or names nothing here", body = TokenError),
        (status = 401, description = "The app has not proved who it is", body = TokenError),
        (status = 503, description = "The signing key is being made"),
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
    let mut params = Params::read(&body.unwrap_or_default());
    let place = Place { tenant: &tenant, headers: &headers, uri: &uri };
    let call = Call { app: &app, notes: &notes, place };
    let answered = async {
        call.begin(&params)?;
        let grant = params.some("grant_type").ok_or(TokenRefusal::Missing("grant_type"))?;
        if grant != "client_credentials" {
            return Err(TokenRefusal::GrantType(shown(&grant)).into());
        }
        let resource = params.some("resource");
        let client = call.program(&mut params).await?;
        let resource = resource.ok_or(TokenRefusal::Missing("resource"))?;
        let audience = known_resource(&client, &resource)?;
        let Issued { token, begins, ends } =
            api_token(&app, &client.registration, client.proof, audience).await?;
        let left = (ends - app.clock.now().as_second()).max(0).to_string();
        Ok(TokenV1 {
            token_type: "Bearer".to_owned(),
            expires_in: left.clone(),
            ext_expires_in: left,
            expires_on: ends.to_string(),
            not_before: begins.to_string(),
            resource,
            access_token: token,
        })
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
        description = "grant_type=client_credentials with scope, or authorization_code with code, redirect_uri and \
                       code_verifier; client_id with client_secret, or with client_assertion_type and client_assertion"
    ),
    responses(
        (status = 200, body = TokenV2),
        (status = 400, description = "A parameter is missing or names nothing here; the code is over", body = TokenError),
        (status = 401, description = "The app has not proved who it is", body = TokenError),
        (status = 503, description = "The signing key is being made"),
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
    let mut params = Params::read(&body.unwrap_or_default());
    let place = Place { tenant: &tenant, headers: &headers, uri: &uri };
    let call = Call { app: &app, notes: &notes, place };
    let answered = async {
        call.begin(&params)?;
        let grant = params.some("grant_type").ok_or(TokenRefusal::Missing("grant_type"))?;
        match grant.as_str() {
            "client_credentials" => call.by_credentials(&mut params).await,
            "authorization_code" => call.by_code(&mut params).await,
            other => Err(TokenRefusal::GrantType(shown(other)).into()),
        }
    };
    let answered = answered.await;
    call.end(answered)
}

/// One call of a token endpoint.
struct Call<'a> {
    app: &'a App,
    notes: &'a Notes,
    place: Place<'a>,
}

impl Call<'_> {
    fn begin(&self, params: &Params) -> Result<(), TokenRefusal> {
        match params.repeated() {
            Some(name) => {
                let text = format!("The parameter '{name}' is there twice.");
                Err(TokenRefusal::Malformed(text))
            }
            None => Ok(()),
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
    async fn authority(&self) -> Result<Authority, Denied> {
        let unknown = || TokenRefusal::Tenant(shown(self.place.tenant));
        match Authority::read(self.place.tenant).ok_or_else(unknown)? {
            Authority::Tenant(id) => {
                let exists = tenant_exists(&mut *self.app.store.read().await?, id).await?;
                if exists { Ok(Authority::Tenant(id)) } else { Err(unknown().into()) }
            }
            many => Ok(many),
        }
    }

    fn caller(&self, client: &Client) {
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

    async fn by_credentials(&self, params: &mut Params) -> Result<TokenV2, Denied> {
        let scope = params.some("scope");
        let client = self.program(params).await?;
        let scope = scope.ok_or(TokenRefusal::Missing("scope"))?;
        let malformed = || TokenRefusal::Scope(shown(&scope));
        let resource = scope.trim().strip_suffix("/.default").ok_or_else(malformed)?;
        if resource.contains(char::is_whitespace) {
            return Err(malformed().into());
        }
        let audience = known_resource(&client, resource)?;
        let issued = api_token(self.app, &client.registration, client.proof, audience).await?;
        let left = (issued.ends - self.app.clock.now().as_second()).max(0);
        Ok(TokenV2 {
            token_type: "Bearer".to_owned(),
            scope: None,
            expires_in: left,
            ext_expires_in: left,
            access_token: issued.token,
            id_token: None,
            client_info: None,
        })
    }

    async fn by_code(&self, params: &mut Params) -> Result<TokenV2, Denied> {
        let authority = self.authority().await?;
        let code = params.some("code").ok_or(TokenRefusal::Missing("code"))?;
        let redirect_uri = params.some("redirect_uri");
        let redirect_uri = redirect_uri.ok_or(TokenRefusal::Missing("redirect_uri"))?;
        let verifier = params.some("code_verifier").map(Secret::new);
        let wants_info = params.some("client_info").as_deref() == Some("1");
        let client = authenticate(self.app, &self.place, |_| true, params).await?;
        self.caller(&client);
        let registration = &client.registration;
        let client_id = registration.app.client_id;
        let grant = self.app.store.execute(RedeemCode {
            sandbox: registration.sandbox.clone(),
            code: Secret::new(code),
            by: Redeeming { client_id, redirect_uri, verifier },
        });
        let grant = grant.await?.map_err(TokenRefusal::Code)?;
        let accounts = queries::accounts_of(&self.app.store, &registration.sandbox).await?;
        let is_it = |account: &&crate::domain::identity::Account| {
            account.object_id == grant.object_id && authority.admits(account.tenant_id)
        };
        let unknown = || TokenRefusal::Code(CodeRefusal::Unknown);
        let account = accounts.iter().find(is_it).ok_or_else(unknown)?;
        let scopes = Scopes::read(&grant.scope).map_err(|_| unknown())?;
        let person = Person { registration, account, scopes: &scopes, nonce: grant.nonce.clone() };
        let id_token = match scopes.has("openid") {
            true => Some(id_token(self.app, &person, None).await?),
            false => None,
        };
        let info = || {
            let both = json!({"uid": account.object_id, "utid": account.tenant_id.0});
            URL_SAFE_NO_PAD.encode(both.to_string())
        };
        Ok(TokenV2 {
            token_type: "Bearer".to_owned(),
            scope: Some(scopes.text()),
            expires_in: TOKEN_LIFETIME.as_secs(),
            ext_expires_in: TOKEN_LIFETIME.as_secs(),
            access_token: graph_token(self.app, &person).await?,
            id_token,
            client_info: wants_info.then(info),
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
