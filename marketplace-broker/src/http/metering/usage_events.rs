//! GET /api/usageEvents (fulfillment.md 4.4, C60): what was accepted, a row a UTC day, resource and dimension.

use axum::{
    extract::{OriginalUri, Query, State},
    http::Uri,
    response::Response,
};
use jiff::{Timestamp, civil::Date};
use shared::metering::{
    GetUsageEvent, Quantity, ReconStatus, UsageEventBadRequestResponse, UsageEventForbidden,
};
use uuid::Uuid;

use super::{problem::Problem, shape::UsageShape};
use crate::{
    app::App,
    domain::{
        metering::{
            tally::{UsageDay, azure_subscription},
            time::day_named,
        },
        refusal::Refusal,
        term::{day_of, midnight},
    },
    http::{extract::MeteringCaller, notes::Notes},
    queries,
};

/// What is asked for.
struct Asked {
    from: Date,
    to: Date,
    offer: Option<String>,
    plan: Option<String>,
    dimension: Option<String>,
    azure_subscription: Option<Uuid>,
    recon_status: Option<&'static str>,
}

/// Usage by day, the newest first
#[utoipa::path(
    get, path = "/api/usageEvents", tag = "metering",
    params(
        ("usageStartDate" = String, Query, format = "date-time", description = "First UTC day: 2020-12-03 or 2020-12-03T15:00"),
        ("UsageEndDate" = Option<String>, Query, format = "date-time", description = "Last UTC day; today unless given"),
        ("offerId" = Option<String>, Query), ("planId" = Option<String>, Query),
        ("dimension" = Option<String>, Query), ("azureSubscriptionId" = Option<String>, Query, format = "uuid"),
        ("reconStatus" = Option<ReconStatus>, Query),
    ),
    responses(
        (status = 200, description = "A row a day, resource and dimension", body = Vec<GetUsageEvent>),
        (status = 400, description = "A parameter is missing or malformed", body = UsageEventBadRequestResponse),
        (status = 403, description = "Not a publisher of this marketplace", body = UsageEventForbidden),
    )
)]
pub async fn list_usage(
    State(app): State<App>,
    MeteringCaller(caller): MeteringCaller,
    OriginalUri(uri): OriginalUri,
    notes: Notes,
) -> Response {
    let shape = UsageShape::of(&caller);
    let now = caller.clock.at(app.store.real_now());
    let asked = match read(shape, &uri, now) {
        Ok(asked) => asked,
        Err(refusal) => return Problem::from(refusal).noted(shape, &notes),
    };
    match queries::usage_days(&app.store, &caller, (asked.from, asked.to)).await {
        Ok(days) => {
            let rows: Vec<_> =
                days.iter().map(|day| row(day, now)).filter(|row| asked.wants(row)).collect();
            shape.rows(&rows)
        }
        Err(failure) => Problem::from(failure).noted(shape, &notes),
    }
}

impl Asked {
    fn wants(&self, row: &GetUsageEvent) -> bool {
        let is = |asked: &Option<String>, value: &str| asked.as_ref().is_none_or(|a| a == value);
        is(&self.offer, &row.offer_id)
            && is(&self.plan, &row.plan_id)
            && is(&self.dimension, &row.dimension)
            && self.azure_subscription.is_none_or(|id| id.to_string() == row.azure_subscription_id)
            && self.recon_status.is_none_or(|name| name == format!("{:?}", row.recon_status))
    }
}

/// Reads the query; names in any case, because Microsoft's own file writes them in two (4.4).
fn read(shape: UsageShape, uri: &Uri, now: Timestamp) -> Result<Asked, Refusal> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| Refusal::field("query", "the query is no list of names and values"))?
        .0;
    let sent = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    let day = |name: &'static str, text: &str| {
        let named = |_| Refusal::field(name, "this is no day: send 2020-12-03 or 2020-12-03T15:00");
        day_named(text).map_err(named)
    };
    let from = sent("usageStartDate")
        .ok_or_else(|| Refusal::field("usageStartDate", "The usageStartDate is required."))?;
    let from = day("usageStartDate", from)?;
    let to = sent("UsageEndDate").map(|text| day("UsageEndDate", text)).transpose()?;
    let to = match to {
        Some(to) if to < from => {
            let reason = "the last day is before the first; send a later UsageEndDate";
            return Err(Refusal::field("UsageEndDate", reason));
        }
        Some(to) => to,
        None => day_of(now),
    };
    let text = |name| sent(name).map(str::to_owned);
    Ok(Asked {
        from,
        to,
        offer: text("offerId"),
        plan: text("planId"),
        dimension: text("dimension"),
        azure_subscription: sent("azureSubscriptionId").map(guid).transpose()?,
        recon_status: sent("reconStatus").map(|text| recon_status(shape, text)).transpose()?,
    })
}

fn guid(text: &str) -> Result<Uuid, Refusal> {
    Uuid::try_parse(text).map_err(|_| Refusal::field("azureSubscriptionId", "this is no GUID"))
}

fn recon_status(shape: UsageShape, text: &str) -> Result<&'static str, Refusal> {
    let known = shape.recon_statuses();
    let found = known.iter().copied().find(|name| name.eq_ignore_ascii_case(text));
    found.ok_or_else(|| Refusal::field("reconStatus", format!("use one of {}", known.join(", "))))
}

/// A row; what is processed is processed as it was submitted.
fn row(stored: &UsageDay, now: Timestamp) -> GetUsageEvent {
    let submitted = Quantity(stored.quantity).as_double();
    let (recon_status, processed_quantity) = match stored.is_processed(now) {
        true => (ReconStatus::Accepted, submitted),
        false => (ReconStatus::Submitted, 0.0),
    };
    GetUsageEvent {
        usage_date: midnight(stored.day).to_string(),
        usage_resource_id: stored.subscription_id.to_string(),
        dimension: stored.dimension.clone(),
        plan_id: stored.plan_id.to_string(),
        plan_name: String::new(),
        offer_id: stored.offer_id.to_string(),
        offer_name: String::new(),
        offer_type: "SaaS".to_owned(),
        azure_subscription_id: azure_subscription(stored.customer_id).to_string(),
        recon_status,
        submitted_quantity: submitted,
        processed_quantity,
        submitted_count: stored.count,
    }
}
