//! What somebody's sign-in is worth at the token endpoints: by authorization code, then by refresh token (fulfillment.md
//! 5.2; partner-center.md 3.1). Called by `token`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use shared::{
    entropy::{self, random_uuid},
    identity::{PARTNER_CENTER_RESOURCE, TokenV1, TokenV2},
    ids::TenantId,
    secret::Secret,
};
use uuid::Uuid;

use super::{
    clients::{Client, authenticate},
    issue::{Issued, Person, TokenUser, graph_token, id_token, user_token},
    params::{Params, shown},
    problem::{Denied, TokenRefusal},
    shape,
    token::Call,
};
use crate::{
    commands::{RedeemCode, UseRefresh},
    domain::{
        identity::{
            Account, Asker, CodeRefusal, Door, GRAPH, PARTNER_CENTER_SCOPE, Redeeming,
            RefreshRefusal, Resource, Scopes, TOKEN_LIFETIME, Version,
        },
        policy::RefreshTokenReuse,
    },
    queries,
};

/// Somebody who has signed in to an app.
pub struct SignedIn {
    client: Client,
    account: Account,
    scopes: Scopes,
    /// What the access token is for.
    resource: Resource,
    /// The same as the request named it, if it did (v1).
    named: Option<String>,
    nonce: Option<String>,
    refresh: Option<Secret<String>>,
    /// Base64url of ids, if they were asked for.
    client_info: Option<String>,
}

