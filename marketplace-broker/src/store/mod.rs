//! The store: the only place that says "sqlx". Every change is a [`Command`], every command runs in one durable
//! transaction, and `execute` answers only after COMMIT. Called by http, workers and start-up.
//!
//! `connect` opens either database; `writer` drains the queue; each other file is one family of tables.

mod agreements;
mod attempts;
mod callers;
mod carts;
mod catalog;
mod charges;
mod client_keys;
mod codec;
mod codes;
mod connect;
mod customers;
mod deliveries;
mod duties;
mod failure;
mod gathered;
mod journal;
mod keys;
mod licenses;
mod lock;
mod migrate;
mod operations;
mod orders;
mod outbox;
mod packed;
mod partner_requests;
mod partners;
mod publisher_steps;
mod publishers;
mod refresh_tokens;
mod registrations;
mod sandboxes;
mod subscriptions;
mod timers;
mod tx;
mod usage;
mod writer;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use shared::{clock::Clock, ids::SandboxId};
use sqlx::{Any, AnyPool, pool::PoolConnection};
use tokio::sync::{Notify, mpsc, oneshot};

pub use agreements::{agreements_of, insert_agreement};
pub use attempts::{AttemptRow, attempts_of};
pub use carts::{find_cart, insert_cart, lock_cart, save_cart};
pub use catalog::{
    insert_offer, next_offer_place, offer, offer_at, offers, offers_page, save_offer,
};
pub use charges::charges_of;
pub use client_keys::{client_keys, delete_client_key, put_client_key, use_assertion};
pub use codes::{code_for_update, hash_of, insert_code, redeemed};
pub use connect::{ConnectError, Opened, Settings, connect, write_secret};
pub use customers::{
    customer_of_partner, customers_page, live_subscriptions, lock_customer, remove_customer,
    room_for_customer,
};
pub use deliveries::{
    Lane, Lease, Superseded, Tried, deliveries_before, deliveries_page, deliveries_tried,
    deliveries_under_way, find_delivery, finish_deliveries, forget_leases, held_deliveries,
    insert_delivery, lanes_with_work, promote_deliveries, ready_again, resend_delivery, save_tried,
    supersede_delivery, take_deliveries,
};
pub use duties::{duties_of, save_duties};
pub use failure::Failure;
pub use journal::{ExchangeRow, JournalRow, journal_after};
pub use keys::{
    SigningKeyRow, delete_signing_key, insert_signing_key, insert_token_key, newest_signing_key_id,
    newest_token_key, signing_key_ids, signing_keys, token_key,
};
pub use licenses::replace_licenses;
pub use operations::{
    find_operation, insert_operation, open_operation, open_operations, save_operation,
};
pub use orders::{find_order, insert_order, orders_of, owned};
pub use outbox::Outbox;
pub use partner_requests::{RequestKey, find_partner_request, insert_partner_request};
pub use partners::{
    PartnerApp, customer, customers, insert_customer, insert_partner, partner,
    partner_app_of_client, partner_for_update, partner_of_mpn, partners, save_partner,
};
pub use publisher_steps::{replace_steps, steps_of};
pub use publishers::{
    Caller, PublisherApp, app_of_client, give_sign_in, insert_publisher, publisher,
    publisher_for_update, publishers, save_publisher, without_sign_in,
};
pub use refresh_tokens::{end_refresh_family, insert_refresh, refresh_for_update, refresh_used};
pub use registrations::{Registration, registration, sandbox_of_tenant, tenant_exists};
pub use sandboxes::{
    SandboxRow, all_sandboxes, count_sandboxes, hold_deliveries, insert_sandbox, lock_clock,
    lock_policy, sandbox, sandbox_clock, save_clock, save_policy,
};
pub use subscriptions::{
    OfCustomer, find_subscription, insert_subscription, lock_subscription, lock_subscriptions,
    resources, save_subscription, subscriptions_of_customer, subscriptions_of_order,
    subscriptions_page, without_term_end,
};
pub use timers::{due_timers, end_timers, first_due, flush_timers, has_timer, next_due_real};
pub use tx::Tx;
pub use usage::{NewUsage, insert_usage, usage_days, usage_of, usage_of_hours};
use writer::{Asked, Job};

/// A change asked of the marketplace. It may run more than once, so it touches nothing but `tx`: ids, secrets and
/// seeds are its fields. Decide first, write last: a command that refuses has written nothing.
pub trait Command: Send + Sync + 'static {
    /// What the caller gets after COMMIT.
    type Output: Send + 'static;
    /// Span, metric and journal name.
    const NAME: &'static str;
    /// How long it may run; longer spoils its batch.
    const TIME_LIMIT: Duration = writer::TIME_LIMIT;
    /// Whose clock and whose rows; `None` for the installation itself, whose time is the real time.
    fn sandbox(&self) -> Option<&SandboxId>;
    /// The change. `at` is the sandbox's time, read inside the transaction.
    fn run(
        &self,
        tx: &mut Tx,
        at: Timestamp,
    ) -> impl Future<Output = Result<Self::Output, Failure>> + Send;
}

/// The door to the database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    queue: mpsc::Sender<Box<dyn Job>>,
    reads: AnyPool,
    clock: Arc<dyn Clock>,
    /// Rung after each commit that changed a timer or a clock; the timer worker listens.
    timers_changed: Arc<Notify>,
    outbox: Arc<Outbox>,
    /// On SQLite only.
    callers: Option<Arc<callers::Callers>>,
}

impl Store {
    /// Runs a command. A full queue answers [`Failure::Busy`] at once; every other answer comes after COMMIT.
    /// A caller who stops waiting cancels nothing.
    pub async fn execute<C: Command>(&self, command: C) -> Result<C::Output, Failure> {
        let (caller, answer) = oneshot::channel();
        self.queue.try_send(Box::new(Asked::new(command, caller))).map_err(|_| {
            metrics::counter!("broker_commands_busy_total").increment(1);
            Failure::Busy
        })?;
        answer.await.unwrap_or(Err(Failure::Panicked))
    }

    /// Runs a command, waiting for a place in the queue: for workers, who have nobody to tell to come back.
    pub async fn execute_in_turn<C: Command>(&self, command: C) -> Result<C::Output, Failure> {
        let (caller, answer) = oneshot::channel();
        let job = Box::new(Asked::new(command, caller));
        self.queue.send(job).await.map_err(|_| Failure::Busy)?;
        answer.await.unwrap_or(Err(Failure::Panicked))
    }

    /// A connection that only reads.
    pub async fn read(&self) -> Result<PoolConnection<Any>, Failure> {
        Ok(self.reads.acquire().await?)
    }

    /// The real time.
    pub fn real_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whose webhooks are ready since the last commits.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Rung after each commit that changed a timer or a clock.
    pub fn timers_changed(&self) -> &Notify {
        &self.timers_changed
    }
}

#[cfg(test)]
pub(crate) mod tests;
