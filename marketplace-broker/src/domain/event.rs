//! What happened, in words of the domain. Written to the journal in the transaction that made it happen.

use jiff::{Timestamp, civil::Date};
use shared::ids::{CustomerId, OperationId, PartnerId, PlanId, StepId};

use super::{
    billing::Charge,
    duty::Submitter,
    metering::AcceptedUsage,
    operation::{OperationAction, OperationSource, OperationState},
    policy::Profile,
    publisher_step::Declarer,
    sandbox::ClockMove,
    subscription::EndReason,
};

/// One thing that happened to a subscription or a sandbox.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A subscription was bought.
    Purchased {
        /// The token of its first activation link, as `tok_…`.
        token: String,
    },
    /// A fresh activation link was made.
    ActivationLinkIssued {
        /// Its token, as `tok_…`.
        token: String,
    },
    /// The assigned set was replaced.
    LicensesReplaced {
        /// People in it.
        assigned: i64,
        /// Licenses bought.
        required: i64,
    },
    /// The first key is in.
    LicensesAssigned,
    /// The set became incomplete before billing: the first key is out again.
    LicensesWithdrawn,
    /// The second key is in.
    FulfillmentConfirmed,
    /// Both keys are in.
    BillingStarted,
    /// A charge line was made.
    Charged(Charge),
    /// A change was asked for.
    OperationStarted {
        /// Which.
        id: OperationId,
        /// What it does.
        action: OperationAction,
        /// Who asked.
        source: OperationSource,
    },
    /// An operation ended, or was acknowledged.
    OperationMoved {
        /// Which.
        id: OperationId,
        /// What it does.
        action: OperationAction,
        /// Where it stands now.
        state: OperationState,
    },
    /// The plan changed, and with it what a license costs.
    PlanChanged {
        /// Before.
        from: PlanId,
        /// After.
        to: PlanId,
    },
    /// The number of licenses changed.
    QuantityChanged {
        /// Before.
        from: Option<i64>,
        /// After.
        to: Option<i64>,
    },
    /// Payment failed, or the marketplace suspended it.
    Suspended {
        /// When the suspension ends the subscription.
        until: Timestamp,
    },
    /// The suspension is over.
    Reinstated,
    /// A new term began.
    Renewed {
        /// Its first day.
        first_day: Date,
        /// Its last day.
        last_day: Date,
    },
    /// The payment of the next renewal will fail.
    PaymentWillFail,
    /// The partner calls it something else (S12).
    NicknameChanged {
        /// How, now.
        to: String,
    },
    /// It renews, or it does no more (S15).
    AutoRenewChanged {
        /// Whether it does.
        on: bool,
    },
    /// Another indirect reseller has sold it (S16).
    ResellerChanged {
        /// Its Microsoft Partner Network id.
        to: String,
    },
    /// It was canceled to the end of its term (partner-center.md 2.5).
    CancellationScheduled {
        /// When that is.
        ends_at: Option<Timestamp>,
    },
    /// The subscription ended.
    Unsubscribed {
        /// Why.
        reason: EndReason,
        /// Who asked.
        source: OperationSource,
    },
    /// Usage was reported and counts; of one call, in the order of the call, maybe of several subscriptions.
    UsageAccepted(Vec<AcceptedUsage>),
    /// The publisher, or the operator for it, declared what must be done before some changes.
    PublisherStepsDeclared {
        /// Who.
        by: Declarer,
        /// The whole list now, in its order.
        steps: Vec<StepId>,
    },
    /// One of those is done.
    PublisherStepDone {
        /// Which.
        step: StepId,
    },
    /// The publisher got the information it needs.
    InformationSubmitted {
        /// From whom.
        by: Submitter,
    },
    /// The publisher said where the customer signs in.
    SignInUrlGiven {
        /// Where.
        url: String,
    },
    /// The customer was sent that URL.
    UrlSent {
        /// By whom.
        by: String,
        /// The URL.
        url: String,
    },
    /// The sandbox's clock was moved, frozen or resumed.
    ClockMoved {
        /// How.
        how: ClockMove,
        /// Where it stood before.
        from: Timestamp,
    },
    /// A sandbox was made.
    SandboxCreated,
    /// The sandbox has another profile.
    ProfileSet {
        /// Which.
        profile: Profile,
    },
    /// A quirk of the sandbox was set.
    QuirkSet {
        /// Which.
        id: &'static str,
        /// What is in force now.
        value: &'static str,
        /// Whether that is beside the profile; else the profile's value is back.
        set: bool,
    },
    /// Webhooks of the sandbox are held back, or no longer.
    DeliveriesHeld {
        /// Whether they are now.
        held: bool,
    },
    /// A publisher's settings were changed.
    PublisherConfigured,
    /// Offers were added to the catalogue, or replaced in it.
    OffersPublished {
        /// How many are new.
        added: usize,
        /// How many were there.
        replaced: usize,
    },
    /// A partner made a customer.
    CustomerCreated {
        /// Which.
        id: CustomerId,
        /// Whose it is.
        partner: PartnerId,
    },
    /// A partner let a customer go.
    CustomerRemoved {
        /// Which.
        id: CustomerId,
    },
    /// A partner confirmed that a customer accepted an agreement.
    AgreementConfirmed {
        /// Which customer.
        customer: CustomerId,
        /// Which agreement.
        kind: String,
    },
    /// A partner's settings were set.
    PartnerConfigured,
    /// A new key signs bearers, id tokens and webhooks of the sandbox.
    SigningKeyRotated {
        /// Its name.
        key_id: String,
    },
    /// A new key signs purchase tokens.
    TokenKeyRotated {
        /// Its name.
        key_id: String,
    },
}

