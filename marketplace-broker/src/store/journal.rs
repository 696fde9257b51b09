//! The journal: events with the change they tell of, exchanges just behind their answer. Rows gather in the
//! transaction and get their numbers in one go before COMMIT, so the sandbox's row is locked for a moment only.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::{
    ids::{PublisherId, SandboxId, SubscriptionId},
    metering::Quantity,
};
use sqlx::{AnyConnection, AssertSqlSafe, Row, any::AnyRow, query};

use super::{
    codec::{Reader, json as json_of},
    failure::Failure,
    gathered::{pages, places},
    tx::Tx,
};
use crate::domain::{duty::Submitter, event::Event, metering::AcceptedUsage, term::midnight};

/// A row to be written.
#[derive(Debug, Clone)]
pub struct JournalRow {
    sandbox: SandboxId,
    at: Timestamp,
    kind: &'static str,
    name: &'static str,
    caller: Option<String>,
    callee: Option<Cow<'static, str>>,
    subscription: Option<SubscriptionId>,
    took_us: Option<i64>,
    data: String,
}

/// An HTTP exchange to be written. It holds no secret.
#[derive(Debug, Clone)]
pub struct ExchangeRow {
    /// In which sandbox.
    pub sandbox: SandboxId,
    /// Sandbox time at the answer.
    pub at: Timestamp,
    /// Its name: `resolve`, `activate`, …
    pub name: &'static str,
    /// Who called.
    pub caller: String,
    /// The subscription, where it is about one.
    pub subscription: Option<SubscriptionId>,
    /// Real microseconds it took.
    pub took_us: i64,
    /// Method, path, status, request id, refusal.
    pub data: Value,
}

impl JournalRow {
    /// A domain event.
    #[must_use]
    pub fn event(
        sandbox: &SandboxId,
        at: Timestamp,
        subscription: Option<SubscriptionId>,
        event: &Event,
    ) -> Self {
        Self {
            sandbox: sandbox.clone(),
            at,
            kind: "event",
            name: event.name(),
            caller: None,
            callee: None,
            subscription,
            took_us: None,
            data: data(event).to_string(),
        }
    }

    /// A webhook that was sent, by the marketplace to a publisher.
    pub fn webhook(
        sandbox: &SandboxId,
        at: Timestamp,
        subscription: SubscriptionId,
        (publisher, took_us): (&PublisherId, i64),
        data: &impl Serialize,
    ) -> Result<Self, Failure> {
        Ok(Self {
            sandbox: sandbox.clone(),
            at,
            kind: "exchange",
            name: "webhook",
            caller: Some("marketplace".to_owned()),
            callee: Some(format!("publisher {publisher}").into()),
            subscription: Some(subscription),
            took_us: Some(took_us),
            data: json_of(data)?,
        })
    }

    /// An exchange.
    #[must_use]
    pub fn exchange(row: &ExchangeRow) -> Self {
        Self {
            sandbox: row.sandbox.clone(),
            at: row.at,
            kind: "exchange",
            name: row.name,
            caller: Some(row.caller.clone()),
            callee: Some("broker".into()),
            subscription: row.subscription,
            took_us: Some(row.took_us),
            data: row.data.to_string(),
        }
    }
}

/// What an event says, as JSON.
fn data(event: &Event) -> Value {
    match event {
        Event::Purchased { token } | Event::ActivationLinkIssued { token } => {
            json!({"token": token})
        }
        Event::LicensesReplaced { assigned, required } => {
            json!({"assigned": assigned, "required": required})
        }
        Event::Charged(charge) => json!({
            "chargeType": charge.charge_type.name(),
            "chargeStartDate": midnight(charge.first_day).to_string(),
            "chargeEndDate": midnight(charge.last_day).to_string(),
            "subtotal": charge.subtotal.major(),
            "currency": charge.subtotal.currency.code(),
        }),
        Event::Unsubscribed { reason, source } => {
            json!({"reason": reason.name(), "source": source.name()})
        }
        Event::ClockMoved { how, from } => json!({"how": how.name(), "from": format!("{from:.6}")}),
        Event::PublisherStepsDeclared { by, steps } => {
            json!({"by": by.name(), "steps": steps})
        }
        Event::PublisherStepDone { step } => json!({"step": step}),
        Event::InformationSubmitted { by } => json!({"by": submitter(by)}),
        Event::SignInUrlGiven { url } => json!({"url": url}),
        Event::UrlSent { by, url } => json!({"by": by, "url": url}),
        Event::UsageAccepted(events) => json!({"events": accepted(events)}),
        Event::SigningKeyRotated { key_id } | Event::TokenKeyRotated { key_id } => {
            json!({"keyId": key_id})
        }
        Event::OperationStarted { id, action, source } => {
            json!({"operationId": id, "action": action.name(), "source": source.name()})
        }
        Event::OperationMoved { id, action, state } => {
            json!({"operationId": id, "action": action.name(), "status": state.name()})
        }
        Event::OffersPublished { added, replaced } => {
            json!({"added": added, "replaced": replaced})
        }
        Event::CustomerCreated { id, partner } => json!({"customerId": id, "partnerId": partner}),
        Event::CustomerRemoved { id } => json!({"customerId": id}),
        Event::AgreementConfirmed { customer, kind } => {
            json!({"customerId": customer, "agreementType": kind})
        }
        Event::PlanChanged { from, to } => json!({"from": from, "to": to}),
        Event::QuantityChanged { from, to } => json!({"from": from, "to": to}),
        Event::NicknameChanged { to } => json!({"friendlyName": to}),
        Event::AutoRenewChanged { on } => json!({"autoRenew": on}),
        Event::ResellerChanged { to } => json!({"partnerId": to}),
        Event::CancellationScheduled { ends_at } => {
            json!({"endsAt": ends_at.map(|at| format!("{at:.6}"))})
        }
        Event::Suspended { until } => json!({"endsAt": format!("{until:.6}")}),
        Event::Renewed { first_day, last_day } => json!({
            "startDate": midnight(*first_day).to_string(), "endDate": midnight(*last_day).to_string(),
        }),
        Event::ProfileSet { profile } => json!({"profile": profile.name()}),
        Event::QuirkSet { id, value, set } => {
            json!({"id": id, "value": value, "origin": if *set { "set" } else { "profile" }})
        }
        Event::DeliveriesHeld { .. }
        | Event::Reinstated
        | Event::PaymentWillFail
        | Event::LicensesAssigned
        | Event::LicensesWithdrawn
        | Event::FulfillmentConfirmed
        | Event::BillingStarted
        | Event::SandboxCreated
        | Event::PublisherConfigured
        | Event::PartnerConfigured => json!({}),
    }
}

