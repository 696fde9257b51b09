//! Who may call at all.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::{Ask, Db, World, callers::credentials};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q02_a_call_without_any_bearer_is_refused_as_default_says(#[case] db: Db) {
    let world = World::new(db).await;
    let call = async || {
        let url = "/api/saas/subscriptions?api-version=2018-08-31";
        world.anon.call(Method::GET, url).ask().await
    };
    call().await.forbidden();
    world.operator.set_quirk("missing_bearer", "unauthorized").await;
    call().await.forbidden(); // another sandbox: the call is not from there
    world.operator.in_sandbox("default").set_quirk("missing_bearer", "unauthorized").await;
    let refused = call().await.is(401);
    assert!(refused.json().is_string(), "{refused}");
    assert_eq!(refused.header("www-authenticate"), "Bearer", "{refused}");
    world.publisher.with_bearer("wrong").list().await.forbidden(); // there is one
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q03_the_retired_resource_is_taken_or_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let app = &world.publisher.app;
    let form = credentials(app).map(|(name, value)| match name {
        "resource" => (name, "62d94f6c-d599-489b-a797-3e10e42fbe22"),
        _ => (name, value),
    });
    let token = world.anon.token(&app.tenant_id, &form).await.is(200).text_at("/access_token");
    let old = world.publisher.with_bearer(&token);
    assert_eq!(old.opened().1["aud"], "62d94f6c-d599-489b-a797-3e10e42fbe22");
    assert_eq!(old.list().await.is(200).json(), json!({"subscriptions": []}));
    world.operator.set_quirk("retired_resource", "reject").await;
    old.list().await.forbidden();
    world.publisher.list().await.is(200);
    world.operator.put("/quirks/retired_resource", &json!({"value": null})).await.is(200);
    old.list().await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q88_c08_a_publisher_calls_as_often_as_it_likes_or_sixty_times_a_minute(#[case] db: Db) {
    let world = World::new(db).await;
    let app = &world.publisher;
    for _ in 0..61 {
        app.list().await.is(200);
    }
    world.operator.set_quirk("publisher_rate_limit", "per_minute_60").await;
    for _ in 0..59 {
        app.list().await.is(200);
    }
    app.usage_events(&[("usageStartDate", "2027-01-31")]).await.is(200);
    for refused in [app.list().await, app.report(&json!({})).await] {
        let refused = refused.detail(429, None, "TooManyRequests");
        let wait: u64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{refused}");
        assert!(!refused.header("x-ms-requestid").is_empty(), "{refused}");
    }
    world.other_publisher.list().await.is(200); // each by itself
    app.with_bearer("wrong").list().await.forbidden();
    world.operator.set_quirk("publisher_rate_limit", "off").await;
    app.list().await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q92_seconds_of_a_v2_token_are_numbers_or_texts(#[case] db: Db) {
    let world = World::new(db).await;
    let app = &world.publisher.app;
    let scope = "20e940b3-4c77-4b0b-9a53-9e16a1b010a7/.default";
    let form = credentials(app).map(|(name, value)| match name {
        "resource" => ("scope", scope),
        _ => (name, value),
    });
    let path = format!("/{}/oauth2/v2.0/token", app.tenant_id);
    let ask = async || world.anon.call(Method::POST, &path).form(&form).ask().await.is(200);
    let numbers = ask().await;
    world.operator.set_quirk("v2_token_numbers", "strings").await;
    let texts = ask().await;
    for member in ["/expires_in", "/ext_expires_in"] {
        assert!((3_000..=3_600).contains(&numbers.at(member).as_i64().unwrap()), "{numbers}");
        let text: i64 = texts.text_at(member).parse().expect("a number in quotes");
        assert!((3_000..=3_600).contains(&text), "{texts}");
    }
    let bearer = world.publisher.with_bearer(&texts.text_at("/access_token"));
    bearer.list().await.is(200);
}
