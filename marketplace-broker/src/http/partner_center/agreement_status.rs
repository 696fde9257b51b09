//! GET /v1/compliance/csp/agreementstatus: whether a partner has signed the Microsoft Partner Agreement
//! (partner-center.md 3.9).

use axum::{extract::State, http::Uri, response::Response};
use shared::{
    ids::TenantId,
    partner_center::{AgreementStatus as Wire, Error},
};

use super::{caller::PartnerCaller, mpn_profile::partner_with, params::Params, problem::answer};
use crate::{
    app::App,
    domain::{access::Errand, partner_refusal::PartnerRefusal, party::Partner, refusal::Refusal},
    http::notes::Notes,
    store::{Failure, partners},
};

/// Whether a partner has signed its agreement, by its partner id or its tenant
#[utoipa::path(
    get, path = "/v1/compliance/csp/agreementstatus", tag = "partner",
    params(
        ("mpnId" = Option<String>, Query, description = "The partner id; this or tenantId"),
        ("tenantId" = Option<String>, Query, description = "The partner's tenant"),
    ),
    responses(
        (status = 200, body = Wire), (status = 400, description = "Neither was sent", body = Error),
        (status = 401, body = Error), (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn get_agreement_status(
    State(app): State<App>,
    caller: PartnerCaller,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadAgreementStatus)?;
        let params = Params::of(&uri)?;
        let partner = match (params.get("mpnId"), params.get("tenantId")) {
            (Some(mpn_id), _) => partner_with(&app, &caller, mpn_id).await?,
            (None, Some(tenant)) => partner_of_tenant(&app, &caller, tenant).await?,
            (None, None) => {
                let reason = "send it, or tenantId: whose agreement is asked for";
                return Err(Refusal::field("mpnId", reason).into());
            }
        };
        Ok(Wire { is_agreement_signed: partner.agreement_signed_at.is_some() })
    };
    answer(found.await, &notes)
}

async fn partner_of_tenant(
    app: &App,
    caller: &PartnerCaller,
    sent: &str,
) -> Result<Partner, Failure> {
    let unknown = || Refusal::from(PartnerRefusal::NoPartner(sent.chars().take(60).collect()));
    let tenant: TenantId = sent.parse().map_err(|_| unknown())?;
    let all = partners(&mut *app.store.read().await?, &caller.sandbox).await?;
    let found = all.into_iter().find(|partner| partner.app.tenant_id == tenant);
    Ok(found.ok_or_else(unknown)?)
}
