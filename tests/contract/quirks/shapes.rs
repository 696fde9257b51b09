//! Members, types and headers of the publisher face, and of its lists.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Db, World,
    foreign_app::Stage,
    people,
    world::{own, seats},
};

const NOWHERE: &str = "00000000-0000-0000-0000-000000000000";

/// The names of an object's members as they are written.
fn order(answer: &Answer, members: &[&str]) -> bool {
    let places: Vec<_> =
        members.iter().map(|name| answer.text.find(&format!("\"{name}\":"))).collect();
    places.iter().all(Option::is_some) && places.is_sorted()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q13_a_list_of_nothing_has_a_body_or_none(#[case] db: Db) {
    let world = World::new(db).await;
    let list = world.publisher.list().await.is(200);
    assert_eq!(list.json(), json!({"subscriptions": []}));
    world.operator.set_quirk("empty_list", "nothing").await;
    assert_eq!(world.publisher.list().await.is(200).text, "");
    world.buy_flat().await;
    let list = world.publisher.list().await.is(200);
    assert_eq!(list.at("/subscriptions").as_array().unwrap().len(), 1);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q14_q15_q16_plans_are_listed_for_whom_and_which(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let plans = async |id: &str| world.publisher.plans(id).await;
    let ids = |answer: &Answer| -> Vec<String> {
        let plans = answer.at("/plans");
        let ids = plans.as_array().unwrap().iter().map(|plan| plan["planId"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    };
    let all = ids(&plans(&bought.id).await.is(200));
    assert!(all.contains(&"silver".to_owned()) && all.contains(&"gold".to_owned()), "{all:?}");
    world.operator.set_quirk("current_plan", "missing").await;
    let others: Vec<_> = all.into_iter().filter(|id| id != "silver").collect();
    assert_eq!(ids(&plans(&bought.id).await.is(200)), others);
    plans(NOWHERE).await.is(404);
    world.operator.set_quirk("plans_of_unknown", "nothing").await;
    assert_eq!(plans(NOWHERE).await.is(200).text, "");
    world.operator.unsubscribe(&bought.id).await.is(202);
    plans(&bought.id).await.is(200);
    world.operator.set_quirk("plans_of_unsubscribed", "forbidden").await;
    plans(&bought.id).await.forbidden();
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q36_q37_dates_of_a_term(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let term = async || world.publisher.subscription(&bought.id).await.is(200).at("/term");
    world.publisher.activate(&bought.id).await.is(200);
    let (start, end) = ("2027-01-31T00:00:00Z", "2027-02-27T00:00:00Z");
    let shown = json!({"startDate": start, "endDate": end, "termUnit": "P1M"});
    assert_eq!(term().await, shown);
    world.operator.set_quirk("provisional_term", "hidden").await;
    assert_eq!(term().await, json!({"termUnit": "P1M"}));
    world.publisher.assign(&bought.id, &people(2)).await.is(200);
    assert_eq!(term().await, shown, "billing has started");
    world.operator.set_quirk("end_date", "thirty_days").await;
    assert_eq!(term().await["endDate"], "2027-03-02T00:00:00Z");
    world.operator.set_quirk("end_date", "start").await;
    assert_eq!(term().await["endDate"], start);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q38_c29_last_modified_is_a_constant_real_or_absent(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    world.operator.advance_by("PT1H").await;
    world.publisher.activate(&bought.id).await.is(200);
    let seen = async || world.publisher.subscription(&bought.id).await.is(200);
    assert_eq!(seen().await.at("/lastModified"), "0001-01-01T00:00:00");
    world.operator.set_quirk("last_modified", "real").await;
    assert_eq!(seen().await.at("/lastModified"), "2027-01-31T10:00:00Z");
    world.operator.set_quirk("last_modified", "absent").await;
    let resolved = world.publisher.resolve(&bought.token).await.is(200);
    for answer in [seen().await, world.publisher.list().await.is(200), resolved] {
        assert!(!answer.text.contains("lastModified"), "{answer}");
        let written = ["id", "name", "saasSubscriptionStatus", "beneficiary", "term", "created"];
        assert!(order(&answer, &written), "the order stays: {answer}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q39_c15_the_quantity_of_an_ended_one_is_kept_or_absent(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    world.operator.set_quirk("unsubscribed_quantity", "absent").await;
    let seen = async || world.publisher.subscription(&bought.id).await.is(200);
    assert_eq!(seen().await.at("/quantity"), 2);
    world.operator.unsubscribe(&bought.id).await.is(202);
    assert!(!seen().await.text.contains("quantity"));
    world.operator.set_quirk("unsubscribed_quantity", "kept").await;
    assert_eq!(seen().await.at("/quantity"), 2);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q40_q41_resolve_as_it_was(#[case] db: Db) {
    let world = World::new(db).await;
    let (seats, flat) = (world.buy(2).await, world.buy_flat().await);
    let resolve = async |token: &str| world.publisher.resolve(token).await.is(200);
    let now = resolve(&seats.token).await;
    assert_eq!((now.at("/quantity"), now.at("/subscription/quantity")), (json!(2), json!(2)));
    assert_eq!(now.at("/subscription/term/termUnit"), "P1M", "{now}");
    world.operator.set_quirk("quantity_type", "string").await;
    let old = resolve(&seats.token).await;
    assert_eq!((old.at("/quantity"), old.at("/subscription/quantity")), (json!("2"), json!("2")));
    let got = world.publisher.subscription(&seats.id).await.is(200);
    assert_eq!(got.at("/quantity"), "2", "{got}");
    assert!(!resolve(&flat.token).await.text.contains("quantity"), "none is none");
    world.operator.set_quirk("resolve_term", "dropped").await;
    assert_eq!(resolve(&seats.token).await.at("/subscription/term"), Value::Null);
    let got = world.publisher.subscription(&seats.id).await.is(200);
    assert_eq!(got.at("/term/termUnit"), "P1M", "only there: {got}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q42_q48_what_a_customer_may_do_and_whether_it_tries(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_as(&own(seats(2))).await;
    let seen = async || world.publisher.subscription(&bought.id).await.is(200);
    let now = seen().await;
    assert_eq!(now.at("/allowedCustomerOperations"), json!(["Delete", "Read", "Update"]));
    assert_eq!(now.at("/isFreeTrial"), false);
    world.operator.set_quirk("allowed_operations_order", "delete_update_read").await;
    world.operator.set_quirk("free_trial", "absent").await;
    let then = seen().await;
    assert_eq!(then.at("/allowedCustomerOperations"), json!(["Delete", "Update", "Read"]));
    assert!(!then.text.contains("isFreeTrial"), "{then}");
    let partners = world.buy(2).await;
    let partners = world.publisher.subscription(&partners.id).await.is(200);
    assert_eq!(partners.at("/allowedCustomerOperations"), json!(["Read"]), "C30: {partners}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q43_q44_what_an_operation_says_beside_its_status(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operation = stage.change_plan("gold").await;
    stage.delivery_is(&operation, "acknowledged").await;
    let seen = async || stage.operation(&operation).await;
    let errors = |answer: &Answer| (answer.at("/errorStatusCode"), answer.at("/errorMessage"));
    assert_eq!(errors(&seen().await), (Value::Null, Value::Null));
    assert_eq!(seen().await.at("/operationRequestSource"), "Azure");
    let operator = &stage.world.operator;
    operator.set_quirk("operation_errors", "empty_strings").await;
    assert_eq!(errors(&seen().await), (json!(""), json!("")));
    stage.decide(&operation, "Failure").await;
    assert_eq!(errors(&seen().await).0, "RefusedByPublisher");
    operator.set_quirk("operation_errors", "never").await;
    assert_eq!(errors(&seen().await), (Value::Null, Value::Null));
    assert_eq!(seen().await.at("/status"), "Failed");
    operator.set_quirk("request_source", "absent").await;
    assert!(!seen().await.text.contains("Source"), "{}", seen().await);
    operator.set_quirk("request_source", "misspelt").await;
    let misspelt = seen().await;
    assert_eq!(misspelt.at("/operationRequestedSource"), "Azure", "{misspelt}");
    assert_eq!(misspelt.at("/operationRequestSource"), Value::Null, "{misspelt}");
    let written = ["quantity", "operationRequestedSource", "subscriptionId", "action", "status"];
    assert!(order(&misspelt, &written), "{misspelt}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q45_c26_pages_are_even_or_uneven_and_lose_nobody(#[case] db: Db) {
    let world = World::new(db).await;
    let mut bought = Vec::new();
    for _ in 0..205 {
        bought.push(world.buy_flat().await.id);
    }
    bought.sort();
    for (value, fits) in [("hundred", [100, 100]), ("uneven", [66, 89]), ("with_empty", [66, 89])] {
        world.operator.set_quirk("list_page_size", value).await;
        let (mut seen, mut pages) = (Vec::new(), 0);
        let mut page = world.publisher.list().await.is(200);
        loop {
            let listed = page.at("/subscriptions");
            let listed = listed.as_array().unwrap();
            seen.extend(listed.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
            let next = page.at("/@nextLink");
            let Some(next) = next.as_str() else { break };
            assert!((fits[0]..=fits[1]).contains(&listed.len()), "{value}: {}", listed.len());
            pages += 1;
            page = world.publisher.follow(next).await.is(200);
            if value != "with_empty" {
                continue;
            }
            assert_eq!(page.at("/subscriptions"), json!([]), "{page}");
            let next = page.text_at("/@nextLink");
            page = world.publisher.follow(&next).await.is(200);
        }
        seen.sort();
        assert_eq!(seen, bought, "{value}");
        assert!(pages >= 2, "{value}: {pages}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q46_c07_a_get_has_an_etag_or_not(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let seen = async || world.publisher.subscription(&bought.id).await.is(200);
    assert!(seen().await.headers.contains_key("etag"));
    world.operator.set_quirk("etag", "absent").await;
    let bare = seen().await;
    assert!(!bare.headers.contains_key("etag"), "{bare}");
    assert!(bare.headers.contains_key("x-ms-activityid"), "{bare}");
}
