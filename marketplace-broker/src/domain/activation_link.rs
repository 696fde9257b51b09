//! The activation link of a purchase: the publisher's landing page and a token that stands for the subscription
//! (partner-center.md 3.6; S19, P20). Called by purchases and whoever shows the link.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use shared::{
    ids::SandboxId,
    purchase_token::{self, PurchaseToken, TokenKey},
};

use super::{party::Publisher, refusal::Refusal, subscription::Subscription};

/// Where a link of an integration sandbox leads: nowhere, for the partner activates its purchases itself (3.6).
pub const DUMMY: &str = "https://publisher.example/landing?token=integration-sandbox";

/// The publisher's page that a link leads to.
pub fn landing_page(
    publisher: &Publisher,
    sandbox: &SandboxId,
    bundled: Option<&str>,
) -> Result<String, Refusal> {
    publisher.landing_page(sandbox, bundled).ok_or_else(|| {
        let id = &publisher.id;
        Refusal::NotReady(format!(
            "publisher {id} has no landing page; set landingPageUrl with PUT \
             /rehearsal/v1/sandboxes/{sandbox}/publishers/{id}"
        ))
    })
}

/// The token of a subscription that everybody is shown who asks now, and until when it resolves. It is the same in all
/// places for half its life, so whoever gets it has the other half at least; and it is another one once it has served:
/// when fulfillment is confirmed.
#[must_use]
pub fn shown_token(
    key: &TokenKey,
    sandbox: &SandboxId,
    subscription: &Subscription,
    life: SignedDuration,
    at: Timestamp,
) -> (PurchaseToken, Timestamp) {
    let half = (life / 2).as_micros().max(1);
    let age = at.duration_since(subscription.purchased_at).as_micros().max(0);
    let turn = i64::try_from(age / half).unwrap_or(i64::MAX);
    let before = i64::try_from(i128::from(turn) * half).unwrap_or(i64::MAX);
    let issued_at = subscription.purchased_at + SignedDuration::from_micros(before);
    let served = subscription.gate.fulfillment_confirmed_at();
    let served = served.map_or(0, Timestamp::as_microsecond);
    // The nonce hides nothing: the signature is what nobody else can make.
    let seed = Sha256::new()
        .chain_update(key.secret.expose())
        .chain_update(subscription.id.0.as_bytes())
        .chain_update(turn.to_be_bytes())
        .chain_update(served.to_be_bytes())
        .finalize();
    let token = purchase_token::mint(key, sandbox, subscription.id, issued_at, &seed.into());
    (token, issued_at + life)
}
