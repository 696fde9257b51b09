//! What survives when the broker is killed: everything it acknowledged, once. Over HTTP, with the real program.

mod crowd;
mod kill;
mod ledger;
mod webhooks;