/// Usage that was accepted, with the members of the wire.
fn accepted(events: &[AcceptedUsage]) -> Vec<Value> {
    let event = |usage: &AcceptedUsage| {
        json!({
            "usageEventId": usage.id, "subscriptionId": usage.subscription_id,
            "dimension": usage.dimension,
            "quantity": Quantity(usage.quantity), "planId": usage.plan_id,
            "effectiveStartTime": usage.start.time.to_string(),
        })
    };
    events.iter().map(event).collect()
}

/// Who submitted the information, with the members of the wire; what is not known is left out.
fn submitter(by: &Submitter) -> Value {
    let Submitter { object_id, tenant_id, email_id } = by;
    let members = [("objectId", object_id), ("tenantId", tenant_id), ("emailId", email_id)];
    let known = members.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
    known.map(|(name, text)| (name.to_owned(), json!(text))).collect::<Map<_, _>>().into()
}

impl Tx {
    /// Adds a row to the journal; it gets its number before COMMIT.
    pub fn record(&mut self, row: JournalRow) {
        self.written = true;
        self.gathered.journal.push(row);
    }
}

/// Numbers and writes the gathered rows.
pub(super) async fn flush(tx: &mut Tx, rows: Vec<JournalRow>) -> Result<(), Failure> {
    let mut by_sandbox: BTreeMap<SandboxId, Vec<JournalRow>> = BTreeMap::new();
    for row in rows {
        by_sandbox.entry(row.sandbox.clone()).or_default().push(row);
    }
    for (sandbox, rows) in by_sandbox {
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let last: i64 = query(
            "UPDATE sandboxes SET journal_sequence = journal_sequence + $1 WHERE id = $2 \
             RETURNING journal_sequence",
        )
        .bind(count)
        .bind(sandbox.as_str())
        .fetch_one(tx.write())
        .await?
        .try_get(0)?;
        let mut sequence = last - count;
        for page in pages(&rows) {
            sequence = insert(tx, page, sequence).await?;
        }
    }
    Ok(())
}

async fn insert(tx: &mut Tx, rows: &[JournalRow], before: i64) -> Result<i64, Failure> {
    let text = format!(
        "INSERT INTO journal (sandbox_id, sequence, at, kind, name, caller, callee, \
         subscription_id, took_us, data) VALUES {}",
        places(tx, rows.len(), 10)
    );
    let mut statement = query(AssertSqlSafe(text)); // made of numbers only
    let mut sequence = before;
    for row in rows {
        sequence += 1;
        statement = statement
            .bind(row.sandbox.as_str())
            .bind(sequence)
            .bind(row.at.as_microsecond())
            .bind(row.kind)
            .bind(row.name)
            .bind(row.caller.as_deref())
            .bind(row.callee.as_deref())
            .bind(row.subscription.map(|id| id.to_string()))
            .bind(row.took_us)
            .bind(row.data.as_str());
    }
    statement.execute(tx.write()).await?;
    Ok(sequence)
}

fn decode(row: &AnyRow) -> Result<shared::rehearsal::JournalEntry, Failure> {
    let reader = Reader { table: "journal", row };
    #[expect(clippy::cast_precision_loss, reason = "microseconds of one exchange are small")]
    let ms = |us: i64| us as f64 / 1000.0;
    Ok(shared::rehearsal::JournalEntry {
        sequence: reader.int("sequence")?,
        at: reader.at("at")?.into(),
        kind: reader.text("kind")?,
        name: reader.text("name")?,
        from: reader.maybe_text("caller")?,
        to: reader.maybe_text("callee")?,
        subscription_id: reader.maybe_text("subscription_id")?,
        ms: reader.maybe_int("took_us")?.map(ms),
        data: reader.json("data")?,
    })
}

/// A page of the journal after `after`, in order.
pub async fn journal_after(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    after: i64,
    limit: i64,
) -> Result<Vec<shared::rehearsal::JournalEntry>, Failure> {
    let rows = query(
        "SELECT sequence, at, kind, name, caller, callee, subscription_id, took_us, data \
         FROM journal WHERE sandbox_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
    )
    .bind(sandbox.as_str())
    .bind(after)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.iter().map(decode).collect()
}
