//! What a partner asks of a subscription by PATCH (partner-center.md 3.8): from a body, which is a whole subscription as far
//! as its sender knew it, to the list of what is to change, and from there to what happens. All of it, or nothing.
//! Called by `commands/amend_subscription`.

use jiff::Timestamp;
use shared::fulfillment::BlockedChange;

use super::{
    cancellation::{Cancellation, CancellationRules},
    catalog::Offer,
    change::{self, target},
    operation::{Operation, OperationAction, OperationSource, Target},
    order::{has_licenses, may_buy},
    partner_refusal::PartnerRefusal,
    partner_status::{PartnerStatus, nickname},
    party::Partner,
    policy::{AutorenewAbsent, Policy},
    publisher_step::Steps,
    refusal::Refusal,
    reseller::check_reseller,
    subscription::{Change, Happening, Note, SoldBy, Status, Subscription},
};

/// Characters of a nickname at most.
pub const NICKNAME_MAX: usize = 256;

/// Members of a body that may change something, as they were sent; `None`: absent, or null. Everything else in it is read
/// only (P33). Words are in lower case, without underscores.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// `friendlyName`.
    pub nickname: Option<String>,
    /// `quantity`.
    pub quantity: Option<i64>,
    /// `autoRenewEnabled`.
    pub auto_renew: Option<bool>,
    /// `status`.
    pub status: Option<String>,
    /// `partnerId`.
    pub reseller: Option<String>,
    /// `billingCycle`.
    pub billing_cycle: Option<String>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Another nickname (S12).
    Nickname(String),
    /// Another number of licenses (S13).
    Quantity(i64),
    /// It renews, or does no more (S15).
    AutoRenew(bool),
    /// Its end (S14).
    Cancel,
    /// Its suspension.
    Suspend,
    /// The end of its suspension.
    Resume,
    /// Another indirect reseller (S16).
    Reseller(String),
}

impl Wanted {
    /// What a step of the publisher has to block to be in its way.
    fn blocked(&self) -> BlockedChange {
        match self {
            Self::Nickname(_) => BlockedChange::Nickname,
            Self::Quantity(_) => BlockedChange::Quantity,
            Self::AutoRenew(_) => BlockedChange::AutoRenew,
            Self::Cancel => BlockedChange::Cancel,
            Self::Suspend => BlockedChange::Suspend,
            Self::Resume => BlockedChange::Resume,
            Self::Reseller(_) => BlockedChange::Reseller,
        }
    }
}

/// What a change is judged by, besides the subscription.
pub struct Circumstances<'a> {
    /// How the sandbox behaves.
    pub policy: &'a Policy,
    /// What it is a subscription to.
    pub offer: &'a Offer,
    /// The customer's country.
    pub country: &'a str,
    /// Who asks.
    pub partner: &'a Partner,
    /// Whoever has the partner id that was sent.
    pub reseller: Option<&'a Partner>,
    /// The operation that locks it.
    pub open: Option<&'a Operation>,
    /// What its publisher wants done first (S17).
    pub steps: &'a Steps,
}

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Amendment {
    /// What changes at once; `None`: nothing.
    pub change: Option<Change>,
    /// What is to be done about the publisher.
    pub then: Then,
}

/// What a publisher has to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    Done,
    /// It is told of what has changed.
    Tell(OperationAction),
    /// It is asked, and what is asked for comes later or not at all.
    Ask(OperationAction, Target),
}

