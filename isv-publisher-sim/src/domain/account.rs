//! An account: what the publisher knows of one purchase, and which of its steps are possible. Called by every
//! command and by both pages.

use jiff::Timestamp;
use shared::ids::{SandboxId, SubscriptionId};

use super::{
    Action, Information, Keys, Kind, Purchase, Refusal, Seen, Standing, State, Step, Submitted,
};

/// Names an account: the same subscription id in two sandboxes means two accounts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountKey {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// The subscription.
    pub subscription: SubscriptionId,
}

/// What the publisher knows of one purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub key: AccountKey,
    /// What was bought.
    pub purchase: Purchase,
    /// How far it has come.
    pub state: State,
    /// Since when the marketplace says Suspended, sandbox time.
    pub suspended_at: Option<Timestamp>,
    /// People the marketplace says hold a license.
    pub licenses_accepted: i64,
    /// The form whose people were assigned last; 0 for none.
    pub assigned_revision: i64,
    /// How far the newest `licenseAssignments` got.
    pub assigning: Step,
    /// How far the newest `activate` got.
    pub confirming: Step,
    /// How far the newest `setup` got.
    pub reporting: Step,
    /// How far the newest `publisherSteps` got.
    pub declaring: Step,
    /// Sandbox time of the first visit or webhook.
    pub opened_at: Timestamp,
    /// Rises by one with each change; 0 before the first is stored.
    pub version: i64,
}

impl Account {
    /// A purchase the publisher hears of for the first time.
    #[must_use]
    pub fn open(key: AccountKey, purchase: Purchase, standing: Standing, at: Timestamp) -> Self {
        let new = Self {
            key,
            purchase,
            state: State::AwaitingInformation { keys: Keys::default() },
            suspended_at: None,
            licenses_accepted: 0,
            assigned_revision: 0,
            assigning: Step::Open,
            confirming: Step::Open,
            reporting: Step::Open,
            declaring: Step::Open,
            opened_at: at,
            version: 0,
        };
        new.standing(standing, at)
    }

    /// Takes over what the marketplace says now.
    #[must_use]
    pub fn reopen(mut self, purchase: Purchase, standing: Standing, at: Timestamp) -> Self {
        self.purchase = purchase;
        self.standing(standing, at)
    }

    /// Takes over where the marketplace says it stands. An activation made elsewhere counts from when it was seen.
    #[must_use]
    pub fn standing(mut self, standing: Standing, at: Timestamp) -> Self {
        let mut keys = self.keys();
        let activated = matches!(standing, Standing::Subscribed | Standing::Suspended);
        if activated && keys.fulfillment_confirmed_at.is_none() {
            keys.fulfillment_confirmed_at = Some(at);
        }
        self.suspended_at =
            (standing == Standing::Suspended).then(|| self.suspended_at.unwrap_or(at));
        let submitted = self.submitted().cloned();
        self.state = if standing == Standing::Unsubscribed || self.is_ended() {
            State::Ended { submitted, keys }
        } else {
            State::of(submitted, keys)
        };
        self
    }

    /// An operation has succeeded, and this is how the subscription looks now. What it looks like counts, not what the
    /// operation set out to do: webhooks come late and in any order, and a look never does. Two things a look cannot
    /// tell: that an end is the end, and that a plan which activates by itself needs neither key.
    #[must_use]
    pub fn follow(self, action: &Action, seen: Seen) -> Self {
        let Seen { purchase, standing, at } = seen;
        if self.is_ended() {
            return self;
        }
        match (action, standing) {
            (Action::Unsubscribe, _) => self.reopen(purchase, Standing::Unsubscribed, at),
            (Action::Subscribe, Standing::Subscribed | Standing::Suspended) => {
                self.reopen(purchase, standing, at).confirmed(at, true)
            }
            _ => self.reopen(purchase, standing, at),
        }
    }

    /// The form arrived. It may arrive again while it names fewer people than licenses were bought.
    pub fn submit(mut self, information: Information, at: Timestamp) -> Result<Self, Refusal> {
        self.may_submit()?;
        let revision = self.submitted().map_or(0, |before| before.revision) + 1;
        self.state = State::of(Some(Submitted { information, at, revision }), self.keys());
        Ok(self)
    }

    /// Whether the form is still wanted.
    pub fn may_submit(&self) -> Result<(), Refusal> {
        match self.submitted() {
            _ if self.is_ended() => Err(Refusal::Ended),
            Some(_) if self.seats_without_person() == 0 => Err(Refusal::InformationComplete),
            _ => Ok(()),
        }
    }

