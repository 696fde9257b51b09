//! Wire types of the partner face: the Partner Center REST API (partner-center.md 3), a file a resource. Written by the
//! broker's `http/partner_center`, read by tests and the command line. Members are omitted where they are absent.

mod activation_link;
mod cart;
mod common;
mod customer;
mod order;
mod partner;
mod product;
mod subscription;

pub use activation_link::{OrderLineActivationLink, SandboxActivation, SecretLink};
pub use cart::{
    Cart, CartCheckoutResult, CartError, CartLineItem, CartLineRequest, CartParticipant,
    CartRequest, OrderError, Pricing, RenewsTo,
};
pub use common::{Attributes, Collection, CollectionLinks, Error, Header, Link, RateLimited};
pub use customer::{Address, BillingProfile, CompanyProfile, Customer, UserCredentials};
pub use order::{
    Order, OrderChange, OrderLineItem, OrderLineLinks, OrderLineProvisioningStatus,
    OrderLineRequest, OrderLinks, OrderRequest, QuantityProvisioning,
};
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
