//! One test for each quirk and value where the answer differs. Names begin with the quirk's number.

mod identity;
mod operations;
mod webhooks;
