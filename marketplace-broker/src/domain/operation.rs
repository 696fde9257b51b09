//! Operations: changes of a subscription with an id of their own, and the table of what may happen to one
//! (fulfillment.md 2.2). Called by the commands on operations, deliveries and timers.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use shared::ids::{OperationId, PlanId, SubscriptionId};

use super::{
    policy::{
        ChangeAck, GetOperation, OperationPatchBody, PatchOwnOperation, PatchToldOperation, Policy,
        ReinstateAck,
    },
    refusal::Refusal,
};

/// How long a publisher may refuse, from its first 2xx on (C47, fulfillment.md Q2).
pub const DECISION_WINDOW: SignedDuration = SignedDuration::from_secs(10);
/// How long an operation that a publisher started stays NotStarted: 'seconds' (fulfillment.md 2.2; the number is ours).
pub const PICK_UP_DELAY: SignedDuration = SignedDuration::from_secs(2);

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationAction {
    /// Another plan.
    ChangePlan,
    /// Another number of licenses.
    ChangeQuantity,
    /// Out of suspension.
    Reinstate,
    /// A new term has begun.
    Renew,
    /// Payment failed.
    Suspend,
    /// The subscription ends.
    Unsubscribe,
    /// Bought on a plan that activates by itself (C57).
    Subscribe,
}

impl OperationAction {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ChangePlan,
        Self::ChangeQuantity,
        Self::Reinstate,
        Self::Renew,
        Self::Suspend,
        Self::Unsubscribe,
        Self::Subscribe,
    ];

    /// Its name on the wire and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ChangePlan => "ChangePlan",
            Self::ChangeQuantity => "ChangeQuantity",
            Self::Reinstate => "Reinstate",
            Self::Renew => "Renew",
            Self::Suspend => "Suspend",
            Self::Unsubscribe => "Unsubscribe",
            Self::Subscribe => "Subscribe",
        }
    }

    /// Whether the publisher has a say: the webhook leaves InProgress (C51, fulfillment.md 2.3).
    #[must_use]
    pub fn asks(self) -> bool {
        matches!(self, Self::ChangePlan | Self::ChangeQuantity | Self::Reinstate)
    }

    /// Whether GET finds it by its id (C55; fulfillment.md 9).
    #[must_use]
    pub fn is_found(self, rule: GetOperation) -> bool {
        match rule {
            GetOperation::All => true,
            GetOperation::Prose => self.may_be_rejected() || self == Self::Unsubscribe,
            GetOperation::Sample => self.asks(),
        }
    }

    /// Whether a 4xx answer to its webhook refuses it (C52, fulfillment.md 3.6).
    #[must_use]
    pub fn may_be_rejected(self) -> bool {
        matches!(self, Self::ChangePlan | Self::ChangeQuantity)
    }
}

/// Who started it (fulfillment.md 1.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationSource {
    /// The customer or the marketplace.
    Azure,
    /// The publisher, by the API.
    Partner,
}

impl OperationSource {
    /// Its name on the wire and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Azure => "Azure",
            Self::Partner => "Partner",
        }
    }
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationState {
    /// Started by the publisher, not picked up yet (C35).
    NotStarted,
    /// Open.
    InProgress {
        /// When the publisher first answered 2xx; its decision window counts from here.
        acknowledged_at: Option<Timestamp>,
    },
    /// Done.
    Succeeded,
    /// Not done.
    Failed(FailureReason),
    /// What it asked for was so already.
    Conflict,
}

impl OperationState {
    /// Its name on the wire and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotStarted => "NotStarted",
            Self::InProgress { .. } => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed(_) => "Failed",
            Self::Conflict => "Conflict",
        }
    }

    /// Whether it waits: the subscription is locked for others.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::NotStarted | Self::InProgress { .. })
    }
}

/// Why an operation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureReason {
    /// PATCH Failure in time (C45).
    RefusedByPublisher,
    /// 4xx to its webhook (C52).
    WebhookRejected,
    /// The webhook never arrived (C53).
    WebhookGivenUp,
    /// A cancellation, a suspension or a newer change came first (fulfillment.md 2.1).
    Overtaken,
    /// The cancellation of a long term came after its free window (F2).
    CancellationTooLate,
    /// The publisher did not say Success in time (fulfillment.md 2.3, before Aug 2022).
    Unanswered,
}