impl Sent {
    /// The changes a body asks for: where a member that may change differs from what is shown (P31 to P33). In the order in
    /// which they are judged.
    pub fn changes(
        &self,
        of: &Subscription,
        (offer, policy): (&Offer, &Policy),
    ) -> Result<Vec<Wanted>, Refusal> {
        let cycle = self.billing_cycle.as_deref().filter(|cycle| !is_unset(cycle));
        if cycle.is_some_and(|cycle| cycle != of.billing_cycle.to_string()) {
            return Err(PartnerRefusal::BillingCycle.into());
        }
        let status = self.status.as_deref().filter(|status| !is_unset(status));
        let shown = PartnerStatus::of(of.status, policy.get());
        let status = status.map(|sent| status_change(sent, shown)).transpose()?.flatten();
        let mut wanted = Vec::new();
        if let Some(name) = self.nickname.as_ref().filter(|name| **name != nickname(of, offer)) {
            wanted.push(Wanted::Nickname(check_nickname(name)?));
        }
        let quantity = self.quantity.filter(|sent| ![0, of.licenses_required()].contains(sent));
        wanted.extend(quantity.map(Wanted::Quantity));
        // Whoever cancels says nothing about renewals.
        let renews = match (self.auto_renew, policy.get()) {
            _ if status == Some(Wanted::Cancel) => of.auto_renew(),
            (Some(sent), _) => sent,
            (None, AutorenewAbsent::Off) => false,
            (None, AutorenewAbsent::Keep) => of.auto_renew(),
        };
        if renews != of.auto_renew() {
            wanted.push(Wanted::AutoRenew(renews));
        }
        wanted.extend(status);
        // The SDK and PowerShell send "" and null for what they do not mean (Q13).
        let reseller = self.reseller.as_deref().map(str::trim).filter(|sent| !sent.is_empty());
        if let Some(sent) = reseller.filter(|sent| of.reseller_mpn.as_deref() != Some(*sent)) {
            wanted.push(Wanted::Reseller(sent.to_owned()));
        }
        Ok(wanted)
    }
}

/// How typed clients write an enum that they did not set.
fn is_unset(word: &str) -> bool {
    matches!(word, "" | "none" | "unknown")
}

fn status_change(sent: &str, shown: PartnerStatus) -> Result<Option<Wanted>, Refusal> {
    use PartnerStatus::{Active, Pending, Suspended};
    match (sent, shown) {
        _ if sent == shown.name() => Ok(None),
        ("deleted", _) => Ok(Some(Wanted::Cancel)),
        ("suspended", Active | Pending) => Ok(Some(Wanted::Suspend)),
        ("active", Suspended) => Ok(Some(Wanted::Resume)),
        ("active" | "suspended" | "expired" | "pending" | "disabled", _) => {
            Err(PartnerRefusal::BadTransition { from: shown.name(), to: sent.to_owned() }.into())
        }
        _ => Err(Refusal::field("status", "send active, suspended or deleted")),
    }
}

/// A nickname as it is kept, if it can be one.
pub(super) fn check_nickname(sent: &str) -> Result<String, Refusal> {
    let fits = (1..=NICKNAME_MAX).contains(&sent.chars().count());
    if fits && !sent.trim().is_empty() && !sent.chars().any(char::is_control) {
        return Ok(sent.to_owned());
    }
    let reason = format!("1 to {NICKNAME_MAX} characters on one line make a nickname");
    Err(Refusal::field("friendlyName", reason))
}

/// Whether a subscription may be changed by this partner at all: not by a reseller, whose provider sold it (S1), not after
/// its end (P44), and not if the customer bought it itself.
pub fn may_amend(
    of: &Subscription,
    partner: &Partner,
    at: Timestamp,
) -> Result<(), PartnerRefusal> {
    may_buy(partner)?;
    if matches!(of.status, Status::Unsubscribed { .. }) {
        return Err(PartnerRefusal::Deleted);
    }
    if of.has_run_out(at) {
        return Err(PartnerRefusal::Expiring);
    }
    match of.sold_by {
        SoldBy::Partner => Ok(()),
        SoldBy::Customer => Err(PartnerRefusal::NotEligible(
            "the customer bought this subscription itself: only the customer changes it".to_owned(),
        )),
    }
}

