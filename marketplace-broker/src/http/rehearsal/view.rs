//! The stored world in the JSON of the control API.

use shared::{
    metering::Quantity,
    rehearsal::{self as wire, Amount, ClockState, Due, LicenseConfirmation as WireConfirmation},
};

use crate::{
    clients::webhook,
    domain::{
        billing::Charge,
        catalog::{Metering, Offer, Plan},
        delivery::{Delivery, DeliveryEnd, DeliveryState, Outcome},
        identity::{Account, accounts},
        metering::{AcceptedUsage, tally::TermUsage},
        party::{AccountKind, Customer, LicenseConfirmation, Partner, Publisher, TokenVersion},
        policy::SecondOperation,
        subscription::{SoldBy, Status, Subscription},
        term::midnight,
        timer::Timer,
    },
    http::{
        fulfillment::{projection, publisher_steps, setup, shape::Shape},
        words,
    },
    queries::{ClockView, SandboxView, Truth, UsageView},
    store::AttemptRow,
};
use shared::ids::SandboxId;

/// A sandbox with everything in it; `None` when it has no publisher or no partner, which no sandbox is made without.
pub fn sandbox(id: &SandboxId, view: &SandboxView, bundled: Option<&str>) -> Option<wire::Sandbox> {
    let publishers: Vec<_> =
        view.publishers.iter().map(|stored| publisher(id, stored, bundled)).collect();
    let accounts = accounts(id, &view.customers, &view.partners);
    let partners: Vec<_> = view.partners.iter().map(|stored| partner(stored, &accounts)).collect();
    Some(wire::Sandbox {
        id: id.to_string(),
        clock: clock(&view.clock),
        profile: view.policy.profile().name().to_owned(),
        publisher: publishers.first()?.clone(),
        publishers,
        partner: partners.first()?.clone(),
        partners,
        customers: view.customers.iter().map(customer).collect(),
        offers: view.offers.iter().map(offer).collect(),
    })
}

/// A clock.
pub fn clock(view: &ClockView) -> ClockState {
    ClockState {
        now: view.now.into(),
        frozen: view.clock.is_frozen(),
        next_event: view.next.as_ref().map(due),
    }
}

/// Something due.
pub fn due(timer: &Timer) -> Due {
    Due {
        due_at: timer.due_at.into(),
        kind: timer.kind.name().to_owned(),
        subscription_id: timer.subscription_id.to_string(),
    }
}

/// A publisher with its credentials.
pub fn publisher(
    sandbox: &SandboxId,
    stored: &Publisher,
    bundled: Option<&str>,
) -> wire::Publisher {
    wire::Publisher {
        publisher_id: stored.id.to_string(),
        name: stored.name.clone(),
        tenant_id: stored.app.tenant_id.to_string(),
        client_id: stored.app.client_id.to_string(),
        client_secret: stored.app.client_secret.clone(),
        client_secret_expires_at: stored.secret_expires_at.map(Into::into),
        service_principal: stored.principal_missing_since.is_none(),
        sign_in: wire::SignIn {
            client_id: stored.sign_in.client_id.to_string(),
            client_secret: stored.sign_in.client_secret.clone(),
            redirect_uris: stored.redirect_uris(sandbox, bundled),
        },
        landing_page_url: stored.landing_page(sandbox, bundled),
        webhook_url: stored.webhook(sandbox, bundled),
        license_confirmation: match stored.license_confirmation {
            LicenseConfirmation::Explicit => WireConfirmation::Explicit,
            LicenseConfirmation::WithActivation => WireConfirmation::WithActivation,
        },
        webhook_token_version: match stored.webhook_token_version {
            TokenVersion::V1 => wire::WebhookTokenVersion::V1,
            TokenVersion::V2 => wire::WebhookTokenVersion::V2,
        },
        webhook_signature: match stored.webhook_secret {
            Some(_) => wire::WebhookSignature::StandardWebhooks,
            None => wire::WebhookSignature::None,
        },
        webhook_secret: stored.webhook_secret.clone(),
    }
}

/// A partner with its credentials, and those of the sandbox's accounts that are its users.
pub fn partner(stored: &Partner, accounts: &[Account]) -> wire::Partner {
    let users = accounts.iter().filter(|one| one.tenant_id == stored.app.tenant_id);
    let user = |account: &Account| wire::PartnerUser {
        name: account.user_name.clone(),
        roles: account.roles.names().map(str::to_owned).collect(),
    };
    wire::Partner {
        partner_id: stored.id.to_string(),
        name: stored.name.clone(),
        kind: stored.kind.name().to_owned(),
        tenant_id: stored.app.tenant_id.to_string(),
        client_id: stored.app.client_id.to_string(),
        client_secret: stored.app.client_secret.clone(),
        mpn_id: stored.mpn_id.clone(),
        provider_id: stored.provider_id.as_ref().map(ToString::to_string),
        account_kind: match stored.account_kind {
            AccountKind::Production => wire::AccountKind::Production,
            AccountKind::IntegrationSandbox => wire::AccountKind::IntegrationSandbox,
        },
        agreement_signed: stored.agreement_signed_at.is_some(),
        redirect_uris: stored.redirect_uris(),
        users: users.map(user).collect(),
    }
}

