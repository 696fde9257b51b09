//! What is right, in plain sentences over what was asked and what is stored. Nothing of the domain is called here.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// What can happen to a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    AssignAll,
    AssignSome,
    Activate,
    Cancel,
    ThirtyDays,
    Restart,
}

impl Step {
    pub(super) const ALL: [Self; 6] = [
        Self::AssignAll,
        Self::AssignSome,
        Self::Activate,
        Self::Cancel,
        Self::ThirtyDays,
        Self::Restart,
    ];
}

/// A step that was done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done {
    pub(super) step: Step,
    /// Sandbox time.
    pub(super) at: Timestamp,
    /// Whether the broker accepted it; time and restarts are never refused.
    pub(super) accepted: bool,
}

/// A purchase after its last step, as the database has it.
#[derive(Debug, Default, Clone)]
pub(super) struct Stored {
    pub(super) status: String,
    pub(super) ended: Option<(Timestamp, String)>,
    pub(super) licenses_assigned_at: Option<Timestamp>,
    pub(super) fulfillment_confirmed_at: Option<Timestamp>,
    pub(super) billing_started_at: Option<Timestamp>,
    pub(super) charges: usize,
    pub(super) operations: usize,
    pub(super) limits: usize,
    pub(super) term_ends: usize,
    /// Names and instants, in order.
    pub(super) events: Vec<(String, Timestamp)>,
}

impl Stored {
    fn times(&self, name: &str) -> usize {
        self.events.iter().filter(|(event, _)| event == name).count()
    }
}

/// A purchase and everything that was done to it.
#[derive(Debug)]
pub(super) struct Story {
    /// `activate` counts as assigning all licenses too.
    pub(super) with_activation: bool,
    pub(super) bought_at: Timestamp,
    pub(super) done: Vec<Done>,
    pub(super) stored: Stored,
}

impl Story {
    fn assigns_all(&self, done: &Done) -> bool {
        done.step == Step::AssignAll || (done.step == Step::Activate && self.with_activation)
    }

    fn accepted(done: &[Done]) -> impl DoubleEndedIterator<Item = &Done> {
        done.iter().filter(|done| done.accepted)
    }

    /// Licenses are assigned since the first of those complete sets that no smaller set came after.
    fn assigned_since(&self, done: &[Done]) -> Option<Timestamp> {
        let complete = Self::accepted(done).rev().take_while(|done| done.step != Step::AssignSome);
        complete.filter(|done| self.assigns_all(done)).last().map(|done| done.at)
    }

    /// Fulfillment is confirmed since the activation that was accepted.
    fn confirmed_since(done: &[Done]) -> Option<Timestamp> {
        Self::accepted(done).find(|done| done.step == Step::Activate).map(|done| done.at)
    }

    /// Billing starts at the first moment at which both are in, and that is the later of the two.
    fn billing_since(&self, done: &[Done]) -> Option<Timestamp> {
        (1..=done.len()).find_map(|count| {
            let so_far = &done[..count];
            Some(self.assigned_since(so_far)?.max(Self::confirmed_since(so_far)?))
        })
    }

    /// It ends with the cancellation that was accepted, or when 30 days have passed before billing started.
    fn ended(&self, done: &[Done]) -> Option<(Timestamp, &'static str)> {
        (0..done.len()).find_map(|place| match done[place].step {
            Step::Cancel if done[place].accepted => Some((done[place].at, "canceled")),
            Step::ThirtyDays if self.billing_since(&done[..place]).is_none() => {
                Some((self.bought_at + SignedDuration::from_hours(30 * 24), "pendingLimit"))
            }
            _ => None,
        })
    }

    /// Nothing is accepted after the end; before it everything is, but for a second activation.
    fn is_acceptable(&self, place: usize) -> bool {
        let before = &self.done[..place];
        match self.done[place].step {
            Step::ThirtyDays | Step::Restart => true,
            _ if self.ended(before).is_some() => false,
            Step::Activate => Self::confirmed_since(before).is_none(),
            Step::AssignAll | Step::AssignSome | Step::Cancel => true,
        }
    }

