//! The values that flags take, their defaults, and the control API's words for them. A part of `cli`.

use clap::ValueEnum;
use marketplace_broker::config;
use shared::{clock::Instant, metering::Quantity, rehearsal};

/// The data dir unless another is named.
pub const DATA_DIR: &str = "./.rehearsal";
/// The rehearsal sandbox unless another is named.
pub const SANDBOX: &str = "default";

/// Where `clock advance --to` leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// To an instant.
    Instant(Instant),
    /// To the next thing that is due.
    NextEvent,
}

/// Reads `--to`.
pub fn to(text: &str) -> Result<To, String> {
    if text == "next-event" {
        return Ok(To::NextEvent);
    }
    text.parse().map(To::Instant).map_err(|_| crate::words::say("not-an-instant"))
}

/// Reads a quantity of usage: any number, for the broker to judge.
pub fn quantity(text: &str) -> Result<Quantity, String> {
    let number = text.parse().ok().as_ref().and_then(Quantity::of);
    number.ok_or_else(|| crate::words::say("not-a-quantity"))
}

/// Reads an ISO 8601 duration that leads forward.
pub fn duration(text: &str) -> Result<String, String> {
    // Spans have other spellings too; the control API takes the ISO 8601 one.
    match text.parse::<jiff::Span>() {
        Ok(span) if text.starts_with('P') && span.is_positive() => Ok(text.to_owned()),
        _ => Err(crate::words::say("not-a-duration")),
    }
}

/// `--license-confirmation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LicenseConfirmation {
    /// By licenseAssignments, a call of its own
    Explicit,
    /// activate counts for both
    #[value(name = "withActivation")]
    WithActivation,
}

impl From<LicenseConfirmation> for rehearsal::LicenseConfirmation {
    fn from(asked: LicenseConfirmation) -> Self {
        match asked {
            LicenseConfirmation::Explicit => Self::Explicit,
            LicenseConfirmation::WithActivation => Self::WithActivation,
        }
    }
}

/// `--sold-by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SoldBy {
    /// A partner for its customer
    Partner,
    /// The customer itself
    Customer,
}

impl From<SoldBy> for rehearsal::SoldBy {
    fn from(asked: SoldBy) -> Self {
        match asked {
            SoldBy::Partner => Self::Partner,
            SoldBy::Customer => Self::Customer,
        }
    }
}

/// What `trigger` does, by the control API's names; `change-plan` and its like are understood too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Action {
    /// The customer wants another plan: --plan
    #[value(name = "changePlan", alias = "change-plan")]
    ChangePlan,
    /// The customer wants another number of licenses: --quantity
    #[value(name = "changeQuantity", alias = "change-quantity")]
    ChangeQuantity,
    /// The marketplace suspends
    Suspend,
    /// The reason of the suspension is gone
    Reinstate,
    /// The term ends, and a new one begins
    Renew,
    /// The customer cancels
    Unsubscribe,
    /// The customer's payment fails: --when
    #[value(name = "failPayment", alias = "fail-payment")]
    FailPayment,
}

impl From<Action> for rehearsal::Action {
    fn from(asked: Action) -> Self {
        match asked {
            Action::ChangePlan => Self::ChangePlan,
            Action::ChangeQuantity => Self::ChangeQuantity,
            Action::Suspend => Self::Suspend,
            Action::Reinstate => Self::Reinstate,
            Action::Renew => Self::Renew,
            Action::Unsubscribe => Self::Unsubscribe,
            Action::FailPayment => Self::FailPayment,
        }
    }
}

/// `--when`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PaymentFails {
    /// The payment that is due
    Now,
    /// The payment of the next renewal
    #[value(name = "termEnd", alias = "term-end")]
    TermEnd,
}

impl From<PaymentFails> for rehearsal::PaymentFails {
    fn from(asked: PaymentFails) -> Self {
        match asked {
            PaymentFails::Now => Self::Now,
            PaymentFails::TermEnd => Self::TermEnd,
        }
    }
}

/// `--outgoing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Outgoing {
    /// Webhooks go to this machine and private networks too
    Local,
    /// Webhooks to this machine and private networks are refused, unless --allow-host
    Shared,
}

impl From<Outgoing> for config::Outgoing {
    fn from(asked: Outgoing) -> Self {
        match asked {
            Outgoing::Local => Self::Local,
            Outgoing::Shared => Self::Shared,
        }
    }
}
