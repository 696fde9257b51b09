//! What a publisher wants done before a partner may change a subscription (S17): declared, done, in the way. Called by
//! the commands on steps, and by whatever a partner can change.

use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::{fulfillment::BlockedChange, ids::StepId};

use super::{partner_refusal::PartnerRefusal, party::check_url, refusal::Refusal};

/// Steps of one subscription that one declares.
pub const STEPS_MAX: usize = 20;
/// Characters of a title.
const TITLE_MAX: usize = 200;

/// Who declared a step: each declares and withdraws its own only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Declarer {
    /// The publisher, by its program or console.
    Publisher,
    /// The operator of the rehearsal, in the publisher's place.
    Operator,
}

impl Declarer {
    /// Both, in the order in which their steps are shown.
    pub const ALL: [Self; 2] = [Self::Publisher, Self::Operator];

    /// Its name in the database and in the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Publisher => "publisher",
            Self::Operator => "operator",
        }
    }
}

/// A step as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name, as it was sent.
    pub id: String,
    /// What is to be done.
    pub title: String,
    /// Where.
    pub url: String,
    /// What waits for it.
    pub blocks: BTreeSet<BlockedChange>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherStep {
    /// Its name, once in a subscription.
    pub id: StepId,
    /// What is to be done.
    pub title: String,
    /// Where.
    pub url: String,
    /// What waits for it.
    pub blocks: BTreeSet<BlockedChange>,
    /// Whose it is.
    pub declared_by: Declarer,
    /// When it was done.
    pub done_at: Option<Timestamp>,
}

/// The steps of a subscription: the publisher's in its order, then the operator's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Steps(Vec<PublisherStep>);

impl Steps {
    /// The steps as they are stored.
    #[must_use]
    pub fn stored(steps: Vec<PublisherStep>) -> Self {
        Self(steps)
    }

    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = &PublisherStep> {
        self.0.iter()
    }

    /// The list with these in the place of those that `by` has declared; what the other one has declared stays, unless
    /// its id is declared now: a step is whose who declared it last. What was done stays done under the same id.
    pub fn declare(&self, by: Declarer, wanted: Vec<Wanted>) -> Result<Self, Refusal> {
        if wanted.len() > STEPS_MAX {
            let reason = format!("{} steps; declare {STEPS_MAX} at most", wanted.len());
            return Err(Refusal::field("steps", reason));
        }
        let mut steps: Vec<PublisherStep> = Vec::with_capacity(wanted.len());
        for (place, wanted) in wanted.into_iter().enumerate() {
            let field = |name: &str| format!("steps[{place}].{name}");
            let id: StepId = wanted.id.parse().map_err(|_| {
                Refusal::field(field("id"), "1 to 50 of letters, digits, - and _ make an id")
            })?;
            if steps.iter().any(|step| step.id == id) {
                let reason = format!("the id {id} stands here twice: give each step its own");
                return Err(Refusal::field(field("id"), reason));
            }
            let title = check_title(field("title"), wanted.title)?;
            let url = check_url(field("url"), &wanted.url)?;
            let done_at = self.find(&id).and_then(|before| before.done_at);
            let (blocks, declared_by) = (wanted.blocks, by);
            steps.push(PublisherStep { id, title, url, blocks, declared_by, done_at });
        }
        let others = self.0.iter().filter(|step| step.declared_by != by);
        let kept: Vec<_> =
            others.filter(|step| steps.iter().all(|new| new.id != step.id)).cloned().collect();
        steps.extend(kept);
        steps.sort_by_key(|step| step.declared_by); // stable: each one's own order stays
        Ok(Self(steps))
    }

    /// The list with this step done at `at`, or earlier if it was; and the step.
    pub fn done(&self, id: &StepId, at: Timestamp) -> Result<(Self, PublisherStep), Refusal> {
        let mut steps = self.0.clone();
        let found = steps.iter_mut().find(|step| step.id == *id);
        let step = found.ok_or_else(|| Refusal::unknown("Step", id))?;
        step.done_at.get_or_insert(at);
        let step = step.clone();
        Ok((Self(steps), step))
    }