impl Event {
    /// Its name in the journal.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Purchased { .. } => "purchased",
            Self::ActivationLinkIssued { .. } => "activationLinkIssued",
            Self::LicensesReplaced { .. } => "licensesReplaced",
            Self::LicensesAssigned => "licensesAssigned",
            Self::LicensesWithdrawn => "licensesWithdrawn",
            Self::FulfillmentConfirmed => "fulfillmentConfirmed",
            Self::BillingStarted => "billingStarted",
            Self::Charged(_) => "charged",
            Self::OperationStarted { .. } => "operationStarted",
            Self::OperationMoved { state, .. } => match state {
                OperationState::NotStarted => "operationStarted",
                OperationState::InProgress { acknowledged_at: None } => "operationInProgress",
                OperationState::InProgress { acknowledged_at: Some(_) } => "operationAcknowledged",
                OperationState::Succeeded => "operationSucceeded",
                OperationState::Failed(_) => "operationFailed",
                OperationState::Conflict => "operationConflict",
            },
            Self::PlanChanged { .. } => "planChanged",
            Self::QuantityChanged { .. } => "quantityChanged",
            Self::Suspended { .. } => "suspended",
            Self::Reinstated => "reinstated",
            Self::Renewed { .. } => "renewed",
            Self::PaymentWillFail => "paymentWillFail",
            Self::NicknameChanged { .. } => "nicknameChanged",
            Self::AutoRenewChanged { .. } => "autoRenewChanged",
            Self::ResellerChanged { .. } => "resellerChanged",
            Self::CancellationScheduled { .. } => "cancellationScheduled",
            Self::Unsubscribed { .. } => "unsubscribed",
            Self::UsageAccepted(_) => "usageAccepted",
            Self::PublisherStepsDeclared { .. } => "publisherStepsDeclared",
            Self::PublisherStepDone { .. } => "publisherStepDone",
            Self::InformationSubmitted { .. } => "informationSubmitted",
            Self::SignInUrlGiven { .. } => "signInUrlGiven",
            Self::UrlSent { .. } => "urlSent",
            Self::ClockMoved { .. } => "clockMoved",
            Self::SandboxCreated => "sandboxCreated",
            Self::ProfileSet { .. } => "profileSet",
            Self::QuirkSet { .. } => "quirkSet",
            Self::DeliveriesHeld { held: true } => "deliveriesHeld",
            Self::DeliveriesHeld { held: false } => "deliveriesReleased",
            Self::PublisherConfigured => "publisherConfigured",
            Self::OffersPublished { .. } => "offersPublished",
            Self::CustomerCreated { .. } => "customerCreated",
            Self::CustomerRemoved { .. } => "customerRemoved",
            Self::AgreementConfirmed { .. } => "agreementConfirmed",
            Self::PartnerConfigured => "partnerConfigured",
            Self::SigningKeyRotated { .. } => "signingKeyRotated",
            Self::TokenKeyRotated { .. } => "tokenKeyRotated",
        }
    }
}
