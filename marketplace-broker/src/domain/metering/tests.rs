//! Every status by its rule, and what events come to.

use super::{
    super::catalog::{Dimension, SeatRange},
    tally::{Days, UsageOf},
    *,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const NOW: &str = "2027-02-10T12:00:00Z";

fn reported(quantity: &str, dimension: &str, start: &str) -> ReportedUsage {
    ReportedUsage {
        resource: Some(SubscriptionId(Uuid::from_u128(1))),
        resource_uri: None,
        quantity: quantity.parse().unwrap(),
        dimension: dimension.to_owned(),
        start: SentTime::read(start.to_owned()).unwrap(),
        plan_id: "metered".to_owned(),
    }
}

fn resource(standing: Standing) -> Resource {
    Resource {
        id: SubscriptionId(Uuid::from_u128(1)),
        publisher_id: "contoso".parse().unwrap(),
        offer_id: "archive".parse().unwrap(),
        plan_id: "metered".parse().unwrap(),
        standing,
    }
}

fn dimension(id: &str, metering: Metering) -> Dimension {
    Dimension {
        id: id.to_owned(),
        name: id.to_owned(),
        unit: "GB".to_owned(),
        prices: vec![("USD".to_owned(), "0.12".parse().unwrap())],
        included: 100,
        included_a_year: None,
        metering,
    }
}

fn plan() -> Plan {
    Plan {
        id: "metered".parse().unwrap(),
        name: String::new(),
        description: String::new(),
        is_private: false,
        is_auto_activated: false,
        is_stop_sold: false,
        seats: None,
        markets: Vec::new(),
        dimensions: vec![
            dimension("gigabytes", Metering::Metered),
            dimension("boards", Metering::Unlimited),
            dimension("alerts", Metering::Disabled),
        ],
        prices: Vec::new(),
    }
}

fn status(usage: &ReportedUsage, standing: Standing) -> UsageStatus {
    judged(usage, Some(&resource(standing)), Some(&plan()))
}

fn judged(usage: &ReportedUsage, resource: Option<&Resource>, plan: Option<&Plan>) -> UsageStatus {
    let publisher = "contoso".parse().unwrap();
    match usage.judge(&publisher, resource, plan, at(NOW)) {
        Ok(_) => UsageStatus::Accepted,
        Err(refusal) => {
            assert!(!refusal.wrong().is_empty() && !refusal.to_string().is_empty());
            refusal.status()
        }
    }
}

#[test]
fn every_status_by_its_rule() {
    use Standing::Active;
    use UsageStatus as S;
    let now = NOW;
    let rows = [
        ("1", "gigabytes", now, Active, S::Accepted),
        ("0.000000000000001", "gigabytes", now, Active, S::Accepted),
        ("1000000000000", "gigabytes", now, Active, S::Accepted),
        ("1000000000000.1", "gigabytes", now, Active, S::InvalidQuantity),
        ("0", "gigabytes", now, Active, S::InvalidQuantity),
        ("0.0", "gigabytes", now, Active, S::InvalidQuantity),
        ("-1", "gigabytes", now, Active, S::InvalidQuantity),
        ("1", "Gigabytes", now, Active, S::InvalidDimension),
        ("1", "", now, Active, S::InvalidDimension),
        ("1", "boards", now, Active, S::InvalidDimension),
        ("1", "alerts", now, Active, S::InvalidDimension),
        ("1", "gigabytes", "2027-02-09T12:00:00Z", Active, S::Accepted),
        ("1", "gigabytes", "2027-02-09T11:59:59.999999Z", Active, S::Expired),
        ("1", "gigabytes", "2027-02-10T12:00:00.000001Z", Active, S::BadArgument),
        ("1", "gigabytes", "2027-02-10T13:30:00+01:00", Active, S::BadArgument),
        ("1", "gigabytes", "2027-02-10T13:00:00+01:00", Active, S::Accepted),
        ("1", "gigabytes", now, Standing::Inactive("Suspended"), S::ResourceNotActive),
        (
            "1",
            "gigabytes",
            now,
            Standing::EndedAt(at("2027-02-10T11:00:00Z")),
            S::ResourceNotActive,
        ),
        (
            "1",
            "gigabytes",
            "2027-02-10T11:00:00Z",
            Standing::EndedAt(at("2027-02-10T11:00:00Z")),
            S::ResourceNotActive,
        ),
        (
            "1",
            "gigabytes",
            "2027-02-10T10:59:59Z",
            Standing::EndedAt(at("2027-02-10T11:00:00Z")),
            S::Accepted,
        ),
    ];
    for (quantity, dimension, start, standing, expected) in rows {
        let usage = reported(quantity, dimension, start);
        assert_eq!(
            status(&usage, standing),
            expected,
            "{quantity} {dimension} {start} {standing:?}"
        );
    }
}

#[test]
fn resources_and_plans_that_do_not_fit() {
    let usage = reported("1", "gigabytes", NOW);
    assert_eq!(judged(&usage, None, None), UsageStatus::ResourceNotFound);
    let mut foreign = resource(Standing::Active);
    foreign.publisher_id = "fabrikam".parse().unwrap();
    assert_eq!(judged(&usage, Some(&foreign), Some(&plan())), UsageStatus::ResourceNotAuthorized);
    let own = resource(Standing::Active);
    assert_eq!(judged(&usage, Some(&own), None), UsageStatus::Error);
    let elsewhere = ReportedUsage { plan_id: "silver".to_owned(), ..usage.clone() };
    assert_eq!(judged(&elsewhere, Some(&own), Some(&plan())), UsageStatus::BadArgument);
    let seats = Plan { seats: Some(SeatRange { min: 1, max: 2 }), ..plan() };
    assert_eq!(judged(&usage, Some(&own), Some(&seats)), UsageStatus::InvalidDimension);
}

#[test]
fn ten_to_the_twelfth() {
    assert_eq!(QUANTITY_MAX.to_string(), "1000000000000");
}

#[test]
fn a_year_has_its_own_included_units_if_the_plan_says_so() {
    use super::super::term::TermUnit::{P1M, P1Y, P2Y};
    let mut dimension = dimension("gigabytes", Metering::Metered);
    let included = |d: &Dimension| [P1M, P1Y, P2Y].map(|unit| d.included_in(unit));
    assert_eq!(included(&dimension), [Some(100), Some(1200), Some(2400)]);
    dimension.included_a_year = Some(1500);
    assert_eq!(included(&dimension), [Some(100), Some(1500), Some(3000)]);
    dimension.metering = Metering::Unlimited;
    assert_eq!(included(&dimension), [None; 3]);
}

fn accepted(quantity: &str, start: &str, accepted_at: &str) -> UsageOf {
    UsageOf {
        usage: AcceptedUsage {
            id: Uuid::nil(),
            subscription_id: SubscriptionId(Uuid::from_u128(1)),
            resource_uri: None,
            quantity: quantity.parse().unwrap(),
            dimension: "gigabytes".to_owned(),
            start: SentTime::read(start.to_owned()).unwrap(),
            plan_id: "metered".parse().unwrap(),
            accepted_at: at(accepted_at),
        },
        offer_id: "archive".parse().unwrap(),
        customer_id: shared::ids::CustomerId(Uuid::from_u128(2)),
    }
}

#[test]
fn a_row_is_a_utc_day_and_is_processed_a_day_after_its_newest_event() {
    let mut days = Days::default();
    days.add(accepted("0.1", "2027-02-10T00:00:00Z", "2027-02-10T01:00:00Z"));
    days.add(accepted("0.2", "2027-02-11T00:30:00+01:00", "2027-02-11T02:00:00Z"));
    days.add(accepted("5", "2027-02-11T00:00:00Z", "2027-02-11T01:00:00Z"));
    let rows = days.rows();
    let shown: Vec<_> =
        rows.iter().map(|row| (row.day.to_string(), row.quantity.to_string(), row.count)).collect();
    assert_eq!(
        shown,
        [
            ("2027-02-11".to_owned(), "5".to_owned(), 1),
            ("2027-02-10".to_owned(), "0.3".to_owned(), 2),
        ]
    );
    assert!(!rows[1].is_processed(at("2027-02-12T01:59:59Z")));
    assert!(rows[1].is_processed(at("2027-02-12T02:00:00Z")));
}
