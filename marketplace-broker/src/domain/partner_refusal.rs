//! Why the marketplace refuses a partner. Each reason has a number on the wire (partner-center.md 3.12), given in
//! `http/partner_center/problem.rs`. Made by the rules of carts, orders, subscriptions and access.

use super::{
    access::{Errand, Roles},
    country::RegistrationForm,
};

/// What the rules towards partners do not allow. `Display` says what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartnerRefusal {
    /// A call without a bearer.
    #[error(
        "access denied: the call has no bearer. Ask the token endpoint of the partner's tenant for one, with resource \
         https://api.partnercenter.microsoft.com"
    )]
    NoBearer,
    /// The bearer is none of ours, is over, or is for something else.
    #[error(
        "the bearer is malformed, expired, or not for this API. Ask the token endpoint of the partner's tenant for one, \
         with the partner's client id and resource https://api.partnercenter.microsoft.com"
    )]
    BadBearer,
    /// The user has none of the roles that may (P1, P2).
    #[error("the user may not {}: that takes one of the roles {}", .errand.what(), names(*.roles))]
    NoRole {
        /// What was asked.
        errand: Errand,
        /// Who may.
        roles: Roles,
    },
    /// An app may not by itself (P51).
    #[error(
        "an app may not {} by itself: this call takes App+User authentication, a token that a user has signed in for",
        .errand.what()
    )]
    UserNeeded {
        /// What was asked.
        errand: Errand,
    },
    /// The user has signed in without a second factor (P-5).
    #[error(
        "Unauthorized - MFA required: the user has signed in without a second factor, amr of the token has no mfa. Sign \
         in again"
    )]
    MfaNeeded,
    /// Too many requests of a tenant (P60).
    #[error("rate limit is exceeded. Try again in {seconds} seconds")]
    TooMany {
        /// When to come back.
        seconds: u64,
    },

    /// The customer is another partner's, or nobody's (P6).
    #[error(
        "the partner has no relationship with the customer {0}: list yours with GET /v1/customers"
    )]
    ForeignCustomer(String),
    /// Indirect resellers buy through their provider (S1, P4).
    #[error(
        "an indirect reseller neither orders nor changes what was ordered: its provider {0} does, for its customers"
    )]
    ResellerOrders(String),
    /// The customer has not accepted the Microsoft Customer Agreement (P15).
    #[error(
        "the customer has not accepted the Microsoft Customer Agreement: confirm it with POST \
         /v1/customers/{{customer}}/agreements"
    )]
    NoCustomerAgreement,
    /// The partner has not signed the Microsoft Partner Agreement (2.8).
    #[error("this partner has not signed the Microsoft Partner Agreement")]
    NoPartnerAgreement,

    /// A country registers companies by a number, and it was not sent (600049).
    #[error(
        "companies in {0} are registered by a number: send companyProfile.organizationRegistrationNumber"
    )]
    RegistrationMissing(String),
    /// The number has not the form of its country (600050).
    #[error(
        "companyProfile.organizationRegistrationNumber of a company in {country} has the form {form}"
    )]
    RegistrationMalformed {
        /// Which country.
        country: String,
        /// What numbers look like there.
        form: RegistrationForm,
    },
    /// Such a country wants a telephone too (600051).
    #[error("companies in {0} need billingProfile.defaultAddress.phoneNumber: send it")]
    PhoneMissing(String),
    /// A number where none is wanted (600002).
    #[error(
        "companies in {0} are not registered by a number: leave \
         companyProfile.organizationRegistrationNumber out"
    )]
    RegistrationNotWanted(String),
    /// An integration sandbox is full (800018).
    #[error("an integration sandbox has {0} customers at most: remove one first")]
    TooManyCustomers(i64),
    /// Resellers' customers are made by their provider (S1).
    #[error("an indirect reseller makes no customers: its provider {0} makes them")]
    ResellerCreates(String),
    /// A customer with subscriptions stays.
    #[error("the customer has {0} subscriptions that have not ended: cancel them first")]
    CustomerHasSubscriptions(i64),
    /// Only integration sandboxes let customers go (3.2).
    #[error("only an integration sandbox removes customers")]
    RemovedInProduction,

    /// No such product.
    #[error("product {0:?} was not found")]
    NoProduct(String),
    /// No such SKU in the product.
    #[error("SKU {0:?} was not found")]
    NoSku(String),
    /// No such availability, or not any more.
    #[error(
        "availability {0:?} was not found: it is of another market, or the offer changed; read it again"
    )]
    NoAvailability(String),
    /// No such segment.
    #[error("{0:?} is no segment; use commercial, education, government or nonprofit")]
    NoSegment(String),
    /// No such view of the catalogue.
    #[error("{0:?} is no targetView here; use MarketplaceSaaS or Azure")]
    NoView(String),
    /// A country that is not sold in.
    #[error("{0:?} is no market; send two letters such as US")]
    NoMarket(String),

    /// No such cart.
    #[error("cart {0} was not found")]
    NoCart(String),
    /// Lines of the cart have errors (P12).
    #[error("the cart has lines in error: {0}; mend them with PUT and check out again")]
    CartErrors(String),
    /// The cart is over (P14).
    #[error("the cart expired at {0}: make a new one")]
    CartExpired(String),
    /// The cart was checked out.
    #[error("the cart {0} was checked out already and cannot be changed")]
    CartOrdered(String),
    /// The partner did not attest how it sells (900203, 900206).
    #[error("send partnerOnRecordAttestationAccepted true: the purchase names a reseller")]
    NoAttestation,
    /// Exclusive offers, and offers that are not sold through partners.
    #[error("{0}")]
    NotEligible(String),
    /// The offer is sold no longer.
    #[error("the offer is no longer available for purchase")]
    OfferGone,
    /// Not sold in the customer's country.
    #[error("{0}")]
    NotInCountry(String),
    /// A purchase is in the currency of the customer's market (2.4).
    #[error("this purchase is not sold in {sent:?}: leave currencyCode out, or send {market}")]
    WrongCurrency {
        /// As it was sent.
        sent: String,
        /// The market's.
        market: &'static str,
    },
    /// The integration sandbox's limit of subscriptions (2.2).
    #[error("an integration sandbox has {0} subscriptions a customer at most")]
    TooManySubscriptions(i64),
    /// The integration sandbox's limit of licenses (2.2).
    #[error("an integration sandbox has {0} licenses a subscription at most")]
    TooManyLicenses(i64),

    /// No such order.
    #[error("order {0} was not found")]
    NoOrder(String),
    /// No such line (P21).
    #[error(
        "line item number {number} is out of range: the order has {count} lines, numbered from 0"
    )]
    NoLine {
        /// As it was sent.
        number: String,
        /// Lines there are.
        count: usize,
    },
    /// What was bought is over (3.6).
    #[error("what was bought was canceled or has expired: it has no activation link any more")]
    NoLinkAfterEnd,
    /// Orders of SaaS are not canceled as orders.
    #[error("a seat-based SaaS purchase is not canceled through its order: PATCH the subscription")]
    NotThroughOrder,
    /// Nothing of the order is left to cancel (800061).
    #[error("the order cannot be canceled: what it bought has ended")]
    OrderEnded,
    /// Only integration sandboxes activate by themselves (3.7).
    #[error("only an integration sandbox activates by this call; open the activation link instead")]
    NotInProduction,
    /// Activated before (P26).
    #[error("this subscription was activated before")]
    ActivatedBefore,

    /// No such subscription of the customer (P7).
    #[error("subscription {0} was not found")]
    NoSubscription(String),
    /// It was canceled: nothing changes any more (P44).
    #[error("the subscription was canceled or has expired: it cannot be changed")]
    Deleted,
    /// It must be activated first (P27).
    #[error("the subscription cannot be changed before it is activated: open its activation link")]
    NotActivated,
    /// A limit has ended it, and what follows from that is under way (900277).
    #[error("the subscription is in the process of being expired: it cannot be changed any more")]
    Expiring,
    /// It is suspended (P48).
    #[error(
        "the quantity cannot be changed while the subscription is suspended: set status active first"
    )]
    QuantityWhileSuspended,
    /// A change is on its way (900278).
    #[error(
        "there is a pending operation on this subscription: {action} {id}; call again when it has ended"
    )]
    Pending {
        /// What it does.
        action: &'static str,
        /// Which.
        id: shared::ids::OperationId,
    },
    /// The etag is of an older state (P59).
    #[error("the etag is no longer valid: read the subscription again")]
    StaleEtag,
    /// The status cannot become that.
    #[error("the status cannot change from {from} to {to}")]
    BadTransition {
        /// What it is.
        from: &'static str,
        /// What was asked for.
        to: String,
    },
    /// The window for canceling is over, and the policy refuses (P42).
    #[error(
        "the {hours}-hour cancellation window is over since {since}: the purchase can no longer be canceled"
    )]
    WindowPassed {
        /// How long it was.
        hours: i64,
        /// When it ended.
        since: String,
    },
    /// The same in days.
    #[error(
        "the {days}-day cancellation window is over since {since}: the purchase can no longer be canceled"
    )]
    DaysPassed {
        /// How long it was.
        days: i64,
        /// When it ended.
        since: String,
    },
    /// Payments of a long term are still due (P43).
    #[error("payments of this term are still due: it can be canceled from {0} on")]
    PaymentsDue(String),
    /// Licenses outside the SKU's limits (P16).
    #[error("the quantity {quantity} is outside the limits of the SKU: {min} to {max}")]
    OutsideLimits {
        /// As it was sent.
        quantity: i64,
        /// Fewest.
        min: i64,
        /// Most.
        max: i64,
    },
    /// A flat rate has no licenses to change.
    #[error("the SKU has a flat rate: its quantity cannot be changed")]
    FlatRate,
    /// It cannot renew.
    #[error("{0}")]
    NotRenewable(String),
    /// The billing cycle does not change by PATCH.
    #[error("the billing cycle of a subscription cannot be changed by PATCH")]
    BillingCycle,
    /// A step of the publisher is in the way (S17, P45).
    #[error("the publisher requires a step first: {title} ({url})")]
    PublisherStep {
        /// What the step is called.
        title: String,
        /// Where it is done.
        url: String,
    },
    /// Nobody has this partner id (P49, 800015).
    #[error("partner id {0} was not found")]
    NoReseller(String),
    /// A partner, but not an indirect reseller of this one (P49, 800016).
    #[error("partner id {0} is not an indirect reseller of yours")]
    NotAReseller(String),
    /// The provider's own id (2072).
    #[error("partner id {0} is your own: name the indirect reseller")]
    OwnId(String),
    /// The reseller has not signed the Microsoft Partner Agreement (P49, 900123).
    #[error("the indirect reseller {0} has not signed the Microsoft Partner Agreement")]
    ResellerUnsigned(String),
    /// Only indirect providers name a reseller (Q19).
    #[error("only an indirect provider names a reseller; leave partnerId out")]
    NoResellerHere,
    /// No partner has this tenant (60003).
    #[error("tenant {0} was not found among the partners")]
    NoTenant(String),
    /// Nobody has this Microsoft Partner Network id (P50).
    #[error("a partner organization with partner id {0} could not be found")]
    NoPartner(String),
}

fn names(roles: Roles) -> String {
    roles.names().collect::<Vec<_>>().join(", ")
}
