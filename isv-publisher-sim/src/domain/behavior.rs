//! How the publisher answers webhooks: what its console chose, and what follows from that for an operation. Called by
//! the receiver's command, the console and the control call.

use super::{Action, Source, Status, Verdict};

/// What the console chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Behavior {
    /// 200, then PATCH Success where the marketplace waits for an answer.
    #[default]
    Accept,
    /// 200 and nothing else: the marketplace's window decides.
    AcceptSilently,
    /// 200, then PATCH Failure where the marketplace waits for an answer.
    RefuseByPatch,
    /// 400 to a change of plan or quantity; everything else as [`Behavior::Accept`].
    Refuse,
    /// 503 to everything: "my server is down".
    Fail,
}

impl Behavior {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] =
        [Self::Accept, Self::AcceptSilently, Self::RefuseByPatch, Self::Refuse, Self::Fail];

    /// Its name, in the database, in forms and in the control call.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::AcceptSilently => "acceptSilently",
            Self::RefuseByPatch => "refuseByPatch",
            Self::Refuse => "refuse",
            Self::Fail => "fail",
        }
    }

    /// The behavior of this name.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|behavior| behavior.name() == name)
    }
}

/// What is done with an operation that a webhook told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// It is done: the account takes over what the marketplace says now.
    Apply,
    /// It has failed: there is nothing to take over.
    Note,
    /// It is open and nobody waits for an answer: it is looked at until it is decided.
    Follow,
    /// It is open: the answer is sent, and then it is looked at until it is decided.
    Patch(Verdict),
    /// 400: the marketplace refuses the change.
    Refuse,
    /// 503: the marketplace tries again.
    Unavailable,
}

/// What to do with an operation as the API shows it. What has been decided cannot be refused any more.
#[must_use]
pub const fn react(
    behavior: Behavior,
    action: &Action,
    source: Source,
    status: Status,
) -> Reaction {
    match (behavior, status) {
        (Behavior::Fail, _) => Reaction::Unavailable,
        (_, Status::Succeeded) => Reaction::Apply,
        (_, Status::Failed) => Reaction::Note,
        (Behavior::Refuse, Status::Open) if action.is_change() => Reaction::Refuse,
        (Behavior::AcceptSilently, Status::Open) => Reaction::Follow,
        (Behavior::Accept | Behavior::Refuse | Behavior::RefuseByPatch, Status::Open) => {
            // What the publisher started itself needs no word of its own.
            if !action.wants_answer() || matches!(source, Source::Publisher) {
                Reaction::Follow
            } else if matches!(behavior, Behavior::RefuseByPatch) {
                Reaction::Patch(Verdict::Failure)
            } else {
                Reaction::Patch(Verdict::Success)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every behavior with every action: what follows for an open operation of the marketplace and of the publisher.
    #[test]
    fn every_behavior_answers_every_action() {
        use Behavior::{Accept, AcceptSilently, Fail, Refuse, RefuseByPatch};
        use Reaction::{Follow, Patch, Unavailable};
        let (yes, no) = (Patch(Verdict::Success), Patch(Verdict::Failure));
        let actions = Action::KNOWN.into_iter().chain([Action::Unknown("Transfer".to_owned())]);
        for action in actions {
            let rows = match &action {
                Action::ChangePlan | Action::ChangeQuantity => [
                    (Accept, yes, Follow),
                    (AcceptSilently, Follow, Follow),
                    (RefuseByPatch, no, Follow),
                    (Refuse, Reaction::Refuse, Reaction::Refuse),
                    (Fail, Unavailable, Unavailable),
                ],
                Action::Reinstate => [
                    (Accept, yes, Follow),
                    (AcceptSilently, Follow, Follow),
                    (RefuseByPatch, no, Follow),
                    (Refuse, yes, Follow),
                    (Fail, Unavailable, Unavailable),
                ],
                Action::Renew
                | Action::Suspend
                | Action::Unsubscribe
                | Action::Subscribe
                | Action::Unknown(_) => [
                    (Accept, Follow, Follow),
                    (AcceptSilently, Follow, Follow),
                    (RefuseByPatch, Follow, Follow),
                    (Refuse, Follow, Follow),
                    (Fail, Unavailable, Unavailable),
                ],
            };
            for (behavior, theirs, ours) in rows {
                let check = |source, expected| {
                    let got = react(behavior, &action, source, Status::Open);
                    assert_eq!(got, expected, "{behavior:?} {action:?} {source:?}");
                };
                check(Source::Marketplace, theirs);
                check(Source::Publisher, ours);
            }
        }
    }

    #[test]
    fn what_is_decided_is_taken_as_it_is_by_whoever_is_up() {
        for behavior in Behavior::ALL {
            for action in Action::KNOWN {
                for source in [Source::Marketplace, Source::Publisher] {
                    let done = react(behavior, &action, source, Status::Succeeded);
                    let failed = react(behavior, &action, source, Status::Failed);
                    let expected = if behavior == Behavior::Fail {
                        (Reaction::Unavailable, Reaction::Unavailable)
                    } else {
                        (Reaction::Apply, Reaction::Note)
                    };
                    assert_eq!((done, failed), expected, "{behavior:?} {action:?} {source:?}");
                }
            }
        }
    }

    #[test]
    fn behaviors_are_read_by_name() {
        for behavior in Behavior::ALL {
            assert_eq!(Behavior::read(behavior.name()), Some(behavior));
        }
        assert_eq!(Behavior::read("Accept"), None);
    }
}
