//! Canceling as a rule (partner-center.md 2.5, corrections P-1 and P-2): until when it costs nothing, and what becomes of a
//! cancellation that comes later. Pure. Called by [`super::amendment`], by the views of subscriptions, and by the catalogue,
//! which publishes the windows.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::{
    partner_refusal::PartnerRefusal,
    policy::{CancellationAnchor, CancellationPolicy, Policy, WindowBy},
    subscription::{SoldBy, Subscription},
    term::{BillingCycle, TermUnit, cycle_start, midnight},
};

/// How long after its anchor a cancellation costs nothing: strictly less than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// So many hours.
    Hours(i64),
    /// So many days of 24 hours.
    Days(i64),
}

impl Window {
    /// Its length.
    #[must_use]
    pub fn length(self) -> SignedDuration {
        match self {
            Self::Hours(hours) => SignedDuration::from_hours(hours),
            Self::Days(days) => SignedDuration::from_hours(days * 24),
        }
    }
}

/// As `cancellationPolicies` of an availability say it: `P1D`, `P14D`, `PT72H`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours(24) => f.write_str("P1D"),
            Self::Hours(hours) => write!(f, "PT{hours}H"),
            Self::Days(days) => write!(f, "P{days}D"),
        }
    }
}

/// What becomes of a cancellation that is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// The subscription ends at once.
    AtOnce,
    /// It ends with its term, and does not renew.
    Scheduled,
}

/// By which rules a subscription is canceled: the one value of the sandbox's policy for all of a seller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancellationRules {
    policy: CancellationPolicy,
    anchor: CancellationAnchor,
    by: WindowBy,
}

impl CancellationRules {
    /// The rules for what was sold so.
    #[must_use]
    pub fn of(sold_by: SoldBy, policy: &Policy) -> Self {
        Self {
            policy: match sold_by {
                SoldBy::Partner => policy.get(),
                SoldBy::Customer => CancellationPolicy::Saas72h,
            },
            anchor: policy.get(),
            by: policy.get(),
        }
    }

    /// The window of a term that is charged so.
    #[must_use]
    pub fn window(&self, term: TermUnit, cycle: BillingCycle) -> Window {
        let months = match self.by {
            WindowBy::Term => term.months(),
            WindowBy::BillingCycle => cycle.months(),
        };
        match (self.policy, months) {
            (CancellationPolicy::Saas72h | CancellationPolicy::Csp2024, _) => Window::Hours(72),
            (CancellationPolicy::Csp2019 | CancellationPolicy::Hide2019a, ..12) => {
                Window::Hours(24)
            }
            (CancellationPolicy::Csp2019, 12) | (CancellationPolicy::Hide2019a, _) => {
                Window::Days(14)
            }
            (CancellationPolicy::Csp2019, _) => Window::Hours(72),
        }
    }

    /// When the window of a subscription closes; `None` while that is not known, because what it counts from is still to
    /// come. From the renewal again, where the policy says so (Q15).
    #[must_use]
    pub fn deadline(&self, of: &Subscription) -> Option<Timestamp> {
        let bought = match self.anchor {
            CancellationAnchor::Order => of.purchased_at,
            CancellationAnchor::Activation => of.gate.billing_started_at()?,
        };
        let renewed = of.renewed_at().filter(|_| self.policy == CancellationPolicy::Saas72h);
        let anchor = renewed.unwrap_or(bought);
        Some(anchor + self.window(of.term, of.billing_cycle).length())
    }

    /// What becomes of a cancellation at this instant, or why it is not possible. Before billing has started nothing was
    /// charged and no term runs: it ends at once (Q4).
    pub fn cancel(&self, of: &Subscription, at: Timestamp) -> Result<Cancellation, PartnerRefusal> {
        let deadline = self.deadline(of);
        let Some(deadline) = deadline.filter(|deadline| at >= *deadline) else {
            return Ok(Cancellation::AtOnce);
        };
        if of.gate.billing_started_at().is_none() {
            return Ok(Cancellation::AtOnce);
        }
        match self.policy {
            CancellationPolicy::Csp2019 => Ok(Cancellation::Scheduled),
            CancellationPolicy::Hide2019a | CancellationPolicy::Csp2024 => {
                let since = deadline.to_string();
                Err(match self.window(of.term, of.billing_cycle) {
                    Window::Hours(hours) => PartnerRefusal::WindowPassed { hours, since },
                    Window::Days(days) => PartnerRefusal::DaysPassed { days, since },
                })
            }
            CancellationPolicy::Saas72h => match last_payment(of).filter(|last| at < *last) {
                Some(last) => Err(PartnerRefusal::PaymentsDue(last.to_string())),
                None => Ok(Cancellation::AtOnce),
            },
        }
    }
}

/// When the last payment of the running term is made, where that binds: terms of two years and more that are charged in
/// parts (P43).
fn last_payment(of: &Subscription) -> Option<Timestamp> {
    let parts = of.term.months() / of.billing_cycle.months();
    let start = of.term_start.filter(|_| of.term.months() >= 24 && parts > 1)?;
    Some(midnight(cycle_start(start, of.term, of.billing_cycle, parts - 1)))
}

#[cfg(test)]
mod tests;
