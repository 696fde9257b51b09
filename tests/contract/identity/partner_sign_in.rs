//! A partner's user signs in to the partner's app (App+User, partner-center.md 3.1): code, tokens, refresh tokens.

use jiff::SignedDuration;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use shared::{clock::FakeClock, rehearsal::SignIn};

use crate::support::{
    Answer, Ask, Db, World,
    partner::PartnerApp,
    visitor::{Visitor, authorize, choices, claims, redeeming, sent_back, value},
};

const CALL: &str = "https://api.partnercenter.microsoft.com/user_impersonation";
const BACK: &str = "http://localhost:5000";

/// A partner's app as people sign in to it.
fn sign_in_of(partner: &PartnerApp) -> SignIn {
    SignIn {
        client_id: partner.app.client_id.clone(),
        client_secret: partner.app.client_secret.clone(),
        redirect_uris: vec![BACK.to_owned()],
    }
}

/// The address where a partner's user signs in.
fn authorize_at(partner: &PartnerApp, change: &[(&str, &str)]) -> String {
    let scope = format!("openid profile offline_access {CALL}");
    let change: Vec<_> = [("scope", scope.as_str())].iter().chain(change).copied().collect();
    authorize(&partner.app.tenant_id, &sign_in_of(partner), &change)
}

async fn ask(world: &World, partner: &PartnerApp, path: &str, form: &[(&str, &str)]) -> Answer {
    let path = format!("/{}/oauth2/{path}", partner.app.tenant_id);
    world.anon.call(Method::POST, &path).form(form).ask().await
}

/// Signs in as who has this name, and redeems the code at an endpoint.
async fn signed_in(world: &World, partner: &PartnerApp, name: &str, path: &str) -> Answer {
    let fields = Visitor::new(world).sign_in(&authorize_at(partner, &[]), name).await;
    let app = sign_in_of(partner);
    ask(world, partner, path, &redeeming(&app, value(&fields, "code"))).await
}

/// The form for a refresh token.
fn refreshing<'a>(partner: &'a PartnerApp, token: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "refresh_token"),
        ("client_id", &partner.app.client_id),
        ("client_secret", partner.app.client_secret.expose()),
        ("refresh_token", token),
    ]
}

