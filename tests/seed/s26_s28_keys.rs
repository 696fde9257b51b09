//! S26, S27, S28: the publisher assigns licenses after the information arrived; billing starts only when both
//! confirmations are in.

use rstest::rstest;

use crate::support::{Answer, Db, World, browser::Visitor, people};

const PEOPLE: &str = "a@harborlane.example\nb@harborlane.example";

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s26_licenses_are_assigned_after_the_information_arrived(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(false).await;
    let (visitor, publisher) = (Visitor::new(&url), Visitor::new(&url));
    let purchase = world.buy(2).await;
    let (page, path) = visitor.follow(&purchase.link).await;
    let console = publisher.sign_in(&world.operator.token, "rehearsal-1").await;
    let path_of = |button: &str| format!("/s/rehearsal-1/accounts/{}/{button}", purchase.id);
    let form = [("csrf", &*crate::support::browser::csrf(&console))];
    let early = publisher.post(&path_of("assign-licenses"), &form).await;
    assert!((400..500).contains(&early.status), "{early}");
    let truth = world.operator.truth(&purchase.id).await;
    assert_eq!(truth.at("/licensesAssigned"), 0, "{truth}");

    visitor.submit(&page, &path, PEOPLE).await.is(303);
    publisher.press(&console, "rehearsal-1", &purchase.id, "assign-licenses").await;
    let truth = world.operator.truth(&purchase.id).await;
    assert_eq!(truth.at("/licensesAssigned"), 2, "{truth}");
    assert_eq!(truth.at("/waitingFor/0/confirmation"), "fulfillmentConfirmed", "{truth}");
    world.stop().await;
}

/// Whether billing has started, as the marketplace sees it.
fn is_billed(truth: &Answer) -> bool {
    !truth.at("/billingStartedAt").is_null()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s27_billing_waits_for_the_licenses(#[case] db: Db) {
    let world = World::new(db).await;
    let purchase = world.buy(3).await;
    world.publisher.activate(&purchase.id).await.is(200);
    for count in 0..3 {
        world.publisher.assign(&purchase.id, &people(count)).await.is(200);
        world.operator.advance_by("P1D").await;
        assert!(!is_billed(&world.operator.truth(&purchase.id).await), "{count} of 3");
    }
    world.publisher.assign(&purchase.id, &people(3)).await.is(200);
    assert!(is_billed(&world.operator.truth(&purchase.id).await));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s28_billing_waits_for_the_confirmation_of_fulfillment(#[case] db: Db) {
    let world = World::new(db).await;
    let purchase = world.buy(3).await;
    for _ in 0..3 {
        world.publisher.assign(&purchase.id, &people(3)).await.is(200);
        world.operator.advance_by("P1D").await;
        assert!(!is_billed(&world.operator.truth(&purchase.id).await));
    }
    world.publisher.activate(&purchase.id).await.is(200);
    let truth = world.operator.truth(&purchase.id).await;
    assert_eq!(truth.at("/billingStartedAt"), truth.at("/fulfillmentConfirmedAt"), "{truth}");
    assert_eq!(truth.at("/licensesAssignedAt"), "2027-01-31T09:00:00.000000Z", "{truth}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s27_s28_the_two_buttons_turn_the_two_keys_in_either_order(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(false).await;
    let publisher = Visitor::new(&url);
    let mut console = publisher.sign_in(&world.operator.token, "rehearsal-1").await;
    for buttons in [["assign-licenses", "confirm-setup"], ["confirm-setup", "assign-licenses"]] {
        let purchase = world.buy(2).await;
        let visitor = Visitor::new(&url);
        let (page, path) = visitor.follow(&purchase.link).await;
        visitor.submit(&page, &path, PEOPLE).await.is(303);
        for (pressed, button) in buttons.iter().enumerate() {
            assert!(!is_billed(&world.operator.truth(&purchase.id).await), "after {pressed}");
            world.operator.advance_by("PT1H").await;
            console = publisher.press(&console, "rehearsal-1", &purchase.id, button).await;
        }
        let truth = world.operator.truth(&purchase.id).await;
        assert!(is_billed(&truth), "{truth}");
        assert_eq!(world.operator.charges(&purchase.id).await.len(), 1);
        let (landing, _) = visitor.follow(&purchase.link).await;
        assert!(landing.text.contains("Both keys in"), "{landing}");
    }
    world.stop().await;
}
