//! Where what was bought is activated: one link a subscription, the same wherever it is asked for (partner-center.md 3.6;
//! P19, P20). Nothing is stored for it. Called by `http/partner_center/activation_links`.

use std::collections::HashMap;

use jiff::Timestamp;
use shared::{
    ids::{PublisherId, SandboxId},
    purchase_token::PurchaseToken,
};

use crate::{
    domain::{
        activation_link::{landing_page, shown_token},
        partner_refusal::PartnerRefusal,
        party::{AccountKind, Partner},
        policy::Policy,
        purchase::token_life,
        refusal::Refusal,
        subscription::{Status, Subscription},
    },
    store::{Failure, Store, newest_token_key, publisher},
};

/// Who asks, and when.
pub struct LinksAsked<'a> {
    /// The sandbox.
    pub sandbox: &'a SandboxId,
    /// How it behaves.
    pub policy: &'a Policy,
    /// Its time.
    pub at: Timestamp,
    /// Who asks.
    pub partner: &'a Partner,
    /// Base of the bundled publisher.
    pub bundled: Option<&'a str>,
}

/// Where a subscription is activated.
pub struct ShownLink {
    /// The line of its order.
    pub line: i64,
    /// The publisher's page and the token to take there; `None`: nowhere, in an integration sandbox.
    pub target: Option<(String, PurchaseToken)>,
}

/// The links of subscriptions that were bought together; those that have ended have none, and if all have, that is
/// refused. While a plan is active its link leads to where it is managed (Q18).
pub async fn activation_links(
    store: &Store,
    asked: &LinksAsked<'_>,
    bought: &[Subscription],
) -> Result<Vec<ShownLink>, Failure> {
    let alive = bought.iter().filter(|one| !matches!(one.status, Status::Unsubscribed { .. }));
    let alive: Vec<_> = alive.collect();
    if alive.is_empty() {
        return Err(Refusal::from(PartnerRefusal::NoLinkAfterEnd).into());
    }
    if asked.partner.account_kind == AccountKind::IntegrationSandbox {
        let dummy = |one: &&Subscription| ShownLink { line: one.order_line, target: None };
        return Ok(alive.iter().map(dummy).collect());
    }
    let mut conn = store.read().await?;
    let key = newest_token_key(&mut conn, asked.sandbox).await?;
    let life = token_life(asked.policy.get());
    let mut pages: HashMap<&PublisherId, String> = HashMap::new();
    let mut links = Vec::with_capacity(alive.len());
    for one in alive {
        let id = &one.publisher_id;
        if !pages.contains_key(id) {
            let found = publisher(&mut conn, asked.sandbox, id).await?;
            let found = found.ok_or_else(|| Refusal::unknown("Publisher", id))?;
            pages.insert(id, landing_page(&found, asked.sandbox, asked.bundled)?);
        }
        let page = pages.get(id).cloned().unwrap_or_default();
        let (token, _) = shown_token(&key, asked.sandbox, one, life, asked.at);
        links.push(ShownLink { line: one.order_line, target: Some((page, token)) });
    }
    Ok(links)
}
