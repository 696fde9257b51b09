//! GET /api/saas/subscriptions: pages of a publisher's subscriptions; and the spellings of every path.

use std::collections::BTreeSet;

use reqwest::{Method, header::HOST};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{
    Answer, Ask, Db, PublisherApp, World,
    world::{flat, own, seats},
};

/// The ids of a page, in order.
fn ids(page: &Answer) -> Vec<String> {
    let list = page.at("/subscriptions");
    let ids = list.as_array().expect("a list").iter().map(|one| one["id"].as_str());
    ids.map(|id| id.expect("an id").to_owned()).collect()
}

/// Where the next page is; nothing on the last one, where the member is not there.
fn next(page: &Answer) -> Option<String> {
    let link = page.json().get("@nextLink")?.clone();
    Some(link.as_str().unwrap_or_else(|| panic!("a link: {page}")).to_owned())
}

/// Follows the links from a page to the end; answers the ids of each page.
async fn walk(app: &PublisherApp, first: Answer) -> Vec<Vec<String>> {
    let (mut pages, mut page) = (vec![ids(&first)], first);
    while let Some(link) = next(&page) {
        page = app.follow(&link).await.is(200);
        pages.push(ids(&page));
        assert!(pages.len() < 50, "the walk does not end");
    }
    pages
}

/// Buys so many flat rates at once; answers their ids.
async fn buy_many(world: &World, count: usize) -> BTreeSet<String> {
    let mut buyers = JoinSet::new();
    for buyer in 0..8 {
        let operator = world.operator.clone();
        buyers.spawn(async move {
            let mut ids = Vec::new();
            for _ in (buyer..count).step_by(8) {
                ids.push(operator.purchase(&flat()).await.is(201).text_at("/subscriptionId"));
            }
            ids
        });
    }
    let bought: BTreeSet<_> = buyers.join_all().await.into_iter().flatten().collect();
    assert_eq!(bought.len(), count);
    bought
}

fn set(pages: &[Vec<String>]) -> BTreeSet<String> {
    pages.iter().flatten().cloned().collect()
}

