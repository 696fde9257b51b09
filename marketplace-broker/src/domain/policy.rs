//! Profiles and quirks: what the marketplace does where its sources are silent or disagree (fulfillment.md, corrections
//! F1 to F10, sections 7 and 9). A quirk is a row of data and an enum of its values; a [`Policy`] says which value is in
//! force. Rules take the policy, or the one value they need; nobody asks for the profile.
//!
//! A new quirk: its `quirk!` in the file of its topic, and its name at the end of [`QUIRKS`].

mod answers;
mod carts;
mod changes;
mod history;
mod identity;
mod lifecycle;
mod metering;
mod partner;
mod partner_subscriptions;
mod paths;
mod shapes;
mod webhooks;

use super::refusal::Refusal;

pub use answers::*;
pub use carts::*;
pub use changes::*;
pub use history::*;
pub use identity::*;
pub use lifecycle::*;
pub use metering::*;
pub use partner::*;
pub use partner_subscriptions::*;
pub use paths::*;
pub use shapes::*;
pub use webhooks::*;

/// A choice for all quirks at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The newest documentation; where it is silent, what is seen.
    Documented,
    /// The live service and what the author of Microsoft's emulator noted about it.
    Observed,
    /// As documented, without what breaks Microsoft's .NET SDK 2.x (fulfillment.md 1.13).
    Sdk2,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Documented, Self::Observed, Self::Sdk2];

    /// Its name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Sdk2 => "sdk2",
        }
    }

    /// The profile of this name.
    pub fn named(name: &str) -> Result<Self, Refusal> {
        Self::ALL.into_iter().find(|profile| profile.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            let shown: String = name.chars().take(60).collect();
            Refusal::field("profile", format!("{shown:?} is no profile; use one of {names}"))
        })
    }
}

/// A possible value of a quirk.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its name on the wire.
    pub name: &'static str,
    /// What happens under it.
    pub means: &'static str,
    /// The rule of Microsoft's .NET SDK 2.x and its accelerator that it breaks (fulfillment.md 1.13).
    pub breaks: Option<u8>,
}

/// A quirk as data.
#[derive(Debug)]
pub struct Row {
    /// From 1, in the order of [`QUIRKS`]; never given to another.
    pub number: usize,
    /// Its name on the wire.
    pub id: &'static str,
    /// What it is about.
    pub what: &'static str,
    /// Who says so.
    pub source: &'static str,
    /// When the source said so: `2023-08`, to the day where that is known.
    pub date: &'static str,
    /// What there is to choose from.
    pub values: &'static [Choice],
    /// What each profile chooses, in the order of [`Profile::ALL`].
    pub chosen: [usize; 3],
}

impl Row {
    /// What a profile chooses.
    #[must_use]
    pub fn of(&self, profile: Profile) -> &'static Choice {
        &self.values[self.chosen[profile as usize]]
    }
}

/// The rule that was written behind a value, if one was.
const fn first(rules: &[u8]) -> Option<u8> {
    match rules {
        [rule, ..] => Some(*rule),
        [] => None,
    }
}

/// The values of one quirk.
pub trait Quirk: Copy + 'static {
    /// The quirk as data.
    const ROW: Row;
    /// The values, in the order of the row's.
    const ALL: &'static [Self];
}

