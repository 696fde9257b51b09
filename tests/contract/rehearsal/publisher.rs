//! PUT …/publisher and …/publishers/{publisherId}.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::{Ask, Db, World, world::flat};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn absent_keeps_null_clears_and_the_answer_shows_it(#[case] db: Db) {
    let world = World::new(db).await;
    let put = async |body| world.operator.configure(&body).await.is(200);
    let bundled = world.operator.get("").await.text_at("/publisher/landingPageUrl");
    assert_eq!(bundled, "http://127.0.0.1:8701/s/rehearsal-1/contoso/landing");
    let set = put(
        json!({"landingPageUrl": "https://app.example/", "licenseConfirmation": "withActivation"}),
    )
    .await;
    assert_eq!(set.at("/publisherId"), "contoso", "{set}");
    assert_eq!(set.at("/landingPageUrl"), "https://app.example/", "{set}");
    assert_eq!(set.at("/licenseConfirmation"), "withActivation", "{set}");
    let kept = put(json!({"webhookUrl": "https://app.example/hook"})).await;
    assert_eq!(kept.at("/landingPageUrl"), "https://app.example/", "{kept}");
    assert_eq!(kept.at("/licenseConfirmation"), "withActivation", "{kept}");
    let cleared = put(json!({"landingPageUrl": null, "licenseConfirmation": null})).await;
    assert_eq!(cleared.at("/landingPageUrl"), bundled.as_str(), "{cleared}");
    assert_eq!(cleared.at("/licenseConfirmation"), "explicit", "{cleared}");
    assert_eq!(cleared.at("/webhookUrl"), "https://app.example/hook", "{cleared}");
    assert_eq!(world.operator.get("").await.at("/publisher"), cleared.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_landing_page_has_a_registration_of_its_own(#[case] db: Db) {
    let world = World::new(db).await;
    let publisher = world.operator.get("").await.at("/publisher").clone();
    let app = &publisher["signIn"];
    assert_ne!(app["clientId"], publisher["clientId"], "{publisher}");
    assert_ne!(app["clientSecret"], publisher["clientSecret"]);
    let bundled = json!(["http://127.0.0.1:8701/s/rehearsal-1/contoso/signed-in"]);
    assert_eq!(app["redirectUris"], bundled);
    let own = json!(["https://app.example/signin-oidc", "http://localhost:5000/back"]);
    let set = world.operator.configure(&json!({"redirectUris": own})).await.is(200);
    assert_eq!(set.at("/signIn/redirectUris"), own);
    assert_eq!(set.at("/signIn/clientId"), app["clientId"]);
    let kept = world.operator.configure(&json!({"licenseConfirmation": null})).await.is(200);
    assert_eq!(kept.at("/signIn/redirectUris"), own);
    let many: Vec<_> = (0..21).map(|n| format!("https://app.example/{n}")).collect();
    for wrong in [
        json!(["not a url"]),
        json!(["https://app.example/#part"]),
        json!(["ftp://app.example/"]),
        json!(["https://app.example/", "https://app.example/"]),
        json!(many),
        json!("https://app.example/"),
    ] {
        let refused = world.operator.configure(&json!({"redirectUris": wrong})).await;
        refused.problem(400, Some("redirectUris"));
    }
    let cleared = world.operator.configure(&json!({"redirectUris": null})).await.is(200);
    assert_eq!(cleared.at("/signIn/redirectUris"), bundled);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn each_publisher_is_set_by_its_id(#[case] db: Db) {
    let world = World::new(db).await;
    let body = json!({"landingPageUrl": "https://fabrikam.example/"});
    let set = world.operator.put("/publishers/fabrikam", &body).await.is(200);
    assert_eq!(set.at("/publisherId"), "fabrikam", "{set}");
    let first = world.operator.get("").await;
    assert_ne!(first.at("/publisher/landingPageUrl"), body["landingPageUrl"], "{first}");
    for unknown in ["nobody", "no%20id", "%ff"] {
        let path = format!("/publishers/{unknown}");
        world.operator.put(&path, &body).await.problem(404, None);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_setting_that_cannot_be_names_its_field_and_changes_nothing(#[case] db: Db) {
    let world = World::new(db).await;
    let before = world.operator.get("").await.json();
    for (body, field) in [
        (json!({"landingPageUrl": "app.example"}), "landingPageUrl"),
        (json!({"landingPageUrl": "https://app.example/#x"}), "landingPageUrl"),
        (json!({"landingPageUrl": "javascript:alert(1)"}), "landingPageUrl"),
        (json!({"webhookUrl": 7}), "webhookUrl"),
        (json!({"licenseConfirmation": "sometimes"}), "licenseConfirmation"),
        (json!({"landingPageUrl": "https://ok.example/", "webhookUrl": "no"}), "webhookUrl"),
    ] {
        world.operator.configure(&body).await.problem(400, Some(field));
    }
    let call = || world.operator.call(Method::PUT, "/publisher");
    call().body("").ask().await.problem(400, Some("body"));
    call().body("{not json").ask().await.problem(400, Some("body"));
    call().body("x".repeat(1024 * 1024 + 1)).ask().await.problem(413, None);
    assert_eq!(world.operator.get("").await.json(), before);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn without_any_landing_page_nothing_can_be_bought(#[case] db: Db) {
    let world = World::with(db, |config| config.publisher_url = None).await;
    let refused = world.operator.purchase(&flat()).await.problem(409, None);
    assert!(refused.text_at("/detail").contains("landingPageUrl"), "{refused}");
    let page = json!({"landingPageUrl": "https://app.example/"});
    world.operator.configure(&page).await.is(200);
    world.operator.purchase(&flat()).await.is(201);
}
