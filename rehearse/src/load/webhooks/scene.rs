//! A sandbox whose subscriptions all renew at one instant: what `webhooks` measures. Its clock stands, and is moved from
//! term to term.

use anyhow::anyhow;
use reqwest::Client;
use shared::rehearsal::{
    Advance, ConfigurePublisher, CreateSandbox, DeliveryState, Publisher, SoldBy,
};

use super::{
    super::crowd::Errors,
    receiver::{Receiver, Tally},
};
use crate::{
    control::Control,
    load::steps::{Deal, Stage},
    words,
};

/// The clock's start: a first of a month, so that all months that follow are alike, in the morning, so that a month
/// later the term's end is past.
const START: &str = "2027-03-01T09:00:00Z";
const TERM: &str = "P1M";
/// After the last term; the next one ends a month later.
const A_MOMENT: &str = "PT0.001S";

/// A sandbox whose first publisher has many subscriptions.
#[derive(Debug)]
pub struct Scene<'a> {
    control: Control,
    publishers: Vec<Publisher>,
    subscriptions: Vec<(&'a Receiver, usize)>,
}

impl<'a> Scene<'a> {
    /// A new sandbox without subscriptions.
    pub async fn set(control: &Control) -> anyhow::Result<Self> {
        let wanted = CreateSandbox {
            start_at: Some(START.parse()?),
            frozen: Some(true),
            ..CreateSandbox::default()
        };
        let made = control.create_sandbox(&wanted).await?;
        let control = control.in_sandbox(&made.id);
        Ok(Self { control, publishers: made.publishers, subscriptions: Vec::new() })
    }

    /// Gives the publisher at `place` that webhook and so many subscriptions whose billing has started.
    pub async fn subscribe(
        &mut self,
        http: &Client,
        place: usize,
        (receiver, count): (&'a Receiver, usize),
        workers: usize,
        errors: &mut Errors,
    ) -> anyhow::Result<()> {
        let publisher = self.publishers.get(place);
        let publisher = publisher.ok_or_else(|| anyhow!(words::say("load-one-publisher")))?;
        let wanted = ConfigurePublisher {
            webhook_url: Some(Some(receiver.url().to_string())),
            ..ConfigurePublisher::default()
        };
        self.control.configure_publisher(&publisher.publisher_id, &wanted).await?;
        let deal = Deal {
            publisher: Some(&publisher.publisher_id),
            sold_by: Some(SoldBy::Customer),
            ..Deal::default()
        };
        let stage = Stage::set(http.clone(), self.control.clone(), deal).await?;
        let done = stage.subscribed(count, workers).await?;
        errors.merge(done.errors);
        self.subscriptions.push((receiver, done.results.len()));
        Ok(())
    }

    /// Goes on by a term: every subscription renews at one instant, while webhooks are held back; then all leave. What
    /// arrived at each receiver, in the order the subscriptions were made.
    pub async fn renew(&self, errors: &mut Errors) -> anyhow::Result<Vec<Tally>> {
        for (receiver, _) in &self.subscriptions {
            let late = receiver.tally();
            errors.add(words::say("load-webhooks-late"), late.posts);
        }
        self.control.hold(true).await?;
        let by = |by: &str| Advance { by: Some(by.to_owned()), ..Advance::default() };
        self.control.advance(&by(TERM)).await?;
        self.control.hold(false).await?;
        // An advance answers when everything that is on its way has arrived.
        let advanced = self.control.advance(&by(A_MOMENT)).await?;
        let is_good = |state| state == DeliveryState::Acknowledged;
        let bad = advanced.deliveries.iter().filter(|one| !is_good(one.state)).count();
        errors.add(words::say("load-webhooks-bad"), bad);
        let tallies = self.subscriptions.iter().map(|(receiver, count)| {
            let tally = receiver.tally();
            judge(tally, *count, errors);
            tally
        });
        Ok(tallies.collect())
    }
}

/// Each webhook once, and no other.
fn judge(tally: Tally, expected: usize, errors: &mut Errors) {
    errors.add(words::say("load-webhooks-unreadable"), tally.unreadable);
    let repeated = tally.posts - tally.unreadable - tally.ids;
    errors.add(words::say("load-webhooks-repeated"), repeated);
    errors.add(words::say("load-webhooks-missing"), expected.saturating_sub(tally.ids));
    errors.add(words::say("load-webhooks-strange"), tally.ids.saturating_sub(expected));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(posts: usize, ids: usize, unreadable: usize) -> usize {
        let mut errors = Errors::default();
        judge(Tally { posts, ids, unreadable, took: Duration::ZERO }, 10, &mut errors);
        errors.count()
    }

    #[test]
    fn each_webhook_must_arrive_once() {
        assert_eq!(check(10, 10, 0), 0);
        assert_eq!(check(12, 10, 0), 2, "repeated");
        assert_eq!(check(9, 9, 0), 1, "missing");
        assert_eq!(check(11, 11, 0), 1, "strange");
        assert_eq!(check(10, 9, 1), 2, "unreadable, and so missing");
    }
}
