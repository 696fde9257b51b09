//! A service as a program: it takes its port, answers there, writes its log, ends when it is asked to, and says whether
//! it is well. Called by both services and by the command line that runs them.
//!
//! What may live here: what a program does around a service, whichever it is. What may not: a route, a word on the wire,
//! a rule, a store.

mod health;
mod listener;
mod log;
mod stop;

pub use health::healthy;
pub use listener::{answer, bind};
pub use log::{LogFormat, log};
pub use stop::asked_to_stop;
