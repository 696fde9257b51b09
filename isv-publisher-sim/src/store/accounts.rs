//! The tables `accounts` and `licenses`. Called by commands and queries.

use std::collections::HashMap;

use shared::ids::{PublisherId, SandboxId, SubscriptionId};
use sqlx::{AnyConnection, Row, any::AnyRow, query};

use super::{
    Error, Store, Tx,
    codec::{instant, instant_or_null, micros, people},
    outbox,
};
use crate::domain::{
    Account, AccountKey, Information, Keys, Progress, Purchase, Refusal, State, Submitted, Term,
    UserId,
};

const TABLE: &str = "accounts";

/// The most accounts a list holds.
const LIST_MAX: i64 = 200;

/// Every SELECT of an account ends in its own WHERE.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT sandbox_id, subscription_id, publisher_id, publisher_name, offer_name, plan_name, \
             subscription_name, quantity, term_unit, beneficiary, beneficiary_email, purchaser, \
             purchaser_email, state, suspended_at, site_address, admin_name, admin_email, people, \
             submitted_at, revision, assigned_revision, licenses_accepted, licenses_assigned_at, \
             fulfillment_confirmed_at, opened_at, version, term_start, term_end, \
             beneficiary_tenant, beneficiary_object, purchaser_tenant, purchaser_object, metered FROM accounts ",
            $rest
        )
    };
}

impl Tx {
    /// The account, if the publisher has heard of it.
    pub async fn account(&mut self, key: &AccountKey) -> Result<Option<Account>, Error> {
        load(self.connection(), key).await
    }

    /// The account; refuses if there is none.
    pub async fn require_account(&mut self, key: &AccountKey) -> Result<Account, Error> {
        self.account(key).await?.ok_or(Error::Refused(Refusal::UnknownAccount))
    }

    /// Stores the account as it is now: a new one, or over the version it was loaded with.
    pub async fn save_account(&mut self, account: &Account) -> Result<(), Error> {
        let (purchase, keys, submitted) = (&account.purchase, account.keys(), account.submitted());
        let information = submitted.map(|submitted| &submitted.information);
        let save = query(
            "INSERT INTO accounts (sandbox_id, subscription_id, publisher_id, publisher_name, \
             offer_name, plan_name, subscription_name, quantity, term_unit, beneficiary, \
             beneficiary_email, purchaser, purchaser_email, state, suspended_at, site_address, \
             admin_name, admin_email, people, submitted_at, revision, assigned_revision, \
             licenses_accepted, licenses_assigned_at, fulfillment_confirmed_at, opened_at, version, \
             term_start, term_end, beneficiary_tenant, beneficiary_object, purchaser_tenant, \
             purchaser_object, metered) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
             $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34) \
             ON CONFLICT (sandbox_id, subscription_id) DO UPDATE SET publisher_id = $3, \
             publisher_name = $4, offer_name = $5, plan_name = $6, subscription_name = $7, \
             quantity = $8, term_unit = $9, beneficiary = $10, beneficiary_email = $11, \
             purchaser = $12, purchaser_email = $13, state = $14, suspended_at = $15, \
             site_address = $16, admin_name = $17, admin_email = $18, people = $19, \
             submitted_at = $20, revision = $21, assigned_revision = $22, licenses_accepted = $23, \
             licenses_assigned_at = $24, fulfillment_confirmed_at = $25, version = $27, \
             term_start = $28, term_end = $29, beneficiary_tenant = $30, \
             beneficiary_object = $31, purchaser_tenant = $32, purchaser_object = $33, metered = $34 \
             WHERE accounts.version = $27 - 1",
        )
        .bind(account.key.sandbox.as_str())
        .bind(account.key.subscription.to_string())
        .bind(purchase.publisher.as_str())
        .bind(&purchase.publisher_name)
        .bind(&purchase.offer)
        .bind(&purchase.plan)
        .bind(&purchase.name)
        .bind(purchase.quantity)
        .bind(&purchase.term_unit)
        .bind(&purchase.beneficiary)
        .bind(&purchase.beneficiary_email)
        .bind(&purchase.purchaser)
        .bind(&purchase.purchaser_email)
        .bind(state_name(&account.state))
        .bind(account.suspended_at.map(micros))
        .bind(information.map(|form| form.site_address.clone()))
        .bind(information.map(|form| form.admin_name.clone()))
        .bind(information.map(|form| form.admin_email.clone()))
        .bind(information.map(|form| form.people.join("\n")))
        .bind(submitted.map(|submitted| micros(submitted.at)))
        .bind(submitted.map_or(0, |submitted| submitted.revision))
        .bind(account.assigned_revision)
        .bind(account.licenses_accepted)
        .bind(keys.licenses_assigned_at.map(micros))
        .bind(keys.fulfillment_confirmed_at.map(micros))
        .bind(micros(account.opened_at))
        .bind(account.version + 1)
        .bind(purchase.term.map(|term| micros(term.start)))
        .bind(purchase.term.map(|term| micros(term.end)))
        .bind(&purchase.beneficiary_user.tenant)
        .bind(&purchase.beneficiary_user.object)
        .bind(&purchase.purchaser_user.tenant)
        .bind(&purchase.purchaser_user.object)
        .bind(i64::from(purchase.metered));
        self.write_one(save).await
    }

    /// Writes down who holds a license, in place of who did.
    pub async fn replace_licenses(
        &mut self,
        key: &AccountKey,
        people: &[String],
    ) -> Result<(), Error> {
        let (sandbox, subscription) = (key.sandbox.as_str(), key.subscription.to_string());
        query("DELETE FROM licenses WHERE sandbox_id = $1 AND subscription_id = $2")
            .bind(sandbox)
            .bind(&subscription)
            .execute(self.connection())
            .await?;
        for email in people {
            let insert = query(
                "INSERT INTO licenses (sandbox_id, subscription_id, email) VALUES ($1, $2, $3)",
            )
            .bind(sandbox)
            .bind(&subscription)
            .bind(email);
            self.write_one(insert).await?;
        }
        Ok(())
    }
}

