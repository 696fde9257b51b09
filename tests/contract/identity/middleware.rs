//! The authorize and logout endpoints as the sign-in libraries of publishers call them: ASP.NET Core's middleware, MSAL,
//! passport-azure-ad. What they send beside the documented parameters changes nothing (clients.md 3).

use reqwest::{Method, Url};
use rstest::rstest;
use serde_json::json;
use shared::rehearsal::SignIn;

use crate::support::{
    Answer, Ask, Db, World,
    visitor::{Visitor, authorize, authorize_v1, choices, claims, redeeming, sent_back, value},
};

fn app(world: &World) -> SignIn {
    world.sandbox.publisher.sign_in.clone()
}

/// A hidden field of a page that is sent on as a form.
#[track_caller]
fn field(page: &Answer, name: &str) -> String {
    let rest = page.text.split(&format!("name=\"{name}\" value=\"")).nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no {name}: {page}"));
    rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn asp_net_core_signs_in_by_form_post(#[case] db: Db) {
    let world = World::new(db).await;
    let app = app(&world);
    let state = format!("CfDJ8{}", "aB3-_".repeat(400));
    let nonce = format!("638739072000000000.{}", "MDU4ZmE2".repeat(12));
    let path = authorize(
        "common",
        &app,
        &[
            ("response_type", "code id_token"),
            ("scope", "openid profile offline_access User.Read"),
            ("response_mode", "form_post"),
            ("nonce", &nonce),
            ("client_info", "1"),
            ("x-client-brkrver", "IDWeb.3.5.0.0"),
            ("state", &state),
            ("x-client-SKU", "ID_NET8_0"),
            ("x-client-ver", "8.3.0.0"),
        ],
    );
    let visitor = Visitor::new(&world);
    let picker = visitor.open(&path).await.is(200);
    let account = choices(&picker).into_iter().find(|one| one.text.contains("Priya")).unwrap();
    let page = visitor.choose(&picker, &account.id).await.is(200);
    assert_eq!(field(&page, "state"), state, "to the letter");
    let said = claims(&field(&page, "id_token"));
    assert_eq!(said["nonce"], nonce.as_str(), "{said}");
    let code = field(&page, "code");
    let mut form = redeeming(&app, &code);
    form.extend([("client_info", "1"), ("scope", "openid profile offline_access User.Read")]);
    let call = world.anon.call(Method::POST, "/common/oauth2/v2.0/token").form(&form);
    let answer = call.header("x-client-SKU", "MSAL.NetCore").ask().await.is(200);
    assert_eq!(claims(&answer.text_at("/id_token"))["nonce"], nonce.as_str());
    assert!(answer.text_at("/client_info").starts_with("eyJ"), "{answer}");
}

#[tokio::test]
async fn msal_and_passport_send_more_than_is_documented() {
    let world = World::new(Db::Sqlite).await;
    let app = app(&world);
    let claims_asked = "{\"access_token\":{\"xms_cc\":{\"values\":[\"CP1\"]}}}";
    for change in [
        // MSAL Node
        &[
            ("response_mode", "query"),
            ("prompt", "select_account"),
            ("client-request-id", "0f3c1d5e-8a54-4b0e-9d55-1b8f2f1f7a10"),
            ("x-client-SKU", "msal.js.node"),
            ("x-client-OS", "linux"),
            ("client_info", "1"),
            ("clidata", "1"),
            ("claims", claims_asked),
            ("scope", "User.Read openid profile offline_access"),
        ][..],
        // MSAL for Python
        &[
            ("client_info", "1"),
            ("scope", "offline_access openid profile User.Read"),
            ("claims", claims_asked),
        ],
        // With Graph's own names
        &[("scope", "openid https://graph.microsoft.com/User.Read"), ("haschrome", "1")],
    ] {
        let path = authorize("organizations", &app, change);
        let fields = Visitor::new(&world).sign_in(&path, "Priya").await;
        assert_eq!(value(&fields, "state"), "state of the app &=%", "{fields:?}");
        assert!(!value(&fields, "code").is_empty(), "{fields:?}");
    }
    // passport-azure-ad: an id token alone, as a form
    let path = authorize(
        "common",
        &app,
        &[
            ("response_type", "id_token"),
            ("response_mode", "form_post"),
            ("scope", "profile openid email"),
            ("x-client-SKU", "passport-azure-ad"),
            ("code_challenge", ""),
            ("code_challenge_method", ""),
        ],
    );
    let visitor = Visitor::new(&world);
    let picker = visitor.open(&path).await.is(200);
    let page = visitor.choose(&picker, &choices(&picker)[0].id).await.is(200);
    assert_eq!(claims(&field(&page, "id_token"))["nonce"], "nonce-1");
    assert!(!page.text.contains("name=\"code\""), "{page}");
}

#[tokio::test]
async fn who_cancels_is_told_to_the_app_in_the_form_it_asked_for() {
    let world = World::new(Db::Sqlite).await;
    let app = app(&world);
    let visitor = Visitor::new(&world);
    for (mode, mark) in [("query", "signed-in?error="), ("fragment", "signed-in#error=")] {
        let picker = visitor.open(&authorize("common", &app, &[("response_mode", mode)])).await;
        let back = visitor.send(&picker.is(200), &[("cancel", "1")]).await.is(303);
        assert!(back.header("location").contains(mark), "{back}");
        let fields = sent_back(&back);
        assert_eq!(value(&fields, "error"), "access_denied", "{fields:?}");
        assert_eq!(value(&fields, "state"), "state of the app &=%", "{fields:?}");
    }
    for change in [&[][..], &[("response_type", "id_token")]] {
        let change: Vec<_> =
            [("response_mode", "form_post")].iter().chain(change).copied().collect();
        for path in [authorize("common", &app, &change), authorize_v1("common", &app, &change)] {
            let picker = visitor.open(&path).await.is(200);
            let page = visitor.send(&picker, &[("cancel", "1")]).await.is(200);
            assert_eq!(field(&page, "error"), "access_denied");
            assert!(field(&page, "error_description").starts_with("AADSTS65004"), "{page}");
            assert_eq!(field(&page, "state"), "state of the app &=%");
        }
    }
}

#[tokio::test]
async fn hints_say_who_comes_first_and_keep_nobody_out() {
    let world = World::new(Db::Sqlite).await;
    let app = app(&world);
    let all = choices(&Visitor::new(&world).open(&authorize("common", &app, &[])).await.is(200));
    let shown = async |change: &[(&str, &str)]| {
        let picker = Visitor::new(&world).open(&authorize("common", &app, change)).await.is(200);
        let shown = choices(&picker);
        assert_eq!(shown.len(), all.len(), "{change:?}");
        shown.into_iter().map(|choice| choice.text).collect::<Vec<_>>()
    };
    let first = async |change: &[(&str, &str)]| shown(change).await.remove(0);
    let near = shown(&[("domain_hint", "AlderFinch.example")]).await;
    assert!(near[..5].iter().all(|text| text.contains("@alderfinch.example")), "{near:?}");
    assert!(first(&[("domain_hint", "consumers")]).await.contains("Alex Moreau"));
    assert_eq!(first(&[("domain_hint", "organizations")]).await, all[0].text);
    assert_eq!(first(&[("domain_hint", "unknown.example")]).await, all[0].text);
    let both = [("domain_hint", "consumers"), ("login_hint", "dana.whitlock@alderfinch.example")];
    let both = shown(&both).await;
    assert!(both[0].contains("Dana Whitlock") && both.iter().any(|text| text.contains("Alex")));
    for hint in ["O.CiQ0NWQ", "nobody@nowhere.example", "\u{0}", "<script>"] {
        assert_eq!(first(&[("login_hint", hint)]).await, all[0].text, "{hint}");
    }
    let silent = [("prompt", "none"), ("login_hint", "nobody@nowhere.example")];
    let silent = Visitor::new(&world).open(&authorize("common", &app, &silent)).await.is(303);
    assert_eq!(value(&sent_back(&silent), "error"), "login_required", "{silent}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn signing_out_leads_back_to_an_app_that_has_registered_the_address(#[case] db: Db) {
    let world = World::new(db).await;
    let app = app(&world);
    let back = "https://app.contoso.example/signout-callback-oidc";
    let own = app.redirect_uris[0].clone();
    world.operator.configure(&json!({"redirectUris": [own, back]})).await.is(200);
    let logout = |version: &str, query: &[(&str, &str)]| {
        let url = Url::parse_with_params("http://x/", query).unwrap();
        format!("/common/oauth2/{version}logout?{}", url.query().unwrap_or_default())
    };
    let fields = Visitor::new(&world).sign_in(&authorize("common", &app, &[]), "Priya").await;
    let form = redeeming(&app, value(&fields, "code"));
    let call = world.anon.call(Method::POST, "/common/oauth2/v2.0/token").form(&form);
    let hint = call.ask().await.is(200).text_at("/id_token");
    let client = &world.sandbox.publisher.client_id; // the app that calls the API: nobody signs in to it
    for version in ["", "v2.0/"] {
        // Who signs out, what is sent, and whether it leads back.
        for (signed_in, query, leads) in [
            (true, &[("post_logout_redirect_uri", back), ("state", "s 1")][..], true),
            (true, &[("post_logout_redirect_uri", back), ("id_token_hint", &hint)], true),
            (false, &[("post_logout_redirect_uri", back), ("id_token_hint", &hint)], true),
            (false, &[("post_logout_redirect_uri", back), ("client_id", &app.client_id)], true),
            (false, &[("post_logout_redirect_uri", back)], false),
            (true, &[("post_logout_redirect_uri", "https://app.contoso.example/")], false),
            (true, &[("post_logout_redirect_uri", back), ("id_token_hint", "x")], true),
            (true, &[("post_logout_redirect_uri", back), ("client_id", client)], false),
            (true, &[("post_logout_redirect_uri", back), ("client_id", "x")], false),
            (true, &[("client_id", &app.client_id)], false),
            (true, &[], false),
        ] {
            let visitor = Visitor::new(&world);
            if signed_in {
                visitor.sign_in(&authorize("common", &app, &[]), "Priya").await;
            }
            let answer = visitor.open(&logout(version, query)).await;
            if leads {
                let state =
                    if query.len() == 2 && query[1].0 == "state" { "?state=s+1" } else { "" };
                assert_eq!(answer.is(303).header("location"), format!("{back}{state}"));
            } else {
                let page = answer.is(200);
                assert!(page.text.contains("Signed out"), "{query:?}: {page}");
                assert_eq!(page.header("location"), "", "{page}");
            }
            visitor.open(&authorize("common", &app, &[])).await.is(200); // nobody is remembered
        }
    }
}

#[tokio::test]
async fn an_app_may_ask_by_post_too() {
    let world = World::new(Db::Sqlite).await;
    let app = app(&world);
    for path in [authorize("common", &app, &[]), authorize_v1("common", &app, &[])] {
        let (endpoint, query) = path.split_once('?').unwrap();
        // The form comes from the app's own page, so from another site.
        let ask = |body: String| {
            let call = world.anon.call(Method::POST, endpoint).body(body);
            call.header("origin", "https://app.contoso.example")
                .header("content-type", "application/x-www-form-urlencoded")
                .ask()
        };
        let moved = ask(query.to_owned()).await.is(303);
        assert_eq!(moved.header("location"), path, "{moved}");
        let fields = Visitor::new(&world).sign_in(moved.header("location"), "Priya").await;
        assert!(!value(&fields, "code").is_empty(), "{fields:?}");
        for body in
            ["", "account=x", "csrf=x&account=y", &format!("client_id={}", "x".repeat(20_000))]
        {
            let refused = ask(body.to_owned()).await.is(403);
            assert_eq!(refused.header("location"), "", "{refused}");
        }
    }
}
