//! What a partner notes on a subscription without asking its publisher: nickname, auto-renew, reseller, and an end that is
//! still to come. Called by [`crate::domain::amendment`].

use jiff::Timestamp;

use super::{super::event::Event, Change, Subscription};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// What the partner calls it.
    Nickname(String),
    /// Whether it renews. Turned on again, a cancellation to the end of the term is off.
    AutoRenew(bool),
    /// The indirect reseller, by its Microsoft Partner Network id.
    Reseller(String),
    /// It ends with its term.
    Canceled,
}

impl Subscription {
    /// With these notes; what is so already is no event.
    #[must_use]
    pub fn noted(mut self, notes: &[Note], at: Timestamp) -> Change {
        let mut events = Vec::new();
        for note in notes {
            match note {
                Note::Nickname(to) => {
                    if self.nickname.replace(to.clone()).as_ref() != Some(to) {
                        events.push(Event::NicknameChanged { to: to.clone() });
                    }
                }
                Note::Reseller(to) => {
                    if self.reseller_mpn.replace(to.clone()).as_ref() != Some(to) {
                        events.push(Event::ResellerChanged { to: to.clone() });
                    }
                }
                Note::AutoRenew(on) => self.renews(*on, &mut events, at),
                Note::Canceled => {
                    self.renews(false, &mut events, at);
                    if self.cancel_scheduled_at.is_none() {
                        self.cancel_scheduled_at = Some(at);
                        events.push(Event::CancellationScheduled { ends_at: self.term_end() });
                    }
                }
            }
        }
        if !events.is_empty() {
            self.modified_at = at;
        }
        Change { subscription: self, events }
    }

    fn renews(&mut self, on: bool, events: &mut Vec<Event>, at: Timestamp) {
        if self.auto_renew() != on {
            self.auto_renew_off_since = (!on).then_some(at);
            events.push(Event::AutoRenewChanged { on });
        }
        if on {
            self.cancel_scheduled_at = None;
        }
    }
}
