//! The story as it is told: one line a step, as it happens, and the steps once more for `--json`. Called by `demo`.

use std::time::{Duration, Instant};

use serde::Serialize;
use shared::rehearsal::JournalEntry;

use crate::{
    term::{Look, Terminal},
    words,
};

/// A step of the story, in the order of interface.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum StepName {
    /// The partner buys.
    Purchase,
    /// The partner asks for a fresh link.
    ActivationLink,
    /// The visitor opens the link.
    LandingOpened,
    /// The publisher exchanges the token.
    TokenResolved,
    /// The visitor submits the form.
    InformationSubmitted,
    /// The first key.
    LicensesAssigned,
    /// Billing waits for the second.
    BillingWaiting,
    /// The second key.
    FulfillmentConfirmed,
    /// Billing has started.
    BillingStarted,
    /// The first charge is there.
    FirstCharge,
}

impl StepName {
    /// The step in words.
    fn words(self) -> String {
        words::say(match self {
            Self::Purchase => "step-purchase",
            Self::ActivationLink => "step-activation-link",
            Self::LandingOpened => "step-landing-opened",
            Self::TokenResolved => "step-token-resolved",
            Self::InformationSubmitted => "step-information-submitted",
            Self::LicensesAssigned => "step-licenses-assigned",
            Self::BillingWaiting => "step-billing-waiting",
            Self::FulfillmentConfirmed => "step-fulfillment-confirmed",
            Self::BillingStarted => "step-billing-started",
            Self::FirstCharge => "step-first-charge",
        })
    }

    fn is_key(self) -> bool {
        matches!(self, Self::LicensesAssigned | Self::FulfillmentConfirmed)
    }
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// Who called.
    pub from: String,
    /// Who was called.
    pub to: String,
    /// Real milliseconds it took.
    pub ms: f64,
}

impl Step {
    /// A step that the driver took and timed itself.
    #[must_use]
    pub fn timed(name: StepName, from: &str, to: &str, begun: Instant) -> Self {
        let ms = millis(begun.elapsed());
        Self { name, from: from.to_owned(), to: to.to_owned(), ms }
    }

    /// A step that the broker's journal has seen.
    #[must_use]
    pub fn journaled(name: StepName, exchange: &JournalEntry) -> Self {
        Self {
            name,
            from: exchange.from.clone().unwrap_or_default(),
            to: exchange.to.clone().unwrap_or_default(),
            ms: exchange.ms.unwrap_or_default(),
        }
    }
}

/// The story so far.
#[derive(Debug)]
pub struct Story {
    terminal: Terminal,
    steps: Vec<Step>,
}

impl Story {
    /// Begins with its title.
    pub fn begin(terminal: Terminal) -> anyhow::Result<Self> {
        terminal.line(&terminal.paint(Look::Bold, &words::say("demo-title")))?;
        terminal.line("")?;
        Ok(Self { terminal, steps: Vec::new() })
    }

    /// Tells a step, with what there is to say about it.
    pub fn tell(&mut self, step: Step, remarks: &[String]) -> anyhow::Result<()> {
        self.terminal.line(&line(self.terminal, self.steps.len() + 1, &step))?;
        for remark in remarks {
            self.terminal.line(&self.terminal.paint(Look::Dim, &format!("    {remark}")))?;
        }
        self.steps.push(step);
        Ok(())
    }

    /// Tells something that is no step.
    pub fn add(&self, lines: &[String]) -> anyhow::Result<()> {
        for line in lines {
            self.terminal.line(line)?;
        }
        Ok(())
    }

    /// A heading over what follows.
    pub fn heading(&self, key: &str) -> anyhow::Result<()> {
        self.terminal.line("")?;
        self.terminal.line(&self.terminal.paint(Look::Bold, &words::say(key)))?;
        Ok(())
    }

    /// The end, which is a good one.
    pub fn end_well(&self, text: &str) -> anyhow::Result<()> {
        self.terminal.line("")?;
        self.terminal.line(&self.terminal.paint(Look::Good, text))?;
        Ok(())
    }

    /// The steps that were taken.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

fn line(terminal: Terminal, number: usize, step: &Step) -> String {
    let call = format!("{} -> {}", step.from, step.to);
    let words = format!("{:<52}", step.name.words());
    let look = if step.name.is_key() { Look::Good } else { Look::Bold };
    format!("{number:>2}  {} {call:<40} {:>9.1} ms", terminal.paint(look, &words), step.ms)
}

/// Milliseconds with three digits behind the point.
#[must_use]
pub fn millis(took: Duration) -> f64 {
    (took.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

#[cfg(test)]
pub mod tests {
    //! The names in their order, for the tests of `demo`.

    use super::*;

    /// All steps, in order.
    pub const ALL: [StepName; 10] = [
        StepName::Purchase,
        StepName::ActivationLink,
        StepName::LandingOpened,
        StepName::TokenResolved,
        StepName::InformationSubmitted,
        StepName::LicensesAssigned,
        StepName::BillingWaiting,
        StepName::FulfillmentConfirmed,
        StepName::BillingStarted,
        StepName::FirstCharge,
    ];

    #[test]
    fn the_steps_are_named_as_documented() {
        let names: Vec<String> = ALL
            .iter()
            .map(|name| serde_json::to_value(name).unwrap().as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            names.join(" "),
            "purchase activationLink landingOpened tokenResolved informationSubmitted licensesAssigned \
             billingWaiting fulfillmentConfirmed billingStarted firstCharge"
        );
    }

    #[test]
    fn a_step_is_one_line_with_who_called_whom_and_how_long() {
        let step = Step {
            name: StepName::TokenResolved,
            from: "publisher contoso".to_owned(),
            to: "broker".to_owned(),
            ms: 3.149,
        };
        let told = line(Terminal::new(), 4, &step);
        assert!(told.starts_with(" 4  "), "{told}");
        assert!(told.contains("publisher contoso -> broker") && told.ends_with("3.1 ms"), "{told}");
        assert!(!told.contains('\n'));
        let json = serde_json::to_string(&step).unwrap();
        assert_eq!(
            json,
            r#"{"name":"tokenResolved","from":"publisher contoso","to":"broker","ms":3.149}"#
        );
    }

    #[test]
    fn every_step_has_words() {
        for name in ALL {
            assert!(!name.words().contains("step-"), "{name:?}: {}", name.words());
            assert!(name.words().chars().count() <= 52, "{name:?} is too long for its column");
        }
    }
}
