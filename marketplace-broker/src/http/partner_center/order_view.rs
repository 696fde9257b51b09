//! Carts and orders as a partner sees them (partner-center.md 3.4, 3.5). Called by the handlers of carts and orders.

use rust_decimal::Decimal;
use shared::{
    ids::CustomerId,
    partner_center::{
        Attributes, Cart as WireCart, CartCheckoutResult, CartError, CartLineItem, CartParticipant,
        Link, Order as WireOrder, OrderError, OrderLineItem, OrderLineLinks,
        OrderLineProvisioningStatus, OrderLinks, Pricing, QuantityProvisioning, RenewsTo,
    },
    rehearsal::Amount,
};

use super::problem::code;
use crate::{
    commands::CheckedOut,
    domain::{
        cart::{Cart, CartLine, Fault, FaultKind, Participant, Priced, Verdict},
        money::Money,
        order::{Order, OrderLine, OrderStatus, Placed},
        party::Customer,
        subscription::{Status, Subscription},
    },
};

/// A cart.
pub fn cart(cart: &Cart) -> WireCart {
    WireCart {
        id: cart.id.to_string(),
        creation_timestamp: cart.created_at.into(),
        last_modified_timestamp: cart.modified_at.into(),
        expiration_timestamp: cart.expires_at.into(),
        last_modified_user: cart.modified_by.clone(),
        status: if cart.ordered.is_some() { "Ordered" } else { "Active" }.to_owned(),
        partner_on_record_attestation_accepted: cart.attested,
        line_items: cart.lines.iter().map(cart_line).collect(),
        attributes: Attributes::of("Cart"),
    }
}

fn cart_line(CartLine { asked, verdict }: &CartLine) -> CartLineItem {
    let (priced, fault) = match verdict {
        Verdict::Priced(priced) => (Some(priced), None),
        Verdict::Wrong(fault) => (None, Some(fault)),
    };
    let participant = |Participant { key, value }: &Participant| CartParticipant {
        key: key.clone(),
        value: value.clone(),
    };
    CartLineItem {
        id: asked.number,
        catalog_item_id: asked.item.clone(),
        friendly_name: asked.nickname.clone(),
        quantity: asked.quantity,
        currency_code: priced.map(|priced| priced.currency.clone()),
        billing_cycle: asked.billing_cycle.clone(),
        term_duration: asked.term.clone(),
        participants: asked.participants.iter().map(participant).collect(),
        provisioning_context: asked.context.clone(),
        renews_to: asked.renews_to.clone().map(|term_duration| RenewsTo { term_duration }),
        order_group: priced.map(|priced| priced.group.clone()),
        pricing: priced
            .map(|Priced { unit_price, extended_price, .. }| pricing(*unit_price, *extended_price)),
        error: fault.map(cart_error),
    }
}

fn pricing(price: Decimal, extended: Decimal) -> Pricing {
    let price = Amount(price);
    Pricing {
        list_price: price,
        discounted_price: price,
        prorated_price: price,
        price,
        extended_price: Amount(extended),
    }
}

/// The classes of faults by their numbers (3.4).
fn cart_error(fault: &Fault) -> CartError {
    let (error_code, said) = match fault.kind {
        FaultKind::Currency => (10_000, "The currency is not supported"),
        FaultKind::CatalogItem => (10_001, "The catalog item is not valid"),
        FaultKind::Participants => (10_004, "Participants are not supported for this partner"),
        FaultKind::SandboxLimit => (10_009, "The limit of the integration sandbox is reached"),
        FaultKind::Input => (10_010, "The input is not valid"),
        FaultKind::Attestation => (10_012, "The attestation is missing"),
        FaultKind::TooManySeats => (10_015, "The maximum of licenses is exceeded"),
    };
    CartError {
        error_code,
        error_description: said.to_owned(),
        additional_information: fault.reason.clone(),
    }
}