fn customer(stored: &Customer) -> wire::Customer {
    wire::Customer {
        customer_id: stored.id.to_string(),
        name: stored.name.clone(),
        country: stored.country.clone(),
        partner_id: stored.partner_id.to_string(),
        domain: stored.domain.clone(),
    }
}

fn offer(stored: &Offer) -> wire::Offer {
    wire::Offer {
        offer_id: stored.id.to_string(),
        publisher_id: stored.publisher_id.to_string(),
        name: stored.name.clone(),
        plans: stored.plans.iter().map(plan).collect(),
    }
}

fn plan(stored: &Plan) -> wire::Plan {
    let mut terms: Vec<String> = Vec::new();
    for price in &stored.prices {
        if !terms.contains(&price.term) {
            terms.push(price.term.clone());
        }
    }
    wire::Plan {
        plan_id: stored.id.to_string(),
        name: stored.name.clone(),
        is_price_per_seat: stored.seats.is_some(),
        is_private: stored.is_private,
        is_auto_activated: stored.is_auto_activated,
        is_stop_sold: stored.is_stop_sold,
        min_quantity: stored.seats.map(|seats| seats.min),
        max_quantity: stored.seats.map(|seats| seats.max),
        terms,
        markets: stored.markets.clone(),
        metering_dimensions: stored
            .dimensions
            .iter()
            .filter(|dimension| dimension.metering == Metering::Metered)
            .map(|dimension| wire::MeteringDimension { id: dimension.id.clone() })
            .collect(),
        prices: stored
            .prices
            .iter()
            .map(|price| wire::Price {
                currency: price.currency.clone(),
                term: price.term.clone(),
                billing_cycle: price.billing_cycle.clone(),
                unit_price: Amount(price.unit_price),
            })
            .collect(),
    }
}

/// The whole truth about a subscription.
pub fn subscription(found: &Truth) -> wire::SubscriptionTruth {
    let Truth { subscription: stored, open, policy, steps, duties } = found;
    let locked = open.is_some() && policy.get::<SecondOperation>() == SecondOperation::Locked;
    let (ended_at, end_reason) = match stored.status {
        Status::Unsubscribed { at, reason } => (Some(at.into()), Some(reason.name().to_owned())),
        _ => (None, None),
    };
    let waiting_for = stored.waiting_for();
    let billing = stored.gate.billing_started_at();
    let last_day = stored.last_day();
    wire::SubscriptionTruth {
        subscription_id: stored.id.to_string(),
        order_id: stored.order_id.to_string(),
        name: stored.name.clone(),
        publisher_id: stored.publisher_id.to_string(),
        offer_id: stored.offer_id.to_string(),
        plan_id: stored.plan_id.to_string(),
        quantity: stored.quantity,
        customer_id: stored.customer_id.to_string(),
        sold_by: match stored.sold_by {
            SoldBy::Partner => wire::SoldBy::Partner,
            SoldBy::Customer => wire::SoldBy::Customer,
        },
        state: stored.status.name().to_owned(),
        end_reason,
        ended_at,
        purchased_at: stored.purchased_at.into(),
        licenses_required: stored.licenses_required(),
        licenses_assigned: stored.licenses_assigned,
        licenses_assigned_at: stored.gate.licenses_assigned_at().map(Into::into),
        fulfillment_confirmed_at: stored.gate.fulfillment_confirmed_at().map(Into::into),
        billing_started_at: billing.map(Into::into),
        waiting_for: waiting_for.iter().map(|key| words::waiting_for(*key, stored)).collect(),
        attention_needed: !waiting_for.is_empty(),
        must_finish_by: (!waiting_for.is_empty()).then(|| stored.must_finish_by().into()),
        term: wire::TermTruth {
            unit: stored.term.to_string(),
            billing_cycle: stored.billing_cycle.to_string(),
            auto_renew: stored.auto_renew(),
            start_date: stored.term_start.map(|day| midnight(day).into()),
            end_date: last_day.map(|day| midnight(day).into()),
            provisional: billing.is_none(),
        },
        pending_operation: open
            .as_ref()
            .map(|open| projection::operation(open, stored, Shape::under(*policy))),
        allowed_actions: stored.allowed_actions(locked).into_iter().map(str::to_owned).collect(),
        payment_fails_at_term_end: stored.payment_fails_since.is_some(),
        publisher_steps: publisher_steps::shown(steps).steps,
        duties: setup::shown(duties),
        version: stored.version,
    }
}