    /// The first step that is not done and in the way of `what`.
    #[must_use]
    pub fn blocking(&self, what: BlockedChange) -> Option<&PublisherStep> {
        self.0.iter().find(|step| step.done_at.is_none() && step.blocks.contains(&what))
    }

    /// Refuses `what` while a step is in its way (S17).
    pub fn may(&self, what: BlockedChange) -> Result<(), Refusal> {
        match self.blocking(what) {
            None => Ok(()),
            Some(PublisherStep { title, url, .. }) => {
                Err(PartnerRefusal::PublisherStep { title: title.clone(), url: url.clone() }.into())
            }
        }
    }

    fn find(&self, id: &StepId) -> Option<&PublisherStep> {
        self.0.iter().find(|step| step.id == *id)
    }
}

/// A title people can read: not blank, on one line.
fn check_title(field: String, title: String) -> Result<String, Refusal> {
    let fits = (1..=TITLE_MAX).contains(&title.chars().count());
    if fits && !title.trim().is_empty() && !title.chars().any(char::is_control) {
        return Ok(title);
    }
    let reason = format!("say in 1 to {TITLE_MAX} characters, on one line, what is to be done");
    Err(Refusal::field(field, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3600).unwrap()
    }

    fn wanted(id: &str, blocks: &[BlockedChange]) -> Wanted {
        Wanted {
            id: id.to_owned(),
            title: format!("Do {id}"),
            url: format!("https://contoso.example/{id}"),
            blocks: blocks.iter().copied().collect(),
        }
    }

    fn declared(list: &[Wanted]) -> Steps {
        Steps::default().declare(Declarer::Publisher, list.to_vec()).unwrap()
    }

    #[test]
    fn s17_a_step_is_in_the_way_of_what_it_blocks_until_it_is_done() {
        let steps = declared(&[
            wanted("tell", &[]),
            wanted("export", &[BlockedChange::Cancel, BlockedChange::Suspend]),
            wanted("pay", &[BlockedChange::Cancel]),
        ]);
        let way = |steps: &Steps, what| steps.blocking(what).map(|step| step.id.to_string());
        for what in BlockedChange::ALL {
            let blocked = matches!(what, BlockedChange::Cancel | BlockedChange::Suspend);
            assert_eq!(way(&steps, what).as_deref(), blocked.then_some("export"), "{what:?}");
            assert_eq!(steps.may(what).is_err(), blocked, "{what:?}");
        }
        let refused = steps.may(BlockedChange::Cancel).unwrap_err().to_string();
        assert!(refused.contains("Do export"), "{refused}");
        assert!(refused.contains("https://contoso.example/export"), "{refused}");

        let (steps, step) = steps.done(&"export".parse().unwrap(), at(1)).unwrap();
        assert_eq!(step.done_at, Some(at(1)));
        assert_eq!(way(&steps, BlockedChange::Cancel).as_deref(), Some("pay"));
        assert_eq!(steps.may(BlockedChange::Suspend), Ok(()));
        let (again, _) = steps.done(&"export".parse().unwrap(), at(2)).unwrap();
        assert_eq!(again, steps, "done is done: the first time counts");
        let (steps, _) = steps.done(&"pay".parse().unwrap(), at(2)).unwrap();
        assert_eq!(steps.may(BlockedChange::Cancel), Ok(()));
        let unknown = steps.done(&"other".parse().unwrap(), at(2)).unwrap_err();
        assert_eq!(unknown, Refusal::unknown("Step", "other"));
    }

    #[test]
    fn a_list_takes_the_place_of_the_one_before_and_what_was_done_stays_done() {
        let steps = declared(&[wanted("a", &[BlockedChange::Cancel]), wanted("b", &[])]);
        let (steps, _) = steps.done(&"a".parse().unwrap(), at(1)).unwrap();
        let declare = |steps: &Steps, list| steps.declare(Declarer::Publisher, list).unwrap();
        let again =
            declare(&steps, vec![wanted("c", &[]), wanted("a", &[BlockedChange::Quantity])]);
        let shown: Vec<_> = again.iter().map(|step| (step.id.as_str(), step.done_at)).collect();
        assert_eq!(shown, [("c", None), ("a", Some(at(1)))]);
        assert_eq!(again.may(BlockedChange::Quantity), Ok(()));
        assert_eq!(declare(&again, Vec::new()), Steps::default());
        let forgotten = declare(&Steps::default(), vec![wanted("a", &[])]);
        assert_eq!(forgotten.iter().next().unwrap().done_at, None, "it was cleared meanwhile");
    }

    #[test]
    fn s17_each_declares_and_withdraws_its_own_steps_only() {
        use Declarer::{Operator, Publisher};
        let shown = |steps: &Steps| -> Vec<_> {
            steps.iter().map(|step| (step.id.to_string(), step.declared_by)).collect()
        };
        let own = |id: &str, by| (id.to_owned(), by);
        let declare = |steps: &Steps, by, ids: &[&str]| {
            steps.declare(by, ids.iter().map(|id| wanted(id, &[])).collect()).unwrap()
        };
        let set = declare(&Steps::default(), Operator, &["x", "y"]);
        let both = declare(&set, Publisher, &["b", "a"]);
        let four = [own("b", Publisher), own("a", Publisher), own("x", Operator)];
        assert_eq!(shown(&both), [&four[..], &[own("y", Operator)]].concat());
        assert_eq!(declare(&both, Publisher, &["b", "a"]), both, "a repetition changes nothing");
        assert_eq!(shown(&declare(&both, Publisher, &[])), shown(&set));
        assert_eq!(shown(&declare(&both, Operator, &["x"])), four);

        let (both, _) = both.done(&"x".parse().unwrap(), at(1)).unwrap();
        let taken = declare(&both, Publisher, &["x"]);
        assert_eq!(shown(&taken), [own("x", Publisher), own("y", Operator)], "declared last");
        assert_eq!(taken.iter().next().unwrap().done_at, Some(at(1)));
        assert_eq!(shown(&declare(&taken, Operator, &["x"])), [own("x", Operator)]);
        let most: Vec<_> = (0..STEPS_MAX).map(|n| wanted(&format!("s{n}"), &[])).collect();
        assert!(set.declare(Publisher, most).is_ok(), "what another declared takes up no place");
    }

    #[test]
    fn a_list_that_cannot_be_is_refused_by_its_member() {
        let with = |change: fn(&mut Wanted)| {
            let mut step = wanted("a", &[BlockedChange::Cancel]);
            change(&mut step);
            vec![wanted("first", &[]), step]
        };
        for (list, field) in [
            (vec![wanted("x", &[]); STEPS_MAX + 1], "steps"),
            (with(|step| step.id = "first".to_owned()), "steps[1].id"),
            (with(|step| step.id = "a/b".to_owned()), "steps[1].id"),
            (with(|step| step.id = String::new()), "steps[1].id"),
            (with(|step| step.title = " ".to_owned()), "steps[1].title"),
            (with(|step| step.title = "a\nb".to_owned()), "steps[1].title"),
            (with(|step| step.title = "ü".repeat(TITLE_MAX + 1)), "steps[1].title"),
            (with(|step| step.url = "javascript:alert(1)".to_owned()), "steps[1].url"),
            (with(|step| step.url = "/export".to_owned()), "steps[1].url"),
        ] {
            let refused = Steps::default().declare(Declarer::Publisher, list).unwrap_err();
            let Refusal::Field { field: named, .. } = &refused else { panic!("{refused:?}") };
            assert_eq!(named, field, "{refused}");
        }
        let most = (0..STEPS_MAX).map(|n| wanted(&format!("s{n}"), &[])).collect();
        let declare = |list| Steps::default().declare(Declarer::Publisher, list);
        assert_eq!(declare(most).unwrap().iter().count(), STEPS_MAX);
        assert!(declare(with(|step| step.title = "ü".repeat(TITLE_MAX))).is_ok());
    }
}
