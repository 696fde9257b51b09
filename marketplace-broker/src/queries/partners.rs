//! Partners as they know each other, and what their customers have agreed to. Called by `http/partner_center`.

use shared::ids::{CustomerId, SandboxId, TenantId};

use crate::{
    domain::{
        agreement::Agreement, partner_refusal::PartnerRefusal, party::Partner, refusal::Refusal,
    },
    store::{self, Failure, Store},
};

/// The partners of a sandbox, in the order of its catalogue.
pub async fn partners(store: &Store, sandbox: &SandboxId) -> Result<Vec<Partner>, Failure> {
    store::partners(&mut *store.read().await?, sandbox).await
}

/// The partner with this Microsoft Partner Network id (P50).
pub async fn partner_of_mpn(
    store: &Store,
    sandbox: &SandboxId,
    mpn_id: &str,
) -> Result<Partner, Failure> {
    let found = store::partner_of_mpn(&mut *store.read().await?, sandbox, mpn_id).await?;
    let unknown = || PartnerRefusal::NoPartner(mpn_id.chars().take(60).collect());
    Ok(found.ok_or_else(unknown).map_err(Refusal::from)?)
}

/// The partner whose tenant it is, as it was sent (3.9).
pub async fn partner_of_tenant(
    store: &Store,
    sandbox: &SandboxId,
    sent: &str,
) -> Result<Partner, Failure> {
    let unknown = || Refusal::from(PartnerRefusal::NoTenant(sent.chars().take(60).collect()));
    let tenant: TenantId = sent.parse().map_err(|_| unknown())?;
    let all = partners(store, sandbox).await?;
    let found = all.into_iter().find(|partner| partner.app.tenant_id == tenant);
    Ok(found.ok_or_else(unknown)?)
}

/// What a customer has agreed to, oldest first.
pub async fn agreements(
    store: &Store,
    sandbox: &SandboxId,
    customer: CustomerId,
) -> Result<Vec<Agreement>, Failure> {
    store::agreements_of(&mut *store.read().await?, sandbox, customer).await
}
