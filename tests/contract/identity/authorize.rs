//! GET and POST /{tenant}/oauth2/v2.0/authorize: what is refused on a page, what is sent back, and in which form.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use shared::rehearsal::SignIn;

use crate::support::{
    Ask, Db, World,
    visitor::{Visitor, authorize, choice, claims, sent_back, value},
};

fn app(world: &World) -> SignIn {
    world.sandbox.publisher.sign_in.clone()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_unknown_app_or_another_redirect_uri_sends_nobody_anywhere(#[case] db: Db) {
    let world = World::new(db).await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    let known = app.redirect_uris[0].clone();
    let (shorter, longer) = (&known[..known.len() - 1], format!("{known}/"));
    let (upper, query) = (known.replace("contoso", "Contoso"), format!("{known}?a=1"));
    let elsewhere = known.replace("127.0.0.1", "127.0.0.1.evil.example");
    let secure = known.replace("http:", "https:");
    for uri in [shorter, &longer, &upper, &query, &elsewhere, &secure, "", "javascript:alert(1)"] {
        let page = visitor.open(&authorize("common", &app, &[("redirect_uri", uri)])).await;
        let page = page.is(400);
        let number = if uri.is_empty() { "AADSTS900971" } else { "AADSTS50011" };
        assert!(page.text.contains(number), "{page}");
        assert!(page.header("location").is_empty(), "{page}");
    }
    let nobody = "00000000-0000-0000-0000-000000000000";
    let api = &world.sandbox.publisher.client_id;
    for (client, number) in [
        ("", "AADSTS900144"),
        (nobody, "AADSTS700016"),
        ("x", "AADSTS700016"),
        (api, "AADSTS700016"),
    ] {
        let page = visitor.open(&authorize("common", &app, &[("client_id", client)])).await.is(400);
        assert!(page.text.contains(number), "{page}");
    }
    for tenant in ["nobody", nobody, "%ff"] {
        let page = visitor.open(&authorize(tenant, &app, &[])).await.is(400);
        assert!(page.text.contains("AADSTS90002"), "{page}");
    }
    let other_port = known.replace("8701", "49152");
    visitor.open(&authorize("common", &app, &[("redirect_uri", &other_port)])).await.is(200);
    let strange = [("redirect_uri", "http://x/<script>alert(1)</script>")];
    let page = visitor.open(&authorize("common", &app, &strange)).await.is(400);
    assert!(!page.text.contains("<script>"), "{page}");
}

#[tokio::test]
async fn everything_else_that_is_wrong_goes_back_to_the_app() {
    let world = World::new(Db::Sqlite).await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    for (change, error) in [
        (&[("response_type", "token")][..], "unsupported_response_type"),
        (&[("response_type", "")], "invalid_request"),
        (&[("scope", "")], "invalid_request"),
        (&[("scope", "openid Directory.Read.All")], "invalid_scope"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("prompt", "now")], "invalid_request"),
        (&[("response_type", "id_token"), ("response_mode", "query")], "invalid_request"),
        (&[("response_type", "code id_token"), ("nonce", "")], "invalid_request"),
    ] {
        let answer = visitor.open(&authorize("common", &app, change)).await.is(303);
        assert!(answer.header("location").starts_with(&app.redirect_uris[0]), "{answer}");
        let fields = sent_back(&answer);
        assert_eq!(value(&fields, "error"), error, "{change:?}: {answer}");
        assert!(value(&fields, "error_description").starts_with("AADSTS"), "{fields:?}");
        assert_eq!(value(&fields, "state"), "state of the app &=%", "{fields:?}");
        assert_eq!(value(&fields, "code"), "", "{fields:?}");
    }
}

