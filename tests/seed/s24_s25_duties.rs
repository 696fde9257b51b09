//! S24, S25: the partner's duties. The information that the publisher needs is submitted, and the URL it gives is sent to
//! the customer; both are recorded with who and when.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Db, World, browser::Visitor, wait};

const PEOPLE: &str = "a@harborlane.example\nb@harborlane.example";

/// The truth once a duty says that the information was submitted.
async fn submitted(world: &World, id: &str) -> Answer {
    wait::until("the submission at the marketplace", async || {
        let truth = world.operator.truth(id).await;
        Some(truth).filter(|truth| !truth.at("/duties/informationSubmitted").is_null())
    })
    .await
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s24_s25_who_submitted_and_who_sent_the_url_is_recorded(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(false).await;
    for (who, mail) in [("Dana Whitlock", "dana.whitlock"), ("Priya Nair", "priya.nair")] {
        let purchase = world.buy(2).await;
        let visitor = Visitor::new(&url);
        let (page, path) = visitor.follow_as(&purchase.link, who).await;
        let sent = format!("/subscriptions/{}/duties/url-sent", purchase.id);
        let early = world.operator.put(&sent, &json!({"by": who})).await;
        early.problem(409, None);
        visitor.submit(&page, &path, PEOPLE).await.is(303);
        let truth = submitted(&world, &purchase.id).await;
        let by = truth.at("/duties/informationSubmitted/by");
        assert!(by["emailId"].as_str().is_some_and(|known| known.starts_with(mail)), "{truth}");
        let customer = &world.sandbox.customers[0];
        assert_eq!(by["tenantId"] == *customer.customer_id, who == "Priya Nair", "{truth}");
        let at = truth.at("/duties/informationSubmitted/at");
        assert_eq!(at, truth.at("/purchasedAt"), "the sandbox's time stands: {truth}");
        let sign_in = truth.text_at("/duties/signInUrl");
        assert_eq!(sign_in, format!("{url}/s/rehearsal-1/contoso/accounts/{}", purchase.id));

        world.operator.advance_by("PT2H").await;
        let duties = world.operator.put(&sent, &json!({"by": who})).await.is(200);
        assert_eq!(duties.at("/urlSent/by"), who, "{duties}");
        assert_ne!(duties.at("/urlSent/at"), at, "{duties}");

        // The customer follows it: no activation link is needed any more.
        let customer = Visitor::new(&url);
        let away = customer.open(&sign_in).await.is(303);
        let account = customer.sign_in_at(away.header("location"), "Priya Nair").await.is(200);
        assert!(account.text.contains("Information as submitted"), "{account}");
    }
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s24_the_first_who_submits_is_kept(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(false).await;
    let purchase = world.buy(2).await;
    for (who, people) in [("Dana Whitlock", "a@harborlane.example"), ("Priya Nair", PEOPLE)] {
        let visitor = Visitor::new(&url);
        let (page, path) = visitor.follow_as(&purchase.link, who).await;
        visitor.submit(&page, &path, people).await.is(303);
        let truth = submitted(&world, &purchase.id).await;
        let mail = truth.text_at("/duties/informationSubmitted/by/emailId");
        assert!(mail.starts_with("dana.whitlock"), "{truth}");
    }
    let told = world.operator.events("informationSubmitted").await;
    assert_eq!(told.len(), 1, "{told:?}");
    let billed: Vec<Value> = world.operator.charges(&purchase.id).await;
    assert!(billed.is_empty(), "duties turn no key: {billed:?}");
    world.stop().await;
}
