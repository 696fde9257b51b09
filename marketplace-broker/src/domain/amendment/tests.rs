//! Every (state, change) pair, what a body asks for, and several changes at once.

use jiff::SignedDuration;
use shared::{
    fulfillment::BlockedChange,
    ids::{ClientId, OperationId, SubscriptionId, TenantId},
};
use uuid::Uuid;

use super::*;
use crate::domain::{
    activation::Gate,
    change::tests::offer,
    operation::OperationState,
    party::{AccountKind, App, PartnerKind, User},
    policy::{PreactivationStatus, Quirk},
    publisher_step,
    subscription::{EndReason, tests::bought},
    term::day_of,
};

fn at(hours: i64) -> Timestamp {
    bought(None).purchased_at + SignedDuration::from_hours(hours)
}

/// Five licenses of the plan silver, activated and billed an hour after the purchase.
fn active() -> Subscription {
    let gate = Gate::Billing { licenses_assigned_at: at(1), fulfillment_confirmed_at: at(1) };
    let term_start = Some(day_of(at(1)));
    let plan_id = "silver".parse().unwrap();
    Subscription { plan_id, status: Status::Subscribed, gate, term_start, ..bought(Some(5)) }
}

fn partner(id: &str, kind: PartnerKind, provider: Option<&str>) -> Partner {
    let (tenant_id, client_id) = (TenantId(Uuid::nil()), ClientId(Uuid::nil()));
    Partner {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        kind,
        app: App {
            tenant_id,
            client_id,
            client_secret: shared::secret::Secret::new(String::new()),
        },
        mpn_id: "1".to_owned(),
        provider_id: provider.map(|provider| provider.parse().unwrap()),
        account_kind: AccountKind::Production,
        agreement_signed_at: Some(at(0)),
        buyer: User {
            email: String::new(),
            object_id: Uuid::nil(),
            tenant_id,
            puid: String::new(),
        },
        redirect_uris: None,
    }
}

fn provider() -> Partner {
    partner("provider", PartnerKind::IndirectProvider, None)
}

fn reseller() -> Partner {
    partner("reseller", PartnerKind::IndirectReseller, Some("provider"))
}

fn pending_operation(of: &Subscription) -> Operation {
    Operation {
        id: OperationId(Uuid::nil()),
        subscription_id: SubscriptionId(Uuid::nil()),
        action: OperationAction::ChangeQuantity,
        source: OperationSource::Azure,
        target: of.target(),
        created_at: at(0),
        state: OperationState::InProgress { acknowledged_at: None },
    }
}

/// Decides under the documented policy, by an indirect provider.
fn decided(
    of: &Subscription,
    wanted: &[Wanted],
    open: Option<&Operation>,
    hours: i64,
) -> Result<Amendment, Refusal> {
    let (policy, offer, partner, reseller) = (Policy::default(), offer(), provider(), reseller());
    let around = Circumstances {
        policy: &policy,
        offer: &offer,
        country: "US",
        partner: &partner,
        reseller: Some(&reseller),
        open,
        steps: &Steps::default(),
    };
    decide(of, wanted, &around, at(hours))
}

/// What came of it, in one word: `ok` noted at once, `told`, `asked`, or the number that refuses it.
fn word(result: &Result<Amendment, Refusal>) -> &'static str {
    match result {
        Ok(Amendment { then: Then::Done, .. }) => "ok",
        Ok(Amendment { then: Then::Tell(_), .. }) => "told",
        Ok(Amendment { then: Then::Ask(..), .. }) => "asked",
        Err(Refusal::Partner(PartnerRefusal::Deleted)) => "2011",
        Err(Refusal::Partner(PartnerRefusal::Expiring)) => "900277",
        Err(Refusal::Partner(PartnerRefusal::NotActivated)) => "800081",
        Err(Refusal::Partner(PartnerRefusal::QuantityWhileSuspended)) => "2001",
        Err(Refusal::Partner(PartnerRefusal::NotRenewable(_))) => "800093",
        Err(Refusal::Partner(PartnerRefusal::Pending { .. })) => "900278",
        Err(Refusal::Partner(PartnerRefusal::BadTransition { .. })) => "800040",
        Err(other) => panic!("{other}"),
    }
}

