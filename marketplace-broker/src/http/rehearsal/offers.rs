//! POST …/offers: offers of one's own in the catalogue of a sandbox.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::{
    ids::SandboxId,
    rehearsal::{
        OfferDraft, PlanDraft, Problem as ProblemBody, PublishOffers as Asked, PublishedOffer,
        PublishedOffers, SellingDraft,
    },
};

use super::problem::Problem;
use crate::{
    app::App,
    commands::PublishOffers,
    domain::{
        catalog::{Dimension, Metering, Offer, Plan, Price, SeatRange, Selling},
        refusal::Refusal,
    },
    http::{
        body::{ReadBody, json},
        extract::OperatorIn,
        notes::Notes,
    },
};

/// Add offers to the catalogue, or replace them: all or none
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/offers", tag = "rehearsal", request_body = Asked,
    params(("sandbox" = String, Path)),
    responses(
        (status = 200, body = PublishedOffers), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, description = "Too many offers", body = ProblemBody),
    )
)]
pub async fn publish_offers(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let command = match body.and_then(|bytes| read(sandbox, &bytes)) {
        Ok(command) => command,
        Err(refusal) => return Problem::from(refusal).noted(&notes),
    };
    match app.store.execute(command).await {
        Ok(published) => {
            let offers = published.into_iter().map(|offer| PublishedOffer {
                offer_id: offer.id.to_string(),
                product_id: offer.product.to_string(),
                revision: offer.revision,
                added: offer.added,
            });
            Json(PublishedOffers { offers: offers.collect() }).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

fn read(sandbox: SandboxId, bytes: &[u8]) -> Result<PublishOffers, Refusal> {
    let asked: Asked = json(bytes)?;
    let places = asked.offers.iter().enumerate().flat_map(|(at, offer)| {
        let silent = |(_, plan): &(usize, &PlanDraft)| plan.is_auto_activated.is_none();
        offer.plans.iter().enumerate().filter(silent).map(move |(plan, _)| (at, plan))
    });
    let silent = places.collect();
    let offers = asked.offers.into_iter().enumerate().map(|(at, draft)| offer(at, draft));
    Ok(PublishOffers { sandbox, offers: offers.collect::<Result<_, _>>()?, silent })
}

/// An id of what was sent.
fn id<T: std::str::FromStr>(place: &str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| {
        let reason = "an id has 1 to 50 letters, digits, '-', '_' and '.'";
        Refusal::field(place.to_owned(), reason)
    })
}

fn offer(at: usize, draft: OfferDraft) -> Result<Offer, Refusal> {
    let place = format!("offers[{at}]");
    let plans = draft.plans.into_iter().enumerate();
    let plans = plans.map(|(at, draft)| plan(&format!("{place}.plans[{at}]"), draft));
    Ok(Offer {
        id: id(&format!("{place}.offerId"), &draft.offer_id)?,
        publisher_id: id(&format!("{place}.publisherId"), &draft.publisher_id)?,
        name: draft.name,
        plans: plans.collect::<Result<_, _>>()?,
        position: 0,
        revision: 1,
        selling: selling(&place, draft.selling.unwrap_or_default())?,
    })
}

fn selling(place: &str, draft: SellingDraft) -> Result<Selling, Refusal> {
    let partners = draft.exclusive_to.iter().enumerate();
    let partners =
        partners.map(|(at, text)| id(&format!("{place}.selling.exclusiveTo[{at}]"), text));
    Ok(Selling {
        in_csp: draft.in_csp.unwrap_or(true),
        exclusive_to: partners.collect::<Result<_, _>>()?,
        one_per_customer: draft.one_per_customer,
        segments: draft.segments,
    })
}

fn plan(place: &str, draft: PlanDraft) -> Result<Plan, Refusal> {
    let seats = match (draft.min_quantity, draft.max_quantity) {
        (None, None) => None,
        (min, Some(max)) => Some(SeatRange { min: min.unwrap_or(1), max }),
        (Some(_), None) => {
            let reason = "send it too, or leave minQuantity out for a flat rate";
            return Err(Refusal::field(format!("{place}.maxQuantity"), reason));
        }
    };
    let prices = draft.prices.into_iter().map(|price| Price {
        currency: price.currency,
        term: price.term,
        billing_cycle: price.billing_cycle,
        unit_price: price.unit_price.0,
    });
    let dimensions = draft.metering_dimensions.into_iter().map(|draft| Dimension {
        name: draft.display_name.unwrap_or_else(|| draft.id.clone()),
        unit: draft.unit_of_measure.unwrap_or_else(|| draft.id.clone()),
        id: draft.id,
        prices: draft
            .prices
            .into_iter()
            .map(|price| (price.currency, price.unit_price.0))
            .collect(),
        included: draft.included.unwrap_or(0),
        included_a_year: draft.included_a_year,
        metering: match draft.metering.unwrap_or_default() {
            shared::rehearsal::DimensionMetering::Metered => Metering::Metered,
            shared::rehearsal::DimensionMetering::Unlimited => Metering::Unlimited,
            shared::rehearsal::DimensionMetering::Disabled => Metering::Disabled,
        },
    });
    Ok(Plan {
        id: id(&format!("{place}.planId"), &draft.plan_id)?,
        name: draft.name,
        description: draft.description.unwrap_or_default(),
        is_private: draft.is_private,
        is_auto_activated: draft.is_auto_activated.unwrap_or_default(),
        is_stop_sold: draft.is_stop_sold,
        seats,
        markets: draft.markets,
        dimensions: dimensions.collect(),
        prices: prices.collect(),
    })
}
