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
        party::{Partner, PartnerKind},
        refusal::Refusal,
    },
    http::notes::Notes,
    store::{Failure, partners},
};

/// What the caller is to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relationship {
    /// Provider: the others are its resellers.
    ProviderOf,
    /// Reseller: the other is its provider.
    ResellerOf,
}

impl Relationship {
    fn named(params: &Params) -> Result<Self, Refusal> {
        let sent = params.get("relationship_type").unwrap_or_default();
        match word(sent).as_str() {
            "isindirectcloudsolutionproviderof" => Ok(Self::ProviderOf),
            "isindirectresellerof" => Ok(Self::ResellerOf),
            _ => {
                let reason = "send IsIndirectCloudSolutionProviderOf or IsIndirectResellerOf";
                Err(Refusal::field("relationship_type", reason))
            }
        }
    }

    /// Answers are in snake case, whatever was asked.
    fn name(self) -> &'static str {
        match self {
            Self::ProviderOf => "is_indirect_cloud_solution_provider_of",
            Self::ResellerOf => "is_indirect_reseller_of",
        }
    }

    fn holds(self, caller: &Partner, other: &Partner) -> bool {
        match self {
            Self::ProviderOf => other.provider_id.as_ref() == Some(&caller.id),
            Self::ResellerOf => caller.provider_id.as_ref() == Some(&other.id),
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
        let asked = Relationship::named(&Params::of(&uri)?)?;
        let all = partners(&mut *app.store.read().await?, &caller.sandbox).await?;
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
        let all = partners(&mut *app.store.read().await?, &caller.sandbox).await?;
        let resells = |other: &&Partner| {
            other.kind == PartnerKind::IndirectReseller
                && (other.id == customer.partner_id
                    || customer.reseller_mpn.as_ref() == Some(&other.mpn_id))
        };
        let resellers = all.iter().filter(resells);
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