impl FailureReason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RefusedByPublisher,
        Self::WebhookRejected,
        Self::WebhookGivenUp,
        Self::Overtaken,
        Self::CancellationTooLate,
        Self::Unanswered,
    ];

    /// Its name in the database, and the operation's `errorStatusCode`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RefusedByPublisher => "RefusedByPublisher",
            Self::WebhookRejected => "WebhookRejected",
            Self::WebhookGivenUp => "WebhookGivenUp",
            Self::Overtaken => "Overtaken",
            Self::CancellationTooLate => "CancellationTooLate",
            Self::Unanswered => "Unanswered",
        }
    }

    /// The operation's `errorMessage`.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::RefusedByPublisher => "The publisher set the operation's status to Failure.",
            Self::WebhookRejected => "The publisher's webhook answered with a 4xx status.",
            Self::WebhookGivenUp => {
                "The webhook was given up: no 2xx in 8 hours and 500 retries, or no webhook is set."
            }
            Self::Overtaken => {
                "The subscription was canceled, suspended or changed again before it was decided."
            }
            Self::CancellationTooLate => {
                "The free cancellation window is over: a term this long cannot be canceled."
            }
            Self::Unanswered => "The publisher did not set the operation's status in time.",
        }
    }
}

/// What a subscription is, or shall be: plan, licenses, and what they cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The plan.
    pub plan_id: PlanId,
    /// Licenses; `None` for a flat rate.
    pub quantity: Option<i64>,
    /// Price of one license, or of the whole, each cycle.
    pub unit_price: Decimal,
}

/// A change of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// Of which subscription.
    pub subscription_id: SubscriptionId,
    /// What it does.
    pub action: OperationAction,
    /// Who started it.
    pub source: OperationSource,
    /// What is asked for; what is so already where nothing else is.
    pub target: Target,
    /// When it was started, sandbox time.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: OperationState,
}

/// A publisher's PATCH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// `Success`.
    Success,
    /// `Failure`.
    Failure,
}

/// What a PATCH says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The word; `None`: one that counts nothing.
    pub decision: Option<Decision>,
    /// The plan, if one was sent.
    pub plan: Option<String>,
    /// The licenses, if they were sent.
    pub quantity: Option<i64>,
}

/// What may happen to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationEvent {
    /// The marketplace begins to work on it.
    PickedUp,
    /// The webhook was answered 2xx.
    Acknowledged,
    /// The same, where the window counts from the webhook's arrival (fulfillment.md Q2).
    Arrived(Timestamp),
    /// It takes effect before its publisher is told (F6).
    Applied,
    /// The decision window is over.
    WindowClosed,
    /// The webhook was answered 4xx.
    Rejected,
    /// The webhook was given up.
    GivenUp,
    /// The publisher's PATCH.
    Patched(Decision),
    /// The subscription was canceled or suspended.
    Overtaken,
}

impl Operation {
    /// When the publisher's time to refuse is over, once it has begun (C47). Never where its word is waited for (Q1).
    #[must_use]
    pub fn window_closes_at(&self, policy: &Policy) -> Option<Timestamp> {
        let waits = self.action == OperationAction::Reinstate
            && policy.get::<ReinstateAck>() == ReinstateAck::Required;
        match self.state {
            _ if waits => None,
            OperationState::InProgress { acknowledged_at: Some(since) } => {
                Some(since + DECISION_WINDOW)
            }
            _ => None,
        }
    }

    /// Refuses a PATCH of what has ended (C46), or only tells (F5).
    pub fn may_be_answered(&self, rule: PatchToldOperation) -> Result<(), Refusal> {
        match self.state.is_open() {
            true => Ok(()),
            false if !self.action.asks() && rule == PatchToldOperation::BadRequest => {
                let reason = "an operation that only tells is not answered";
                Err(Refusal::BadValue { field: "status", reason })
            }
            false => Err(Refusal::OperationEnded),
        }
    }

    /// Whether plan and licenses of a PATCH may be so (fulfillment.md 1.12).
    pub fn check_answer(&self, sent: &Answer, rule: OperationPatchBody) -> Result<(), Refusal> {
        if rule == OperationPatchBody::Ignore {
            return Ok(());
        }
        let Target { plan_id, quantity, .. } = &self.target;
        if sent.plan.as_deref() != Some(plan_id.as_str()) {
            let reason = format!("send the plan of the operation: {plan_id}");
            return Err(Refusal::field("planId", reason));
        }
        match quantity {
            Some(quantity) if sent.quantity != Some(*quantity) => {
                let reason = format!("send the licenses of the operation: {quantity}");
                Err(Refusal::field("quantity", reason))
            }
            _ => Ok(()),
        }
    }