/// Makes a quirk: the enum of its values, and its row. The sentences are the documentation of both.
macro_rules! quirk {
    (
        $number:literal $id:literal $kind:ident
        $what:literal
        source $source:literal, $date:literal;
        {$($variant:ident $name:literal $means:literal $(breaks $rule:literal)?,)+}
        documented $documented:ident, observed $observed:ident, sdk2 $sdk2:ident
    ) => {
        #[doc = $what]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $kind {
            $(#[doc = $means] $variant,)+
        }

        impl $crate::domain::policy::Quirk for $kind {
            const ROW: $crate::domain::policy::Row = $crate::domain::policy::Row {
                number: $number,
                id: $id,
                what: $what,
                source: $source,
                date: $date,
                values: &[$($crate::domain::policy::Choice {
                    name: $name,
                    means: $means,
                    breaks: $crate::domain::policy::first(&[$($rule)?]),
                }),+],
                chosen: [Self::$documented as usize, Self::$observed as usize, Self::$sdk2 as usize],
            };
            const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}
use quirk;

/// The table.
pub static QUIRKS: [&Row; COUNT] = [
    &UnknownOperation::ROW,
    &MissingBearer::ROW,
    &RetiredResource::ROW,
    &NotifyRefused::ROW,
    &UnknownSubscriptionOperations::ROW,
    &PendingPatch::ROW,
    &PendingDelete::ROW,
    &DeleteUnsubscribed::ROW,
    &ActivateSubscribed::ROW,
    &ActivateBody::ROW,
    &ActivateEffect::ROW,
    &ListOperations::ROW,
    &EmptyList::ROW,
    &PlansOfUnsubscribed::ROW,
    &PlansOfUnknown::ROW,
    &CurrentPlan::ROW,
    &PatchOwnOperation::ROW,
    &OperationStatusText::ROW,
    &ReinstateAck::ROW,
    &DecisionWindowOrigin::ROW,
    &ChangeAck::ROW,
    &SecondOperation::ROW,
    &PublisherChangeOrder::ROW,
    &PublisherChangeWebhook::ROW,
    &DeleteWebhook::ROW,
    &RevertWebhook::ROW,
    &SubscribeWebhook::ROW,
    &PendingExpiryWebhook::ROW,
    &LateCancel::ROW,
    &FreeCancelWindow::ROW,
    &RetrySpacing::ROW,
    &WebhookPayload::ROW,
    &WebhookFlatQuantity::ROW,
    &WebhookSuspendStatus::ROW,
    &WebhookEndDate::ROW,
    &EndDate::ROW,
    &ProvisionalTerm::ROW,
    &LastModified::ROW,
    &UnsubscribedQuantity::ROW,
    &QuantityType::ROW,
    &ResolveTerm::ROW,
    &AllowedOperationsOrder::ROW,
    &OperationErrors::ROW,
    &RequestSource::ROW,
    &ListPageSize::ROW,
    &Etag::ROW,
    &DeleteHeaders::ROW,
    &FreeTrial::ROW,
    &TokenLife::ROW,
    &UsageDedupe::ROW,
    &FutureUsageInBatch::ROW,
    &BatchOrder::ROW,
    &DuplicateMessageTime::ROW,
    &EffectiveStartTime::ROW,
    &SubmittedCount::ROW,
    &ReconStatusNames::ROW,
    &UsageBadArgumentTarget::ROW,
    &GraphWindowsNet::ROW,
    &CancellationPolicy::ROW,
    &CancellationAnchor::ROW,
    &WindowBy::ROW,
    &PreactivationStatus::ROW,
    &AutorenewAbsent::ROW,
    &CartLife::ROW,
    &SecondCheckout::ROW,
    &OrderListDelay::ROW,
    &RefreshTokenReuse::ROW,
    &PartnerRateLimit::ROW,
    &WebhookId::ROW,
    &WebhookAuthorization::ROW,
    &WebhookSuccessWord::ROW,
    &WebhookReinstateForm::ROW,
    &WebhookQuantityType::ROW,
    &SuspendAction::ROW,
    &ChangePlanAction::ROW,
    &OperationSuccessWord::ROW,
    &RetiredMembers::ROW,
    &OperationsList::ROW,
    &MalformedId::ROW,
    &GetOperation::ROW,
    &PatchToldOperation::ROW,
    &OperationPatchBody::ROW,
    &LastNextLink::ROW,
    &RenewalDay::ROW,
    &StopSoldPlans::ROW,
    &PlanAndQuantity::ROW,
    &TermUnits::ROW,
    &PublisherRateLimit::ROW,
    &SourceOffers::ROW,
    &AutoActivation::ROW,
    &NoIncludedUnits::ROW,
    &V2TokenNumbers::ROW,
];
const COUNT: usize = 92;

/// The row of this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Row> {
    QUIRKS.into_iter().find(|row| row.id == id)
}

/// Which values are in force: a profile's, but for those that were set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    profile: Profile,
    /// Places in the rows' values.
    set: [Option<u8>; COUNT],
}

impl Policy {
    /// A profile as it is.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        Self { profile, set: [None; COUNT] }
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// The value of a quirk.
    #[must_use]
    pub fn get<Q: Quirk>(&self) -> Q {
        Q::ALL[self.place(&Q::ROW)]
    }

    /// The value of a row, and whether it was set beside the profile.
    #[must_use]
    pub fn choice(&self, row: &Row) -> (&'static Choice, bool) {
        (&row.values[self.place(row)], self.set[row.number - 1].is_some())
    }

    fn place(&self, row: &Row) -> usize {
        self.set[row.number - 1].map_or(row.chosen[self.profile as usize], usize::from)
    }

    /// Another profile; what was set stays set.
    #[must_use]
    pub fn with_profile(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// One quirk set to the value of this name; `None`: back to the profile's.
    pub fn with(mut self, row: &Row, value: Option<&str>) -> Result<Self, Refusal> {
        let place = |name: &str| {
            let found = row.values.iter().position(|choice| choice.name == name);
            found.and_then(|place| u8::try_from(place).ok()).ok_or_else(|| {
                let names: Vec<_> = row.values.iter().map(|choice| choice.name).collect();
                let shown: String = name.chars().take(60).collect();
                let reason = format!("{} is never {shown:?}; use {}", row.id, names.join(", "));
                Refusal::field("value", reason)
            })
        };
        self.set[row.number - 1] = value.map(place).transpose()?;
        Ok(self)
    }

    /// What was set beside the profile: ids and names of values.
    pub fn set(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let rows = QUIRKS.into_iter().zip(self.set);
        rows.filter_map(|(row, set)| Some((row.id, row.values[usize::from(set?)].name)))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::of(Profile::Documented)
    }
}

#[cfg(test)]
mod tests;
