//! What a line may be, what is wrong with it otherwise, and how lines become orders.

use jiff::Timestamp;
use shared::{ids::TenantId, secret::Secret};
use uuid::Uuid;

use super::*;
use crate::domain::{
    catalog::{Offer, SeatRange, Selling},
    change::tests::offer,
    listing::SkuId,
    order::{self, Holding, Order, may_order},
    party::{AccountKind, App, Customer, CustomerProfile, Partner, PartnerKind, User},
    policy::TermUnits,
    purchase::buy,
};

fn user() -> User {
    User {
        email: "a@b.example".to_owned(),
        object_id: Uuid::nil(),
        tenant_id: TenantId(Uuid::nil()),
        puid: String::new(),
    }
}

fn partner(kind: PartnerKind) -> Partner {
    Partner {
        id: "alder-finch".parse().unwrap(),
        name: "Alder".to_owned(),
        kind,
        app: App {
            tenant_id: TenantId(Uuid::nil()),
            client_id: shared::ids::ClientId(Uuid::nil()),
            client_secret: Secret::new(String::new()),
        },
        mpn_id: "4390001".to_owned(),
        provider_id: None,
        account_kind: AccountKind::Production,
        agreement_signed_at: Some(Timestamp::UNIX_EPOCH),
        redirect_uris: None,
        buyer: user(),
    }
}

fn customer(country: &str) -> Customer {
    Customer {
        id: shared::ids::CustomerId(Uuid::nil()),
        name: "Harbor Lane".to_owned(),
        country: country.to_owned(),
        domain: "harborlane.example".to_owned(),
        partner_id: "alder-finch".parse().unwrap(),
        admin: user(),
        profile: CustomerProfile::default(),
        reseller_mpn: None,
        removed_at: None,
    }
}

/// The first per-seat plan of the offer of these tests.
fn seats(offer: &Offer) -> (usize, SeatRange) {
    let found = offer.plans.iter().enumerate().find_map(|(place, plan)| Some((place, plan.seats?)));
    found.unwrap()
}

fn line(offer: &Offer) -> Line {
    let (place, seats) = seats(offer);
    Line {
        item: CatalogItemId::of(offer, &offer.plans[place], "US").unwrap().to_string(),
        quantity: seats.min,
        billing_cycle: "monthly".to_owned(),
        term: Some("P1M".to_owned()),
        ..Line::default()
    }
}

fn named(key: &str, value: &str) -> Participant {
    Participant { key: key.to_owned(), value: value.to_owned() }
}

/// The class of what is wrong with a line; `None`: nothing is.
fn fault(line: &Line, partner: &Partner, country: &str, attested: bool) -> Option<FaultKind> {
    let offer = offer();
    let customer = customer(country);
    let buyer = Buyer { partner, customer: &customer, attested, terms: TermUnits::Six };
    line.judge(&buyer, Some(&offer)).err().map(|refusal| Fault::of(&refusal).kind)
}

#[test]
fn a_line_has_a_price_or_a_fault_of_its_class() {
    let offer = offer();
    let good = line(&offer);
    let (_, range) = seats(&offer);
    let with = |change: &dyn Fn(&mut Line)| {
        let mut line = good.clone();
        change(&mut line);
        line
    };
    let direct = partner(PartnerKind::DirectBill);
    let provider = partner(PartnerKind::IndirectProvider);
    assert_eq!(fault(&good, &direct, "US", false), None);
    for (line, kind) in [
        (with(&|line| line.item = String::new()), FaultKind::Input),
        (with(&|line| line.item = "nonsense".to_owned()), FaultKind::Input),
        (with(&|line| line.item = "x:0001:y".to_owned()), FaultKind::CatalogItem),
        (with(&|line| line.item = line.item.replace(":0001:", ":0099:")), FaultKind::CatalogItem),
        (with(&|line| line.item.push('0')), FaultKind::CatalogItem),
        (with(&|line| line.currency = Some("EUR".to_owned())), FaultKind::Currency),
        (with(&|line| line.quantity = range.min - 1), FaultKind::Input),
        (with(&|line| line.quantity = 0), FaultKind::Input),
        (with(&|line| line.quantity = range.max + 1), FaultKind::TooManySeats),
        (with(&|line| line.billing_cycle = "none".to_owned()), FaultKind::Input),
        (with(&|line| line.term = None), FaultKind::Input),
        (with(&|line| line.term = Some("P7Y".to_owned())), FaultKind::Input),
        (with(&|line| line.term = Some("P3Y".to_owned())), FaultKind::Input),
        (with(&|line| line.nickname = Some("n".repeat(257))), FaultKind::Input),
        (with(&|line| line.nickname = Some("a\nb".to_owned())), FaultKind::Input),
        (with(&|line| line.renews_to = Some("soon".to_owned())), FaultKind::Input),
        (
            with(&|line| line.participants = vec![Participant::reseller("4847001".to_owned())]),
            FaultKind::Participants,
        ),
    ] {
        assert_eq!(fault(&line, &direct, "US", true), Some(kind), "{line:?}");
    }
    assert_eq!(fault(&good, &provider, "DE", true), Some(FaultKind::CatalogItem));
}