    /// Holds the story against every sentence above.
    pub(super) fn check(&self) {
        let Self { done, stored, .. } = self;
        for (place, done) in done.iter().enumerate() {
            assert_eq!(done.accepted, self.is_acceptable(place), "step {place} of {self:#?}");
        }
        let billing = self.billing_since(done);
        assert_eq!(stored.billing_started_at, billing, "billing of {self:#?}");
        self.check_never_without_both_and_never_twice();
        self.check_end();
        self.check_keys();
        let finished = billing.is_some() || stored.ended.is_some();
        assert_eq!(stored.limits, usize::from(!finished), "30 days of {self:#?}");
        let runs = billing.is_some() && stored.ended.is_none();
        assert_eq!(stored.term_ends, usize::from(runs), "the renewal of {self:#?}");
    }

    /// Never billed without both, never twice: said without a look at the order of things.
    fn check_never_without_both_and_never_twice(&self) {
        let stored = &self.stored;
        if let Some(started) = stored.billing_started_at {
            let mut all = Self::accepted(&self.done).filter(|done| self.assigns_all(done));
            assert!(all.any(|done| done.at <= started), "billed without licenses: {self:#?}");
            let confirmed = Self::confirmed_since(&self.done);
            assert!(confirmed.is_some_and(|at| at <= started), "billed unconfirmed: {self:#?}");
        }
        let once = usize::from(stored.billing_started_at.is_some());
        assert_eq!(stored.charges, once, "charges of {self:#?}");
        for name in ["billingStarted", "charged"] {
            assert_eq!(stored.times(name), once, "{name} of {self:#?}");
        }
        let told = stored.events.iter().find(|(name, _)| name == "billingStarted");
        assert_eq!(told.map(|(_, at)| *at), stored.billing_started_at, "the event of {self:#?}");
    }

    /// 30 days end what is not billing, a cancellation ends what has not ended, and it ends once.
    fn check_end(&self) {
        let stored = &self.stored;
        let ended = self.ended(&self.done);
        let told = stored.ended.as_ref().map(|(at, reason)| (*at, reason.as_str()));
        assert_eq!(told, ended, "the end of {self:#?}");
        let once = usize::from(ended.is_some());
        assert_eq!((stored.times("unsubscribed"), stored.operations), (once, once), "{self:#?}");
        let status = match (ended, Self::confirmed_since(&self.done)) {
            (Some(_), _) => "Unsubscribed",
            (None, Some(_)) => "Subscribed",
            (None, None) => "PendingFulfillmentStart",
        };
        assert_eq!(stored.status, status, "{self:#?}");
    }

    /// The keys stand as they stood when billing started, or as they stand now.
    fn check_keys(&self) {
        let billed = |count: &usize| self.billing_since(&self.done[..*count]).is_some();
        let until = (0..=self.done.len()).find(billed).unwrap_or(self.done.len());
        let before = &self.done[..until];
        let stored = &self.stored;
        assert_eq!(stored.licenses_assigned_at, self.assigned_since(before), "{self:#?}");
        assert_eq!(stored.fulfillment_confirmed_at, Self::confirmed_since(before), "{self:#?}");
        let confirmed = usize::from(stored.fulfillment_confirmed_at.is_some());
        assert_eq!(stored.times("fulfillmentConfirmed"), confirmed, "{self:#?}");
    }
}

/// Order is irrelevant: the same keys, accepted in whatever order, bill or do not bill alike. A smaller set takes a key
/// out again, so stories with one are left to the sentences above.
pub(super) fn check_order_is_irrelevant(stories: &[Story]) {
    let mut billed_by_keys = BTreeMap::new();
    for story in stories {
        let accepted = Story::accepted(&story.done).map(|done| done.step);
        let mut keys: Vec<_> = accepted
            .filter(|step| matches!(step, Step::AssignAll | Step::AssignSome | Step::Activate))
            .collect();
        if keys.contains(&Step::AssignSome) {
            continue;
        }
        keys.sort();
        keys.dedup();
        let billed = story.stored.billing_started_at.is_some();
        let first = billed_by_keys.entry((story.with_activation, keys)).or_insert(billed);
        assert_eq!(*first, billed, "another order of the same keys: {story:#?}");
    }
}
