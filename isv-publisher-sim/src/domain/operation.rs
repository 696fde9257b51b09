//! An operation of the marketplace in the publisher's words: what it does, who started it, where it stands. Called by
//! the receiver of webhooks, by [`super::react`] and by the outbox.

use shared::ids::{OperationId, SubscriptionId};

/// The longest name of an action that is kept, in characters.
const NAME_MAX: usize = 60;

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Another plan.
    ChangePlan,
    /// Another number of licenses.
    ChangeQuantity,
    /// Out of suspension.
    Reinstate,
    /// A new term.
    Renew,
    /// Payment failed.
    Suspend,
    /// The end.
    Unsubscribe,
    /// Bought on a plan that activates by itself.
    Subscribe,
    /// One that this publisher has never heard of; more may come (fulfillment.md 3.2).
    Unknown(String),
}

impl Action {
    /// All that are known.
    pub const KNOWN: [Self; 7] = [
        Self::ChangePlan,
        Self::ChangeQuantity,
        Self::Reinstate,
        Self::Renew,
        Self::Suspend,
        Self::Unsubscribe,
        Self::Subscribe,
    ];

    /// The action of this name.
    #[must_use]
    pub fn read(name: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|action| action.name() == name);
        known.unwrap_or_else(|| Self::Unknown(name.chars().take(NAME_MAX).collect()))
    }

    /// Its name at the marketplace.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::ChangePlan => "ChangePlan",
            Self::ChangeQuantity => "ChangeQuantity",
            Self::Reinstate => "Reinstate",
            Self::Renew => "Renew",
            Self::Suspend => "Suspend",
            Self::Unsubscribe => "Unsubscribe",
            Self::Subscribe => "Subscribe",
            Self::Unknown(name) => name,
        }
    }

    /// Whether a 4xx to its webhook refuses it (fulfillment.md 3.6).
    #[must_use]
    pub const fn is_change(&self) -> bool {
        matches!(self, Self::ChangePlan | Self::ChangeQuantity)
    }

    /// Whether the marketplace takes a PATCH for an answer (fulfillment.md 2.3).
    #[must_use]
    pub const fn wants_answer(&self) -> bool {
        self.is_change() || matches!(self, Self::Reinstate)
    }
}

/// Who started an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The customer, or the marketplace itself (`Azure`).
    Marketplace,
    /// The publisher, by the API (`Partner`).
    Publisher,
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not decided: not started, or in progress.
    Open,
    /// Done.
    Succeeded,
    /// Not done, or so already.
    Failed,
}

/// The publisher's answer to a change, by PATCH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Let it be done.
    Success,
    /// Let it not be done.
    Failure,
}

impl Verdict {
    /// Its name at the marketplace.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Failure => "Failure",
        }
    }
}

/// What a webhook says that it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The operation.
    pub operation: OperationId,
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// What it does.
    pub action: Action,
}

/// An operation as the marketplace's API shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its name and kind.
    pub told: Told,
    /// Who started it.
    pub source: Source,
    /// Where it stands.
    pub status: Status,
    /// The plan asked for, by its id.
    pub plan: Option<String>,
    /// The licenses asked for; `None` for a plan without seats.
    pub quantity: Option<i64>,
    /// Why it failed, if it did and the marketplace says so.
    pub failure: Option<String>,
}

/// In what a webhook and the marketplace's API differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The operation's id.
    #[error("the marketplace shows another operation under this id")]
    Operation,
    /// The subscription.
    #[error("the marketplace says that the operation is about another subscription")]
    Subscription,
    /// The action.
    #[error("the marketplace says that the operation does something else")]
    Action,
}

impl Operation {
    /// Whether the webhook tells of this operation. Only what the API shows is acted on.
    pub fn is_what(&self, told: &Told) -> Result<(), Mismatch> {
        if self.told.operation != told.operation {
            Err(Mismatch::Operation)
        } else if self.told.subscription != told.subscription {
            Err(Mismatch::Subscription)
        } else if self.told.action != told.action {
            Err(Mismatch::Action)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn actions_are_read_by_name_and_strangers_are_kept() {
        for action in Action::KNOWN {
            assert_eq!(Action::read(action.name()), action);
        }
        assert_eq!(Action::read("Transfer"), Action::Unknown("Transfer".to_owned()));
        assert_eq!(Action::read("changeplan").name(), "changeplan");
        assert_eq!(Action::read(&"x".repeat(500)).name().len(), NAME_MAX);
    }

    #[test]
    fn a_webhook_is_held_against_the_operation_member_by_member() {
        let told = Told {
            operation: OperationId(Uuid::from_u128(1)),
            subscription: SubscriptionId(Uuid::from_u128(2)),
            action: Action::ChangePlan,
        };
        let operation = Operation {
            told: told.clone(),
            source: Source::Marketplace,
            status: Status::Open,
            plan: None,
            quantity: None,
            failure: None,
        };
        assert_eq!(operation.is_what(&told), Ok(()));
        let check = |told, expected| assert_eq!(operation.is_what(&told), Err(expected));
        let other = Uuid::from_u128(3);
        check(Told { operation: OperationId(other), ..told.clone() }, Mismatch::Operation);
        check(Told { subscription: SubscriptionId(other), ..told.clone() }, Mismatch::Subscription);
        check(Told { action: Action::ChangeQuantity, ..told }, Mismatch::Action);
    }
}
