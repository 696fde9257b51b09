//! Keys and metadata of a tenant's authority: what clients check tokens with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Ask, Db, World, callers::credentials};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_published_keys_verify_what_the_broker_signs_and_hold_no_secret(#[case] db: Db) {
    let world = World::new(db).await;
    let tenant = &world.publisher.app.tenant_id;
    let v1 = world.anon.get(&format!("/{tenant}/discovery/keys")).await.is(200);
    let v2 = world.anon.get(&format!("/{tenant}/discovery/v2.0/keys")).await.is(200);
    assert_eq!(v1.json(), v2.json(), "the same keys under both paths");
    let keys = v1.at("/keys");
    for key in keys.as_array().expect("a list") {
        let mut members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"], "public members only");
        assert_eq!(key["kty"], "RSA", "{key}");
        assert_eq!(key["use"], "sig", "{key}");
        assert_eq!(key["alg"], "RS256", "{key}");
        let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).expect("base64url");
        assert!(modulus.len() >= 256 && modulus[0] != 0, "{key}");
    }
    let (header, _) = world.publisher.opened();
    let kid = header.kid.expect("a key id");
    let key = keys.as_array().unwrap().iter().find(|key| key["kid"] == kid);
    let key = key.unwrap_or_else(|| panic!("{kid} is not published: {v1}"));
    let text = |member: &str| key[member].as_str().unwrap();
    let key = DecodingKey::from_rsa_components(text("n"), text("e")).expect("a key");
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[shared::identity::MARKETPLACE_RESOURCE]);
    let opened = jsonwebtoken::decode::<Value>(&world.publisher.bearer, &key, &rules);
    assert_eq!(opened.expect("a sound signature").claims["tid"], tenant.as_str());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_metadata_lead_to_keys_and_tokens(#[case] db: Db) {
    let world = World::new(db).await;
    let app = &world.publisher.app;
    let tenant = &app.tenant_id;
    for (version, issuer) in [
        ("", format!("https://sts.windows.net/{tenant}/")),
        ("/v2.0", format!("https://login.microsoftonline.com/{tenant}/v2.0")),
    ] {
        let path = format!("/{tenant}{version}/.well-known/openid-configuration");
        let metadata = world.anon.get(&path).await.is(200);
        assert_eq!(metadata.at("/issuer"), issuer, "{metadata}");
        for member in ["jwks_uri", "token_endpoint"] {
            let url = metadata.text_at(&format!("/{member}"));
            assert!(url.starts_with(&format!("{}/{tenant}/", world.base)), "{metadata}");
        }
        let supported = |member: &str| metadata.at(&format!("/{member}"));
        assert_eq!(supported("id_token_signing_alg_values_supported"), json!(["RS256"]));
        assert_eq!(supported("subject_types_supported"), json!(["pairwise"]));
        let methods = supported("token_endpoint_auth_methods_supported");
        assert!(methods.as_array().unwrap().contains(&json!("client_secret_post")), "{metadata}");
        let jwks = metadata.text_at("/jwks_uri");
        let keys = jwks.strip_prefix(&world.base).expect("here");
        let keys = world.anon.get(keys).await.is(200);
        assert!(!keys.at("/keys").as_array().unwrap().is_empty(), "{keys}");
        let endpoint = metadata.text_at("/token_endpoint");
        let endpoint = endpoint.strip_prefix(&world.base).expect("here");
        let scope = format!("{}/.default", shared::identity::MARKETPLACE_RESOURCE);
        let mut form = credentials(app);
        if version == "/v2.0" {
            form[3] = ("scope", &scope);
        }
        let token = world.anon.call(Method::POST, endpoint).form(&form).ask().await;
        world.publisher.with_bearer(&token.is(200).text_at("/access_token")).list().await.is(200);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn every_tenant_has_an_authority_and_an_unknown_one_has_none(#[case] db: Db) {
    let world = World::new(db).await;
    let paths = |tenant: &str| {
        [
            format!("/{tenant}/discovery/keys"),
            format!("/{tenant}/discovery/v2.0/keys"),
            format!("/{tenant}/.well-known/openid-configuration"),
            format!("/{tenant}/v2.0/.well-known/openid-configuration"),
        ]
    };
    for app in &world.sandbox.publishers {
        for path in paths(&app.tenant_id) {
            world.anon.get(&path).await.is(200);
        }
    }
    let unknown = "00000000-0000-0000-0000-000000000000";
    for tenant in [unknown, "no-guid", "%ff", "__proto__", "..%2f.."] {
        for path in paths(tenant) {
            let refused = world.anon.get(&path).await.is(400);
            assert_eq!(refused.at("/error"), "invalid_request", "{refused}");
            assert_eq!(refused.at("/error_codes/0"), 90002, "{refused}");
            assert!(!refused.text_at("/error_description").is_empty(), "{refused}");
        }
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_keys_outlive_a_restart(#[case] db: Db) {
    let mut world = World::new(db).await;
    let path = format!("/{}/discovery/keys", world.publisher.app.tenant_id);
    let before = world.anon.get(&path).await.is(200).json();
    world.restart().await;
    assert_eq!(world.anon.get(&path).await.is(200).json(), before);
    world.stop().await;
}