impl Call<'_> {
    /// By authorization code.
    pub async fn by_code(&self, version: Version, params: &mut Params) -> Result<SignedIn, Denied> {
        let door = Door { authority: self.authority().await?, version };
        let code = params.some("code").ok_or(TokenRefusal::Missing("code"))?;
        let redirect_uri = params.some("redirect_uri");
        let redirect_uri = redirect_uri.ok_or(TokenRefusal::Missing("redirect_uri"))?;
        let verifier = params.some("code_verifier").map(Secret::new);
        let wants_info = params.some("client_info").as_deref() == Some("1");
        let client = self.signs_in(params).await?;
        let named = named_resource(version, params)?;
        let registration = &client.registration;
        let resource = read_resource(named.as_deref(), registration.asker())?;
        let refresh = self.refresh_token();
        let grant = self.app.store.execute(RedeemCode {
            sandbox: registration.sandbox.clone(),
            code: Secret::new(code),
            by: Redeeming {
                client_id: registration.app.client_id,
                redirect_uri,
                verifier,
                needs: resource.map(Resource::scopes),
                door,
            },
            refresh: refresh.clone(),
            family: random_uuid(self.app.entropy.as_ref()),
        });
        let grant = grant.await?.map_err(TokenRefusal::Code)?;
        let unknown = || TokenRefusal::Code(CodeRefusal::Unknown);
        let account = self.account(&client, (grant.tenant_id, grant.object_id)).await?;
        let account = account.ok_or_else(unknown)?;
        let scopes = Scopes::read(&grant.scope, registration.asker()).map_err(|_| unknown())?;
        Ok(SignedIn {
            client_info: wants_info.then(|| client_info(&account)),
            refresh: grant.refresh().map(|_| refresh),
            nonce: grant.nonce,
            resource: resource.unwrap_or_else(|| default_resource(version, &scopes)),
            named,
            client,
            account,
            scopes,
        })
    }

    /// By refresh token; a scope that was not allowed before is refused.
    pub async fn by_refresh(
        &self,
        version: Version,
        params: &mut Params,
    ) -> Result<SignedIn, Denied> {
        let door = Door { authority: self.authority().await?, version };
        let token = params.some("refresh_token").ok_or(TokenRefusal::Missing("refresh_token"))?;
        let scope = params.some("scope").filter(|_| version == Version::V2);
        let wants_info = params.some("client_info").as_deref() == Some("1");
        let client = self.signs_in(params).await?;
        let named = named_resource(version, params)?;
        let registration = &client.registration;
        let asker = registration.asker();
        let resource = read_resource(named.as_deref(), asker)?;
        let less = scope.map(|text| {
            Scopes::read(&text, asker).map_err(|_| TokenRefusal::Refresh(RefreshRefusal::Scope))
        });
        let less = less.transpose()?;
        let next = self.refresh_token();
        let grant = self.app.store.execute(UseRefresh {
            sandbox: registration.sandbox.clone(),
            token: Secret::new(token),
            client: registration.app.client_id,
            door,
            wanted: less.clone().or_else(|| resource.map(Resource::scopes)),
            once: registration.policy.get::<RefreshTokenReuse>() == RefreshTokenReuse::Refused,
            next: next.clone(),
        });
        let grant = grant.await?.map_err(TokenRefusal::Refresh)?;
        let unknown = || TokenRefusal::Refresh(RefreshRefusal::Unknown);
        let account = self.account(&client, (grant.tenant_id, grant.object_id)).await?;
        let account = account.ok_or_else(unknown)?;
        let scopes = match less {
            Some(scopes) => scopes,
            None => Scopes::read(&grant.scope, asker).map_err(|_| unknown())?,
        };
        Ok(SignedIn {
            client_info: wants_info.then(|| client_info(&account)),
            refresh: Some(next),
            nonce: None,
            resource: resource.unwrap_or_else(|| default_resource(version, &scopes)),
            named,
            client,
            account,
            scopes,
        })
    }

    /// The app that somebody has signed in to.
    async fn signs_in(&self, params: &mut Params) -> Result<Client, Denied> {
        let client = authenticate(self.app, &self.place, |_| true, params).await?;
        self.caller(&client);
        Ok(client)
    }

    /// A new refresh token, which is opaque to apps.
    fn refresh_token(&self) -> Secret<String> {
        let entropy = self.app.entropy.as_ref();
        let drawn = [entropy::seed(entropy), entropy::seed(entropy)].concat();
        Secret::new(format!("0.{}", URL_SAFE_NO_PAD.encode(drawn)))
    }

    async fn account(
        &self,
        client: &Client,
        (tenant, object): (TenantId, Uuid),
    ) -> Result<Option<Account>, Denied> {
        let all = queries::accounts_of(&self.app.store, &client.registration.sandbox).await?;
        let is_it = |one: &Account| (one.tenant_id, one.object_id) == (tenant, object);
        Ok(all.into_iter().find(is_it))
    }

    /// Everything of a sign-in, v2.
    pub async fn answer_v2(&self, signed_in: SignedIn) -> Result<TokenV2, Denied> {
        let Issued { token, ends, .. } = self.access_token(&signed_in).await?;
        let left = (ends - self.app.clock.now().as_second()).max(0);
        let left = shape::seconds(&signed_in.client.registration.policy, left);
        Ok(TokenV2 {
            token_type: "Bearer".to_owned(),
            scope: Some(signed_in.scopes.text()),
            expires_in: left.clone(),
            ext_expires_in: left,
            access_token: token,
            refresh_token: signed_in.refresh.clone(),
            id_token: self.id_token(&signed_in, Version::V2).await?,
            client_info: signed_in.client_info,
        })
    }

    /// Everything of a sign-in, v1.
    pub async fn answer_v1(&self, signed_in: SignedIn) -> Result<TokenV1, Denied> {
        let (name, scope) = match signed_in.resource {
            Resource::Graph => (GRAPH, signed_in.scopes.of_graph()),
            Resource::PartnerCenter => (PARTNER_CENTER_RESOURCE, "user_impersonation".to_owned()),
        };
        let Issued { token, begins, ends } = self.access_token(&signed_in).await?;
        let left = (ends - self.app.clock.now().as_second()).max(0).to_string();
        Ok(TokenV1 {
            token_type: "Bearer".to_owned(),
            scope: Some(scope),
            expires_in: left.clone(),
            ext_expires_in: left,
            expires_on: ends.to_string(),
            not_before: begins.to_string(),
            resource: signed_in.named.clone().unwrap_or_else(|| name.to_owned()),
            access_token: token,
            refresh_token: signed_in.refresh.clone(),
            id_token: self.id_token(&signed_in, Version::V1).await?,
        })
    }

    /// For the partner face, or for the person's own profile.
    async fn access_token(&self, signed_in: &SignedIn) -> Result<Issued, Denied> {
        let SignedIn { client, account, resource, .. } = signed_in;
        let registration = &client.registration;
        if *resource == Resource::PartnerCenter {
            // Whoever signs in at the picker has a second factor.
            let user = TokenUser { account, roles: account.roles, mfa: true };
            return Ok(user_token(self.app, registration, client.proof, &user).await?);
        }
        let now = self.app.clock.now();
        Ok(Issued {
            token: graph_token(self.app, &signed_in.person()).await?,
            begins: now.as_second(),
            ends: (now + TOKEN_LIFETIME).as_second(),
        })
    }

    async fn id_token(
        &self,
        signed_in: &SignedIn,
        version: Version,
    ) -> Result<Option<Secret<String>>, Denied> {
        if !signed_in.scopes.has("openid") {
            return Ok(None);
        }
        Ok(Some(id_token(self.app, version, &signed_in.person(), None).await?))
    }
}

impl SignedIn {
    fn person(&self) -> Person<'_> {
        Person {
            registration: &self.client.registration,
            account: &self.account,
            scopes: &self.scopes,
            nonce: self.nonce.clone(),
        }
    }
}

/// The `resource` of a request: v1's alone.
fn named_resource(version: Version, params: &mut Params) -> Result<Option<String>, TokenRefusal> {
    match (version, params.some("resource")) {
        (Version::V2, Some(_)) => Err(TokenRefusal::ResourceInV2),
        (_, named) => Ok(named),
    }
}

/// The resource of this name, for an app.
fn read_resource(named: Option<&str>, asker: Asker) -> Result<Option<Resource>, TokenRefusal> {
    let read =
        |name| Resource::read(name, asker).ok_or_else(|| TokenRefusal::Resource(shown(name)));
    named.map(read).transpose()
}

/// What an access token is for where the request does not say.
fn default_resource(version: Version, scopes: &Scopes) -> Resource {
    match version {
        Version::V1 => scopes.resource(),
        Version::V2 if scopes.has(PARTNER_CENTER_SCOPE) => Resource::PartnerCenter,
        Version::V2 => Resource::Graph,
    }
}

fn client_info(account: &Account) -> String {
    let both = json!({"uid": account.object_id, "utid": account.tenant_id.0});
    URL_SAFE_NO_PAD.encode(both.to_string())
}