impl Store {
    /// The account, if the publisher has heard of it.
    pub async fn account(&self, key: &AccountKey) -> Result<Option<Account>, Error> {
        let mut connection = self.reads.acquire().await?;
        load(&mut connection, key).await
    }

    /// The accounts of a sandbox, newest first, at most 200.
    pub async fn accounts(&self, sandbox: &SandboxId) -> Result<Vec<Account>, Error> {
        let mut connection = self.reads.acquire().await?;
        let mut calls = outbox::progress(&mut connection, sandbox, None).await?;
        sqlx::query(select!(
            "WHERE sandbox_id = $1 ORDER BY opened_at DESC, subscription_id LIMIT $2"
        ))
        .bind(sandbox.as_str())
        .bind(LIST_MAX)
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(|row| account(row, &mut calls))
        .collect()
    }

    /// Accounts whose form arrived and whose keys are not both in: what `--auto` looks at, at most 200.
    pub async fn accounts_in_setup(&self) -> Result<Vec<AccountKey>, Error> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT sandbox_id, subscription_id FROM accounts WHERE state = 'settingUp' \
             AND suspended_at IS NULL AND (fulfillment_confirmed_at IS NULL \
             OR assigned_revision < revision) ORDER BY opened_at DESC LIMIT $1",
        )
        .bind(LIST_MAX)
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(|(sandbox, subscription)| key(sandbox, subscription)).collect()
    }
}

pub(super) fn key(sandbox: &str, subscription: &str) -> Result<AccountKey, Error> {
    Ok(AccountKey {
        sandbox: sandbox.parse().map_err(|error| Error::corrupt(TABLE, &error))?,
        subscription: subscription.parse().map_err(|error| Error::corrupt(TABLE, &error))?,
    })
}

async fn load(connection: &mut AnyConnection, key: &AccountKey) -> Result<Option<Account>, Error> {
    let mut calls = outbox::progress(connection, &key.sandbox, Some(key.subscription)).await?;
    sqlx::query(select!("WHERE sandbox_id = $1 AND subscription_id = $2"))
        .bind(key.sandbox.as_str())
        .bind(key.subscription.to_string())
        .fetch_optional(connection)
        .await?
        .map(|row| account(&row, &mut calls))
        .transpose()
}