#[test]
fn resellers_are_named_by_providers_who_attest_it() {
    let provider = partner(PartnerKind::IndirectProvider);
    let (first, more) = ("transaction_reseller", "additional_transaction_reseller");
    let fault = |participants: &[(&str, &str)], country: &str, attested: bool| {
        let mut offer = offer();
        offer.plans.iter_mut().for_each(|plan| {
            plan.markets.push("DE".to_owned());
            let euro = plan.prices.iter().cloned().map(|mut price| {
                price.currency = "EUR".to_owned();
                price
            });
            let euro: Vec<_> = euro.collect();
            plan.prices.extend(euro);
        });
        let (place, _) = seats(&offer);
        let item = CatalogItemId::of(&offer, &offer.plans[place], country).unwrap().to_string();
        let participants = participants.iter().map(|(key, value)| named(key, value)).collect();
        let line = Line { item, participants, ..line(&offer) };
        let customer = customer(country);
        let buyer =
            Buyer { partner: &provider, customer: &customer, attested, terms: TermUnits::Six };
        line.judge(&buyer, Some(&offer)).err().map(|refusal| Fault::of(&refusal).kind)
    };
    let (a, b) = ((first, "1"), (more, "2"));
    assert_eq!(fault(&[a], "US", true), None);
    assert_eq!(fault(&[a], "US", false), Some(FaultKind::Attestation));
    assert_eq!(fault(&[b], "DE", true), Some(FaultKind::Input));
    assert_eq!(fault(&[a, a], "DE", true), Some(FaultKind::Input));
    assert_eq!(fault(&[a, b], "US", true), Some(FaultKind::Input));
    assert_eq!(fault(&[a, b, b, b, b, b], "DE", true), None);
    assert_eq!(fault(&[a, b, b, b, b, b, b], "DE", true), Some(FaultKind::Input));
    assert_eq!(fault(&[a, ("consumption_reseller", "3")], "DE", true), Some(FaultKind::Input));
}

#[test]
fn an_integration_sandbox_has_its_limits() {
    let tests = Partner {
        account_kind: AccountKind::IntegrationSandbox,
        ..partner(PartnerKind::DirectBill)
    };
    let offer = offer();
    let (_, range) = seats(&offer);
    let quantity = order::SANDBOX_LICENSES + 1;
    assert!(range.max >= quantity, "the offer has room for the test");
    let many = Line { quantity, ..line(&offer) };
    assert_eq!(fault(&many, &tests, "US", false), Some(FaultKind::SandboxLimit));
    assert_eq!(order::has_room(&tests, 3, 2), Ok(()));
    assert_eq!(order::has_room(&tests, 3, 3), Err(PartnerRefusal::TooManySubscriptions(5)));
}