fn count(pages: &[Vec<String>]) -> usize {
    pages.iter().map(Vec::len).sum()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c15_c25_the_list_has_every_status_and_each_as_get_shows_it(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    assert_eq!(world.publisher.list().await.is(200).json(), json!({"subscriptions": []}));
    let pending = world.buy_flat().await;
    let subscribed = world.buy_active(3).await;
    let suspended = world.buy_active(2).await;
    world.operator.acted(&suspended.id, &json!({"action": "suspend"})).await;
    let never = world.buy(1).await;
    world.operator.unsubscribe(&never.id).await.is(202);
    let ended = world.buy_flat().await;
    world.start_billing(&ended).await;
    world.operator.unsubscribe(&ended.id).await.is(202);

    let page = world.publisher.list().await.is(200);
    let members: Vec<_> = page.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["subscriptions"], "no link on the last page: {page}");
    let list = page.at("/subscriptions");
    assert_eq!(list.as_array().unwrap().len(), 5, "{page}");
    for (bought, status) in [
        (&pending, "PendingFulfillmentStart"),
        (&subscribed, "Subscribed"),
        (&suspended, "Suspended"),
        (&never, "Unsubscribed"),
        (&ended, "Unsubscribed"),
    ] {
        let listed = list.as_array().unwrap().iter().find(|one| one["id"] == *bought.id);
        let listed = listed.unwrap_or_else(|| panic!("{status} is not there: {page}"));
        let seen = world.publisher.subscription(&bought.id).await.is(200);
        assert_eq!(seen.at("/saasSubscriptionStatus"), status, "{seen}");
        assert_eq!(*listed, seen.json(), "as GET shows it");
        let is_flat = listed["offerId"] == "contoso-archive";
        assert_eq!(listed.get("quantity").is_none(), is_flat, "no quantity of a flat rate");
    }
    assert!(!page.text.contains("null"), "members are left out, never null: {page}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c26_the_links_lead_through_all_pages_without_loss_or_repetition(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = buy_many(&world, 230).await;
    let first = world.publisher.list().await.is(200);
    let link = next(&first).expect("a second page");
    let start = format!("{}/api/saas/subscriptions", world.base);
    assert!(link.starts_with(&start), "absolute: {link}");
    assert!(link.contains("continuationToken=") && link.contains("api-version=2018-08-31"));
    let pages = walk(&world.publisher, first).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 30]);
    assert_eq!(set(&pages), bought);
    let again = walk(&world.publisher, world.publisher.follow(&link).await.is(200)).await;
    assert_eq!(again, pages[1..], "a link may be followed again");

    let call = world.publisher.call(Method::GET, "/").header(HOST, "market.example:8443");
    let elsewhere = next(&call.ask().await.is(200)).expect("a second page");
    let start = "http://market.example:8443/api/saas/subscriptions";
    assert!(elsewhere.starts_with(start), "on the host the client used: {elsewhere}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c26_a_walk_loses_nothing_while_rows_are_added_and_changed(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let before = buy_many(&world, 150).await;
    let first = world.publisher.list().await.is(200);
    let during = buy_many(&world, 120).await;
    let on_first = ids(&first)[0].clone();
    let on_second = before.iter().find(|id| !ids(&first).contains(id)).expect("another");
    for id in [&on_first, on_second] {
        world.operator.unsubscribe(id).await.is(202);
    }
    let pages = walk(&world.publisher, first).await;
    let found = set(&pages);
    assert_eq!(count(&pages), found.len(), "no repetition");
    assert!(found.is_superset(&before), "none lost");
    let known: BTreeSet<_> = before.union(&during).cloned().collect();
    assert!(found.is_subset(&known));
    let pages = walk(&world.publisher, world.publisher.list().await.is(200)).await;
    assert_eq!(set(&pages), known);
    assert_eq!(count(&pages), known.len());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c26_a_full_last_page_ends_the_walk_too(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = buy_many(&world, 100).await;
    let pages = walk(&world.publisher, world.publisher.list().await.is(200)).await;
    assert_eq!(set(&pages), bought);
    assert_eq!(count(&pages), 100);
    world.buy_flat().await;
    let pages = walk(&world.publisher, world.publisher.list().await.is(200)).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 1]);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c26_a_continuation_token_is_a_place_and_never_a_right(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = buy_many(&world, 101).await;
    let team = json!({"offerId": "fabrikam-insight", "planId": "team"});
    let theirs = world.buy_as(&team).await;
    let (other, stranger) = world.another_sandbox("elsewhere").await;
    let elsewhere = other.purchase(&flat()).await.is(201).text_at("/subscriptionId");
    let link = next(&world.publisher.list().await.is(200)).expect("a second page");
    for (app, own) in [(&world.other_publisher, &theirs.id), (&stranger, &elsewhere)] {
        let page = app.follow(&link).await;
        match page.status {
            200 => assert!(ids(&page).iter().all(|id| id == own), "a foreign page: {page}"),
            _ => assert!(page.is(400).at("/message").is_string()),
        }
        assert_eq!(ids(&app.list().await.is(200)), std::slice::from_ref(own));
    }
    world.publisher.with_bearer("none").follow(&link).await.forbidden();
    let versionless = link.replace("api-version=2018-08-31", "x=y");
    let refused = world.publisher.follow(&versionless).await.is(400);
    assert_eq!(refused.at("/Error/Code"), "ApiVersionUnspecified", "{refused}");
    assert_eq!(ids(&world.publisher.follow(&link).await.is(200)).len(), bought.len() - 100);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c26_a_continuation_token_that_is_none_is_refused(#[case] db: Db) {
    let world = World::new(db).await;
    world.buy_flat().await;
    let long = "x".repeat(6_000);
    for token in [
        "garbage",
        "AAAA",
        "%00",
        "%ff%fe",
        "%ZZ",
        "__proto__",
        "..%2f..%2fetc",
        "-1",
        "9999999999999999999999",
        "%5b%7b%22token%22%3anull%7d%5d",
        "00000000-0000-0000-0000-000000000000%27%20OR%201=1",
        &long,
    ] {
        let url = format!(
            "{}/api/saas/subscriptions?api-version=2018-08-31&continuationToken={token}",
            world.base
        );
        let refused = world.publisher.follow(&url).await.is(400);
        assert!(!refused.text_at("/message").is_empty(), "{refused}");
        assert_eq!(refused.at("/target"), "continuationToken", "{refused}");
    }
}

/// The path with and without a slash, with its literals in other cases; `{}` stands for ids, which are kept.
fn spellings(path: &str) -> Vec<String> {
    let cased = |literal: fn(&str) -> String| {
        let parts = path.split('/');
        let parts =
            parts.map(|part| if part.starts_with('{') { part.to_owned() } else { literal(part) });
        parts.collect::<Vec<_>>().join("/")
    };
    let upper = cased(str::to_uppercase);
    let lower = cased(str::to_lowercase);
    vec![
        path.to_owned(),
        format!("{path}/"),
        upper.clone(),
        format!("{upper}/"),
        lower.clone(),
        format!("{lower}/"),
    ]
}

/// Sends to one spelling of a path; `{id}` and `{op}` are filled in.
async fn send(world: &World, method: &Method, path: &str, ids: [&str; 2], body: &Value) -> Answer {
    let path = path.replace("{id}", ids[0]).replace("{op}", ids[1]);
    let url = format!("{path}?api-version=2018-08-31");
    let call = world.anon.call(method.clone(), &url).bearer_auth(&world.publisher.bearer);
    if body.is_null() { call.ask().await } else { call.json(body).ask().await }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c27_what_is_read_is_the_same_by_every_spelling_of_its_path(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy_active(2).await;
    let change = json!({"action": "changeQuantity", "quantity": 3});
    let operation = world.operator.acted(&bought.id, &change).await;
    for path in [
        "/api/saas/subscriptions",
        "/api/saas/subscriptions/{id}",
        "/api/saas/subscriptions/{id}/listAvailablePlans",
        "/api/saas/subscriptions/{id}/operations",
        "/api/saas/subscriptions/{id}/operations/{op}",
    ] {
        let mut seen = Vec::new();
        for spelling in spellings(path) {
            let ids = [bought.id.as_str(), operation.as_str()];
            let answer = send(&world, &Method::GET, &spelling, ids, &Value::Null).await.is(200);
            seen.push(answer.json());
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{path}: {seen:?}");
        assert_ne!(seen[0], json!({"subscriptions": []}));
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c27_what_changes_something_does_so_by_every_spelling_of_its_path(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let people = json!({"assignedTo": crate::support::people(2)});
    for spelling in spellings("/api/saas/subscriptions/{id}") {
        let slash = if spelling.ends_with('/') { "/" } else { "" };
        let below = |rest: &str| format!("{}/{rest}{slash}", spelling.trim_end_matches('/'));
        let other_case = spelling.contains("/API/");
        let literal = |name: &str| if other_case { name.to_uppercase() } else { name.to_owned() };
        let bought = world.buy_as(&own(seats(2))).await;
        let resolve = spelling.replace("{id}", &literal("resolve"));
        let url = format!("{resolve}?api-version=2018-08-31");
        let call = world.anon.call(Method::POST, &url).bearer_auth(&world.publisher.bearer);
        let resolved = call.header("x-ms-marketplace-token", &bought.token).ask().await.is(200);
        assert_eq!(resolved.at("/id"), bought.id.as_str(), "{resolved}");
        let call = async |method: Method, path: &str, operation: &str, body: &Value| {
            send(&world, &method, path, [&bought.id, operation], body).await
        };
        let path = below(&literal("licenseAssignments"));
        call(Method::PUT, &path, "", &people).await.is(200);
        call(Method::POST, &below(&literal("activate")), "", &Value::Null).await.is(200);
        let change = json!({"action": "changePlan", "planId": "gold"});
        let operation = world.operator.acted(&bought.id, &change).await;
        let path = below(&format!("{}/{{op}}", literal("operations")));
        let success = json!({"status": "Success"});
        call(Method::PATCH, &path, &operation, &success).await.is(200);
        let changed = call(Method::PATCH, &spelling, "", &json!({"quantity": 5})).await.is(202);
        assert_location(&world, &changed, &bought.id);
        world.operator.advance_by("PT2S").await;
        world.operator.acted(&bought.id, &json!({"action": "suspend"})).await;
        let deleted = call(Method::DELETE, &spelling, "", &Value::Null).await.is(202);
        assert_location(&world, &deleted, &bought.id);
    }
}

/// However the request was spelled: clients read the seventh segment (fulfillment.md 1.13).
#[track_caller]
fn assert_location(world: &World, answer: &Answer, id: &str) {
    let location = answer.header("operation-location");
    let start = format!("{}/api/saas/subscriptions/{id}/operations/", world.base);
    let operation = location.strip_prefix(&start).and_then(|rest| rest.split_once('?'));
    let (operation, query) = operation.unwrap_or_else(|| panic!("{answer}"));
    assert!(uuid::Uuid::try_parse(operation).is_ok() && query == "api-version=2018-08-31");
}