/// P27, P41, P44, P48, Q4: rows are states, columns are changes. `-`: the body does not ask for it in this state.
#[test]
fn every_pair_of_state_and_change() {
    let ended =
        |reason| Subscription { status: Status::Unsubscribed { at: at(2), reason }, ..active() };
    let off = |of: Subscription| Subscription { auto_renew_off_since: Some(at(1)), ..of };
    let suspended = Subscription { status: Status::Suspended { since: at(2) }, ..active() };
    let scheduled = Subscription { cancel_scheduled_at: Some(at(30)), ..off(active()) };
    let unbilled = Subscription { gate: Gate::FulfillmentConfirmed { at: at(1) }, ..active() };
    let changes = [
        Wanted::Nickname("Desk".to_owned()),
        Wanted::Quantity(7),
        Wanted::AutoRenew(false),
        Wanted::AutoRenew(true),
        Wanted::Cancel,
        Wanted::Suspend,
        Wanted::Resume,
        Wanted::Reseller("4847001".to_owned()),
    ];
    let wait = "900278";
    let table = [
        // state, hours since the purchase, pending operation; then the changes above
        (
            "bought",
            bought(Some(5)),
            2,
            false,
            ["ok", "800081", "ok", "ok", "told", "800081", "-", "ok"],
        ),
        ("unbilled", unbilled, 100, false, ["ok", "asked", "ok", "ok", "told", "told", "-", "ok"]),
        ("in window", active(), 23, false, ["ok", "asked", "ok", "ok", "told", "told", "-", "ok"]),
        ("late", active(), 24, false, ["ok", "asked", "ok", "ok", "ok", "told", "-", "ok"]),
        ("scheduled", scheduled, 40, false, ["ok", "asked", "ok", "ok", "ok", "told", "-", "ok"]),
        ("pending", active(), 23, true, ["ok", wait, "ok", "ok", "told", "told", "-", "ok"]),
        (
            "suspended",
            suspended.clone(),
            23,
            false,
            ["ok", "2001", "ok", "800093", "told", "-", "asked", "ok"],
        ),
        (
            "suspended late",
            off(suspended.clone()),
            48,
            false,
            ["ok", "2001", "ok", "800093", "ok", "-", "asked", "ok"],
        ),
        (
            "resuming",
            suspended.clone(),
            23,
            true,
            ["ok", "2001", "ok", "800093", "told", "-", wait, "ok"],
        ),
        ("30 days suspended", suspended, 722, false, ["900277"; 8]),
        ("canceled", ended(EndReason::Canceled), 3, false, ["2011"; 8]),
        ("expired", ended(EndReason::TermEnd), 3, false, ["2011"; 8]),
        ("at its end", off(active()), 24 * 40, false, ["900277"; 8]),
    ];
    for (name, state, hours, locked, row) in table {
        let open = locked.then(|| pending_operation(&state));
        for (change, expected) in changes.iter().zip(row) {
            if expected != "-" {
                let came = decided(&state, std::slice::from_ref(change), open.as_ref(), hours);
                assert_eq!(word(&came), expected, "{name} + {change:?}");
            }
        }
    }
}

fn wanted(of: &Subscription, sent: &Sent) -> Vec<Wanted> {
    sent.changes(of, (&offer(), &Policy::default())).unwrap()
}

/// A body that has only the flag that an absent one would switch off.
fn renewing() -> Sent {
    Sent { auto_renew: Some(true), ..Sent::default() }
}

#[test]
fn p31_p32_p33_what_typed_clients_send_without_meaning_it_changes_nothing() {
    let found = active();
    assert_eq!(wanted(&found, &renewing()), []);
    let as_read = Sent {
        nickname: Some("Desk - silver".to_owned()),
        quantity: Some(5),
        status: Some("active".to_owned()),
        reseller: Some(String::new()),
        billing_cycle: Some("monthly".to_owned()),
        ..renewing()
    };
    assert_eq!(wanted(&found, &as_read), [], "as it is read");
    let sdk = Sent {
        quantity: Some(0),
        auto_renew: Some(false),
        status: Some("suspended".to_owned()),
        billing_cycle: Some("unknown".to_owned()),
        ..Sent::default()
    };
    assert_eq!(wanted(&found, &sdk), [Wanted::AutoRenew(false), Wanted::Suspend]);
    for unset in ["", "none", "unknown"] {
        let unset = Sent { status: Some(unset.to_owned()), ..renewing() };
        assert_eq!(wanted(&found, &unset), []);
    }
    let keep = Policy::default().with(&AutorenewAbsent::ROW, Some("keep")).unwrap();
    assert_eq!(Sent::default().changes(&found, (&offer(), &keep)), Ok(Vec::new()));
    assert_eq!(wanted(&found, &Sent::default()), [Wanted::AutoRenew(false)]);
}