    /// Whether it waits to be picked up, and no longer than until `at`.
    #[must_use]
    pub fn is_picked_up_by(&self, at: Timestamp) -> bool {
        self.state == OperationState::NotStarted && self.created_at + PICK_UP_DELAY <= at
    }

    /// The table of fulfillment.md 2.2. `current` is what the subscription is now: an operation that would succeed
    /// and asks for just that is a Conflict. What comes too late changes nothing; a PATCH that does is refused.
    pub fn on(
        mut self,
        event: OperationEvent,
        current: &Target,
        (policy, at): (&Policy, Timestamp),
    ) -> Result<Self, Refusal> {
        use OperationEvent as E;
        use OperationState::{Failed, InProgress, NotStarted};
        let open = self.state.is_open();
        self.state = match (self.state, event) {
            (_, E::Patched(_)) if !open => return Err(Refusal::OperationEnded),
            (state, _) if !open => state,
            // The window is over, although its timer may not have run yet.
            (InProgress { .. }, E::Patched(_))
                if self.window_closes_at(policy).is_some_and(|closes| closes <= at) =>
            {
                return Err(Refusal::OperationEnded);
            }
            // The publisher's own operation needs no answer of its own (fulfillment.md Q12).
            (state, E::Patched(_)) if self.source == OperationSource::Partner => {
                match policy.get() {
                    PatchOwnOperation::Ok => state,
                    PatchOwnOperation::Error => return Err(Refusal::OwnOperation),
                }
            }
            (NotStarted, E::PickedUp) => InProgress { acknowledged_at: None },
            (InProgress { acknowledged_at: None }, E::Acknowledged) => {
                InProgress { acknowledged_at: Some(at) }
            }
            (InProgress { acknowledged_at: None }, E::Arrived(since)) => {
                InProgress { acknowledged_at: Some(since) }
            }
            (InProgress { .. }, E::Applied) => self.done(current),
            (InProgress { .. }, E::Patched(decision)) => self.patched(decision, current, policy),
            (InProgress { acknowledged_at: Some(_) }, E::WindowClosed) => {
                self.silent(current, policy)
            }
            (InProgress { .. }, E::Rejected) if self.action.may_be_rejected() => {
                Failed(FailureReason::WebhookRejected)
            }
            (InProgress { .. }, E::GivenUp) => Failed(FailureReason::WebhookGivenUp),
            (_, E::Overtaken) => Failed(FailureReason::Overtaken),
            (state, _) => state,
        };
        Ok(self)
    }

    /// What the publisher's word does (fulfillment.md 2.3).
    fn patched(&self, decision: Decision, current: &Target, policy: &Policy) -> OperationState {
        let is_change = self.action.may_be_rejected();
        let ignored = if is_change {
            decision == Decision::Failure && policy.get::<ChangeAck>() == ChangeAck::FailureIgnored
        } else {
            policy.get::<ReinstateAck>() == ReinstateAck::Ignored
        };
        match decision {
            _ if ignored && !is_change => self.state,
            Decision::Failure if !ignored => {
                OperationState::Failed(FailureReason::RefusedByPublisher)
            }
            Decision::Failure | Decision::Success => self.done(current),
        }
    }

    /// What the publisher's silence does, once its time is over (fulfillment.md 2.3).
    fn silent(&self, current: &Target, policy: &Policy) -> OperationState {
        let fails = self.action.may_be_rejected()
            && self.source == OperationSource::Azure
            && policy.get::<ChangeAck>() == ChangeAck::SilenceFails;
        if fails { OperationState::Failed(FailureReason::Unanswered) } else { self.done(current) }
    }

    /// A reinstatement has nothing left to end where another one, open side by side with it, came first (F8): a Conflict.
    #[must_use]
    pub fn unless_outrun(mut self, is_suspended: bool) -> Self {
        let reinstates = self.action == OperationAction::Reinstate;
        if reinstates && self.state == OperationState::Succeeded && !is_suspended {
            self.state = OperationState::Conflict;
        }
        self
    }

    fn done(&self, current: &Target) -> OperationState {
        let same =
            self.target.plan_id == current.plan_id && self.target.quantity == current.quantity;
        if same && self.action.may_be_rejected() {
            OperationState::Conflict
        } else {
            OperationState::Succeeded
        }
    }
}

#[cfg(test)]
mod tests;
