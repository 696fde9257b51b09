//! Webhooks to a foreign publisher's app: what they say, how they prove who sends them, what each answer does, when they
//! are tried again, in which order they leave, and where they never go.

mod addresses;
mod bad_answers;
mod by_hand;
mod changes;
mod endings;
mod failures;
mod notices;
mod order;
mod overrides;
mod payload;
mod schedule;
mod signature;
mod token;