/// What a cart became.
pub fn checked_out(what: &CheckedOut, customer: &Customer) -> CartCheckoutResult {
    let refused = what.refused.iter().map(|(group, obstacle)| {
        let refusal = obstacle.refusal();
        OrderError {
            order_group_id: group.clone(),
            code: code(&refusal),
            description: refusal.to_string(),
        }
    });
    CartCheckoutResult {
        orders: what.orders.iter().map(|placed| order(placed, customer, false)).collect(),
        order_errors: refused.collect(),
        attributes: Attributes::of("CartCheckoutResult"),
    }
}

/// An order.
pub fn order(placed: &Placed, customer: &Customer, with_prices: bool) -> WireOrder {
    let Placed { order, subscriptions } = placed;
    let own = address(customer.id, order);
    let lines = order.lines.iter().map(|line| {
        let bought = subscriptions.iter().find(|one| one.id == line.subscription_id);
        order_line((order, line), (bought, customer), with_prices)
    });
    WireOrder {
        id: order.id.to_string(),
        alternate_id: order.alternate_id.clone(),
        reference_customer_id: customer.id.to_string(),
        billing_cycle: order.billing_cycle.to_string(),
        currency_code: order.currency.code().to_owned(),
        currency_symbol: order.currency.symbol().to_owned(),
        line_items: lines.collect(),
        creation_date: order.created_at.into(),
        status: OrderStatus::of(subscriptions).name().to_owned(),
        transaction_type: "UserPurchase".to_owned(),
        links: OrderLinks {
            provisioning_status: Link::get(format!("{own}/provisioningstatus")),
            own: Link::get(own),
        },
        attributes: Attributes::of("Order"),
    }
}

/// Where an order is found.
pub fn address(customer: CustomerId, order: &Order) -> String {
    format!("/customers/{customer}/orders/{}", order.id)
}

fn order_line(
    (order, line): (&Order, &OrderLine),
    (bought, customer): (Option<&Subscription>, &Customer),
    with_prices: bool,
) -> OrderLineItem {
    let item = line.item.clone().unwrap_or_default();
    let mut parts = item.split(':');
    let mut part = || parts.next().unwrap_or_default();
    let product = format!("/products/{}", part());
    let sku = format!("{product}/skus/{}", part());
    let availability = format!("{sku}/availabilities/{}", part());
    let country = &customer.country;
    let listed = |path: String| Link::get(format!("{path}?country={country}"));
    let subscription = format!("/customers/{}/subscriptions/{}", customer.id, line.subscription_id);
    let lives = bought.is_some_and(|one| !matches!(one.status, Status::Unsubscribed { .. }));
    let links =
        format!("{}/lineitems/{}/activationlinks", address(customer.id, order), line.number);
    let quantity = line.quantity.unwrap_or(1);
    let prices = line.unit_price.filter(|_| with_prices).and_then(|price| {
        Some(pricing(price, Money::of(price, quantity, order.currency)?.major()))
    });
    OrderLineItem {
        line_item_number: line.number,
        offer_id: item,
        subscription_id: line.subscription_id.to_string(),
        term_duration: line.term.clone(),
        transaction_type: "New".to_owned(),
        friendly_name: line.nickname.clone(),
        quantity,
        partner_id_on_record: line.reseller_mpn.clone(),
        pricing: prices,
        links: OrderLineLinks {
            product: listed(product),
            sku: listed(sku),
            availability: listed(availability),
            subscription: Link::get(subscription),
            activation_links: lives.then(|| Link::get(links)),
        },
    }
}

/// How far each line of an order is.
pub fn provisioning(placed: &Placed) -> Vec<OrderLineProvisioningStatus> {
    let status = |line: &OrderLine| {
        let bought = placed.subscriptions.iter().find(|one| one.id == line.subscription_id);
        match bought {
            Some(one) if one.gate.billing_started_at().is_some() => "fulfilled",
            Some(one) if !matches!(one.status, Status::Unsubscribed { .. }) => "pending",
            _ => "unfulfilled",
        }
    };
    let lines = placed.order.lines.iter().map(|line| {
        let (status, quantity) = (status(line).to_owned(), line.quantity.unwrap_or(1));
        OrderLineProvisioningStatus {
            line_item_number: line.number,
            status: status.clone(),
            quantity_provisioning_information: vec![QuantityProvisioning { quantity, status }],
        }
    });
    lines.collect()
}