    /// The people to assign, if assigning is possible now.
    pub fn may_assign(&self) -> Result<Vec<String>, Refusal> {
        let submitted = self.require_submitted()?;
        if matches!(self.assigning, Step::Underway { .. }) {
            return Err(Refusal::Underway);
        }
        if self.licenses_accepted >= self.purchase.required() {
            return Err(Refusal::LicensesAssigned);
        }
        let refused = matches!(self.assigning, Step::Refused { .. });
        if self.assigned_revision == submitted.revision && !refused {
            return Err(Refusal::NobodyNew);
        }
        let information = &submitted.information;
        Ok(if self.purchase.quantity.is_some() {
            information.people.clone()
        } else {
            vec![information.admin_email.clone()]
        })
    }

    /// How far the newest call of this kind got.
    #[must_use]
    pub const fn progress(&self, kind: Kind) -> &Step {
        match kind {
            Kind::LicenseAssignments => &self.assigning,
            Kind::Activate => &self.confirming,
            Kind::Setup => &self.reporting,
            Kind::PublisherSteps => &self.declaring,
        }
    }

    /// Whether steps may be declared, done and taken back.
    pub fn may_have_steps(&self) -> Result<(), Refusal> {
        if self.is_ended() { Err(Refusal::Ended) } else { Ok(()) }
    }

    /// Whether confirming is possible now.
    pub fn may_confirm(&self) -> Result<(), Refusal> {
        self.require_submitted()?;
        if self.keys().fulfillment_confirmed_at.is_some() {
            Err(Refusal::FulfillmentConfirmed)
        } else if matches!(self.confirming, Step::Underway { .. }) {
            Err(Refusal::Underway)
        } else {
            Ok(())
        }
    }

    /// The people of the newest form were written down and the call is on its way.
    #[must_use]
    pub fn assigning(mut self) -> Self {
        self.assigned_revision = self.submitted().map_or(0, |submitted| submitted.revision);
        self
    }

    /// The marketplace took the list: `assigned` people hold a license, and the key turned at `confirmed_at` or has
    /// not. Once billing has started the key stays as it is.
    #[must_use]
    pub fn assigned(mut self, assigned: i64, confirmed_at: Option<Timestamp>) -> Self {
        self.licenses_accepted = assigned;
        if !matches!(self.state, State::Billing { .. }) {
            self.turn(Keys { licenses_assigned_at: confirmed_at, ..self.keys() });
        }
        self
    }

    /// The marketplace accepted the activation at `at`; with `both_keys` it counts for the licenses too.
    #[must_use]
    pub fn confirmed(mut self, at: Timestamp, both_keys: bool) -> Self {
        let mut keys = self.keys();
        keys.fulfillment_confirmed_at.get_or_insert(at);
        if both_keys {
            keys.licenses_assigned_at.get_or_insert(at);
        }
        self.turn(keys);
        self
    }

    fn turn(&mut self, keys: Keys) {
        let submitted = self.submitted().cloned();
        self.state = if self.is_ended() {
            State::Ended { submitted, keys }
        } else {
            State::of(submitted, keys)
        };
    }

    /// The form, if it arrived.
    #[must_use]
    pub fn submitted(&self) -> Option<&Submitted> {
        match &self.state {
            State::AwaitingInformation { .. } => None,
            State::SettingUp { submitted, .. } => Some(submitted),
            State::Billing { submitted, .. } | State::Ended { submitted, .. } => submitted.as_ref(),
        }
    }

    /// The two confirmations.
    #[must_use]
    pub fn keys(&self) -> Keys {
        match self.state {
            State::AwaitingInformation { keys }
            | State::SettingUp { keys, .. }
            | State::Ended { keys, .. } => keys,
            State::Billing { licenses_assigned_at, fulfillment_confirmed_at, .. } => Keys {
                licenses_assigned_at: Some(licenses_assigned_at),
                fulfillment_confirmed_at: Some(fulfillment_confirmed_at),
            },
        }
    }

    /// Whether the subscription has ended.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended { .. })
    }

    /// Licenses nobody was named for; 0 for a plan without seats.
    #[must_use]
    pub fn seats_without_person(&self) -> i64 {
        let named = self.submitted().map_or(0, |submitted| submitted.information.people.len());
        let named = i64::try_from(named).unwrap_or(i64::MAX);
        self.purchase.quantity.map_or(0, |bought| bought.saturating_sub(named).max(0))
    }

    fn require_submitted(&self) -> Result<&Submitted, Refusal> {
        match self.submitted() {
            _ if self.is_ended() => Err(Refusal::Ended),
            _ if self.suspended_at.is_some() => Err(Refusal::Suspended),
            None => Err(Refusal::InformationMissing),
            Some(submitted) => Ok(submitted),
        }
    }
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod follow_tests;
#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