#[test]
fn what_a_body_asks_for() {
    let found = active();
    let one = |sent: Sent| {
        let wanted = wanted(&found, &sent);
        assert_eq!(wanted.len(), 1, "{sent:?}");
        wanted.into_iter().next().unwrap()
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        one(Sent { nickname: text("Desk"), ..renewing() }),
        Wanted::Nickname("Desk".to_owned())
    );
    assert_eq!(one(Sent { quantity: Some(6), ..renewing() }), Wanted::Quantity(6));
    assert_eq!(one(Sent { quantity: Some(-6), ..renewing() }), Wanted::Quantity(-6));
    assert_eq!(
        one(Sent { reseller: text(" 4847001 "), ..renewing() }),
        Wanted::Reseller("4847001".to_owned())
    );
    assert_eq!(one(Sent { status: text("deleted"), ..renewing() }), Wanted::Cancel);
    assert_eq!(one(Sent { status: text("deleted"), ..Sent::default() }), Wanted::Cancel);
    let suspended = Subscription { status: Status::Suspended { since: at(2) }, ..found.clone() };
    let resume = Sent { status: text("active"), ..renewing() };
    assert_eq!(wanted(&suspended, &resume), [Wanted::Resume]);
    assert_eq!(wanted(&suspended, &Sent { status: text("suspended"), ..renewing() }), []);
}

#[test]
fn what_no_body_may_ask_for() {
    let found = active();
    let text = |text: &str| Some(text.to_owned());
    let refused = |sent: Sent| sent.changes(&found, (&offer(), &Policy::default())).unwrap_err();
    let cycle = Sent { billing_cycle: text("annual"), ..renewing() };
    assert_eq!(refused(cycle), PartnerRefusal::BillingCycle.into());
    for to in ["expired", "pending", "disabled"] {
        let refusal = PartnerRefusal::BadTransition { from: "active", to: to.to_owned() };
        assert_eq!(refused(Sent { status: text(to), ..renewing() }), refusal.into());
    }
    let field = |refusal: Refusal| matches!(refusal, Refusal::Field { .. });
    assert!(field(refused(Sent { status: text("gone"), ..renewing() })));
    for name in [String::new(), "  ".to_owned(), "a\nb".to_owned(), "x".repeat(257)] {
        assert!(field(refused(Sent { nickname: Some(name.clone()), ..renewing() })), "{name:?}");
    }
    // What is not activated is pending under the other reading of Q1; nobody can make it active by PATCH.
    let pending = Policy::default().with(&PreactivationStatus::ROW, Some("pending")).unwrap();
    let activate = Sent { status: text("active"), ..renewing() };
    let refusal = PartnerRefusal::BadTransition { from: "pending", to: "active".to_owned() };
    assert_eq!(activate.changes(&bought(Some(5)), (&offer(), &pending)), Err(refusal.into()));
}

#[test]
fn several_changes_are_made_together_or_not_at_all() {
    let name = Wanted::Nickname("Desk".to_owned());
    let all = [name.clone(), Wanted::Quantity(7), Wanted::AutoRenew(false)];
    let came = decided(&active(), &all, None, 2).unwrap();
    let names: Vec<_> =
        came.change.unwrap().events.iter().map(super::super::event::Event::name).collect();
    assert_eq!(names, ["nicknameChanged", "autoRenewChanged"]);
    let Then::Ask(action, asked) = came.then else { panic!("{:?}", came.then) };
    assert_eq!((action, asked.quantity), (OperationAction::ChangeQuantity, Some(7)));
    let half = [name.clone(), Wanted::Quantity(501)];
    let refusal = PartnerRefusal::OutsideLimits { quantity: 501, min: 1, max: 500 };
    assert_eq!(decided(&active(), &half, None, 2), Err(refusal.into()));
    let ends = [name, Wanted::Cancel];
    let came = decided(&active(), &ends, None, 2).unwrap();
    let names: Vec<_> =
        came.change.unwrap().events.iter().map(super::super::event::Event::name).collect();
    assert_eq!(names, ["nicknameChanged", "unsubscribed"]);
    for status in [Wanted::Cancel, Wanted::Suspend] {
        let both = [Wanted::Quantity(7), status];
        assert!(matches!(decided(&active(), &both, None, 2), Err(Refusal::Field { .. })));
    }
    let later = [Wanted::Quantity(7), Wanted::Cancel];
    let came = decided(&active(), &later, None, 48).unwrap();
    assert_eq!(came.change.unwrap().subscription.cancel_scheduled_at, Some(at(48)));
    assert!(matches!(came.then, Then::Ask(OperationAction::ChangeQuantity, _)));
}

#[test]
fn p41_renewing_again_takes_a_scheduled_cancellation_back() {
    let canceled = decided(&active(), &[Wanted::Cancel], None, 48).unwrap().change.unwrap();
    assert_eq!(canceled.subscription.status, Status::Subscribed);
    assert!(!canceled.subscription.auto_renew());
    let again = decided(&canceled.subscription, &[Wanted::Cancel], None, 50).unwrap();
    assert_eq!(again, Amendment { change: None, then: Then::Done }, "twice is once");
    let back = decided(&canceled.subscription, &[Wanted::AutoRenew(true)], None, 50).unwrap();
    let back = back.change.unwrap().subscription;
    assert_eq!((back.auto_renew(), back.cancel_scheduled_at), (true, None));
}

