//! Wire types of the partner face: the Partner Center REST API (partner-center.md 3), a file a resource. Written by the
//! broker's `http/partner_center`, read by tests and the command line. Members are omitted where they are absent.

mod common;
mod customer;
mod partner;
mod product;
mod subscription;

pub use common::{Attributes, Collection, CollectionLinks, Error, Header, Link, RateLimited};
pub use customer::{Address, BillingProfile, CompanyProfile, Customer, UserCredentials};
pub use partner::{
    Agreement, AgreementMetadata, AgreementStatus, Contact, MpnProfile, MpnProfileLinks,
    PartnerRelationship,
};
pub use product::{
    Availability, AvailabilityLinks, CancellationPolicy, CurrencyInfo, Product, ProductLinks,
    ProductSubType, ProductType, RenewalInstruction, RenewalOption, Sku, SkuAttributes, SkuLinks,
    Term, TermRefund,
};
pub use subscription::{
    RefundOption, Subscription, SubscriptionLinks, SubscriptionProvisioningStatus,
};
