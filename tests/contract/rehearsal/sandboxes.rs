//! /rehearsal/v1/sandboxes: worlds of their own.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Ask, Db, World, world::flat};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn default_exists_with_a_believable_catalogue(#[case] db: Db) {
    let world = World::new(db).await;
    let default = world.operator.in_sandbox("default").get("").await.is(200);
    assert_eq!(default.at("/clock/frozen"), false, "{default}");
    assert_eq!(default.at("/publisher"), default.at("/publishers/0"), "{default}");
    assert_eq!(default.at("/partner"), default.at("/partners/0"), "{default}");
    assert_eq!(default.at("/publishers").as_array().unwrap().len(), 2, "{default}");
    let listed = |pointer: &str, member: &str| -> Vec<String> {
        let list = default.at(pointer);
        let texts = list.as_array().unwrap().iter().map(|one| one[member].as_str().unwrap());
        texts.map(str::to_owned).collect()
    };
    let countries = listed("/customers", "country");
    assert_eq!(countries.len(), 5);
    assert!(["US", "KR", "DE"].iter().all(|one| countries.contains(&(*one).to_owned())));
    let kinds = listed("/partners", "kind");
    for kind in ["directBill", "indirectProvider", "indirectReseller"] {
        assert!(kinds.contains(&kind.to_owned()), "{kinds:?}");
    }
    let offers = default.at("/offers");
    let plans: Vec<&Value> =
        offers.as_array().unwrap().iter().flat_map(|o| o["plans"].as_array().unwrap()).collect();
    assert!(plans.iter().any(|plan| plan["isPricePerSeat"] == true));
    assert!(plans.iter().any(|plan| plan["isPricePerSeat"] == false));
    assert!(plans.iter().any(|plan| plan["meteringDimensions"] != json!([])));
    for plan in &plans {
        let has_limits = plan.get("minQuantity").is_some() && plan.get("maxQuantity").is_some();
        assert_eq!(plan["isPricePerSeat"] == true, has_limits, "{plan}");
        for price in plan["prices"].as_array().unwrap() {
            let whole = price["unitPrice"].is_i64();
            assert!(price["currency"] != "KRW" || whole, "won have no fraction: {plan}");
        }
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_new_one_is_as_asked_and_the_same_when_read(#[case] db: Db) {
    let world = World::new(db).await;
    let asked = json!({"id": "a-1", "startAt": "2030-02-03T04:05:06.789Z", "frozen": true,
        "landingPageUrl": "https://app.example/land", "webhookUrl": "https://app.example/hook"});
    let made = world.operator.create_sandbox(&asked).await.is(201);
    assert_eq!(made.at("/clock/now"), "2030-02-03T04:05:06.789000Z", "{made}");
    assert_eq!(made.at("/clock/frozen"), true, "{made}");
    assert_eq!(made.at("/publisher/landingPageUrl"), "https://app.example/land", "{made}");
    assert_eq!(made.at("/publisher/webhookUrl"), "https://app.example/hook", "{made}");
    let second = made.text_at("/publishers/1/landingPageUrl");
    assert!(second.ends_with("/s/a-1/fabrikam/landing"), "{made}");
    let read = world.operator.in_sandbox("a-1").get("").await.is(200);
    assert_eq!(read.json(), made.json());
    let drawn = world.operator.call_root(Method::POST, "/sandboxes").ask().await.is(201);
    let list = world.operator.call_root(Method::GET, "/sandboxes").ask().await.is(200);
    let ids: Vec<_> =
        list.at("/sandboxes").as_array().unwrap().iter().map(|s| s["id"].clone()).collect();
    for id in [json!("a-1"), json!("default"), drawn.at("/id")] {
        assert!(ids.contains(&id), "{list}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_cannot_be_a_sandbox_names_its_field(#[case] db: Db) {
    let world = World::new(db).await;
    let long = "x".repeat(41);
    for (body, field) in [
        (json!({"id": ""}), "id"),
        (json!({"id": "Upper"}), "id"),
        (json!({"id": "a/b"}), "id"),
        (json!({"id": long}), "id"),
        (json!({"id": 7}), "id"),
        (json!({"seed": "x".repeat(201)}), "seed"),
        (json!({"startAt": "yesterday"}), "startAt"),
        (json!({"frozen": "yes"}), "frozen"),
        (json!({"landingPageUrl": "not a URL"}), "landingPageUrl"),
        (json!({"landingPageUrl": "https://app.example/#part"}), "landingPageUrl"),
        (json!({"webhookUrl": "ftp://app.example/"}), "webhookUrl"),
        (json!({"webhookUrl": "https://me:pw@app.example/"}), "webhookUrl"),
    ] {
        world.operator.create_sandbox(&body).await.problem(400, Some(field));
    }
    let unknown = world.operator.create_sandbox(&json!({"nmae": "x"})).await.is(400);
    assert!(unknown.text_at("/detail").contains("nmae"), "{unknown}");
    let call = || world.operator.call_root(Method::POST, "/sandboxes");
    call().body("{not json").ask().await.problem(400, Some("body"));
    call().body("x".repeat(1024 * 1024 + 1)).ask().await.problem(413, None);
    world.operator.create_sandbox(&json!({"id": "default"})).await.problem(409, None);
    let list = world.operator.call_root(Method::GET, "/sandboxes").ask().await.is(200);
    assert_eq!(list.at("/sandboxes").as_array().unwrap().len(), 2, "none was made: {list}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn sandboxes_share_no_id_no_secret_and_no_clock(#[case] db: Db) {
    let world = World::new(db).await;
    let (other, stranger) = world.another_sandbox("elsewhere").await;
    let (mine, theirs) = (&world.publisher.app, &stranger.app);
    assert_eq!(mine.publisher_id, theirs.publisher_id);
    assert_ne!(mine.tenant_id, theirs.tenant_id);
    assert_ne!(mine.client_id, theirs.client_id);
    assert_ne!(mine.client_secret.expose(), theirs.client_secret.expose());
    let bought = world.buy_flat().await;
    other.get(&format!("/subscriptions/{}", bought.id)).await.problem(404, None);
    let foreign = json!({"offerId": "contoso-archive", "planId": "standard",
        "customerId": world.sandbox.customers[0].customer_id});
    other.purchase(&foreign).await.problem(400, Some("customerId"));
    other.advance_by("P1Y").await;
    let clock = world.operator.get("/clock").await.is(200);
    assert_eq!(clock.at("/now"), "2027-01-31T09:00:00.000000Z", "{clock}");
    other.purchase(&flat()).await.is(201);
    let all = world.operator.journal().await;
    let purchases = all.iter().filter(|entry| entry["name"] == "purchased").count();
    assert_eq!(purchases, 1, "{all:?}");
    world.operator.in_sandbox("nowhere").get("/clock").await.problem(404, None);
    world.operator.in_sandbox("No%20where").get("/clock").await.problem(404, None);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_running_clock_runs_with_the_real_one(#[case] db: Db) {
    let clock = shared::clock::FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let shifted = json!({"id": "later", "startAt": "2030-01-01T00:00:00Z"});
    world.operator.create_sandbox(&shifted).await.is(201);
    clock.advance(jiff::SignedDuration::from_mins(90));
    let now = async |sandbox: &str| {
        world.operator.in_sandbox(sandbox).get("/clock").await.is(200).text_at("/now")
    };
    assert_eq!(now("later").await, "2030-01-01T01:30:00.000000Z");
    assert_eq!(now("rehearsal-1").await, "2027-01-31T10:30:00.000000Z");
}
