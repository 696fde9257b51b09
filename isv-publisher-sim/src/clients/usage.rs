//! Metering, as the publisher calls it: what a plan meters, and reports of usage. Called by the usage worker.

use jiff::Timestamp;
use shared::{
    fulfillment::{AvailablePlan, AvailablePlans, SaasSubscriptionStatus},
    ids::SubscriptionId,
    metering::{
        BatchUsageEvent, BatchUsageEventOkResponse, UsageBatchEventOkMessage, UsageEvent,
        UsageEventStatus,
    },
};

use super::{
    exchange::Trouble,
    marketplace::{Caller, Marketplace, VERSION},
};
use crate::{
    commands::ToldUsage,
    domain::{MeteredDimension, MeteredPlan},
    store::{Report, ReportState},
};

impl Marketplace {
    /// The subscription with what its plan meters; `None` before it has a term.
    pub async fn metered_plan(
        &self,
        caller: &Caller,
        subscription: SubscriptionId,
    ) -> Result<Option<MeteredPlan>, Trouble> {
        let (shown, at) = self.subscription(caller, subscription).await?;
        let start = shown.term.start_date.as_deref().and_then(|day| day.parse::<Timestamp>().ok());
        let Some(term_start) = start else { return Ok(None) };
        let url = self.subscription_url(subscription, "/listAvailablePlans");
        let call = || self.http.get(&url).query(&[("planId", &shown.plan_id)]);
        let plans: AvailablePlans = self.call(caller, call).await?.json()?;
        let plan = plans.plans.into_iter().find(|plan| plan.plan_id == shown.plan_id);
        let unit = &shown.term.term_unit;
        Ok(Some(MeteredPlan {
            dimensions: plan.map(|plan| dimensions(&plan, unit)).unwrap_or_default(),
            plan: shown.plan_id,
            active: shown.saas_subscription_status == SaasSubscriptionStatus::Subscribed,
            term_start,
            at,
        }))
    }

    /// Reports a batch; answers what became of each, and the sandbox's time.
    pub async fn report_usage(
        &self,
        caller: &Caller,
        reports: &[Report],
    ) -> Result<(Vec<ToldUsage>, Timestamp), Trouble> {
        let url = format!("{}/api/batchUsageEvent?{VERSION}", self.base);
        let body = BatchUsageEvent { request: reports.iter().map(event).collect() };
        let answer = self.call(caller, || self.http.post(&url).json(&body)).await?;
        let told: BatchUsageEventOkResponse = answer.json()?;
        Ok((told.result.into_iter().map(read).collect(), answer.now()?))
    }
}

fn dimensions(plan: &AvailablePlan, term_unit: &str) -> Vec<MeteredDimension> {
    let components = &plan.plan_components;
    let term = components.recurrent_billing_terms.iter().find(|term| term.term_unit == *term_unit);
    let included = |id: &str| {
        let listed = term?.metered_quantity_included.iter().find(|one| one.dimension_id == id)?;
        listed.units.parse().ok()
    };
    let read =
        |id: &String| MeteredDimension { id: id.clone(), included: included(id).unwrap_or(0) };
    components.metering_dimensions.iter().map(|dimension| read(&dimension.id)).collect()
}

fn event(report: &Report) -> UsageEvent {
    UsageEvent {
        resource_id: Some(report.key.subscription.to_string()),
        resource_uri: None,
        quantity: Some(report.quantity.into()),
        dimension: Some(report.dimension.clone()),
        effective_start_time: Some(report.hour.to_string()),
        plan_id: Some(report.plan.clone()),
    }
}

/// A duplicate counts as done: the hour has its event, and an attempt before this one may have made it.
fn read(message: UsageBatchEventOkMessage) -> ToldUsage {
    let state = match message.status {
        UsageEventStatus::Accepted => ReportState::Accepted,
        UsageEventStatus::Duplicate => ReportState::Duplicate,
        UsageEventStatus::Expired => ReportState::Expired,
        UsageEventStatus::Error => ReportState::Waiting,
        UsageEventStatus::ResourceNotFound
        | UsageEventStatus::ResourceNotAuthorized
        | UsageEventStatus::ResourceNotActive
        | UsageEventStatus::InvalidDimension
        | UsageEventStatus::InvalidQuantity
        | UsageEventStatus::BadArgument => ReportState::Refused,
    };
    let said = message.error.map(|error| error.message.chars().take(500).collect());
    let note = said.filter(|_| state != ReportState::Duplicate);
    ToldUsage { state, note }
}