#[test]
fn p45_a_step_of_the_publisher_stops_the_whole_request_until_it_is_done() {
    let (policy, offer, partner) = (Policy::default(), offer(), provider());
    let step = publisher_step::Wanted {
        id: "export".to_owned(),
        title: "Export your data".to_owned(),
        url: "https://contoso.example/export".to_owned(),
        blocks: [BlockedChange::Cancel, BlockedChange::Suspend].into(),
    };
    let steps = Steps::default().declare(publisher_step::Declarer::Publisher, vec![step]).unwrap();
    let decided = |of: &Subscription, wanted: &[Wanted], steps: &Steps| {
        let around = Circumstances {
            policy: &policy,
            offer: &offer,
            country: "US",
            partner: &partner,
            reseller: None,
            open: None,
            steps,
        };
        decide(of, wanted, &around, at(2))
    };
    let refusal = || PartnerRefusal::PublisherStep {
        title: "Export your data".to_owned(),
        url: "https://contoso.example/export".to_owned(),
    };
    let both = [Wanted::Nickname("Desk".to_owned()), Wanted::Cancel];
    assert_eq!(decided(&active(), &both, &steps), Err(refusal().into()));
    assert!(decided(&active(), &both[..1], &steps).is_ok());
    let early = decided(&bought(Some(5)), &[Wanted::Suspend], &steps);
    assert_eq!(early, Err(PartnerRefusal::NotActivated.into()), "the state comes first");
    let (done, _) = steps.done(&"export".parse().unwrap(), at(2)).unwrap();
    assert!(decided(&active(), &both, &done).is_ok());
}

#[test]
fn a_flat_rate_has_no_quantity_and_a_customers_own_purchase_is_not_the_partners() {
    let flat = Subscription { plan_id: "flat".parse().unwrap(), quantity: None, ..active() };
    assert_eq!(wanted(&flat, &Sent { quantity: Some(1), ..renewing() }), []);
    let more = decided(&flat, &[Wanted::Quantity(2)], None, 2);
    assert_eq!(more, Err(PartnerRefusal::FlatRate.into()));
    let own = Subscription { sold_by: SoldBy::Customer, ..active() };
    assert!(matches!(
        decided(&own, &[Wanted::AutoRenew(false)], None, 2),
        Err(Refusal::Partner(PartnerRefusal::NotEligible(_)))
    ));
}

#[test]
fn an_integration_sandbox_has_no_more_licenses_later_than_at_the_purchase() {
    let (policy, offer, live) = (Policy::default(), offer(), provider());
    let tests = Partner { account_kind: AccountKind::IntegrationSandbox, ..provider() };
    let asked = |partner: &Partner, quantity| {
        let around = Circumstances {
            policy: &policy,
            offer: &offer,
            country: "US",
            partner,
            reseller: None,
            open: None,
            steps: &Steps::default(),
        };
        decide(&active(), &[Wanted::Quantity(quantity)], &around, at(2)).map(|_| ())
    };
    assert_eq!(asked(&live, 26), Ok(()));
    assert_eq!(asked(&tests, 25), Ok(()));
    assert_eq!(asked(&tests, 26), Err(PartnerRefusal::TooManyLicenses(25).into()));
    let outside = PartnerRefusal::OutsideLimits { quantity: 501, min: 1, max: 500 };
    assert_eq!(asked(&tests, 501), Err(outside.into()), "the SKU's limits come first");
}

#[test]
fn p49_only_a_provider_names_a_reseller_of_its_own_that_has_signed() {
    let other = partner("other", PartnerKind::IndirectReseller, Some("else"));
    let unsigned = Partner { agreement_signed_at: None, ..reseller() };
    let direct = partner("direct", PartnerKind::DirectBill, None);
    for (who, found, expected) in [
        (&provider(), Some(&reseller()), Ok(())),
        (&provider(), None, Err(PartnerRefusal::NoReseller("7".to_owned()))),
        (&provider(), Some(&provider()), Err(PartnerRefusal::OwnId("7".to_owned()))),
        (&provider(), Some(&other), Err(PartnerRefusal::NotAReseller("7".to_owned()))),
        (&provider(), Some(&direct), Err(PartnerRefusal::NotAReseller("7".to_owned()))),
        (&provider(), Some(&unsigned), Err(PartnerRefusal::ResellerUnsigned("7".to_owned()))),
        (&direct, Some(&reseller()), Err(PartnerRefusal::NoResellerHere)),
        (&reseller(), None, Err(PartnerRefusal::NoResellerHere)),
    ] {
        assert_eq!(check_reseller(who, found, "7"), expected, "{:?}", found.map(|it| &it.id));
    }
}
