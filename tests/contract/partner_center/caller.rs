//! Who may call on the partner face, and by which bearer (partner-center.md 3.1, P-4, P-5).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use shared::{clock::FakeClock, identity::PARTNER_CENTER_RESOURCE};

use crate::support::{
    Ask, Db, World,
    keys::{forged, signed},
    partner::{PartnerApp, partner_credentials},
    visitor::claims,
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_app_gets_its_bearer_by_resource_or_scope_and_it_opens_the_face(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let partner = world.partner("bluestem").await;
    let app = &partner.app;
    for resource in [PARTNER_CENTER_RESOURCE, "https://api.partnercenter.microsoft.com/"] {
        let mut form = partner_credentials(app);
        form[3].1 = resource;
        let answer = world.anon.token(&app.tenant_id, &form).await.is(200);
        assert_eq!(answer.at("/resource"), resource, "{answer}");
        let bearer = answer.text_at("/access_token");
        let said = claims(&bearer);
        assert_eq!(said["aud"], PARTNER_CENTER_RESOURCE, "{said}");
        assert_eq!(said["appid"], app.client_id.as_str(), "{said}");
        assert_eq!(said["tid"], app.tenant_id.as_str(), "{said}");
        partner.with_bearer(&bearer).exchange().await.is(200);
    }
    let mut form = partner_credentials(app);
    form[3] = ("scope", "https://api.partnercenter.microsoft.com/.default");
    let path = format!("/{}/oauth2/v2.0/token", app.tenant_id);
    let answer = world.anon.call(Method::POST, &path).form(&form).ask().await.is(200);
    assert_eq!(answer.at("/expires_in"), 3600, "{answer}");
    partner.with_bearer(&answer.text_at("/access_token")).exchange().await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_bearer_that_is_none_is_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let other = world.partner("alder-finch").await;
    let sound = &partner.bearer;
    let header = jsonwebtoken::decode_header(sound).unwrap();
    let said = claims(sound);
    let with = |name: &str, value: serde_json::Value| {
        let changed = partner.with_claims(|claims| claims[name] = value);
        changed.bearer
    };
    let parts: Vec<_> = sound.split('.').collect();
    let [head, body, signature] = parts.as_slice() else { panic!("three parts") };
    let none = json!({"alg": "none", "typ": "JWT", "kid": header.kid.clone()}).to_string();
    let none = URL_SAFE_NO_PAD.encode(none);
    let foreign_tenant = partner.with_claims(|claims| {
        claims["tid"] = json!(other.app.tenant_id);
        claims["iss"] = json!(format!("https://sts.windows.net/{}/", other.app.tenant_id));
    });
    for (what, bearer) in [
        ("no JWT", "wrong".to_owned()),
        ("alg none", format!("{none}.{body}.")),
        ("alg none, our signature", format!("{none}.{body}.{signature}")),
        ("no signature", format!("{head}.{body}.")),
        ("a foreign key under our name", forged(&said, header.kid.clone())),
        ("our key under another name", signed(&said, Some("other".to_owned()))),
        ("audience", with("aud", json!("https://graph.microsoft.com"))),
        ("a publisher's audience", with("aud", json!(shared::identity::MARKETPLACE_RESOURCE))),
        ("tenant", foreign_tenant.bearer),
        ("tenant without its issuer", with("tid", json!(other.app.tenant_id))),
        ("app of another tenant", with("appid", json!(other.app.client_id))),
        ("a publisher's app", with("appid", json!(world.publisher.app.client_id))),
        ("not valid yet", with("nbf", json!(32_503_680_000_i64))),
        ("expired", with("exp", json!(1_000_000_000))),
        ("another scope", with("scp", json!("User.Read"))),
        ("a user without a name", with("scp", json!("user_impersonation"))),
        ("a publisher's bearer", world.publisher.bearer.clone()),
        ("the control token", world.operator.token.clone()),
    ] {
        let refused = partner.with_bearer(&bearer).exchange().await;
        assert_eq!(refused.status, 401, "{what}: {refused}");
        refused.partner_error(401, 800_001);
    }
    let call = world.anon.call(Method::POST, "/v3/generatetoken");
    call.ask().await.partner_error(401, 400);
    partner.exchange().await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_partners_bearer_is_none_on_the_publisher_face_though_it_was_just_taken(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    partner.exchange().await.is(200); // remembered as sound
    world.publisher.with_bearer(&partner.bearer).list().await.forbidden();
    world.publisher.list().await.is(200);
    partner.with_bearer(&world.publisher.bearer).exchange().await.partner_error(401, 800_001);

    // Neither is one of the publisher's own app for the partner face, which has found its signature sound.
    let (header, mut claims) = world.publisher.opened();
    claims["aud"] = PARTNER_CENTER_RESOURCE.into();
    let bearer = signed(&claims, header.kid);
    partner.with_bearer(&bearer).exchange().await.partner_error(401, 800_001);
    world.publisher.with_bearer(&bearer).list().await.forbidden();
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_exchanged_token_is_the_same_caller_and_ends_with_the_old_one(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let partner = world.partner("bluestem").await.as_user(&["AdminAgent"]);
    clock.advance(SignedDuration::from_mins(20));
    for path in ["/generatetoken", "/v3/generatetoken"] {
        let form = [("grant_type", "jwt_token"), ("client_id", &partner.app.client_id)];
        let call = world.anon.call(Method::POST, path).bearer_auth(&partner.bearer).form(&form);
        let answer = call.ask().await.is(200);
        assert_eq!(answer.at("/token_type"), "bearer", "{answer}");
        assert_eq!(answer.at("/expires_in"), 2400, "{answer}");
        assert_eq!(answer.header("cache-control"), "no-store", "{answer}");
        let (old, new) = (claims(&partner.bearer), claims(&answer.text_at("/access_token")));
        for claim in ["oid", "upn", "roles", "scp", "amr", "tid", "appid", "exp"] {
            assert_eq!(new[claim], old[claim], "{claim}");
        }
        let call = world.anon.call(Method::POST, path).bearer_auth(&partner.bearer);
        let refused = call.form(&[("grant_type", "password")]).ask().await.is(400);
        assert_eq!(refused.at("/error"), "invalid_request", "{refused}");
        let call = world.anon.call(Method::POST, path).bearer_auth(&partner.bearer);
        call.ask().await.is(400);
        let form = [("grant_type", "jwt_token"), ("client_id", "another")];
        let call = world.anon.call(Method::POST, path).bearer_auth(&partner.bearer).form(&form);
        call.ask().await.is(400);
    }
    clock.advance(SignedDuration::from_mins(40));
    partner.exchange().await.partner_error(401, 800_001);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_user_without_a_second_factor_is_refused_and_an_app_needs_none(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let user = partner.as_user(&["GlobalAdmin"]);
    user.exchange().await.is(200);
    let amrs = [json!(["pwd"]), json!([])];
    for amr in amrs {
        let without = user.with_claims(|claims| claims["amr"] = amr);
        without.exchange().await.partner_error(401, 900_421);
    }
    partner.exchange().await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q58_graph_windows_net_is_taken_or_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let mut form = partner_credentials(&partner.app);
    form[3].1 = "https://graph.windows.net";
    let ask = async || world.anon.token(&partner.app.tenant_id, &form).await;
    let answer = ask().await.is(200);
    assert_eq!(answer.at("/resource"), "https://graph.windows.net", "{answer}");
    let old: PartnerApp = partner.with_bearer(&answer.text_at("/access_token"));
    let exchanged = old.exchange().await.is(200).text_at("/access_token");
    world.operator.set_quirk("graph_windows_net", "refuse").await;
    let refused = ask().await.is(400);
    assert_eq!(refused.at("/error"), "invalid_resource", "{refused}");
    old.exchange().await.partner_error(401, 800_001);
    partner.with_bearer(&exchanged).exchange().await.is(200);
    partner.exchange().await.is(200);
}
