//! Client assertions of a partner's app instead of its secret: by itself, with codes and with refresh tokens
//! (fulfillment.md 5.2; partner-center.md 3.1).

use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, Header};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use shared::{clock::FakeClock, rehearsal::SignIn};

use crate::support::{
    Answer, Ask, Db, World,
    keys::{CERTIFICATE, EC_POINT, RSA_JWK, assertion},
    partner::PartnerApp,
    visitor::{Visitor, authorize, authorize_v1, claims, redeeming, value},
};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const PARTNER_CENTER: &str = "https://api.partnercenter.microsoft.com";
const NOW: i64 = 1_801_386_000;
const KEYS: &str = "/partners/bluestem/client-keys";

fn rsa_jwk() -> Value {
    json!({"kty": "RSA", "kid": "one", "n": RSA_JWK.0, "e": RSA_JWK.1})
}

fn ec_jwk(kid: &str) -> Value {
    json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": EC_POINT.0, "y": EC_POINT.1})
}

/// A world whose real time stands at [`NOW`], and Bluestem's app.
async fn world(db: Db) -> (World, PartnerApp, FakeClock) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let partner = world.partner("bluestem").await;
    (world, partner, clock)
}

/// A sound assertion of the partner's app for a token endpoint, by the RSA key; `jti` names it.
fn proof(world: &World, partner: &PartnerApp, endpoint: &str, jti: &str) -> String {
    let app = &partner.app;
    let claims = json!({"aud": format!("{}/{}/oauth2/{endpoint}", world.base, app.tenant_id),
        "iss": app.client_id, "sub": app.client_id, "jti": jti,
        "nbf": NOW, "iat": NOW, "exp": NOW + 600});
    let header = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::RS256) };
    assertion(&header, &claims)
}

/// Asks an endpoint with an assertion beside these members.
async fn ask(
    world: &World,
    partner: &PartnerApp,
    endpoint: &str,
    proof: &str,
    more: &[(&str, &str)],
) -> Answer {
    let mut form = vec![
        ("client_id", &*partner.app.client_id),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", proof),
    ];
    form.extend(more.iter().filter(|(name, _)| !["client_id", "client_secret"].contains(name)));
    let path = format!("/{}/oauth2/{endpoint}", partner.app.tenant_id);
    world.anon.call(Method::POST, &path).form(&form).ask().await
}

