//! Wire types of the control API (`/rehearsal/v1`), as interface.md names them. Written and read by the broker's
//! `http/rehearsal`, the publisher's client and every verb of `rehearse`. Instants carry six fraction digits.

mod amount;
mod client_key;
mod clock;
mod delivery;
mod journal;
mod offer;
mod partner;
mod problem;
mod quirk;
mod sandbox;
mod subscription;
mod usage;

pub use amount::Amount;
pub use client_key::{AppKind, ClientKey, ClientKeys, RegisterClientKey, RotatedKey};
pub use clock::{Advance, Advanced, ClockState, Due};
pub use delivery::{
    Deliveries, Delivery, DeliveryAnswer, DeliveryAttempt, DeliveryState, DeliverySummary,
    Redeliver,
};
pub use journal::{Journal, JournalEntry};
pub use offer::{
    DimensionDraft, DimensionMetering, OfferDraft, PlanDraft, PublishOffers, PublishedOffer,
    PublishedOffers, SellingDraft, UnitPrice,
};
pub use partner::{AccountKind, AskPartnerToken, ConfigurePartner, PartnerToken, PartnerUser};
pub use problem::{FieldError, PROBLEM_JSON, Problem};
pub use quirk::{
    ProfileValues, Quirk, QuirkOrigin, QuirkTable, QuirkValue, SandboxQuirks, SetProfile, SetQuirk,
};
pub use sandbox::{
    ConfigurePublisher, CreateSandbox, Customer, LicenseConfirmation, MeteringDimension, Offer,
    Partner, Plan, Price, Publisher, Sandbox, SandboxSummary, Sandboxes, SignIn, WebhookSignature,
    WebhookTokenVersion,
};
pub use subscription::{
    Act, Acted, Action, ActivationLink, Charge, Charges, PaymentFails, Purchase, Purchased,
    RecordUrlSent, SoldBy, SubscriptionTruth, TermTruth, WaitingFor,
};
pub use usage::{DimensionUsage, Usage, UsageLine};
