//! GET and POST /{tenant}/oauth2/authorize and codes at /{tenant}/oauth2/token: the sign-in of v1, which asks by resource
//! and whose answers are text (fulfillment.md 5.1; partner-center.md 3.1).

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use shared::{clock::FakeClock, rehearsal::SignIn};

use crate::support::{
    Answer, Ask, Db, World,
    partner::PartnerApp,
    visitor::{Visitor, authorize, authorize_v1, choices, claims, redeeming, sent_back, value},
};

const GRAPH: &str = "https://graph.microsoft.com";
const PARTNER_CENTER: &str = "https://api.partnercenter.microsoft.com";

fn app(world: &World) -> SignIn {
    world.sandbox.publisher.sign_in.clone()
}

/// A partner's app as people sign in to it.
fn app_of(partner: &PartnerApp) -> SignIn {
    SignIn {
        client_id: partner.app.client_id.clone(),
        client_secret: partner.app.client_secret.clone(),
        redirect_uris: vec!["http://localhost:5000".to_owned()],
    }
}

/// Asks the v1 token endpoint.
async fn ask(world: &World, tenant: &str, form: &[(&str, &str)]) -> Answer {
    world.anon.call(Method::POST, &format!("/{tenant}/oauth2/token")).form(form).ask().await
}

/// The form for a code, with more members.
fn redeem<'a>(
    app: &'a SignIn,
    code: &'a str,
    more: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut form = redeeming(app, code);
    form.retain(|(name, _)| more.iter().all(|(changed, _)| changed != name));
    form.extend(more);
    form
}

/// The form for a refresh token, with more members.
fn refresh<'a>(
    app: &'a SignIn,
    token: &'a str,
    more: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("client_id", app.client_id.as_str()),
        ("client_secret", app.client_secret.expose()),
        ("refresh_token", token),
    ];
    form.extend(more);
    form
}

#[track_caller]
fn refused(answer: Answer, error: &str, number: u32) {
    let answer = answer.is(400);
    assert_eq!(answer.at("/error"), error, "{answer}");
    assert_eq!(answer.at("/error_codes"), json!([number]), "{answer}");
}

