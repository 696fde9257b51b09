//! Why the publisher does not do what was asked of it. Made by the domain, worded for people by `http`.

/// A change that is not possible now. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such account in this sandbox.
    #[error("no such account")]
    UnknownAccount,
    /// No such step of this account.
    #[error("no such step")]
    UnknownStep,
    /// As many steps as the marketplace takes are declared.
    #[error("as many steps as there may be are declared")]
    TooManySteps,
    /// The form has not arrived; both steps need it.
    #[error("the information has not arrived")]
    InformationMissing,
    /// The form arrived and names a person for every license.
    #[error("the information is complete")]
    InformationComplete,
    /// The same call is on its way already.
    #[error("the same step is on its way")]
    Underway,
    /// All licenses are assigned.
    #[error("all licenses are assigned")]
    LicensesAssigned,
    /// Everybody named is assigned; more people must be named first.
    #[error("everybody named has a license")]
    NobodyNew,
    /// Fulfillment was confirmed before.
    #[error("fulfillment is confirmed")]
    FulfillmentConfirmed,
    /// The subscription has ended.
    #[error("the subscription has ended")]
    Ended,
    /// The marketplace has suspended the subscription.
    #[error("the subscription is suspended")]
    Suspended,
}
