//! What holds for every call of the publisher face: version, ids, credentials, headers, shapes of refusals.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::{Ask, Db, World};

/// Every call of the face, for a subscription.
fn calls(id: &str) -> [(Method, String); 4] {
    [
        (Method::POST, "/resolve".to_owned()),
        (Method::GET, format!("/{id}")),
        (Method::POST, format!("/{id}/activate")),
        (Method::PUT, format!("/{id}/licenseAssignments")),
    ]
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c01_a_call_without_the_version_or_with_another_is_refused_by_its_code(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let before = world.operator.truth(&bought.id).await;
    for (method, path) in calls(&bought.id) {
        for (query, code) in [
            ("", "ApiVersionUnspecified"),
            ("?api-version=", "ApiVersionUnspecified"),
            ("?api-version=2017-04-15", "UnsupportedApiVersion"),
            ("?Api-Version=2018-08-31", "ApiVersionUnspecified"),
        ] {
            let url = format!("/api/saas/subscriptions{path}{query}");
            let call = world.anon.call(method.clone(), &url).bearer_auth(&world.publisher.bearer);
            let refused = call.ask().await.is(400);
            assert_eq!(refused.at("/Error/Code"), code, "{refused}");
            assert!(refused.text_at("/Error/Message").contains("2018-08-31"), "{refused}");
        }
    }
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c02_c03_ids_are_echoed_and_made_equal_when_absent(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let mut seen = Vec::new();
    for answer in [
        world.publisher.subscription(&bought.id).await.is(200),
        world.publisher.subscription("00000000-0000-0000-0000-000000000000").await.is(404),
        world.publisher.with_bearer("none").subscription(&bought.id).await.is(403),
    ] {
        let made = answer.header("x-ms-requestid");
        assert!(uuid::Uuid::try_parse(made).is_ok(), "{answer}");
        assert_eq!(made, answer.header("x-ms-correlationid"), "{answer}");
        assert!(!seen.contains(&made.to_owned()), "{answer}");
        seen.push(made.to_owned());
    }
    let path = format!("/{}", bought.id);
    let call = world.publisher.call(Method::GET, &path);
    let answer = call.header("x-ms-requestid", "mine 1").header("x-ms-correlationid", "MINE-2");
    let answer = answer.ask().await.is(200);
    assert_eq!(answer.header("x-ms-requestid"), "mine 1");
    assert_eq!(answer.header("x-ms-correlationid"), "MINE-2");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c04_c05_a_caller_without_a_sound_bearer_reads_a_json_string(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let before = world.operator.truth(&bought.id).await;
    let sound = &world.publisher.bearer;
    let control = &world.operator.token;
    for (method, path) in calls(&bought.id) {
        let url = format!("/api/saas/subscriptions{path}?api-version=2018-08-31");
        for authorization in [
            None,
            Some(String::new()),
            Some("Bearer".to_owned()),
            Some("Bearer ".to_owned()),
            Some("Bearer x.y.z".to_owned()),
            Some(format!("Basic {sound}")),
            Some(sound.clone()),
            Some(format!("Bearer {}", &sound[..sound.len() - 4])),
            Some(format!("Bearer {control}")),
        ] {
            let mut call = world.anon.call(method.clone(), &url);
            if let Some(value) = &authorization {
                call = call.header("authorization", value);
            }
            let refused = call.ask().await.forbidden();
            assert_eq!(refused.header("content-type"), "application/json; charset=utf-8");
            assert!(!refused.text.contains(sound.as_str()), "{refused}");
        }
    }
    assert_eq!(world.operator.truth(&bought.id).await.json(), before.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c06_c07_headers_are_the_real_services(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let mut activities = Vec::new();
    let unknown = "00000000-0000-0000-0000-000000000000";
    for answer in [
        world.publisher.resolve(&bought.token).await.is(200),
        world.publisher.subscription(&bought.id).await.is(200),
        world.publisher.resolve("garbled").await.is(400),
        world.publisher.subscription(unknown).await.is(404),
        world.publisher.with_bearer("none").subscription(&bought.id).await.is(403),
    ] {
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8", "{answer}");
        activities.push(answer.header("x-ms-activityid").to_owned());
    }
    let activated = world.publisher.activate(&bought.id).await.is(200);
    activities.push(activated.header("x-ms-activityid").to_owned());
    assert!(activities.iter().all(|id| uuid::Uuid::try_parse(id).is_ok()), "{activities:?}");
    activities.sort();
    activities.dedup();
    assert_eq!(activities.len(), 6, "every exchange has an activity of its own");

    let etag = async || {
        let answer = world.publisher.subscription(&bought.id).await.is(200);
        answer.header("etag").to_owned()
    };
    let (first, second) = (etag().await, etag().await);
    assert_ne!(first, second, "two identical GETs");
    for tag in [first, second] {
        let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        assert!(uuid::Uuid::try_parse(inner.expect("quotes")).is_ok(), "{tag}");
    }
    assert_eq!(world.publisher.resolve(&bought.token).await.header("etag"), "", "no ETag there");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c08_neither_410_nor_429_occurs(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let app = &world.publisher;
    let mut statuses = vec![
        app.resolve(&bought.token).await.status,
        app.resolve("garbled").await.status,
        app.assign(&bought.id, &json!([])).await.status,
        app.activate(&bought.id).await.status,
        app.activate(&bought.id).await.status,
    ];
    world.operator.unsubscribe(&bought.id).await.is(202);
    statuses.extend([
        app.resolve(&bought.token).await.status,
        app.activate(&bought.id).await.status,
        app.assign(&bought.id, &json!([])).await.status,
        app.subscription(&bought.id).await.status,
    ]);
    for _ in 0..50 {
        statuses.push(app.subscription(&bought.id).await.status);
    }
    assert!(statuses.iter().all(|status| [200, 400, 404].contains(status)), "{statuses:?}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn refusals_come_in_the_documented_order(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let broken = "{not json";
    let url = |id: &str, version: &str| {
        format!("/api/saas/subscriptions/{id}/licenseAssignments?api-version={version}")
    };
    let put = async |url: &str, bearer: &str| {
        world.anon.call(Method::PUT, url).bearer_auth(bearer).body(broken).ask().await
    };
    let sound = &world.publisher.bearer;
    let version_first = put(&url("no-id", "1"), "none").await.is(400);
    assert_eq!(version_first.at("/Error/Code"), "UnsupportedApiVersion");
    put(&url("no-id", "2018-08-31"), "none").await.forbidden();
    let id_next = put(&url("no-id", "2018-08-31"), sound).await;
    id_next.detail(404, Some("subscriptionId"), "EntityNotFound");
    let foreign = put(&url(&bought.id, "2018-08-31"), &world.other_publisher.bearer).await;
    foreign.forbidden();
    let body_last = put(&url(&bought.id, "2018-08-31"), sound).await;
    body_last.detail(400, Some("body"), "BadRequest");
    world.operator.unsubscribe(&bought.id).await.is(202);
    let state_before_body = put(&url(&bought.id, "2018-08-31"), sound).await.is(400);
    assert!(state_before_body.text.contains("Unsubscribed"), "{state_before_body}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn every_answer_of_a_sandbox_carries_its_time(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_flat().await;
    let standing = "2027-01-31T09:00:00.000000Z";
    let garbled = world.publisher.resolve("garbled").await.is(400);
    let found = world.publisher.subscription(&bought.id).await.is(200);
    let truth = world.operator.truth(&bought.id).await;
    let app = &world.publisher.app;
    let form = crate::support::callers::credentials(app);
    let token = world.anon.token(&app.tenant_id, &form).await.is(200);
    for answer in [garbled, found, truth, token] {
        assert_eq!(answer.header("x-rehearse-now"), standing, "{answer}");
    }
    let advanced = world.operator.advance_by("P1M").await;
    assert_eq!(advanced.header("x-rehearse-now"), "2027-02-28T09:00:00.000000Z", "{advanced}");
    let unknown = world.anon.get("/health/live").await.is(200);
    assert_eq!(unknown.header("x-rehearse-now"), "", "{unknown}");
}
