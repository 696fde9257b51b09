//! PUT /api/saas/subscriptions/{subscriptionId}/setup: who submitted the information (S24), where the customer signs in.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Ask, Db, World};

const URL: &str = "https://contoso.example/sign-in?tenant=harborlane";

fn somebody(mail: &str) -> Value {
    json!({"objectId": "7c1e", "tenantId": "harborlane", "emailId": mail})
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s24_the_first_submission_is_kept_and_the_url_may_change(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    assert_eq!(world.operator.truth(&bought.id).await.at("/duties"), json!({}));
    let report = json!({"informationSubmittedBy": somebody("priya@harborlane.example"),
        "informationSubmittedAt": "2001-01-01T00:00:00Z", "signInUrl": URL});
    let told = world.publisher.set_up(&bought.id, &report).await.is(200);
    let at = "2027-01-31T09:00:00.000000Z"; // the sandbox's
    let mut duties = json!({"informationSubmitted":
        {"by": report["informationSubmittedBy"], "at": at}, "signInUrl": URL});
    assert_eq!(told.json(), duties);
    world.operator.advance_by("P1D").await;
    let other = json!({"informationSubmittedBy": {"emailId": "eva@harborlane.example"}});
    let again = world.publisher.set_up(&bought.id, &other).await.is(200);
    assert_eq!(again.json(), duties, "the first one is kept");
    let moved = json!({"signInUrl": "http://contoso.example/"});
    let moved = world.publisher.set_up(&bought.id, &moved).await.is(200);
    duties["signInUrl"] = "http://contoso.example/".into();
    assert_eq!(moved.json(), duties);
    assert_eq!(world.operator.truth(&bought.id).await.at("/duties"), duties);

    let told = world.operator.events("informationSubmitted").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["data"], json!({"by": report["informationSubmittedBy"]}));
    let told = world.operator.events("signInUrlGiven").await;
    let urls: Vec<_> = told.iter().map(|entry| entry["data"]["url"].clone()).collect();
    assert_eq!(urls, [URL, "http://contoso.example/"]);
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/version"), 1, "the subscription itself is as it was: {truth}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s24_a_report_that_says_nothing_or_wrong_things_is_refused_whole(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let by = |by: Value| json!({"informationSubmittedBy": by, "signInUrl": URL});
    for (report, target) in [
        (json!({}), "body"),
        (json!({"informationSubmittedAt": "2027-01-31T09:00:00Z"}), "body"),
        (by(json!({})), "informationSubmittedBy"),
        (by(json!({"tenantId": "harborlane"})), "informationSubmittedBy"),
        (by(json!({"emailId": " "})), "informationSubmittedBy.emailId"),
        (by(json!({"objectId": "x".repeat(321)})), "informationSubmittedBy.objectId"),
        (by(json!({"emailId": null})), "informationSubmittedBy.emailId"),
        (by(json!({"emailId": 5})), "informationSubmittedBy.emailId"),
        (by(json!({"name": "Priya"})), "informationSubmittedBy.name"),
        (by(json!(["7c1e"])), "informationSubmittedBy"),
        (by(Value::Null), "informationSubmittedBy"),
        (json!({"informationSubmittedBy": somebody("a@x.example"), "signInUrl": "x"}), "signInUrl"),
        (json!({"signInUrl": "ftp://contoso.example/"}), "signInUrl"),
        (json!({"signInUrl": format!("{URL}{}", "x".repeat(2000))}), "signInUrl"),
        (json!({"signInUrl": null}), "signInUrl"),
        (json!({"signInUrl": URL, "urlSent": true}), "urlSent"),
    ] {
        let refused = world.publisher.set_up(&bought.id, &report).await;
        refused.detail(400, Some(target), "BadRequest");
    }
    for body in ["", "[]", "null", "{"] {
        let call = world.publisher.call(Method::PUT, &format!("/{}/setup", bought.id)).body(body);
        call.ask().await.detail(400, Some("body"), "BadRequest");
    }
    assert_eq!(world.operator.truth(&bought.id).await.at("/duties"), json!({}));
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s24_whose_and_which_come_before_what_and_an_ended_one_takes_nothing(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    world.other_publisher.set_up(&bought.id, &json!({})).await.forbidden();
    for unknown in ["6c538dd9-c47b-4eea-b8ce-b4a8009af0ed", "no-guid"] {
        let refused = world.publisher.set_up(unknown, &json!({})).await;
        refused.detail(404, Some("subscriptionId"), "EntityNotFound");
    }
    world.operator.unsubscribe(&bought.id).await.is(202);
    let refused = world.publisher.set_up(&bought.id, &json!({"signInUrl": URL})).await;
    let refused = refused.detail(400, None, "BadRequest");
    assert!(refused.text.contains("Unsubscribed"), "{refused}");
    assert_eq!(world.operator.truth(&bought.id).await.at("/duties"), json!({}));
}
