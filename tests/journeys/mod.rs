//! Whole stories, told by the programs as they are started.

mod command_line;
mod purchase_to_billing;
mod start;