#[tokio::test]
async fn a_visitor_may_decline_and_an_administrator_may_have_to_approve() {
    let world = World::new(Db::Sqlite).await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    let picker = visitor.open(&authorize("common", &app, &[])).await.is(200);
    let cancelled = sent_back(&visitor.send(&picker, &[("cancel", "1")]).await.is(303));
    assert_eq!(value(&cancelled, "error"), "access_denied");
    assert!(value(&cancelled, "error_description").starts_with("AADSTS65004"));
    let waits = choice(&picker, "An administrator must approve");
    let page = visitor.choose(&picker, &waits.id).await.is(200);
    assert!(page.text.contains("An administrator must approve"), "{page}");
    let back = sent_back(&visitor.send(&page, &[("decline", "approval")]).await.is(303));
    assert_eq!(value(&back, "error"), "access_denied");
    assert!(value(&back, "error_description").starts_with("AADSTS90094"), "{back:?}");
    assert_eq!(value(&back, "state"), "state of the app &=%");
    visitor.open(&authorize("common", &app, &[])).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_answer_comes_in_the_query_behind_the_hash_or_as_a_form(#[case] db: Db) {
    let world = World::new(db).await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    visitor.sign_in(&authorize("common", &app, &[]), "Priya Nair").await;
    let open =
        async |change: &[(&str, &str)]| visitor.open(&authorize("common", &app, change)).await;
    let fragment = open(&[("response_mode", "fragment")]).await.is(303);
    assert!(fragment.header("location").contains("signed-in#code="), "{fragment}");
    let token = open(&[("response_type", "id_token")]).await.is(303);
    let fields = sent_back(&token);
    assert!(token.header("location").contains("signed-in#id_token="), "{token}");
    assert_eq!(claims(value(&fields, "id_token"))["nonce"], "nonce-1");
    let both = open(&[("response_type", "code id_token"), ("response_mode", "form_post")]).await;
    let both = both.is(200);
    let policy = both.header("content-security-policy");
    assert!(policy.contains("script-src 'sha256-"), "{both}");
    assert!(!policy.contains("unsafe"), "{both}");
    for part in [
        &format!("action=\"{}\"", app.redirect_uris[0]),
        "name=\"code\" value=\"",
        "name=\"id_token\" value=\"",
        "name=\"state\" value=\"",
        "<button",
    ] {
        assert!(both.text.contains(part), "{part}: {both}");
    }
    let id_token = both.text.split("name=\"id_token\" value=\"").nth(1).unwrap();
    let claims = claims(id_token.split('"').next().unwrap());
    assert_eq!(claims["c_hash"].as_str().unwrap().len(), 22, "{claims}");
    let refused = open(&[("response_mode", "carrier_pigeon")]).await.is(400);
    assert!(refused.text.contains("AADSTS70007"), "{refused}");
    let denied = open(&[("prompt", "now"), ("response_mode", "form_post")]).await.is(200);
    assert!(denied.text.contains("name=\"error\" value=\"invalid_request\""), "{denied}");
}

#[tokio::test]
async fn the_picker_is_a_page_that_keeps_to_itself() {
    let world = World::new(Db::Sqlite).await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    let path = authorize("common", &app, &[]);
    let picker = visitor.open(&path).await.is(200);
    assert!(picker.header("content-security-policy").contains("default-src 'self'"), "{picker}");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(picker.header(name), value, "{picker}");
    }
    for cookie in picker.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        assert!(!cookie.contains("Secure"), "{cookie}");
    }
    let css = picker.text.split("href=\"/assets/").nth(1).unwrap().split('"').next().unwrap();
    let css = world.anon.get(&format!("/assets/{css}")).await.is(200);
    assert!(css.header("cache-control").contains("immutable"), "{css}");
    assert_eq!(picker.text.matches("<form").count(), 1, "one form");
    assert!(!picker.text.contains("<script"), "{picker}");

    let account = choice(&picker, "Priya Nair").id;
    let form = [("account", account.as_str())];
    let stranger = Visitor::new(&world);
    stranger.send(&picker, &form).await.is(403);
    world.anon.call(Method::POST, &path).form(&form).ask().await.is(403);
    for (name, value) in [("host", "evil.example"), ("origin", "http://evil.example")] {
        for method in [Method::GET, Method::POST] {
            let call = world.anon.call(method, &path).header(name, value).form(&form);
            call.ask().await.is(403);
        }
    }
    let nobody = visitor.choose(&picker, "00000000-0000-0000-0000-000000000000").await.is(400);
    assert!(nobody.text.contains("cannot be used here"), "{nobody}");
    visitor.send(&picker, &[]).await.is(400);
    visitor.choose(&picker, &account).await.is(303);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn off_loopback_the_picker_asks_for_the_access_code(#[case] db: Db) {
    let world = World::with(db, |config| {
        config.listen = "0.0.0.0".parse().unwrap();
        config.allowed_hosts = vec!["0.0.0.0".to_owned()];
    })
    .await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    let path = authorize("common", &app, &[]);
    let code = std::fs::read_to_string(world.data_dir().join("access-code")).unwrap();
    assert_eq!(code.len(), 20);
    let gate = visitor.open(&path).await.is(200);
    assert!(gate.text.contains("name=\"access_code\""), "{gate}");
    assert!(!gate.text.contains("Priya"), "nobody is shown before: {gate}");
    for wrong in ["", "guess", &code[..19]] {
        let refused = visitor.send(&gate, &[("access_code", wrong)]).await.is(403);
        assert!(!refused.text.contains("Priya"), "{refused}");
    }
    visitor.send(&gate, &[("account", "x")]).await.is(403);
    let inside = visitor.send(&gate, &[("access_code", &code)]).await.is(303);
    assert_eq!(inside.header("location"), path, "{inside}");
    let cookies: Vec<_> = inside.headers.get_all("set-cookie").iter().collect();
    assert!(cookies.iter().all(|cookie| !cookie.to_str().unwrap().contains(&code)));
    let fields = visitor.sign_in(&path, "Priya Nair").await;
    assert!(!value(&fields, "code").is_empty());
    visitor.open(&path).await.is(303);
    Visitor::new(&world).open(&path).await.is(200);
    assert_eq!(json!(world.operator.get("").await.is(200).text.contains(&code)), json!(false));
}
