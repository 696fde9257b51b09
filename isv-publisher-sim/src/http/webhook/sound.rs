//! Whether a webhook is the marketplace's: its token, and its signature where the publisher has a secret for one. Called
//! by the receiver before anything else is looked at.

use axum::http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use jiff::Timestamp;
use shared::{
    headers::{WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP},
    identity::{MARKETPLACE_RESOURCE, issuer_v1, issuer_v2},
    rehearsal::{Publisher, WebhookSignature},
    webhook_signature::{SignatureKey, SignatureRefusal},
};

use super::Refused;
use crate::{
    app::App,
    clients::{TokenTrouble, marketplace::Caller},
    domain::{Checks, Recipient, Unsound},
};

/// Longer than any token of the marketplace.
const TOKEN_MAX: usize = 8 * 1024;

/// By what the webhook is known to be the marketplace's, or why it is not. `publisher` may be out of date: it is asked
/// for anew once the token has turned out to be signed by the marketplace, so that nobody else can cause that call.
pub(super) async fn check(
    app: &App,
    caller: &Caller,
    publisher: Publisher,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Checks, Refused> {
    let token = bearer(headers).ok_or(Unsound::NoToken)?;
    let claims = match app.marketplace.claims(&publisher.tenant_id, token).await {
        Err(TokenTrouble::NoTenant) => None,
        other => Some(other?),
    };
    let fresh = app.marketplace.fresh_publisher(caller).await?;
    let claims = match claims {
        Some(claims) if fresh.tenant_id == publisher.tenant_id => claims,
        _ => app.marketplace.claims(&fresh.tenant_id, token).await?,
    };
    let now = app.clock.now();
    let token = claims.check(&recipient(&fresh), now)?;
    let signed = is_signed(&fresh, headers, body, now)?;
    Ok(Checks { token, signed })
}

fn recipient(publisher: &Publisher) -> Recipient {
    let tenant = &publisher.tenant_id;
    Recipient {
        client: publisher.client_id.clone(),
        tenant: tenant.clone(),
        issuers: [issuer_v1(tenant), issuer_v2(tenant)],
        marketplace: MARKETPLACE_RESOURCE,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The token of `Authorization: Bearer`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, AUTHORIZATION.as_str())?.split_once(' ')?;
    let token = token.trim();
    let fits = (1..=TOKEN_MAX).contains(&token.len());
    (fits && scheme.eq_ignore_ascii_case("bearer")).then_some(token)
}

/// Whether the body carries the signature that the publisher has a secret for; an error if it should and does not.
fn is_signed(
    publisher: &Publisher,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<bool, Refused> {
    let key = match (&publisher.webhook_secret, publisher.webhook_signature) {
        (None, WebhookSignature::None) => return Ok(false),
        (None, WebhookSignature::StandardWebhooks) => None,
        (Some(secret), _) => SignatureKey::parse(secret.expose()),
    };
    let unknown = "the secret for webhooks is not known";
    let key = key.ok_or_else(|| Refused::new(StatusCode::SERVICE_UNAVAILABLE, unknown))?;
    let header = |name| text(headers, name).ok_or(Unsound::NoSignature);
    let (id, at) = (header(WEBHOOK_ID)?, header(WEBHOOK_TIMESTAMP)?);
    match key.verify((id, at, header(WEBHOOK_SIGNATURE)?), body, now) {
        Ok(()) => Ok(true),
        Err(SignatureRefusal::Wrong) => Err(Unsound::WrongSignature.into()),
        Err(SignatureRefusal::NoTime | SignatureRefusal::NotFresh) => {
            Err(Unsound::OldSignature.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_is_read_from_its_header_alone() {
        let check = |value: &str, expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            assert_eq!(bearer(&headers), expected, "{value}");
        };
        check("Bearer a.b.c", Some("a.b.c"));
        check("bearer  a.b.c ", Some("a.b.c"));
        check("Basic a.b.c", None);
        check("Bearer ", None);
        check("Bearer", None);
        check(&format!("Bearer {}", "x".repeat(TOKEN_MAX + 1)), None);
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
