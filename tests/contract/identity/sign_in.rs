//! The authorization-code flow from the picker to the profile (fulfillment.md 1.14, 5).

use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use shared::{clock::FakeClock, rehearsal::SignIn};

use crate::support::{
    Answer, Ask, Db, World,
    keys::signed,
    visitor::{Visitor, authorize, choices, claims, redeeming, sent_back, value},
};

/// The landing page's app of Contoso.
fn app(world: &World) -> SignIn {
    world.sandbox.publisher.sign_in.clone()
}

/// Asks the v2 token endpoint.
async fn redeem(world: &World, tenant: &str, form: &[(&str, &str)]) -> Answer {
    world.anon.call(Method::POST, &format!("/{tenant}/oauth2/v2.0/token")).form(form).ask().await
}

/// A fresh code of Priya Nair's.
async fn code(world: &World) -> String {
    let fields =
        Visitor::new(world).sign_in(&authorize("common", &app(world), &[]), "Priya Nair").await;
    value(&fields, "code").to_owned()
}

/// Holds a refusal of the token endpoint.
#[track_caller]
fn refused(answer: Answer, error: &str, number: u32) {
    let answer = answer.is(400);
    assert_eq!(answer.at("/error"), error, "{answer}");
    assert_eq!(answer.at("/error_codes"), json!([number]), "{answer}");
    assert!(answer.text_at("/error_description").starts_with(&format!("AADSTS{number}: ")));
}

