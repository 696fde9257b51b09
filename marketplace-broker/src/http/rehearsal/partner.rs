//! PUT …/partners/{partnerId}: redirect URIs, kind of account, agreement; POST …/partners/{partnerId}/tokens: a token of
//! one of its users, or of its app, without a sign-in (partner-center.md 3.1).

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::{
    identity::PARTNER_CENTER_RESOURCE,
    ids::SandboxId,
    rehearsal::{
        AccountKind as WireKind, AskPartnerToken, ConfigurePartner as Wire, Partner, PartnerToken,
        Problem as ProblemBody,
    },
};

use super::{problem::Problem, view};
use crate::{
    app::App,
    commands::{ConfigurePartner, PartnerSettings},
    domain::{
        access::{Role, Roles},
        identity::{Account, user_of_token},
        party::{self, AccountKind, check_redirect_uris},
        refusal::Refusal,
    },
    http::{
        body::{ReadBody, json},
        extract::{OperatorIn, PartnerPath},
        identity::issue::{Issued, TokenUser, api_token, user_token},
        notes::Notes,
    },
    key_ring::KeyError,
    queries,
    store::{Failure, registration},
};

/// By what an app proves itself that has a secret.
const BY_SECRET: &str = "1";

/// Set a partner's redirect URIs, kind of account and agreement
#[utoipa::path(
    put, path = "/rehearsal/v1/sandboxes/{sandbox}/partners/{partnerId}", tag = "rehearsal", request_body = Wire,
    params(("sandbox" = String, Path), ("partnerId" = String, Path)),
    responses(
        (status = 200, body = Partner), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
    )
)]
pub async fn configure_partner(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    PartnerPath(partner): PartnerPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let configured = async {
        let partner = partner?;
        let settings = read(&body?)?;
        let command = ConfigurePartner { sandbox: sandbox.clone(), partner, settings };
        let stored = app.store.execute(command).await?;
        let accounts = queries::accounts_of(&app.store, &sandbox).await?;
        Ok(view::partner(&stored, &accounts))
    };
    let configured: Result<Partner, Failure> = configured.await;
    match configured {
        Ok(partner) => Json(partner).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

fn read(bytes: &[u8]) -> Result<PartnerSettings, Refusal> {
    let asked: Wire = json(bytes)?;
    let uris = asked.redirect_uris.map(|sent| sent.map(check_redirect_uris).transpose());
    Ok(PartnerSettings {
        redirect_uris: uris.transpose()?,
        account_kind: asked.account_kind.map(|kind| match kind {
            WireKind::Production => AccountKind::Production,
            WireKind::IntegrationSandbox => AccountKind::IntegrationSandbox,
        }),
        agreement_signed: asked.agreement_signed,
    })
}

/// A token of a partner's user, or of its app by itself, without a sign-in
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/partners/{partnerId}/tokens", tag = "rehearsal",
    request_body = AskPartnerToken, params(("sandbox" = String, Path), ("partnerId" = String, Path)),
    responses(
        (status = 201, body = PartnerToken), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
    )
)]
pub async fn issue_partner_token(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    PartnerPath(partner): PartnerPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let issued = async {
        let partner = partner?;
        let bytes = body?;
        let empty = bytes.iter().all(u8::is_ascii_whitespace);
        let asked = if empty { AskPartnerToken::default() } else { json(&bytes)? };
        let found = queries::partner(&app.store, &sandbox, &partner).await?;
        issue(&app, &sandbox, &found, &asked).await
    };
    match issued.await {
        Ok(token) => {
            let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (StatusCode::CREATED, no_store, Json(token)).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

async fn issue(
    app: &App,
    sandbox: &SandboxId,
    partner: &party::Partner,
    asked: &AskPartnerToken,
) -> Result<PartnerToken, Failure> {
    let client = partner.app.client_id;
    let found = registration(&mut *app.store.read().await?, client).await?;
    let found = found.ok_or_else(|| Refusal::unknown("Partner", &partner.id))?;
    let unsigned = |error| match error {
        KeyError::Store(failure) => failure,
        _ => Failure::Busy,
    };
    let expires_in = |issued: &Issued| issued.ends - app.clock.now().as_second();
    if asked.app_only == Some(true) {
        if asked.user.is_some() || asked.roles.is_some() || asked.mfa.is_some() {
            let reason = "an app by itself has no user: leave user, roles and mfa out";
            return Err(Refusal::field("appOnly", reason).into());
        }
        let issued = api_token(app, &found, BY_SECRET, PARTNER_CENTER_RESOURCE).await;
        let issued = issued.map_err(unsigned)?;
        return Ok(PartnerToken {
            expires_in: expires_in(&issued),
            access_token: issued.token,
            roles: Vec::new(),
            user: None,
        });
    }
    let roles = asked.roles.as_deref().map(roles).transpose()?;
    let mut users = queries::accounts_of(&app.store, sandbox).await?;
    users.retain(|account| account.tenant_id == partner.app.tenant_id);
    let account: &Account = user_of_token(&users, asked.user.as_deref(), roles)?;
    let roles = roles.unwrap_or(account.roles);
    let user = TokenUser { account, roles, mfa: asked.mfa.unwrap_or(true) };
    let issued = user_token(app, &found, BY_SECRET, &user).await.map_err(unsigned)?;
    Ok(PartnerToken {
        expires_in: expires_in(&issued),
        access_token: issued.token,
        roles: roles.names().map(str::to_owned).collect(),
        user: Some(account.user_name.clone()),
    })
}

/// Roles by name; none may be unknown.
fn roles(names: &[String]) -> Result<Roles, Refusal> {
    let unknown = names.iter().find(|name| Role::named(name).is_none());
    match unknown {
        None => Ok(Roles::named(names.iter().map(String::as_str))),
        Some(name) => {
            let shown: String = name.chars().take(60).collect();
            let known = Role::ALL.map(Role::name).join(", ");
            Err(Refusal::field("roles", format!("{shown:?} is no role; there are {known}")))
        }
    }
}
