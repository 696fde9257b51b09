//! S17: some changes may first require steps that the publisher defines: declared at its console or by its program, shown
//! to whoever asks for the subscription, done at the publisher's page.

use rstest::rstest;
use serde_json::json;

use crate::support::{
    Db, World,
    browser::{Visitor, csrf},
    wait,
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s17_a_step_is_declared_at_the_console_shown_and_done_at_its_address(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(false).await;
    let purchase = world.buy(2).await;
    let by_operator = json!({"id": "call-us", "title": "Call us first",
        "url": "https://contoso.example/call", "blocks": ["quantity"]});
    let path = format!("/subscriptions/{}/publisher-steps", purchase.id);
    world.operator.put(&path, &json!({"steps": [by_operator]})).await.is(200);
    Visitor::new(&url).follow(&purchase.link).await;
    let publisher = Visitor::new(&url);
    publisher.sign_in(&world.operator.token, "rehearsal-1").await;
    let account = format!("/s/rehearsal-1/accounts/{}", purchase.id);
    let page = publisher.get(&account).await.is(200);
    let form = [
        ("csrf", &*csrf(&page)),
        ("title", "Export your data"),
        ("blocks", "cancel"),
        ("blocks", "suspend"),
    ];
    publisher.post(&format!("{account}/steps"), &form).await.is(303);

    let told = wait::until("the step at the marketplace", async || {
        let truth = world.operator.truth(&purchase.id).await;
        Some(truth).filter(|truth| !truth.at("/publisherSteps/1").is_null())
    });
    let told = told.await;
    assert_eq!(told.at("/publisherSteps/0/title"), "Export your data", "{told}");
    assert_eq!(told.at("/publisherSteps/0/blocks"), json!(["cancel", "suspend"]), "{told}");
    assert!(told.at("/publisherSteps/0/doneAt").is_null(), "{told}");
    let address = told.text_at("/publisherSteps/0/url");

    // The partner, who bought it, follows the address that a refusal shows.
    let partner = Visitor::new(&url);
    let away = partner.open(&address).await.is(303);
    let shown = partner.sign_in_at(away.header("location"), "Dana Whitlock").await.is(200);
    assert!(shown.text.contains("Export your data"), "{shown}");
    let path = address.strip_prefix(&url).expect("a page of the publisher");
    partner.post(path, &[("csrf", &csrf(&shown))]).await.is(303);
    let done = wait::until("the step done at the marketplace", async || {
        let truth = world.operator.truth(&purchase.id).await;
        Some(truth).filter(|truth| !truth.at("/publisherSteps/0/doneAt").is_null())
    });
    let done = done.await;
    assert_eq!(done.at("/publisherSteps").as_array().map(Vec::len), Some(2), "{done}");
    assert_eq!(
        done.at("/publisherSteps/1/id"),
        "call-us",
        "the publisher knows nothing of it: {done}"
    );
    assert_eq!(done.at("/publisherSteps/1/declaredBy"), "operator", "{done}");
    assert_eq!(world.operator.times("publisherStepDone", &purchase.id).await, 1);
    let steps = world.publisher.steps(&purchase.id).await.is(200);
    assert!(!steps.at("/steps/0/doneAt").is_null(), "{steps}");
    world.stop().await;
}
