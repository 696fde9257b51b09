//! GET /v1/profiles/mpn: a partner by its Microsoft Partner Network id; without one, the caller (partner-center.md 3.9).

use axum::{extract::State, http::Uri, response::Response};
use shared::partner_center::{Attributes, Error, Link, MpnProfile as Wire, MpnProfileLinks};

use super::{caller::PartnerCaller, collection::own_address, params::Params, problem::answer};
use crate::{
    app::App,
    domain::{access::Errand, party::Partner},
    http::notes::Notes,
    queries,
    store::Failure,
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
            None => return Ok::<_, Failure>(profile(&caller.partner, &uri)),
            Some(id) => queries::partner_of_mpn(&app.store, &caller.sandbox, id).await?,
        };
        Ok(profile(&partner, &uri))
    };
    answer(found.await, &notes)
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