/// What comes of changes that are wanted together.
pub fn decide(
    of: &Subscription,
    wanted: &[Wanted],
    around: &Circumstances<'_>,
    at: Timestamp,
) -> Result<Amendment, Refusal> {
    may_amend(of, around.partner, at)?;
    let (mut notes, mut then, mut ending) = (Vec::new(), Then::Done, None);
    for change in wanted {
        match change {
            Wanted::Nickname(name) => notes.push(Note::Nickname(name.clone())),
            Wanted::Quantity(quantity) => {
                let target = ask_quantity(of, *quantity, around)?;
                then = Then::Ask(OperationAction::ChangeQuantity, target);
            }
            Wanted::AutoRenew(on) => {
                let suspended = matches!(of.status, Status::Suspended { .. });
                if *on && suspended && !wanted.contains(&Wanted::Resume) {
                    let reason = "a suspended subscription does not renew: set status active first";
                    return Err(PartnerRefusal::NotRenewable(reason.to_owned()).into());
                }
                notes.push(Note::AutoRenew(*on));
            }
            Wanted::Cancel => {
                match CancellationRules::of(of.sold_by, around.policy).cancel(of, at)? {
                    Cancellation::Scheduled => notes.push(Note::Canceled),
                    Cancellation::AtOnce => ending = Some(OperationAction::Unsubscribe),
                }
            }
            Wanted::Suspend => {
                activated(of)?;
                ending = Some(OperationAction::Suspend);
            }
            Wanted::Resume => {
                unlocked(around)?;
                then = Then::Ask(OperationAction::Reinstate, of.target());
            }
            Wanted::Reseller(mpn) => {
                check_reseller(around.partner, around.reseller, mpn)?;
                notes.push(Note::Reseller(mpn.clone()));
            }
        }
        around.steps.may(change.blocked())?;
    }
    let noted = of.clone().noted(&notes, at);
    let change = match ending {
        None => noted,
        Some(action) => {
            if matches!(then, Then::Ask(..)) {
                let reason = "it cannot change with the status: send one, then the other";
                return Err(Refusal::field("quantity", reason));
            }
            then = Then::Tell(action);
            followed(noted, |noted| match action {
                OperationAction::Suspend => noted.suspend(Happening::Suspend, at),
                _ => noted.cancel(OperationSource::Azure, at),
            })?
        }
    };
    let change = (!change.events.is_empty()).then_some(change);
    Ok(Amendment { change, then })
}

fn followed(
    first: Change,
    next: impl FnOnce(Subscription) -> Result<Change, Refusal>,
) -> Result<Change, Refusal> {
    let Change { subscription, mut events } = first;
    let next = next(subscription)?;
    events.extend(next.events);
    Ok(Change { subscription: next.subscription, events })
}

fn ask_quantity(
    of: &Subscription,
    quantity: i64,
    around: &Circumstances<'_>,
) -> Result<Target, Refusal> {
    activated(of)?;
    if matches!(of.status, Status::Suspended { .. }) {
        return Err(PartnerRefusal::QuantityWhileSuspended.into());
    }
    unlocked(around)?;
    let plan = around.offer.plans.iter().find(|plan| plan.id == of.plan_id);
    let seats = plan.and_then(|plan| plan.seats).ok_or(PartnerRefusal::FlatRate)?;
    if !(seats.min..=seats.max).contains(&quantity) {
        let (min, max) = (seats.min, seats.max);
        return Err(PartnerRefusal::OutsideLimits { quantity, min, max }.into());
    }
    has_licenses(around.partner, quantity)?;
    target(of, &change::Wish::Quantity(quantity), around.offer, around.country)
}

fn activated(of: &Subscription) -> Result<(), PartnerRefusal> {
    match of.status {
        Status::PendingFulfillmentStart => Err(PartnerRefusal::NotActivated),
        Status::Subscribed | Status::Suspended { .. } | Status::Unsubscribed { .. } => Ok(()),
    }
}

fn unlocked(around: &Circumstances<'_>) -> Result<(), PartnerRefusal> {
    match around.open {
        None => Ok(()),
        Some(open) => Err(PartnerRefusal::Pending { action: open.action.name(), id: open.id }),
    }
}

#[cfg(test)]
mod tests;