#[test]
fn an_offer_is_sold_to_whom_it_is_meant_for_and_as_often_as_it_may_be() {
    let direct = partner(PartnerKind::DirectBill);
    let reseller = partner(PartnerKind::IndirectReseller);
    let selling = |change: fn(&mut Selling)| {
        let mut offer = offer();
        change(&mut offer.selling);
        offer
    };
    let everybodys = offer();
    let not_in_csp = selling(|selling| selling.in_csp = false);
    let others = selling(|selling| selling.exclusive_to = vec!["other".parse().unwrap()]);
    let once = selling(|selling| selling.one_per_customer = true);
    let has = |alive, suspended| Holding { alive, suspended };
    for (offer, partner, has, more, may) in [
        (&everybodys, &direct, has(7, 1), 3, true),
        (&everybodys, &reseller, has(0, 0), 1, false),
        (&not_in_csp, &direct, has(0, 0), 1, false),
        (&others, &direct, has(0, 0), 1, false),
        (&once, &direct, has(0, 0), 1, true),
        (&once, &direct, has(0, 0), 2, false),
        (&once, &direct, has(1, 0), 1, false),
        (&once, &direct, has(1, 1), 1, false),
    ] {
        let sold = order::may_buy(partner).is_ok()
            && order::is_eligible(offer, partner, (has, more)).is_ok();
        assert_eq!(sold, may, "{:?} {has:?} + {more}", offer.selling);
        if more == 1 {
            assert_eq!(order::is_purchasable(offer, partner, has), may, "{:?}", offer.selling);
        }
    }
    let suspended = order::is_eligible(&once, &direct, (has(1, 1), 1)).unwrap_err();
    assert!(suspended.refusal().to_string().contains("reactivate"), "{suspended:?}");
}

#[test]
fn lines_of_one_product_and_cycle_are_one_group() {
    let desk = offer();
    let other = Offer { position: 7, ..offer() };
    let provider = partner(PartnerKind::DirectBill);
    let customer = customer("US");
    let buyer =
        Buyer { partner: &provider, customer: &customer, attested: false, terms: TermUnits::Six };
    let judge = |offer| {
        let line = line(offer);
        let verdict = line.judge(&buyer, Some(offer));
        (line, verdict)
    };
    let bad = (Line::default(), Line::default().judge(&buyer, None));
    let lines = judged(vec![judge(&desk), judge(&other), bad, judge(&desk)]);
    let groups: Vec<_> = lines.iter().map(|line| line.group()).collect();
    assert_eq!(groups, [Some("0"), Some("1"), None, Some("0")]);
}

#[test]
fn only_who_may_deals() {
    use PartnerRefusal as P;
    let direct = partner(PartnerKind::DirectBill);
    assert_eq!(may_order(&direct, true), Ok(()));
    assert_eq!(may_order(&direct, false), Err(P::NoCustomerAgreement));
    let unsigned = Partner { agreement_signed_at: None, ..direct };
    assert_eq!(may_order(&unsigned, true), Err(P::NoPartnerAgreement));
    let reseller = Partner {
        provider_id: Some("alder-finch".parse().unwrap()),
        ..partner(PartnerKind::IndirectReseller)
    };
    assert_eq!(may_order(&reseller, true), Err(P::ResellerOrders("alder-finch".to_owned())));
}

#[test]
fn p21_a_line_of_an_order_is_found_by_its_number_only() {
    let (offer, customer) = (offer(), customer("US"));
    let partner = partner(PartnerKind::DirectBill);
    let buyer =
        Buyer { partner: &partner, customer: &customer, attested: false, terms: TermUnits::Six };
    let sold = line(&offer).judge(&buyer, Some(&offer)).unwrap();
    let ids = (shared::ids::SubscriptionId(Uuid::nil()), "order".parse().unwrap());
    let at = Timestamp::UNIX_EPOCH;
    let one = buy(ids, (&offer, sold.plan), (&customer, &partner.buyer), &sold.wish, at).unwrap();
    let order = Order::of(&partner.id, [(&one, None)]).unwrap();
    assert_eq!(order.line("0").unwrap().subscription_id, one.id);
    for sent in ["1", "-1", "", "x", "9999999999999999999999"] {
        let refused = order.line(sent).unwrap_err();
        assert!(matches!(refused, PartnerRefusal::NoLine { count: 1, .. }), "{refused:?}");
    }
    assert_eq!(SkuId::of(&offer, sold.plan).unwrap().to_string().len(), 4);
}
