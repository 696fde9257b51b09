//! GET /v1/relationships, /v1/customers/{customerId}/relationships: with whom a partner works, and who resells to a
//! customer (partner-center.md 3.9).

use axum::{extract::State, http::Uri, response::Response};
use shared::partner_center::{Attributes, Collection, Error, PartnerRelationship as Wire};

use super::{
    caller::PartnerCaller, collection::own_address, customer_path::CustomerOf, params::Params,
    problem::answer, reading::word,
};
use crate::{
    app::App,
    domain::{
        access::Errand,
        party::Partner,
        refusal::Refusal,
        relationship::{Relationship, resells_to},
    },
    http::notes::Notes,
    queries,
    store::Failure,
};

fn named(params: &Params) -> Result<Relationship, Refusal> {
    let sent = params.get("relationship_type").unwrap_or_default();
    match word(sent).as_str() {
        "isindirectcloudsolutionproviderof" => Ok(Relationship::ProviderOf),
        "isindirectresellerof" => Ok(Relationship::ResellerOf),
        _ => {
            let reason = "send IsIndirectCloudSolutionProviderOf or IsIndirectResellerOf";
            Err(Refusal::field("relationship_type", reason))
        }
    }
}

/// The partners that the caller works with. For a user who has signed in
#[utoipa::path(
    get, path = "/v1/relationships", tag = "partner",
    params(
        ("relationship_type" = String, Query, description = "IsIndirectCloudSolutionProviderOf or IsIndirectResellerOf"),
    ),
    responses(
        (status = 200, body = Collection<Wire>), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error),
    )
)]
pub async fn list_relationships(
    State(app): State<App>,
    caller: PartnerCaller,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadRelationships)?;
        let asked = named(&Params::of(&uri)?)?;
        let all = queries::partners(&app.store, &caller.sandbox).await?;
        let others = all.iter().filter(|other| asked.holds(&caller.partner, other));
        let items = others.map(|other| relationship(other, asked)).collect();
        Ok::<_, Failure>(Collection::whole(items, own_address(&uri)))
    };
    answer(found.await, &notes)
}

/// The resellers of a customer. For a user who has signed in
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/relationships", tag = "partner", params(("customerId" = String, Path)),
    responses((status = 200, body = Collection<Wire>), (status = 401, body = Error), (status = 403, body = Error))
)]
pub async fn list_customer_relationships(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadRelationships)?;
        let all = queries::partners(&app.store, &caller.sandbox).await?;
        let resellers = all.iter().filter(|other| resells_to(other, &customer));
        let items = resellers.map(|other| relationship(other, Relationship::ProviderOf)).collect();
        Ok::<_, Failure>(Collection::whole(items, own_address(&uri)))
    };
    answer(found.await, &notes)
}

fn relationship(other: &Partner, asked: Relationship) -> Wire {
    Wire {
        id: other.app.tenant_id.to_string(),
        name: other.name.clone(),
        relationship_type: asked.name().to_owned(),
        state: "Active".to_owned(),
        mpn_id: other.mpn_id.clone(),
        attributes: Attributes::of("PartnerRelationship"),
    }
}