#[track_caller]
fn refused(answer: Answer, error: &str, number: u32) {
    let answer = answer.is(400);
    assert_eq!(answer.at("/error"), error, "{answer}");
    assert_eq!(answer.at("/error_codes"), json!([number]), "{answer}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_user_signs_in_and_the_app_calls_for_it(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let partner = world.partner("bluestem").await;
    let picker = Visitor::new(&world).open(&authorize_at(&partner, &[])).await.is(200);
    let shown: Vec<_> = choices(&picker).into_iter().map(|choice| choice.text).collect();
    let users = [
        ("Maria Ortega", "Global admin"),
        ("Andre Fontaine", "Admin agent"),
        ("Grace Holloway", "Sales agent"),
        ("Victor Salas", "Billing admin"),
        ("Hana Kim", "No role"),
    ];
    assert_eq!(shown.len(), users.len(), "{shown:?}");
    for ((name, role), text) in users.iter().zip(&shown) {
        assert!(text.contains(name) && text.contains(role), "{text}");
    }
    let common = authorize("common", &sign_in_of(&partner), &[("scope", CALL)]);
    let picker = Visitor::new(&world).open(&common).await.is(200);
    assert_eq!(choices(&picker).len(), users.len(), "its tenant's only: {picker}");

    let answer = signed_in(&world, &partner, "Grace Holloway", "v2.0/token").await.is(200);
    assert_eq!(answer.at("/token_type"), "Bearer", "{answer}");
    assert_eq!(answer.at("/expires_in"), 3600, "{answer}");
    let scope = format!("openid profile offline_access {CALL}");
    assert_eq!(answer.at("/scope"), scope.as_str(), "{answer}");
    let grace = "grace.holloway@bluestem.example";
    let id = claims(&answer.text_at("/id_token"));
    assert_eq!(id["preferred_username"], grace, "{id}");
    assert_eq!(id["aud"], partner.app.client_id.as_str(), "{id}");
    let bearer = answer.text_at("/access_token");
    let said = claims(&bearer);
    for (claim, value) in [
        ("aud", json!("https://api.partnercenter.microsoft.com")),
        ("upn", json!(grace)),
        ("oid", id["oid"].clone()),
        ("scp", json!("user_impersonation")),
        ("amr", json!(["pwd", "mfa"])),
        ("roles", json!(["SalesAgent"])),
        ("appid", json!(partner.app.client_id)),
        ("ver", json!("1.0")),
    ] {
        assert_eq!(said[claim], value, "{claim}: {said}");
    }
    partner.with_bearer(&bearer).exchange().await.is(200);
    let journal = world.operator.journal().await.iter().map(Value::to_string).collect::<String>();
    let refresh = answer.text_at("/refresh_token");
    assert!(!journal.contains(&refresh) && !journal.contains(&bearer), "no token is told");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn v1_answers_in_text_by_code_and_by_refresh_token(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let partner = world.partner("bluestem").await;
    let mut answer = signed_in(&world, &partner, "Andre Fontaine", "token").await.is(200);
    for _ in 0..2 {
        for (member, value) in [
            ("token_type", "Bearer"),
            ("scope", "user_impersonation"),
            ("expires_in", "3600"),
            ("ext_expires_in", "3600"),
            ("not_before", "1801386000"),
            ("expires_on", "1801389600"),
            ("resource", "https://api.partnercenter.microsoft.com"),
        ] {
            assert_eq!(answer.text_at(&format!("/{member}")), value, "{answer}");
        }
        let said = claims(&answer.text_at("/access_token"));
        assert_eq!(said["roles"], json!(["AdminAgent"]), "{said}");
        assert_eq!(claims(&answer.text_at("/id_token"))["oid"], said["oid"]);
        partner.with_bearer(&answer.text_at("/access_token")).exchange().await.is(200);
        let token = answer.text_at("/refresh_token");
        answer = ask(&world, &partner, "token", &refreshing(&partner, &token)).await.is(200);
        assert_ne!(answer.text_at("/refresh_token"), token);
    }
    let app = &world.sandbox.publisher.sign_in;
    let mut form = redeeming(app, "made-up");
    form.push(("resource", "https://api.partnercenter.microsoft.com"));
    let path = format!("/{}/oauth2/token", world.publisher.app.tenant_id);
    let landing = world.anon.call(Method::POST, &path).form(&form).ask().await;
    refused(landing, "invalid_resource", 500_011);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q67_a_refresh_token_is_replaced_and_the_old_one_taken_or_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let use_it =
        async |token: &str| ask(&world, &partner, "v2.0/token", &refreshing(&partner, token)).await;
    let first = signed_in(&world, &partner, "Maria", "v2.0/token").await.is(200);
    let first = first.text_at("/refresh_token");
    let second = use_it(&first).await.is(200).text_at("/refresh_token");
    assert_ne!(first, second);
    use_it(&first).await.is(200); // the real service does not revoke it
    use_it(&second).await.is(200);

    world.operator.set_quirk("refresh_token_reuse", "refused").await;
    let first = signed_in(&world, &partner, "Maria", "v2.0/token").await.is(200);
    let first = first.text_at("/refresh_token");
    let second = use_it(&first).await.is(200).text_at("/refresh_token");
    let third = use_it(&second).await.is(200).text_at("/refresh_token");
    refused(use_it(&first).await, "invalid_grant", 50_173);
    refused(use_it(&third).await, "invalid_grant", 70_000); // its family has ended
    refused(use_it(&first).await, "invalid_grant", 70_000);
    let again = signed_in(&world, &partner, "Maria", "v2.0/token").await.is(200);
    use_it(&again.text_at("/refresh_token")).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_refresh_token_is_for_its_app_and_scopes_and_for_ninety_days(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let partner = world.partner("bluestem").await;
    let other = world.partner("alder-finch").await;
    let token = signed_in(&world, &partner, "Maria", "v2.0/token").await.is(200);
    let token = token.text_at("/refresh_token");
    let stolen = ask(&world, &other, "v2.0/token", &refreshing(&other, &token)).await;
    refused(stolen, "invalid_grant", 70_000);
    let mut form = refreshing(&partner, &token);
    form.push(("scope", "User.Read"));
    refused(ask(&world, &partner, "v2.0/token", &form).await, "invalid_grant", 65_001);
    let mut form = refreshing(&partner, &token);
    form.push(("scope", CALL));
    let narrow = ask(&world, &partner, "v2.0/token", &form).await.is(200);
    assert_eq!(narrow.at("/scope"), CALL, "{narrow}");
    assert_eq!(narrow.at("/id_token"), Value::Null, "{narrow}");
    let mut form = refreshing(&partner, &token);
    form[2].1 = "wrong";
    let unproved = ask(&world, &partner, "v2.0/token", &form).await.is(401);
    assert_eq!(unproved.at("/error"), "invalid_client", "{unproved}");
    let form = &refreshing(&partner, &token)[..3];
    refused(ask(&world, &partner, "v2.0/token", form).await, "invalid_request", 900_144);
    let made_up = ask(&world, &partner, "v2.0/token", &refreshing(&partner, "made-up")).await;
    refused(made_up, "invalid_grant", 70_000);
    clock.advance(SignedDuration::from_hours(90 * 24) - SignedDuration::from_secs(1));
    ask(&world, &partner, "v2.0/token", &refreshing(&partner, &token)).await.is(200);
    clock.advance(SignedDuration::from_secs(1));
    let over = ask(&world, &partner, "v2.0/token", &refreshing(&partner, &token)).await;
    refused(over, "invalid_grant", 700_082);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn refresh_tokens_outlive_a_restart_and_are_not_stored_as_they_are(#[case] db: Db) {
    let mut world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let token = signed_in(&world, &partner, "Maria", "v2.0/token").await.is(200);
    let token = token.text_at("/refresh_token");
    world.restart().await;
    ask(&world, &partner, "v2.0/token", &refreshing(&partner, &token)).await.is(200);
    world.stop_broker().await;
    if db == Db::Sqlite {
        let found = std::fs::read(world.data_dir().join("broker.db")).unwrap();
        let holds = |text: &str| found.windows(text.len()).any(|bytes| bytes == text.as_bytes());
        assert!(holds("maria.ortega@bluestem.example") && !holds(&token));
    }
}

#[tokio::test]
async fn codes_go_to_localhost_or_where_the_partner_says() {
    let world = World::new(Db::Sqlite).await;
    let partner = world.partner("bluestem").await;
    let visitor = Visitor::new(&world);
    let open = async |uri: &str| {
        visitor.open(&authorize_at(&partner, &[("redirect_uri", uri)])).await.status
    };
    for uri in ["http://localhost", "http://localhost:49152", "http://localhost:8400/"] {
        assert_eq!(open(uri).await, 200, "{uri}");
    }
    let own = "https://portal.bluestem.example/signed-in";
    for uri in [own, "http://localhost:5000/back", "https://localhost:5000", "http://127.0.0.1"] {
        assert_eq!(open(uri).await, 400, "{uri}");
    }
    let set = json!({"redirectUris": [own]});
    world.operator.put("/partners/bluestem", &set).await.is(200);
    assert_eq!((open(own).await, open("http://localhost").await), (200, 400));
}

#[tokio::test]
async fn only_a_partners_app_may_ask_to_call_partner_center() {
    let world = World::new(Db::Sqlite).await;
    let app = &world.sandbox.publisher.sign_in;
    let visitor = Visitor::new(&world);
    let landing = visitor.open(&authorize("common", app, &[("scope", CALL)])).await.is(303);
    assert_eq!(value(&sent_back(&landing), "error"), "invalid_scope", "{landing}");
    let partner = world.partner("bluestem").await;
    let more = authorize_at(&partner, &[("scope", "openid Directory.Read.All")]);
    let more = visitor.open(&more).await.is(303);
    assert_eq!(value(&sent_back(&more), "error"), "invalid_scope", "{more}");
    // A landing page's app may stay signed in too, for the person's own profile.
    let path = authorize("common", app, &[("scope", "openid offline_access User.Read")]);
    let fields = visitor.sign_in(&path, "Priya Nair").await;
    let ask = async |form: &[(&str, &str)]| {
        let call = world.anon.call(Method::POST, "/common/oauth2/v2.0/token").form(form);
        call.ask().await.is(200)
    };
    let answer = ask(&redeeming(app, value(&fields, "code"))).await;
    let token = answer.text_at("/refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &*app.client_id),
        ("client_secret", app.client_secret.expose()),
        ("refresh_token", &*token),
    ];
    let bearer = ask(&form).await.text_at("/access_token");
    let me = world.anon.call(Method::GET, "/v1.0/me").bearer_auth(bearer).ask().await.is(200);
    assert_eq!(me.at("/userPrincipalName"), "priya.nair@harborlane.example", "{me}");
}
