//! GET /v1/compliance/csp/agreementstatus: whether a partner has signed the Microsoft Partner Agreement
//! (partner-center.md 3.9).

use axum::{extract::State, http::Uri, response::Response};
use shared::partner_center::{AgreementStatus as Wire, Error};

use super::{caller::PartnerCaller, params::Params, problem::answer};
use crate::{
    app::App,
    domain::{access::Errand, refusal::Refusal},
    http::notes::Notes,
    queries,
    store::Failure,
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
            (Some(mpn_id), _) => {
                queries::partner_of_mpn(&app.store, &caller.sandbox, mpn_id).await?
            }
            (None, Some(tenant)) => {
                queries::partner_of_tenant(&app.store, &caller.sandbox, tenant).await?
            }
            (None, None) => {
                let reason = "send it, or tenantId: whose agreement is asked for";
                return Err(Failure::from(Refusal::field("mpnId", reason)));
            }
        };
        Ok(Wire { is_agreement_signed: partner.agreement_signed_at.is_some() })
    };
    answer(found.await, &notes)
}