#[track_caller]
fn refused(answer: Answer, number: u32) {
    let refused = answer.is(401);
    assert_eq!(refused.at("/error"), "invalid_client", "{refused}");
    assert_eq!(refused.at("/error_codes"), json!([number]), "{refused}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_partners_app_proves_itself_for_itself(#[case] db: Db) {
    let (world, partner, clock) = world(db).await;
    let scope = format!("{PARTNER_CENTER}/.default");
    let for_itself =
        [("token", ("resource", PARTNER_CENTER)), ("v2.0/token", ("scope", scope.as_str()))];
    let grant = ("grant_type", "client_credentials");
    let at = async |endpoint: &str, asked: (&str, &str), jti: &str| {
        let proof = proof(&world, &partner, endpoint, jti);
        ask(&world, &partner, endpoint, &proof, &[grant, asked]).await
    };
    for (endpoint, asked) in for_itself {
        refused(at(endpoint, asked, "early").await, 700_027);
    }
    // Keys of others do not count, even if they are the same.
    let jwk = json!({"jwk": rsa_jwk()});
    world.operator.post("/partners/alder-finch/client-keys", &jwk).await.is(201);
    world.operator.post("/publishers/contoso/client-keys", &jwk).await.is(201);
    refused(at("token", for_itself[0].1, "others").await, 700_027);
    let added = world.operator.post(KEYS, &jwk).await.is(201);
    assert_eq!(added.json(), json!({"kid": "one", "form": "jwk"}), "{added}");
    for (number, (endpoint, asked)) in for_itself.into_iter().enumerate() {
        let answer = at(endpoint, asked, &number.to_string()).await.is(200);
        let bearer = answer.text_at("/access_token");
        assert_eq!(claims(&bearer)["appidacr"], "2", "by an assertion");
        let app = partner.with_bearer(&bearer);
        app.get("/customers").await.is(200);
        let exchanged = app.exchange().await.is(200);
        assert_eq!(claims(&exchanged.text_at("/access_token"))["appidacr"], "2");
        refused(at(endpoint, asked, &number.to_string()).await, 50_013);
    }
    let elsewhere = proof(&world, &world.partner("alder-finch").await, "token", "elsewhere");
    refused(ask(&world, &partner, "token", &elsewhere, &[grant, for_itself[0].1]).await, 700_023);
    clock.advance(SignedDuration::from_mins(15));
    refused(at("token", for_itself[0].1, "late").await, 700_024);
    let secret = partner.app.client_secret.expose();
    let both = [grant, for_itself[0].1, ("client_secret", secret)];
    let form: Vec<_> =
        [("client_id", partner.app.client_id.as_str())].into_iter().chain(both).collect();
    world.anon.token(&partner.app.tenant_id, &form).await.is(200); // the secret is as good as before
    world.operator.call(Method::DELETE, &format!("{KEYS}/one")).ask().await.is(204);
    world.operator.call(Method::DELETE, &format!("{KEYS}/one")).ask().await.problem(404, None);
    clock.advance(SignedDuration::from_mins(-15));
    refused(at("token", for_itself[0].1, "gone").await, 700_027);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_partners_app_proves_itself_for_its_users(#[case] db: Db) {
    let (world, partner, _) = world(db).await;
    world.operator.post(KEYS, &json!({"jwk": rsa_jwk()})).await.is(201);
    let app = SignIn {
        client_id: partner.app.client_id.clone(),
        client_secret: partner.app.client_secret.clone(),
        redirect_uris: vec!["http://localhost:5000".to_owned()],
    };
    let scope = format!("openid offline_access {PARTNER_CENTER}/user_impersonation");
    let tenant = &partner.app.tenant_id;
    for (endpoint, path) in [
        ("token", authorize_v1(tenant, &app, &[("resource", PARTNER_CENTER)])),
        ("v2.0/token", authorize(tenant, &app, &[("scope", &scope)])),
    ] {
        let fields = Visitor::new(&world).sign_in(&path, "Grace Holloway").await;
        let code = redeeming(&app, value(&fields, "code"));
        let unproved = ask(&world, &partner, endpoint, "x", &code).await;
        refused(unproved, 50_027);
        let first = proof(&world, &partner, endpoint, &format!("code {endpoint}"));
        let answer = ask(&world, &partner, endpoint, &first, &code).await.is(200);
        let token = answer.text_at("/refresh_token");
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
        refused(ask(&world, &partner, endpoint, &first, &refresh).await, 50_013);
        let second = proof(&world, &partner, endpoint, &format!("refresh {endpoint}"));
        let next = ask(&world, &partner, endpoint, &second, &refresh).await.is(200);
        for answer in [&answer, &next] {
            let bearer = answer.text_at("/access_token");
            let said = claims(&bearer);
            assert_eq!((&said["appidacr"], &said["roles"]), (&json!("2"), &json!(["SalesAgent"])));
            partner.with_bearer(&bearer).get("/customers").await.is(200);
        }
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_partners_keys_are_registered_as_a_publishers(#[case] db: Db) {
    let (world, _, _) = world(db).await;
    for (body, field) in [
        (json!({}), "body"),
        (json!({"jwk": "text"}), "jwk"),
        (json!({"certificate": "text"}), "certificate"),
        (json!({"app": "api", "jwk": rsa_jwk()}), "app"),
    ] {
        world.operator.post(KEYS, &body).await.problem(400, Some(field));
    }
    assert_eq!(world.operator.get(KEYS).await.is(200).json(), json!({"keys": []}));
    let certificate = json!({"certificate": CERTIFICATE});
    let kid = world.operator.post(KEYS, &certificate).await.is(201).text_at("/kid");
    for number in 0..9 {
        let key = json!({"jwk": ec_jwk(&format!("key-{number}"))});
        world.operator.post(KEYS, &key).await.is(201);
    }
    world.operator.post(KEYS, &json!({"jwk": ec_jwk("key-9")})).await.problem(409, None);
    world.operator.post(KEYS, &certificate).await.is(201); // in its own place
    let listed = world.operator.get(KEYS).await.is(200);
    let listed = listed.at("/keys");
    assert_eq!(listed.as_array().unwrap().len(), 10, "{listed}");
    assert_eq!(listed[0], json!({"kid": kid, "form": "certificate", "x5t": kid}), "the newest");
    for partner in ["nobody", "%ff", "contoso"] {
        let path = format!("/partners/{partner}/client-keys");
        world.operator.get(&path).await.problem(404, None);
        world.operator.post(&path, &certificate).await.problem(404, None);
    }
    let (other, _) = world.another_sandbox("elsewhere").await;
    assert_eq!(other.get(KEYS).await.is(200).json(), json!({"keys": []}), "each world its own");
    let journal = world.operator.journal().await;
    let told = journal.iter().filter(|entry| entry["name"] == "partnerConfigured").count();
    assert_eq!(told, 11, "{journal:?}");
}