/// What a bearer opens, told by the status.
async fn opens(world: &World, path: &str, bearer: &str) -> u16 {
    world.anon.call(Method::GET, path).bearer_auth(bearer).ask().await.status
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_visitor_signs_in_by_v1_and_everything_is_text(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let app = app(&world);
    let path = authorize_v1("common", &app, &[("scope", "openid"), ("resource", GRAPH)]);
    let fields = Visitor::new(&world).sign_in(&path, "Priya Nair").await;
    assert_eq!(value(&fields, "state"), "state of the app &=%");
    let code = value(&fields, "code");
    for (more, error, number) in [
        (("code_verifier", "x"), "invalid_grant", 501_481),
        (("redirect_uri", "http://127.0.0.1:8701/"), "invalid_grant", 50_011),
        (("code", ""), "invalid_request", 900_144),
        (("resource", PARTNER_CENTER), "invalid_resource", 500_011),
        (("resource", "https://graph.windows.net"), "invalid_resource", 500_011),
    ] {
        refused(ask(&world, "common", &redeem(&app, code, &[more])).await, error, number);
    }
    let mut answer = ask(&world, "common", &redeem(&app, code, &[("resource", GRAPH)])).await;
    for _ in 0..2 {
        answer = answer.is(200);
        for (member, value) in [
            ("token_type", "Bearer"),
            ("scope", "openid profile email User.Read"),
            ("expires_in", "3600"),
            ("ext_expires_in", "3600"),
            ("not_before", "1801386000"),
            ("expires_on", "1801389600"),
            ("resource", GRAPH),
        ] {
            assert_eq!(answer.text_at(&format!("/{member}")), value, "{answer}");
        }
        assert_eq!(answer.header("cache-control"), "no-store", "{answer}");
        let bearer = answer.text_at("/access_token");
        for path in ["/v1.0/me", "/oidc/userinfo", "/common/openid/userinfo"] {
            assert_eq!(opens(&world, path, &bearer).await, 200, "{path}");
        }
        let said = claims(&answer.text_at("/id_token"));
        let tenant = said["tid"].as_str().unwrap();
        for (name, expected) in [
            ("aud", json!(app.client_id)),
            ("iss", json!(format!("https://sts.windows.net/{tenant}/"))),
            ("ver", json!("1.0")),
            ("upn", json!("priya.nair@harborlane.example")),
            ("unique_name", json!("priya.nair@harborlane.example")),
            ("given_name", json!("Priya")),
            ("family_name", json!("Nair")),
            ("iat", json!(1_801_386_000)),
            ("exp", json!(1_801_389_600)),
        ] {
            assert_eq!(said[name], expected, "{name}: {said}");
        }
        let me = world.anon.call(Method::GET, "/v1.0/me").bearer_auth(&bearer).ask().await;
        assert_eq!(me.at("/id"), said["oid"], "{me}");
        let token = answer.text_at("/refresh_token");
        answer = ask(&world, "common", &refresh(&app, &token, &[("resource", GRAPH)])).await;
    }
    refused(ask(&world, "common", &redeem(&app, code, &[])).await, "invalid_grant", 54_005);
    let token = answer.is(200).text_at("/refresh_token");
    let other = refresh(&app, &token, &[("resource", "https://example.com")]);
    refused(ask(&world, "common", &other).await, "invalid_resource", 500_011);
    // A code of one version is good at the other, as the app has proved to be the same.
    let fields = Visitor::new(&world).sign_in(&path, "Dana").await;
    let v2 = world.anon.call(Method::POST, "/common/oauth2/v2.0/token");
    let v2 = v2.form(&redeeming(&app, value(&fields, "code"))).ask().await.is(200);
    assert_eq!(v2.at("/expires_in"), 3600, "{v2}");
    assert_eq!(claims(&v2.text_at("/id_token"))["ver"], "2.0");
}

#[tokio::test]
async fn v1_answers_in_each_form_and_with_an_id_token_of_its_own() {
    let world = World::new(Db::Sqlite).await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    visitor.sign_in(&authorize_v1("common", &app, &[]), "Priya Nair").await;
    let open =
        async |change: &[(&str, &str)]| visitor.open(&authorize_v1("common", &app, change)).await;
    let token = open(&[("response_type", "id_token")]).await.is(303);
    assert!(token.header("location").contains("signed-in#id_token="), "{token}");
    let said = claims(value(&sent_back(&token), "id_token"));
    assert_eq!((&said["nonce"], &said["ver"]), (&json!("nonce-1"), &json!("1.0")), "{said}");
    assert_eq!(said["c_hash"], Value::Null, "{said}");
    let both = open(&[("response_type", "code id_token"), ("response_mode", "form_post")]).await;
    assert!(both.is(200).text.contains("name=\"id_token\" value=\""));
    let silent = open(&[("prompt", "none")]).await.is(303);
    assert!(!value(&sent_back(&silent), "code").is_empty(), "{silent}");
    for prompt in ["admin_consent", "consent", "login", "select_account"] {
        open(&[("prompt", prompt)]).await.is(200);
    }
    for (change, error, number) in [
        (("resource", "https://example.com"), "invalid_resource", "AADSTS500011"),
        (("resource", PARTNER_CENTER), "invalid_resource", "AADSTS500011"),
        (("response_type", ""), "invalid_request", "AADSTS900144"),
        (("response_type", "token"), "unsupported_response_type", "AADSTS70005"),
        (("code_challenge_method", "plain"), "invalid_request", "AADSTS9002313"),
        (("prompt", "now"), "invalid_request", "AADSTS90023"),
    ] {
        let fields = sent_back(&open(&[change]).await.is(303));
        assert_eq!(value(&fields, "error"), error, "{change:?}: {fields:?}");
        assert!(value(&fields, "error_description").starts_with(number), "{fields:?}");
        assert_eq!(value(&fields, "state"), "state of the app &=%");
    }
    let picker = open(&[("prompt", "login")]).await.is(200);
    let cancelled = sent_back(&visitor.send(&picker, &[("cancel", "1")]).await.is(303));
    assert_eq!(value(&cancelled, "error"), "access_denied");
    // What v1 asks by, v2 does not know, and the other way round.
    for change in [("resource", GRAPH), ("prompt", "admin_consent")] {
        let fields = sent_back(&visitor.open(&authorize("common", &app, &[change])).await.is(303));
        assert_eq!(value(&fields, "error"), "invalid_request", "{fields:?}");
    }
    let url = "/common/oauth2/logout?post_logout_redirect_uri=";
    let url = format!("{url}{}&client_id={}", app.redirect_uris[0], app.client_id);
    assert_eq!(visitor.open(&url).await.is(303).header("location"), app.redirect_uris[0]);
    open(&[]).await.is(200);
}

#[tokio::test]
async fn v1_takes_work_accounts_only() {
    let world = World::new(Db::Sqlite).await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    let of_v2 = choices(&visitor.open(&authorize("common", &app, &[])).await.is(200));
    let picker = visitor.open(&authorize_v1("common", &app, &[])).await.is(200);
    let personal = of_v2.iter().find(|choice| choice.text.contains("Alex Moreau")).unwrap();
    assert_eq!(choices(&picker).len(), of_v2.len() - 1);
    assert!(!choices(&picker).contains(personal));
    visitor.choose(&picker, &personal.id).await.is(400);
    for tenant in ["consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"] {
        let page = visitor.open(&authorize_v1(tenant, &app, &[])).await.is(400);
        assert!(page.text.contains("AADSTS500207"), "{page}");
    }
    let fields = visitor.sign_in(&authorize("common", &app, &[]), "Alex Moreau").await;
    let form = redeeming(&app, value(&fields, "code"));
    refused(ask(&world, "common", &form).await, "invalid_grant", 70_000);
    // Who is remembered from v2 is not signed in by v1.
    visitor.open(&authorize_v1("common", &app, &[])).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_partners_app_chooses_the_resource_when_it_asks_for_tokens(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let (app, tenant) = (app_of(&partner), partner.app.tenant_id.clone());
    let code = async |change: &[(&str, &str)]| {
        let path = authorize_v1(&tenant, &app, change);
        value(&Visitor::new(&world).sign_in(&path, "Grace Holloway").await, "code").to_owned()
    };
    let resource = |answer: &Answer| answer.text_at("/resource");
    for (asked, redeemed, expected) in [
        (None, None, PARTNER_CENTER),
        (Some(PARTNER_CENTER), None, PARTNER_CENTER),
        (Some(GRAPH), None, "00000003-0000-0000-c000-000000000000"),
        (Some(GRAPH), Some(PARTNER_CENTER), PARTNER_CENTER),
        (Some(PARTNER_CENTER), Some(GRAPH), GRAPH),
    ] {
        let change: Vec<_> = asked.iter().map(|name| ("resource", *name)).collect();
        let more: Vec<_> = redeemed.iter().map(|name| ("resource", *name)).collect();
        let code = code(&change).await;
        let answer = ask(&world, &tenant, &redeem(&app, &code, &more)).await.is(200);
        assert_eq!(resource(&answer), expected, "{asked:?} {redeemed:?}: {answer}");
        let bearer = answer.text_at("/access_token");
        let statuses = (
            opens(&world, "/v1/customers", &bearer).await,
            opens(&world, "/v1.0/me", &bearer).await,
        );
        let of_partner = expected == PARTNER_CENTER;
        assert_eq!(statuses, if of_partner { (200, 401) } else { (401, 200) }, "{answer}");
        let token = answer.text_at("/refresh_token");
        for named in [GRAPH, PARTNER_CENTER] {
            let form = refresh(&app, &token, &[("resource", named)]);
            assert_eq!(resource(&ask(&world, &tenant, &form).await.is(200)), named);
        }
    }
    // What was not granted at v2 is not had by v1, and the code is as good as before.
    let path = authorize(&tenant, &app, &[("scope", "openid offline_access User.Read")]);
    let fields = Visitor::new(&world).sign_in(&path, "Grace Holloway").await;
    let code = value(&fields, "code");
    let more = redeem(&app, code, &[("resource", PARTNER_CENTER)]);
    refused(ask(&world, &tenant, &more).await, "invalid_grant", 65_001);
    let answer = ask(&world, &tenant, &redeem(&app, code, &[])).await.is(200);
    let token = answer.text_at("/refresh_token");
    let more = refresh(&app, &token, &[("resource", PARTNER_CENTER)]);
    refused(ask(&world, &tenant, &more).await, "invalid_grant", 65_001);
}
