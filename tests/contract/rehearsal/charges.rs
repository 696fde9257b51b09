//! GET …/charges: when the first line is made, and what it says.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Bought, Db, World, people};

#[derive(Clone, Copy)]
enum Key {
    Licenses,
    Fulfillment,
}

/// Turns the keys one after another, a day apart.
async fn turn(world: &World, bought: &Bought, keys: &[Key]) {
    for key in keys {
        world.operator.advance_by("P1D").await;
        match key {
            Key::Licenses => world.publisher.assign(&bought.id, &people(2)).await.is(200),
            Key::Fulfillment => world.publisher.activate(&bought.id).await.is(200),
        };
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p23_no_charge_unless_both_keys_are_in(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let rows: [(&[Key], usize); 4] = [
        (&[], 0),
        (&[Key::Licenses], 0),
        (&[Key::Fulfillment], 0),
        (&[Key::Licenses, Key::Fulfillment], 1),
    ];
    for (keys, lines) in rows {
        let bought = world.buy(2).await;
        turn(&world, &bought, keys).await;
        assert_eq!(world.operator.charges(&bought.id).await.len(), lines);
        assert_eq!(world.operator.times("billingStarted", &bought.id).await, lines);
        assert_eq!(world.operator.times("charged", &bought.id).await, lines);
        let truth = world.operator.truth(&bought.id).await;
        assert_eq!(truth.at("/billingStartedAt").is_null(), lines == 0, "{truth}");
    }
    world.operator.advance_by("P60D").await;
    let journal = world.operator.journal().await;
    let charged = journal.iter().filter(|entry| entry["name"] == "charged").count();
    assert_eq!(charged, 1, "and 60 days later still: {journal:?}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p24_the_new_line_starts_the_day_the_second_key_is_in(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    world.publisher.activate(&bought.id).await.is(200);
    let provisional = world.operator.truth(&bought.id).await;
    assert_eq!(provisional.at("/term/startDate"), "2027-01-31T00:00:00.000000Z", "{provisional}");
    assert_eq!(provisional.at("/term/provisional"), true, "{provisional}");
    world.operator.advance(&json!({"to": "2027-02-10T23:59:59.999999Z"})).await.is(200);
    world.publisher.assign(&bought.id, &people(2)).await.is(200);
    let mut lines = world.operator.charges(&bought.id).await;
    let reference = lines[0].as_object_mut().unwrap().remove("referenceId");
    assert!(reference.is_some_and(|id| id.as_str().is_some_and(|id| !id.is_empty())));
    assert_eq!(
        lines,
        [json!({"chargeType": "new", "chargeStartDate": "2027-02-10T00:00:00.000000Z",
            "chargeEndDate": "2027-03-09T00:00:00.000000Z", "quantity": 2, "unitPrice": 20,
            "subtotal": 40, "currency": "USD"})]
    );
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/billingStartedAt"), "2027-02-10T23:59:59.999999Z", "{truth}");
    assert_eq!(truth.at("/licensesAssignedAt"), "2027-02-10T23:59:59.999999Z", "{truth}");
    assert_eq!(truth.at("/fulfillmentConfirmedAt"), "2027-01-31T09:00:00.000000Z", "{truth}");
    assert_eq!(truth.at("/term/startDate"), "2027-02-10T00:00:00.000000Z", "{truth}");
    assert_eq!(truth.at("/term/endDate"), "2027-03-09T00:00:00.000000Z", "{truth}");
    assert_eq!(truth.at("/term/provisional"), false, "{truth}");
    let seen = world.publisher.subscription(&bought.id).await.is(200);
    assert_eq!(seen.at("/term/startDate"), "2027-02-10T00:00:00Z", "{seen}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p25_the_order_of_the_keys_does_not_matter(#[case] db: Db) {
    let world = World::new(db).await;
    let mut outcomes = Vec::new();
    for (sandbox, keys) in [
        ("licenses-first", [Key::Licenses, Key::Fulfillment]),
        ("fulfillment-first", [Key::Fulfillment, Key::Licenses]),
    ] {
        let (operator, publisher) = world.another_sandbox(sandbox).await;
        let answer = operator.purchase(&crate::support::world::seats(2)).await.is(201);
        let bought = crate::support::world::bought(&answer);
        for key in keys {
            operator.advance_by("P1D").await;
            match key {
                Key::Licenses => publisher.assign(&bought.id, &people(2)).await.is(200),
                Key::Fulfillment => publisher.activate(&bought.id).await.is(200),
            };
        }
        let truth = operator.truth(&bought.id).await;
        let mut charges = operator.charges(&bought.id).await;
        for line in &mut charges {
            line.as_object_mut().unwrap().remove("referenceId");
        }
        let seen = publisher.subscription(&bought.id).await.is(200).at("/term");
        outcomes.push((truth.at("/billingStartedAt"), truth.at("/term"), charges, seen));
    }
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0].0, "2027-02-02T09:00:00.000000Z");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_line_is_in_the_customers_currency_with_its_digits(#[case] db: Db) {
    let world = World::new(db).await;
    let line = async |country: &str, term: &str, cycle: &str| -> Value {
        let customer = world.sandbox.customers.iter().find(|one| one.country == country).unwrap();
        let purchase = json!({"offerId": "contoso-desk", "planId": "silver", "quantity": 3,
            "customerId": customer.customer_id, "term": term, "billingCycle": cycle});
        let bought = world.buy_as(&purchase).await;
        world.publisher.assign(&bought.id, &people(3)).await.is(200);
        world.publisher.activate(&bought.id).await.is(200);
        world.operator.charges(&bought.id).await.remove(0)
    };
    let won = line("KR", "P1M", "monthly").await;
    assert_eq!(
        (&won["currency"], &won["unitPrice"], &won["subtotal"]),
        (&json!("KRW"), &json!(24_000), &json!(72_000))
    );
    let euro = line("DE", "P1M", "monthly").await;
    assert_eq!(
        (&euro["currency"], &euro["unitPrice"], &euro["subtotal"]),
        (&json!("EUR"), &json!(18.5), &json!(55.5))
    );
    let year = line("US", "P1Y", "annual").await;
    assert_eq!((&year["unitPrice"], &year["subtotal"]), (&json!(216), &json!(648)));
    assert_eq!(year["chargeEndDate"], "2028-01-30T00:00:00.000000Z");
    let monthly = line("US", "P1Y", "monthly").await;
    assert_eq!(monthly["subtotal"], json!(54));
    assert_eq!(monthly["chargeEndDate"], "2027-02-27T00:00:00.000000Z");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_end_before_the_second_key_leaves_it_unbilled(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    for key in [Key::Licenses, Key::Fulfillment] {
        let bought = world.buy(2).await;
        turn(&world, &bought, &[key]).await;
        world.operator.unsubscribe(&bought.id).await.is(202);
        world.publisher.assign(&bought.id, &people(2)).await.is(400);
        world.publisher.activate(&bought.id).await.is(404);
        assert_eq!(world.operator.charges(&bought.id).await, Vec::<Value>::new());
    }
}
