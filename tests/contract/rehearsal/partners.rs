//! PUT …/partners/{partnerId} and POST …/partners/{partnerId}/tokens.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Db, World, visitor::claims};

const AGENT: &str = "andre.fontaine@bluestem.example";

/// A partner in the whole view of the sandbox.
async fn shown(world: &World, id: &str) -> Value {
    let partners = world.operator.get("").await.is(200).at("/partners");
    let found = partners.as_array().unwrap().iter().find(|partner| partner["partnerId"] == id);
    found.unwrap_or_else(|| panic!("{partners}")).clone()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_partner_is_shown_with_its_users_and_set_bit_by_bit(#[case] db: Db) {
    let mut world = World::new(db).await;
    let before = shown(&world, "bluestem").await;
    assert_eq!(before["accountKind"], "production");
    assert_eq!(before["agreementSigned"], true);
    assert_eq!(before["redirectUris"], json!(["http://localhost", "http://localhost/"]));
    let users = json!([
        {"name": "maria.ortega@bluestem.example", "roles": ["GlobalAdmin"]},
        {"name": AGENT, "roles": ["AdminAgent"]},
        {"name": "grace.holloway@bluestem.example", "roles": ["SalesAgent"]},
        {"name": "victor.salas@bluestem.example", "roles": ["BillingAdmin"]},
        {"name": "hana.kim@bluestem.example", "roles": []},
    ]);
    assert_eq!(before["users"], users);
    assert_eq!(shown(&world, "bluestem-lab").await["accountKind"], "integrationSandbox");
    assert_eq!(shown(&world, "quillmark").await["agreementSigned"], false);

    let put = async |body: Value| world.operator.put("/partners/bluestem", &body).await;
    let uris = json!(["https://portal.bluestem.example/signed-in"]);
    let set = put(json!({"redirectUris": uris})).await.is(200);
    assert_eq!(set.at("/redirectUris"), uris, "{set}");
    let set = put(json!({"accountKind": "integrationSandbox"})).await.is(200);
    assert_eq!(set.at("/redirectUris"), uris, "{set}");
    let set = put(json!({"agreementSigned": false})).await.is(200);
    assert_eq!(set.at("/accountKind"), "integrationSandbox", "{set}");
    assert_eq!(set.at("/agreementSigned"), false, "{set}");
    assert_eq!(set.at("/users"), users, "{set}");
    assert_eq!(shown(&world, "bluestem").await, set.json());
    assert_eq!(world.operator.events("partnerConfigured").await.len(), 3);
    world.restart().await;
    assert_eq!(shown(&world, "bluestem").await, set.json());
    let put = async |body: Value| world.operator.put("/partners/bluestem", &body).await;
    let back = json!({"redirectUris": null, "accountKind": "production", "agreementSigned": true});
    assert_eq!(put(back).await.is(200).json(), before);
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn what_is_wrong_with_a_setting_is_named_and_nothing_is_set(#[case] db: Db) {
    let world = World::new(db).await;
    let before = shown(&world, "bluestem").await;
    let put = async |body: Value| world.operator.put("/partners/bluestem", &body).await;
    put(json!({"redirectUris": ["not a url"], "agreementSigned": false}))
        .await
        .problem(400, Some("redirectUris"));
    put(json!({"accountKind": "sandbox"})).await.problem(400, Some("accountKind"));
    put(json!({"agreementSigned": "yes"})).await.problem(400, Some("agreementSigned"));
    put(json!({"mpnId": "1"})).await.problem(400, Some("mpnId"));
    put(json!([])).await.problem(400, Some("body"));
    for nobody in ["nobody", "%00", "contoso"] {
        let path = format!("/partners/{nobody}");
        world.operator.put(&path, &json!({})).await.problem(404, None);
        world.operator.post(&format!("{path}/tokens"), &json!({})).await.problem(404, None);
    }
    assert_eq!(shown(&world, "bluestem").await, before);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_token_is_of_a_user_or_of_the_app_as_it_is_asked_for(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let ask = async |body: Value| -> Answer {
        world.operator.post("/partners/bluestem/tokens", &body).await
    };
    let maria = "maria.ortega@bluestem.example";
    for (asked, user, roles) in [
        (json!({}), maria, json!(["GlobalAdmin"])),
        (json!({"user": AGENT}), AGENT, json!(["AdminAgent"])),
        (json!({"user": AGENT.to_uppercase()}), AGENT, json!(["AdminAgent"])),
        (json!({"roles": ["adminagent"]}), AGENT, json!(["AdminAgent"])),
        (json!({"roles": []}), "hana.kim@bluestem.example", json!([])),
        (
            json!({"roles": ["BillingAdmin", "SalesAgent"]}),
            maria,
            json!(["SalesAgent", "BillingAdmin"]),
        ),
        (json!({"user": AGENT, "roles": ["SalesAgent"]}), AGENT, json!(["SalesAgent"])),
    ] {
        let answer = ask(asked.clone()).await.is(201);
        assert_eq!(answer.at("/user"), user, "{asked}: {answer}");
        assert_eq!(answer.at("/roles"), roles, "{asked}: {answer}");
        let left = answer.at("/expiresIn").as_i64().unwrap();
        assert!((3_590..=3_600).contains(&left), "{answer}");
        assert_eq!(answer.header("cache-control"), "no-store", "{answer}");
        let bearer = answer.text_at("/accessToken");
        let said = claims(&bearer);
        for (claim, value) in [
            ("aud", json!("https://api.partnercenter.microsoft.com")),
            ("iss", json!(format!("https://sts.windows.net/{}/", partner.app.tenant_id))),
            ("tid", json!(partner.app.tenant_id)),
            ("appid", json!(partner.app.client_id)),
            ("upn", json!(user)),
            ("scp", json!("user_impersonation")),
            ("amr", json!(["pwd", "mfa"])),
        ] {
            assert_eq!(said[claim], value, "{claim}: {said}");
        }
        partner.with_bearer(&bearer).exchange().await.is(200);
    }
    let without = ask(json!({"user": AGENT, "mfa": false})).await.is(201);
    assert_eq!(claims(&without.text_at("/accessToken"))["amr"], json!(["pwd"]));
    let without = partner.with_bearer(&without.text_at("/accessToken"));
    without.exchange().await.partner_error(401, 900_421);
    let app = ask(json!({"appOnly": true})).await.is(201);
    assert_eq!(app.at("/user"), Value::Null, "{app}");
    assert_eq!(app.at("/roles"), json!([]), "{app}");
    let bearer = app.text_at("/accessToken");
    assert_eq!(claims(&bearer)["scp"], Value::Null);
    partner.with_bearer(&bearer).exchange().await.is(200);
    for (wrong, field) in [
        (json!({"user": "priya.nair@harborlane.example"}), "user"),
        (json!({"user": "dana.whitlock@alderfinch.example"}), "user"),
        (json!({"user": ""}), "user"),
        (json!({"roles": ["Owner"]}), "roles"),
        (json!({"appOnly": true, "user": AGENT}), "appOnly"),
        (json!({"appOnly": true, "mfa": false}), "appOnly"),
        (json!({"role": "AdminAgent"}), "role"),
    ] {
        ask(wrong).await.problem(400, Some(field));
    }
}