/// A charge line.
pub fn charge(stored: &Charge) -> wire::Charge {
    wire::Charge {
        charge_type: stored.charge_type.name().to_owned(),
        charge_start_date: midnight(stored.first_day).into(),
        charge_end_date: midnight(stored.last_day).into(),
        quantity: stored.quantity,
        unit_price: Amount(stored.unit_price),
        subtotal: Amount(stored.subtotal.major()),
        currency: stored.subtotal.currency.code().to_owned(),
        reference_id: stored.reference_id.clone(),
    }
}

/// A webhook in short.
pub fn delivery(stored: &Delivery) -> wire::DeliverySummary {
    let end = |end| match end {
        DeliveryEnd::Acknowledged => wire::DeliveryState::Acknowledged,
        DeliveryEnd::Rejected => wire::DeliveryState::Rejected,
        DeliveryEnd::GivenUp => wire::DeliveryState::GivenUp,
        DeliveryEnd::Superseded => wire::DeliveryState::Superseded,
    };
    let (state, next_attempt_at) = match stored.state {
        DeliveryState::Ready => (wire::DeliveryState::Sending, None),
        DeliveryState::Behind => (wire::DeliveryState::Behind, None),
        DeliveryState::Waiting { until } => (wire::DeliveryState::Retrying, Some(until.into())),
        DeliveryState::Done(how) => (end(how), None),
    };
    wire::DeliverySummary {
        id: stored.operation_id.to_string(),
        subscription_id: stored.subscription_id.to_string(),
        publisher_id: stored.publisher_id.to_string(),
        action: webhook::action(stored.action),
        state,
        attempts: stored.attempts,
        created_at: stored.created_at.into(),
        next_attempt_at,
        last_outcome: stored.last_outcome.clone(),
    }
}

/// A webhook with its attempts. `None` when what is stored cannot be written as a webhook.
pub fn whole_delivery(stored: &Delivery, attempts: &[AttemptRow]) -> Option<wire::Delivery> {
    let what = (stored.action, &stored.notice);
    let body = webhook::body(stored.operation_id, stored.subscription_id, what)?;
    Some(wire::Delivery {
        summary: delivery(stored),
        body: serde_json::from_str(&body).ok()?,
        tries: attempts.iter().map(attempt).collect(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of one attempt are small")]
fn attempt(row: &AttemptRow) -> wire::DeliveryAttempt {
    let (answer, error) = match &row.outcome {
        Outcome::Answered { status, body } => {
            (Some(wire::DeliveryAnswer { status: *status, body: body.clone() }), None)
        }
        Outcome::Unanswered(reason) | Outcome::NoWebhook(reason) => (None, Some(reason.clone())),
    };
    wire::DeliveryAttempt {
        number: row.number,
        at: row.at.into(),
        took_ms: row.took_us as f64 / 1000.0,
        url: row.url.clone(),
        request_headers: serde_json::from_str(&row.request_headers).unwrap_or_default(),
        answer,
        error,
        verdict: row.verdict.clone(),
    }
}

/// Events of the usage of a subscription that are shown.
const EVENTS_MAX: usize = 1_000;

/// Usage in the present term.
pub fn usage(found: &UsageView) -> wire::Usage {
    let subscription = &found.subscription;
    let last_day = subscription.last_day();
    wire::Usage {
        subscription_id: subscription.id.to_string(),
        plan_id: subscription.plan_id.to_string(),
        term_start: subscription.term_start.map(|day| midnight(day).into()),
        term_end: last_day.map(|day| midnight(day).into()),
        dimensions: found.dimensions.iter().map(|of| dimension(of, subscription)).collect(),
        events: found.events.iter().take(EVENTS_MAX).map(usage_line).collect(),
    }
}

fn dimension(of: &TermUsage, subscription: &Subscription) -> wire::DimensionUsage {
    let used = of.included_used();
    wire::DimensionUsage {
        plan_id: of.plan_id.to_string(),
        dimension: of.dimension.id.clone(),
        display_name: of.dimension.name.clone(),
        unit_of_measure: of.dimension.unit.clone(),
        unlimited: of.included.is_none(),
        included: of.included,
        included_used: of.included.and(used),
        included_left: of.included.zip(used).map(|(included, used)| included - used),
        overage: Quantity(of.accepted),
        events: of.count,
        unit_price: of.unit_price.map(Amount),
        amount: of.amount.map(Amount),
        currency: subscription.currency.code().to_owned(),
    }
}

fn usage_line(usage: &AcceptedUsage) -> wire::UsageLine {
    wire::UsageLine {
        usage_event_id: usage.id.to_string(),
        dimension: usage.dimension.clone(),
        plan_id: usage.plan_id.to_string(),
        quantity: Quantity(usage.quantity),
        effective_start_time: usage.start.time.to_string(),
        hour: usage.start.time.hour().into(),
        accepted_at: usage.accepted_at.into(),
    }
}
