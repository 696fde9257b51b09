//! The landing page's sign-in against the stand-in's identity service: who is let in, and every way in which an answer
//! may be wrong, late, another's or none.

use serde_json::{Value, json};
use shared::clock::{Clock, SystemClock};

use crate::support::{BENEFICIARY, Browser, LANDING, NEW_KEY, PURCHASER, Setting, Shown, World};

const CHOOSE: &str = "/s/default/contoso/sign-in";
const SIGNED_IN: &str = "/s/default/contoso/signed-in";
const PEOPLE: &str = "a@hanbit.example\nb@hanbit.example";
const STRANGER: [&str; 3] = [
    "33333333-0000-0000-0000-000000000004",
    "44444444-0000-0000-0000-000000000004",
    "sam@stranger.example",
];

/// A browser that came by a link and was sent to sign in; where it was sent.
async fn sent_away(setting: &Setting) -> (Browser, String) {
    let browser = setting.browser();
    browser.get(&format!("{LANDING}?token=a+b/c==")).await;
    let away = browser.get(LANDING).await;
    assert_eq!(away.status, 303, "{}", away.text);
    let to = away.location().to_owned();
    (browser, to)
}

/// The query of an address.
fn query(url: &str) -> std::collections::HashMap<String, String> {
    url::Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

/// No purchase is shown, and the page says what to do: a button to `next`, or none.
#[track_caller]
fn is_refused(shown: &Shown, status: u16, words: &str, next: Option<&str>) {
    let text = &shown.text;
    assert_eq!(shown.status, status, "{text}");
    assert!(text.contains(words), "{words} not in {text}");
    for part in ["Contoso Desk", "Hanbit Garam", "<form", BENEFICIARY[2], PURCHASER[2]] {
        assert!(!text.contains(part), "{part} in {text}");
    }
    match next {
        Some(path) => assert!(text.contains(&format!("<a class=\"btn go\" href=\"{path}\">"))),
        None => assert!(!text.contains("class=\"btn"), "{text}"),
    }
    assert_eq!(shown.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_visitor_is_sent_away_with_what_protects_the_answer() {
    let setting = Setting::new().await;
    let (browser, to) = sent_away(&setting).await;
    assert!(to.starts_with(&format!("{}/common/oauth2/v2.0/authorize?", setting.broker)), "{to}");
    let asked = query(&to);
    let back = format!("{}{SIGNED_IN}", browser.base);
    for (name, value) in [
        ("response_type", "code"),
        ("response_mode", "query"),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
        ("login_hint", BENEFICIARY[2]),
        ("redirect_uri", &back),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(asked[name].len(), 43, "{name}");
    }
    assert!(!to.contains("a+b") && !to.contains("a%2Bb"), "the purchase token stays here: {to}");
    let again = query(browser.get(LANDING).await.location());
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(asked[name], again[name], "{name}");
    }
    // Nothing that would do for somebody who reads the database.
    let folder = setting.folder.path().join("data");
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for name in ["state", "nonce", "code_challenge"] {
            let found = bytes.windows(43).any(|window| window == asked[name].as_bytes());
            assert!(!found, "{name} is kept");
        }
    }
}

#[tokio::test]
async fn beneficiary_and_purchaser_see_the_page_under_a_new_cookie() {
    let setting = Setting::new().await;
    for (person, people) in [(BENEFICIARY, "a@hanbit.example"), (PURCHASER, PEOPLE)] {
        setting.change(|world| world.identity.person = person);
        let (browser, to) = sent_away(&setting).await;
        let back = browser.go(&to).await;
        let signed_in = browser.go(back.location()).await;
        assert_eq!((signed_in.status, signed_in.location()), (303, LANDING));
        let cookie = signed_in.headers["set-cookie"].to_str().unwrap();
        for part in ["isv_visit=", "HttpOnly", "SameSite=Lax", "Path=/s/default/contoso"] {
            assert!(cookie.contains(part), "{part} not in {cookie}");
        }
        let page = browser.get(LANDING).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let who = format!("Signed in as 이하은, {}.", person[2]);
        assert!(page.text.contains("Contoso Desk") && page.text.contains(&who), "{}", page.text);
        assert_eq!(browser.submit(&page.csrf(), people).await.status, 303);
    }
    assert_eq!(setting.world().calls, ["token", "resolve", "resolve"]);
}

#[tokio::test]
async fn whoever_comes_by_the_link_again_need_not_sign_in_again() {
    let setting = Setting::new().await;
    let browser = setting.browser();
    assert_eq!(browser.arrive().await.status, 200);
    browser.get(&format!("{LANDING}?token=a+b/c==")).await;
    assert_eq!(browser.get(LANDING).await.status, 200);
    assert_eq!(setting.world().identity.asked.len(), 1);
    // Unless it is another browser.
    setting.browser().arrive().await;
    assert_eq!(setting.world().identity.asked.len(), 2);
}

#[tokio::test]
async fn another_person_is_refused_and_may_choose_another_account() {
    let setting = Setting::new().await;
    setting.change(|world| world.identity.person = STRANGER);
    let browser = setting.browser();
    let refused = browser.arrive().await;
    is_refused(&refused, 403, "This purchase is not open to your account", Some(CHOOSE));
    assert!(refused.text.contains("signed in as 이하은, sam@stranger.example"), "{}", refused.text);
    let csrf = "x";
    is_refused(&browser.submit(csrf, PEOPLE).await, 403, "not open to your account", Some(CHOOSE));

    setting.change(|world| world.identity.person = PURCHASER);
    let away = browser.get(CHOOSE).await;
    let asked = query(away.location());
    assert_eq!(asked["prompt"], "select_account");
    assert!(!asked.contains_key("login_hint"), "{asked:?}");
    let page = browser.come_back(away.location()).await;
    assert!(page.status == 200 && page.text.contains("Contoso Desk"), "{}", page.text);
    // The same object id in another tenant, and a colleague, are other people.
    for person in [[STRANGER[0], BENEFICIARY[1], ""], [BENEFICIARY[0], STRANGER[1], BENEFICIARY[2]]]
    {
        setting.change(|world| world.identity.person = person);
        let refused = setting.browser().arrive().await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        assert!(!refused.text.contains("Contoso Desk"), "{}", refused.text);
    }
}

#[tokio::test]
async fn an_id_token_that_is_not_good_signs_nobody_in() {
    let setting = Setting::new().await;
    let now = SystemClock.now().as_second();
    let foreign = format!("https://login.microsoftonline.com/{}/v2.0", STRANGER[0]);
    for (claims, said) in [
        (json!({"nonce": "another"}), "belongs to another sign-in"),
        (json!({"nonce": null}), "belongs to another sign-in"),
        (json!({"aud": "22222222-0000-0000-0000-000000000002"}), "is for another app"),
        (json!({"exp": now - 11, "nbf": now - 3600}), "the id token has expired"),
        (json!({"nbf": now + 60}), "is not valid yet"),
        (json!({"iss": "https://evil.example/v2.0"}), "was issued by somebody else"),
        (json!({"iss": foreign}), "was issued by somebody else"),
        (json!({"tid": STRANGER[0]}), "was issued by somebody else"),
        (json!({"oid": ""}), "cannot be read"),
        (json!({"oid": null}), "cannot be read"),
        (json!({"exp": "later"}), "cannot be read"),
    ] {
        setting.change(|world| world.identity.claims = claims.clone());
        let browser = setting.browser();
        let refused = browser.arrive().await;
        is_refused(&refused, 502, "The sign-in cannot be trusted", Some(LANDING));
        assert!(refused.text.contains(said), "{claims}: {}", refused.text);
        assert_eq!(browser.get(LANDING).await.status, 303, "not signed in: {claims}");
    }
    setting.change(|world| {
        world.identity.claims = json!({});
        world.identity.key = NEW_KEY;
    });
    let refused = setting.browser().arrive().await;
    is_refused(&refused, 502, "The sign-in cannot be trusted", Some(LANDING));
    assert!(refused.text.contains("the signature of the id token is wrong"), "{}", refused.text);
}

#[tokio::test]
async fn an_answer_counts_once_and_for_the_visit_that_asked() {
    let setting = Setting::new().await;
    let over = "This sign-in is over";
    let (browser, to) = sent_away(&setting).await;
    let back = browser.go(&to).await.location().to_owned();
    let (other, _) = sent_away(&setting).await;
    is_refused(&other.go(&back).await, 400, over, Some(LANDING));
    is_refused(&setting.browser().go(&back).await, 400, "has lost its visit", None);
    // The one it belongs to is not hurt by that.
    assert_eq!(browser.go(&back).await.status, 303);
    is_refused(&browser.go(&back).await, 400, over, Some(LANDING));

    for wrong in [
        "?code=code-0&state=made-up",
        "?code=code-0",
        "",
        "?state=&code=",
        "?state=a&state=b&code=c",
        &format!("?code=x&state={}", "s".repeat(9000)),
    ] {
        let shown = browser.get(&format!("{SIGNED_IN}{wrong}")).await;
        is_refused(&shown, 400, over, Some(LANDING));
    }
    for path in ["/s/other/contoso/signed-in?code=a&state=b", "/s/default/other/signed-in"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    let elsewhere = browser.get("/s/other/contoso/sign-in").await;
    is_refused(&elsewhere, 400, "needs the link of your purchase", None);
}

#[tokio::test]
async fn a_code_that_is_used_or_of_another_sign_in_is_refused() {
    let setting = Setting::new().await;
    let (browser, to) = sent_away(&setting).await;
    let back = browser.go(&to).await.location().to_owned();
    let code = query(&back)["code"].clone();
    // The same code under the state of another sign-in of this visit: the verifier is that one's.
    let second = browser.get(LANDING).await.location().to_owned();
    let state = query(&second)["state"].clone();
    let mixed = browser.get(&format!("{SIGNED_IN}?code={code}&state={state}")).await;
    is_refused(&mixed, 400, "The sign-in took too long", Some(LANDING));
    assert!(mixed.text.contains("AADSTS501481") && !mixed.text.contains("Trace"), "{}", mixed.text);
    let used = browser.go(&back).await;
    is_refused(&used, 400, "The sign-in took too long", Some(LANDING));
    assert!(used.text.contains("AADSTS54005"), "{}", used.text);
    let state = query(browser.get(LANDING).await.location())["state"].clone();
    let none = browser.get(&format!("{SIGNED_IN}?state={state}")).await;
    is_refused(&none, 502, "The sign-in did not work", Some(LANDING));
    assert_eq!(browser.enter().await.status, 200);
}

#[tokio::test]
async fn a_visitor_sent_back_with_an_error_is_told_what_to_do() {
    let setting = Setting::new().await;
    for (error, status, words, next) in [
        (("access_denied", "AADSTS65004: declined."), 403, "You did not sign in", CHOOSE),
        (("access_denied", "AADSTS90094: An administrator…"), 403, "must approve this app", CHOOSE),
        (("consent_required", ""), 403, "must approve this app", CHOOSE),
        (("server_error", "<script>AADSTS9: x"), 502, "The sign-in did not work", LANDING),
        (("temporarily_unavailable", ""), 502, "The sign-in did not work", LANDING),
    ] {
        setting.change(|world| world.identity.error = Some(error));
        let refused = setting.browser().arrive().await;
        is_refused(&refused, status, words, Some(next));
        assert!(!refused.text.contains("<script"), "{}", refused.text);
    }
    // An error that nobody asked for says nothing here.
    let (browser, _) = sent_away(&setting).await;
    let made_up = browser.get(&format!("{SIGNED_IN}?error=access_denied&state=x")).await;
    is_refused(&made_up, 400, "This sign-in is over", Some(LANDING));
}

#[tokio::test]
async fn while_the_identity_service_is_down_the_visit_is_kept() {
    let setting = Setting::new().await;
    let down = |change: fn(&mut World)| setting.change(change);
    let browser = setting.browser();
    browser.get(&format!("{LANDING}?token=a+b/c==")).await;
    down(|world| world.identity.down = true);
    let refused = browser.get(LANDING).await;
    is_refused(&refused, 502, "The marketplace does not answer", Some(LANDING));
    assert_eq!(refused.headers["retry-after"], "7");
    down(|world| world.identity.down = false);
    down(|world| world.identity.exchange_down = true);
    is_refused(&browser.enter().await, 502, "The marketplace does not answer", Some(LANDING));
    down(|world| world.identity.exchange_down = false);
    down(|world| world.identity.public = Some("javascript:alert(1)//"));
    is_refused(&browser.get(LANDING).await, 502, "The marketplace does not", Some(LANDING));
    down(|world| world.identity.public = None);
    assert_eq!(browser.enter().await.status, 200);
}

#[tokio::test]
async fn browsers_are_sent_to_the_public_name_and_the_exchange_goes_the_short_way() {
    let setting = Setting::new().await;
    setting.change(|world| world.identity.public = Some("https://broker.example"));
    let (browser, to) = sent_away(&setting).await;
    assert!(to.starts_with("https://broker.example/common/oauth2/v2.0/authorize?"), "{to}");
    let near = to.replace("https://broker.example", &setting.broker);
    assert_eq!(browser.come_back(&near).await.status, 200);
}

#[tokio::test]
async fn a_registration_that_has_changed_is_learned() {
    let setting = Setting::new().await;
    let (browser, to) = sent_away(&setting).await;
    setting.change(|world| {
        world.identity.secret = "s4";
        world.identity.secret_taken = "s4";
    });
    assert_eq!(browser.come_back(&to).await.status, 200);
    setting.change(|world| world.identity.secret_taken = "s5");
    let refused = setting.browser().arrive().await;
    is_refused(&refused, 502, "The marketplace does not answer", Some(LANDING));
    assert!(refused.text.contains("our sign-in was refused: AADSTS7000215"), "{}", refused.text);
}

#[tokio::test]
async fn a_form_from_somebody_who_is_not_signed_in_changes_nothing() {
    let setting = Setting::new().await;
    let (browser, _) = sent_away(&setting).await;
    is_refused(&browser.submit("x", PEOPLE).await, 403, "Sign in first", Some(LANDING));
    let page = browser.enter().await;
    assert!(page.text.contains("0 of 2 keys in") && page.text.contains("Information we need"));
}

#[tokio::test]
async fn behind_tls_the_cookie_is_for_tls_alone() {
    let mut setting = Setting::new().await;
    setting.stop().await;
    let public = "https://publisher.example";
    setting.start(|config| config.public_url = Some(public.parse().unwrap())).await;
    let browser = setting.browser();
    let call = |path: &str| {
        let url = format!("{}{path}", browser.base);
        crate::support::shown(browser.client.get(url).header("host", "publisher.example"))
    };
    let moved = call(&format!("{LANDING}?token=a+b/c==")).await;
    let cookie = moved.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("; Secure") && cookie.contains("SameSite=Lax"), "{cookie}");
    let value = cookie.split(';').next().unwrap();
    let url = format!("{}{LANDING}", browser.base);
    let call = browser.client.get(url).header("host", "publisher.example").header("cookie", value);
    let away = crate::support::shown(call).await;
    assert_eq!(query(away.location())["redirect_uri"], format!("{public}{SIGNED_IN}"));
}

#[tokio::test]
async fn a_visitor_without_name_and_address_is_let_in_by_its_ids() {
    let setting = Setting::new().await;
    let nameless = json!({"name": null, "preferred_username": null, "email": Value::Null});
    setting.change(|world| world.identity.claims = nameless);
    let page = setting.browser().arrive().await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains(&format!("Signed in as {}.", BENEFICIARY[1])), "{}", page.text);
}