const fn state_name(state: &State) -> &'static str {
    match state {
        State::AwaitingInformation { .. } => "awaitingInformation",
        State::SettingUp { .. } => "settingUp",
        State::Billing { .. } => "billing",
        State::Ended { .. } => "ended",
    }
}

/// Reads a row, and holds the state it names against the columns it follows from.
fn account(row: &AnyRow, calls: &mut HashMap<SubscriptionId, Progress>) -> Result<Account, Error> {
    let sandbox: String = row.try_get("sandbox_id")?;
    let subscription: String = row.try_get("subscription_id")?;
    let key = key(&sandbox, &subscription)?;
    let keys = Keys {
        licenses_assigned_at: instant_or_null(TABLE, row.try_get("licenses_assigned_at")?)?,
        fulfillment_confirmed_at: instant_or_null(TABLE, row.try_get("fulfillment_confirmed_at")?)?,
    };
    let submitted = submitted(row)?;
    let named: String = row.try_get("state")?;
    let state = match named.as_str() {
        "ended" => State::Ended { submitted, keys },
        _ => State::of(submitted, keys),
    };
    if state_name(&state) != named {
        return Err(Error::corrupt(TABLE, &format_args!("{subscription} in state {named}")));
    }
    let calls = calls.remove(&key.subscription).unwrap_or_default();
    let Progress { assigning, confirming, reporting, declaring } = calls;
    Ok(Account {
        key,
        purchase: purchase(row)?,
        state,
        suspended_at: instant_or_null(TABLE, row.try_get("suspended_at")?)?,
        licenses_accepted: row.try_get("licenses_accepted")?,
        assigned_revision: row.try_get("assigned_revision")?,
        assigning,
        confirming,
        reporting,
        declaring,
        opened_at: instant(TABLE, row.try_get("opened_at")?)?,
        version: row.try_get("version")?,
    })
}

fn purchase(row: &AnyRow) -> Result<Purchase, Error> {
    let publisher: String = row.try_get("publisher_id")?;
    let start = instant_or_null(TABLE, row.try_get("term_start")?)?;
    let end = instant_or_null(TABLE, row.try_get("term_end")?)?;
    Ok(Purchase {
        publisher: publisher
            .parse::<PublisherId>()
            .map_err(|error| Error::corrupt(TABLE, &error))?,
        publisher_name: row.try_get("publisher_name")?,
        offer: row.try_get("offer_name")?,
        plan: row.try_get("plan_name")?,
        name: row.try_get("subscription_name")?,
        quantity: row.try_get("quantity")?,
        term_unit: row.try_get("term_unit")?,
        metered: row.try_get::<i64, _>("metered")? == 1,
        term: start.zip(end).map(|(start, end)| Term { start, end }),
        beneficiary: row.try_get("beneficiary")?,
        beneficiary_email: row.try_get("beneficiary_email")?,
        beneficiary_user: UserId {
            tenant: row.try_get("beneficiary_tenant")?,
            object: row.try_get("beneficiary_object")?,
        },
        purchaser: row.try_get("purchaser")?,
        purchaser_email: row.try_get("purchaser_email")?,
        purchaser_user: UserId {
            tenant: row.try_get("purchaser_tenant")?,
            object: row.try_get("purchaser_object")?,
        },
    })
}

fn submitted(row: &AnyRow) -> Result<Option<Submitted>, Error> {
    let Some(at) = instant_or_null(TABLE, row.try_get("submitted_at")?)? else {
        return Ok(None);
    };
    let listed: String = row.try_get("people")?;
    let information = Information {
        site_address: row.try_get("site_address")?,
        admin_name: row.try_get("admin_name")?,
        admin_email: row.try_get("admin_email")?,
        people: people(&listed),
    };
    Ok(Some(Submitted { information, at, revision: row.try_get("revision")? }))
}
