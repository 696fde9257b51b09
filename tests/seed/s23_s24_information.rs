//! S23, S24: the publisher's page says what is still to be done, and takes the information it needs.

use rstest::rstest;

use crate::support::{Ask, Db, World, browser::Visitor};

const PEOPLE: &str = "a@harborlane.example\nb@harborlane.example";

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s23_the_publishers_page_says_what_was_bought_and_which_steps_are_open(#[case] db: Db) {
    let mut world = World::new(db).await;
    let visitor = Visitor::new(&world.start_publisher(false).await);
    let purchase = world.buy(2).await;
    let (page, path) = visitor.follow(&purchase.link).await;
    let page = page.is(200);
    assert_eq!(path, "/s/rehearsal-1/contoso/landing");
    for part in [
        "Contoso Desk",
        "Silver",
        "Harbor Lane Clinics",
        "Alder &#38; Finch Distribution",
        "What happens next",
        "You submit the information",
        "We assign 2 licenses",
        "We confirm fulfillment",
        "0 of 2 keys in",
    ] {
        assert!(page.text.contains(part), "{part} is missing: {page}");
    }
    assert_eq!(page.header("referrer-policy"), "no-referrer", "{page}");
    assert_eq!(page.header("cache-control"), "no-store", "{page}");
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s23_a_link_that_leads_nowhere_gets_a_page_that_says_what_to_do(#[case] db: Db) {
    let mut world = World::new(db).await;
    let visitor = Visitor::new(&world.start_publisher(false).await);
    let purchase = world.buy(2).await;
    let page = "/s/rehearsal-1/contoso/landing";
    let garbled = visitor.call(reqwest::Method::GET, &format!("{page}?token=abc")).ask().await;
    let garbled = visitor.get(garbled.is(303).header("location")).await;
    let missing = Visitor::new(purchase.link.split("/s/").next().unwrap()).get(page).await;
    world.operator.advance_by("P2D").await;
    let (expired, _) = visitor.follow(&purchase.link).await;
    for (what, shown) in [("garbled", garbled), ("missing", missing), ("expired", expired)] {
        assert!((400..500).contains(&shown.status), "{what}: {shown}");
        assert!(shown.header("content-type").starts_with("text/html"), "{what}: {shown}");
        assert!(shown.text.contains("<h1>") && !shown.text.contains("<form"), "{what}: {shown}");
        assert!(shown.text.to_lowercase().contains("link"), "{what}: {shown}");
    }
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s24_the_form_takes_the_information_and_keeps_what_was_typed_wrong(#[case] db: Db) {
    let mut world = World::new(db).await;
    let visitor = Visitor::new(&world.start_publisher(false).await);
    let purchase = world.buy(2).await;
    let (page, path) = visitor.follow(&purchase.link).await;
    let before = world.operator.truth(&purchase.id).await;
    for (people, said) in [
        ("not an address", "Line 1 is not an e-mail address"),
        ("a@x.example\nA@X.example", "Line 2 names somebody a second time"),
        ("a@x.example\nb@x.example\nc@x.example", "3 people are named, and 2 licenses"),
        ("", "Name at least one person"),
    ] {
        let refused = visitor.submit(&page, &path, people).await.is(422);
        assert!(refused.text.contains(said), "{said}: {refused}");
        assert!(refused.text.contains("priya.nair@harborlane.example"), "kept: {refused}");
    }
    let sent = visitor.submit(&page, &path, PEOPLE).await.is(303);
    let thanks = visitor.get(sent.header("location")).await.is(200);
    assert!(thanks.text.contains("Information as submitted"), "{thanks}");
    assert!(thanks.text.contains("a@harborlane.example, b@harborlane.example"), "{thanks}");
    let mut after = world.operator.truth(&purchase.id).await.json();
    after["duties"] = before.at("/duties");
    assert_eq!(after, before.json(), "the form turns no key: it is told as a duty that is done");
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s24_a_form_of_another_site_or_without_its_token_is_refused(#[case] db: Db) {
    let mut world = World::new(db).await;
    let visitor = Visitor::new(&world.start_publisher(false).await);
    let purchase = world.buy(1).await;
    let (page, path) = visitor.follow(&purchase.link).await;
    let form = [
        ("site_address", "harborlane"),
        ("admin_name", "Priya"),
        ("admin_email", "a@x.example"),
        ("people", "a@x.example"),
    ];
    let without = visitor.post(&path, &form).await;
    assert_eq!(without.status, 403, "{without}");
    let foreign = visitor.call(reqwest::Method::POST, &path).form(&form);
    let foreign = foreign.header("origin", "https://evil.example").ask().await;
    assert_eq!(foreign.status, 403, "{foreign}");
    let still = visitor.get(&path).await.is(200);
    assert!(still.text.contains("<form") && page.text.contains("<form"), "{still}");
    world.stop().await;
}
