//! Tests of the store on both databases: what a command may do to its neighbours, what a crash may take, and what two
//! brokers on one PostgreSQL may do to each other. `bed` is used by the tests of the commands as well.

pub(crate) mod bed;
mod callers;
mod faults;
mod once;
#[path = "../../../../tests/support/postgres.rs"]
mod postgres;
mod scratch;
mod spoilers;
mod stale;
mod two_brokers;
mod upgrade;
