//! GET /v1/profiles/mpn: a partner by its Microsoft Partner Network id; without one, the caller (partner-center.md 3.9).

use axum::{extract::State, http::Uri, response::Response};
use shared::partner_center::{Attributes, Error, Link, MpnProfile as Wire, MpnProfileLinks};

use super::{caller::PartnerCaller, collection::own_address, params::Params, problem::answer};
use crate::{
    app::App,
    domain::{access::Errand, partner_refusal::PartnerRefusal, party::Partner, refusal::Refusal},
    http::notes::Notes,
    store::{Failure, partner_of_mpn},
};

/// A partner by its partner id; the caller without one. For a user who has signed in
#[utoipa::path(
    get, path = "/v1/profiles/mpn", tag = "partner",
    params(("mpnId" = Option<String>, Query, description = "The partner id; the caller's own if absent")),
    responses(
        (status = 200, body = Wire), (status = 401, body = Error),
        (status = 403, description = "900329: a program alone", body = Error),
        (status = 404, description = "3000: nobody has it", body = Error),
    )
)]
pub async fn get_mpn_profile(
    State(app): State<App>,
    caller: PartnerCaller,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadMpnProfile)?;
        let params = Params::of(&uri)?;
        let partner = match params.get("mpnId") {
            None => return Ok(profile(&caller.partner, &uri)),
            Some(id) => partner_with(&app, &caller, id).await?,
        };
        Ok(profile(&partner, &uri))
    };
    answer(found.await, &notes)
}

/// The partner of the sandbox with this id, or 404/3000.
pub async fn partner_with(
    app: &App,
    caller: &PartnerCaller,
    mpn_id: &str,
) -> Result<Partner, Failure> {
    let mut conn = app.store.read().await?;
    let found = partner_of_mpn(&mut conn, &caller.sandbox, mpn_id).await?;
    let unknown = || PartnerRefusal::NoPartner(mpn_id.chars().take(60).collect());
    Ok(found.ok_or_else(unknown).map_err(Refusal::from)?)
}

fn profile(partner: &Partner, uri: &Uri) -> Wire {
    Wire {
        partner_name: partner.name.clone(),
        mpn_id: partner.mpn_id.clone(),
        profile_type: "MpnProfile".to_owned(),
        links: MpnProfileLinks { own: Link::get(own_address(uri)) },
        attributes: Attributes::of("MpnProfile"),
    }
}