/// A token's claims, its signature checked by the keys of `tenant`.
async fn verified(world: &World, tenant: &str, token: &str, audience: &str) -> Value {
    let keys = world.anon.get(&format!("/{tenant}/discovery/v2.0/keys")).await.is(200);
    let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let keys = keys.at("/keys");
    let key = keys.as_array().unwrap().iter().find(|key| key["kid"] == kid).expect("its key");
    let text = |member: &str| key[member].as_str().unwrap();
    let key = DecodingKey::from_rsa_components(text("n"), text("e")).unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[audience]);
    rules.validate_exp = false;
    jsonwebtoken::decode::<Value>(token, &key, &rules).expect("a sound token").claims
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_visitor_signs_in_and_the_app_learns_who_it_is(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    let fields = visitor.sign_in(&authorize("common", &app, &[]), "Priya Nair").await;
    assert_eq!(value(&fields, "state"), "state of the app &=%", "as it was sent");
    let code = value(&fields, "code");
    assert!(code.len() >= 43, "{fields:?}");

    let answer = redeem(&world, "common", &redeeming(&app, code)).await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store", "{answer}");
    assert_eq!(answer.at("/token_type"), "Bearer", "{answer}");
    assert_eq!(answer.at("/expires_in"), 3600, "a number: {answer}");
    assert_eq!(answer.at("/scope"), "openid profile email User.Read", "{answer}");
    let bought = world.buy_flat().await;
    let resolved = world.publisher.resolve(&bought.token).await.is(200);
    let beneficiary = resolved.at("/subscription/beneficiary");
    let tenant = beneficiary["tenantId"].as_str().unwrap();
    let id_token = answer.text_at("/id_token");
    for keys in ["common", tenant, &world.sandbox.publisher.tenant_id] {
        let claims = verified(&world, keys, &id_token, &app.client_id).await;
        let seconds = 1_801_386_000;
        for (name, expected) in [
            ("aud", json!(app.client_id)),
            ("iss", json!(format!("https://login.microsoftonline.com/{tenant}/v2.0"))),
            ("tid", json!(tenant)),
            ("oid", beneficiary["objectId"].clone()),
            ("name", json!("Priya Nair")),
            ("preferred_username", beneficiary["emailId"].clone()),
            ("email", beneficiary["emailId"].clone()),
            ("nonce", json!("nonce-1")),
            ("ver", json!("2.0")),
            ("iat", json!(seconds)),
            ("nbf", json!(seconds)),
            ("exp", json!(seconds + 3_600)),
        ] {
            assert_eq!(claims[name], expected, "{name}: {claims}");
        }
        assert_eq!(claims["sub"].as_str().unwrap().len(), 43, "{claims}");
    }

    let bearer = answer.text_at("/access_token");
    let subject = claims(&id_token)["sub"].clone();
    let info = world.anon.call(Method::GET, "/oidc/userinfo").bearer_auth(&bearer).ask().await;
    let info = info.is(200).json();
    assert_eq!(info["sub"], subject, "{info}");
    assert_eq!((&info["name"], &info["email"]), (&json!("Priya Nair"), &beneficiary["emailId"]));
    let me = world.anon.call(Method::GET, "/v1.0/me").bearer_auth(&bearer).ask().await.is(200);
    assert_eq!(me.at("/id"), beneficiary["objectId"], "{me}");
    assert_eq!(me.at("/displayName"), "Priya Nair", "{me}");
    assert_eq!(me.at("/mail"), beneficiary["emailId"], "{me}");
    assert_eq!(me.at("/userPrincipalName"), beneficiary["emailId"], "{me}");
    world.publisher.with_bearer(&bearer).list().await.forbidden();
    for token in ["", "x", &id_token, &world.publisher.bearer, &bearer[..bearer.len() - 1]] {
        for path in ["/oidc/userinfo", "/v1.0/me"] {
            let call = world.anon.call(Method::GET, path).bearer_auth(token);
            let refused = call.ask().await.is(401);
            assert!(refused.header("www-authenticate").starts_with("Bearer"), "{refused}");
            assert_eq!(refused.at("/error/code"), "InvalidAuthenticationToken", "{refused}");
        }
    }
    clock.advance(SignedDuration::from_hours(1));
    world.anon.call(Method::GET, "/v1.0/me").bearer_auth(&bearer).ask().await.is(401);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_code_is_good_once_for_sixty_seconds_and_for_its_app_uri_and_verifier(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let app = app(&world);
    let other = world.sandbox.publishers[1].sign_in.clone();
    let code = code(&world).await;
    let with = |name: &'static str, value: &'static str| {
        let mut form = redeeming(&app, &code);
        form.retain(|(known, _)| *known != name);
        if !value.is_empty() {
            form.push((name, value));
        }
        form
    };
    let foreign = "http://127.0.0.1:8701/s/rehearsal-1/contoso/signed-in/";
    for (form, error, number) in [
        (with("code_verifier", ""), "invalid_grant", 501_481),
        (with("code_verifier", "x"), "invalid_grant", 501_481),
        (
            with("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK"),
            "invalid_grant",
            501_481,
        ),
        (with("redirect_uri", foreign), "invalid_grant", 50_011),
        (with("redirect_uri", ""), "invalid_request", 900_144),
        (with("code", ""), "invalid_request", 900_144),
        (with("code", "made-up"), "invalid_grant", 70_000),
        (with("grant_type", "password"), "unsupported_grant_type", 70_003),
    ] {
        refused(redeem(&world, "common", &form).await, error, number);
    }
    let mut stolen = redeeming(&other, &code);
    stolen.retain(|(name, _)| *name != "redirect_uri");
    stolen.push(("redirect_uri", &app.redirect_uris[0]));
    refused(redeem(&world, "common", &stolen).await, "invalid_grant", 70_000);
    let wrong = redeem(&world, "common", &with("client_secret", "guess")).await.is(401);
    assert_eq!(wrong.at("/error_codes"), json!([7_000_215]), "{wrong}");

    clock.advance(SignedDuration::from_millis(59_999));
    redeem(&world, "common", &redeeming(&app, &code)).await.is(200);
    refused(redeem(&world, "common", &redeeming(&app, &code)).await, "invalid_grant", 54_005);
    let late = self::code(&world).await;
    clock.advance(SignedDuration::from_secs(60));
    refused(redeem(&world, "common", &redeeming(&app, &late)).await, "invalid_grant", 70_008);
    refused(redeem(&world, "common", &redeeming(&app, &code)).await, "invalid_grant", 54_005);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn of_two_who_redeem_a_code_at_once_one_gets_it(#[case] db: Db) {
    let world = World::new(db).await;
    let app = app(&world);
    for _ in 0..3 {
        let code = code(&world).await;
        let form = redeeming(&app, &code);
        let both = tokio::join!(redeem(&world, "common", &form), redeem(&world, "common", &form));
        let mut statuses = [both.0.status, both.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "{} {}", both.0, both.1);
    }
}

#[tokio::test]
async fn a_code_outlives_a_restart_and_is_stored_nowhere() {
    let mut world = World::new(Db::Sqlite).await;
    let app = app(&world);
    let code = code(&world).await;
    world.restart().await;
    for entry in std::fs::read_dir(world.data_dir()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(code.len()).any(|window| window == code.as_bytes());
        assert!(!found, "{}", path.display());
    }
    redeem(&world, "common", &redeeming(&app, &code)).await.is(200);
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn who_is_special_is_known_by_the_tokens(#[case] db: Db) {
    let world = World::new(db).await;
    let app = app(&world);
    let consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let scope = [("scope", "openid profile email https://graph.microsoft.com/User.Read")];
    let tokens = async |text: &str| {
        let visitor = Visitor::new(&world);
        let fields = visitor.sign_in(&authorize("common", &app, &scope), text).await;
        redeem(&world, "common", &redeeming(&app, value(&fields, "code"))).await.is(200)
    };
    let me = async |answer: &Answer| {
        let bearer = answer.text_at("/access_token");
        world.anon.call(Method::GET, "/v1.0/me").bearer_auth(bearer).ask().await.is(200)
    };
    let personal = tokens("Alex Moreau").await;
    let claims_of = |answer: &Answer| claims(&answer.text_at("/id_token"));
    assert_eq!(claims_of(&personal)["tid"], consumers);
    assert_eq!(
        claims_of(&personal)["iss"],
        format!("https://login.microsoftonline.com/{consumers}/v2.0")
    );
    let oid = claims_of(&personal)["oid"].as_str().unwrap().to_owned();
    assert!(oid.starts_with("00000000-0000-0000-"), "{oid}");
    let silent = tokens("Robin Keller").await;
    assert_eq!(claims_of(&silent)["email"], Value::Null, "no mail, no claim");
    assert_eq!(claims_of(&silent)["preferred_username"], "robin.keller@harborlane.example");
    let profile = me(&silent).await;
    assert!(profile.json().as_object().unwrap().contains_key("mail"), "{profile}");
    assert_eq!(profile.at("/mail"), Value::Null, "{profile}");

    let scope = [("scope", "openid")];
    let fields = Visitor::new(&world).sign_in(&authorize("common", &app, &scope), "Dana").await;
    let bare = redeem(&world, "common", &redeeming(&app, value(&fields, "code"))).await.is(200);
    assert_eq!(claims_of(&bare)["name"], Value::Null, "profile was not asked for");
    let bearer = bare.text_at("/access_token");
    let refused = world.anon.call(Method::GET, "/v1.0/me").bearer_auth(&bearer).ask().await;
    assert_eq!(refused.is(403).at("/error/code"), "Authorization_RequestDenied");
    let other = &world.sandbox.publishers[1].sign_in;
    let visitor = Visitor::new(&world);
    let fields = visitor.sign_in(&authorize("common", other, &scope), "Dana").await;
    let there = redeem(&world, "common", &redeeming(other, value(&fields, "code"))).await.is(200);
    assert_eq!(claims_of(&there)["oid"], claims_of(&bare)["oid"]);
    assert_ne!(claims_of(&there)["sub"], claims_of(&bare)["sub"], "pairwise");
}

#[tokio::test]
async fn each_authority_shows_its_own_accounts() {
    let world = World::new(Db::Sqlite).await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    let shown =
        async |tenant: &str| choices(&visitor.open(&authorize(tenant, &app, &[])).await.is(200));
    let all = shown("common").await;
    let (customers, partners) = (world.sandbox.customers.len(), world.sandbox.partners.len());
    let count = 2 * customers + 5 * partners + 3;
    assert_eq!(all.len(), count, "and three who are special: {all:?}");
    let work = shown("organizations").await;
    let personal = shown("consumers").await;
    assert_eq!((work.len(), personal.len()), (count - 1, 1));
    assert!(personal[0].text.contains("Alex Moreau"), "{personal:?}");
    assert!(!work.contains(&personal[0]));
    let customer = &world.sandbox.customers[0];
    let own = shown(&customer.customer_id).await;
    assert_eq!(own.len(), 3, "{own:?}");
    assert!(own.iter().all(|choice| choice.text.contains("@harborlane.example")), "{own:?}");
    let picker = visitor.open(&authorize(&customer.customer_id, &app, &[])).await.is(200);
    let foreign = visitor.choose(&picker, &personal[0].id).await.is(400);
    assert!(foreign.header("location").is_empty(), "{foreign}");
    let (operator, _) = world.another_sandbox("elsewhere").await;
    let stranger = operator.get("").await.text_at("/customers/0/customerId");
    for tenant in [stranger.as_str(), "nobody", &world.sandbox.publisher.tenant_id] {
        visitor.open(&authorize(tenant, &app, &[])).await.is(400);
    }
}

#[tokio::test]
async fn a_chosen_account_is_remembered_until_sign_out() {
    let world = World::new(Db::Sqlite).await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    let path = |change: &[(&str, &str)]| authorize("common", &app, change);
    let nobody = visitor.open(&path(&[("prompt", "none")])).await.is(303);
    assert_eq!(value(&sent_back(&nobody), "error"), "login_required", "{nobody}");
    visitor.sign_in(&path(&[]), "Priya Nair").await;
    for change in
        [&[][..], &[("prompt", "none")], &[("login_hint", "PRIYA.nair@harborlane.example")]]
    {
        let silent = visitor.open(&path(change)).await.is(303);
        assert!(!value(&sent_back(&silent), "code").is_empty(), "{silent}");
    }
    for change in [
        &[("prompt", "select_account")][..],
        &[("prompt", "login")],
        &[("login_hint", "dana.whitlock@alderfinch.example")],
    ] {
        visitor.open(&path(change)).await.is(200);
    }
    let hinted = [("login_hint", "dana.whitlock@alderfinch.example")];
    let first = choices(&visitor.open(&path(&hinted)).await.is(200)).remove(0);
    assert!(first.text.contains("Dana Whitlock"), "{first:?}");
    let elsewhere = visitor.open(&authorize("consumers", &app, &[])).await;
    elsewhere.is(200);

    let back = app.redirect_uris[0].as_str();
    let url = |client: &str, back: &str| {
        let query = [("client_id", client), ("post_logout_redirect_uri", back), ("state", "s 1")];
        let url = reqwest::Url::parse_with_params("http://x/common/oauth2/v2.0/logout", query);
        format!("/common/oauth2/v2.0/logout?{}", url.unwrap().query().unwrap())
    };
    let nowhere = visitor.open(&url(&app.client_id, "https://evil.example/")).await.is(200);
    assert!(nowhere.header("location").is_empty(), "{nowhere}");
    visitor.open(&path(&[])).await.is(200);
    visitor.sign_in(&path(&[]), "Priya Nair").await;
    let gone = visitor.open(&url(&app.client_id, back)).await.is(303);
    assert_eq!(gone.header("location"), format!("{back}?state=s+1"), "{gone}");
    visitor.open(&path(&[])).await.is(200);
}

#[tokio::test]
async fn a_profiles_token_counts_from_its_beginning_to_its_end_and_for_nothing_else() {
    let world = World::new(Db::Sqlite).await;
    let code = code(&world).await;
    let answer = redeem(&world, "common", &redeeming(&app(&world), &code)).await.is(200);
    let bearer = answer.text_at("/access_token");
    let kid = jsonwebtoken::decode_header(&bearer).unwrap().kid;
    for (name, value, status) in [
        ("uti", json!("another"), 200),
        ("nbf", json!(32_503_680_000_i64), 401),
        ("exp", json!(1_000_000_000), 401),
        ("aud", json!(shared::identity::MARKETPLACE_RESOURCE), 401),
    ] {
        let mut said = claims(&bearer);
        said[name] = value;
        let token = signed(&said, kid.clone());
        for path in ["/oidc/userinfo", "/v1.0/me"] {
            let call = world.anon.call(Method::GET, path).bearer_auth(&token);
            call.ask().await.is(status);
        }
    }
}
