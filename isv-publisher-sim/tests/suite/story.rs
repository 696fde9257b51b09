//! The publisher over HTTP against a stand-in for the marketplace: links, form, both steps, and what goes wrong.

use crate::support::{self, LANDING, SUBSCRIPTION, Setting, settled, shown};

const PEOPLE: &str = "a@hanbit.example\nb@hanbit.example";

#[tokio::test]
async fn from_the_link_to_both_keys() {
    let setting = Setting::new().await;
    let browser = setting.browser();
    let moved = browser.get("/s/default/contoso/landing?token=a+b/c==").await;
    assert_eq!((moved.status, moved.location()), (303, LANDING));
    let cookie = moved.headers["set-cookie"].to_str().unwrap();
    for part in ["isv_visit=", "HttpOnly", "SameSite=Lax", "Path=/s/default/contoso"] {
        assert!(cookie.contains(part), "{part} not in {cookie}");
    }
    assert!(!cookie.contains("Secure"));

    let page = browser.enter().await;
    assert_eq!(page.status, 200);
    for part in ["Contoso Desk", "Hanbit Garam", "Alder &#38; Finch", "0 of 2 keys in"] {
        assert!(page.text.contains(part), "{part} not in {}", page.text);
    }
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(page.headers["cache-control"], "no-store");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self';"));

    let sent = browser.submit(&page.csrf(), PEOPLE).await;
    assert_eq!((sent.status, sent.location()), (303, LANDING));
    assert!(browser.get(LANDING).await.text.contains("Information as submitted"));
    assert_eq!(setting.world().calls, ["token", "resolve"]);

    let csrf = browser.sign_in().await;
    let console = browser.press("assign-licenses", &csrf).await;
    assert!(console.text.contains("href=\"#c10\"") && console.text.contains("2/2"));
    let console = browser.press("confirm-setup", &csrf).await;
    assert!(console.text.contains("href=\"#c11\""), "{}", console.text);
    let calls = setting.world().calls;
    assert_eq!(calls[2..], ["licenseAssignments", "activate", "getSubscription"]);
    assert!(console.text.contains("Term 31 Jan 2027 to 27 Feb 2027"), "{}", console.text);
    assert!(browser.get(LANDING).await.text.contains("Both keys in"));
    let metrics = browser.get("/metrics").await.text;
    let counted = r#"publisher_deliveries_total{call="activate",outcome="delivered"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn a_link_that_leads_nowhere_leaves_the_address_and_is_explained() {
    let setting = Setting::new().await;
    for (token, status, words) in [
        ("old", 410, "has expired"),
        ("garbled", 400, "cannot be read"),
        ("%FF%00", 400, "cannot be read"),
        ("foreign", 403, "for another publisher"),
        ("", 400, "needs the link"),
    ] {
        let browser = setting.browser();
        let moved = browser.get(&format!("{LANDING}?token={token}")).await;
        assert_eq!((moved.status, moved.location()), (303, LANDING), "{token}");
        let page = browser.get(LANDING).await;
        assert_eq!(page.status, status, "{token}: {}", page.text);
        assert!(page.text.contains(words), "{token}: {}", page.text);
    }
    let page = setting.browser().get(LANDING).await;
    assert_eq!(page.status, 400);
    let down = setting.browser().get(&format!("{LANDING}?token=down")).await;
    assert_eq!(down.status, 502);
    assert!(!down.headers.contains_key("set-cookie") && !down.text.contains("down"));
    for path in
        ["/s/other/contoso/landing?token=x", "/s/default/other/landing", "/s/UP/x/landing", "/x"]
    {
        assert_eq!(setting.browser().get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_form_with_faults_is_shown_again_and_nothing_is_stored() {
    let setting = Setting::new().await;
    let browser = setting.browser();
    let csrf = browser.arrive().await.csrf();
    let wrong = browser.submit(&csrf, "a@hanbit.example\n<script>").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("Line 2 is not an e-mail address"));
    assert!(wrong.text.contains("&#60;script&#62;") && !wrong.text.contains("<script"));
    assert_eq!(browser.submit("forged", PEOPLE).await.status, 403);
    assert_eq!(setting.browser().submit(&csrf, PEOPLE).await.status, 400);
    assert_eq!(browser.submit(&csrf, &"x".repeat(70_000)).await.status, 413);
    assert!(browser.get(LANDING).await.text.contains("Information we need"));

    let console = format!("/s/default/accounts/{SUBSCRIPTION}/assign-licenses");
    let pressed = browser.post(&console, &[("csrf", &csrf)]).await;
    assert_eq!((pressed.status, pressed.location()), (303, "/console/sign-in?sandbox=default"));
    let csrf = browser.sign_in().await;
    assert_eq!(browser.post(&console, &[("csrf", "forged")]).await.status, 403);
    assert_eq!(browser.post(&console, &[("csrf", &csrf)]).await.status, 409);
    assert_eq!(setting.world().calls, ["token", "resolve"]);
}

#[tokio::test]
async fn another_host_or_origin_is_refused() {
    let setting = Setting::new().await;
    let browser = setting.browser();
    let url = format!("{}/console/sign-in", browser.base);
    let request = |host: &str| browser.client.get(&url).header("host", host);
    assert_eq!(shown(request("evil.example")).await.status, 421);
    assert_eq!(shown(request("localhost:1")).await.status, 200);
    let form = [("token", support::CONTROL_TOKEN)];
    let post = |origin: &str| browser.client.post(&url).form(&form).header("origin", origin);
    assert_eq!(shown(post("http://evil.example")).await.status, 403);
    assert_eq!(shown(post(&browser.base)).await.status, 303);
    let wrong = browser.post("/console/sign-in", &[("token", "guess")]).await;
    assert_eq!(wrong.status, 403);
    assert!(wrong.text.contains("Not signed in"));
}

#[tokio::test]
async fn a_stale_bearer_is_renewed_and_a_second_press_asks_for_nothing() {
    let setting = Setting::new().await;
    let browser = setting.browser();
    let csrf = browser.arrive().await.csrf();
    browser.submit(&csrf, "a@hanbit.example").await;
    setting.reported().await;
    setting.change(|world| world.bearer += 1);
    let csrf = browser.sign_in().await;
    let console = browser.press("assign-licenses", &csrf).await;
    assert!(console.text.contains("1/2") && console.text.contains("href=\"#c00\""));
    let calls = ["token", "resolve", "licenseAssignments", "token", "licenseAssignments"];
    assert_eq!(setting.world().calls, calls);

    let again = browser.get(LANDING).await;
    assert!(again.text.contains("Name more people"));
    browser.submit(&again.csrf(), PEOPLE).await;
    let console = browser.press("assign-licenses", &csrf).await;
    assert!(console.text.contains("2/2") && console.text.contains("href=\"#c10\""));
    browser.press("assign-licenses", &csrf).await;
    assert_eq!(setting.world().calls.len(), 6);

    let out = browser.post("/console/sign-out", &[("csrf", &csrf)]).await;
    assert_eq!((out.status, out.location()), (303, "/console/sign-in"));
    assert_eq!(browser.get("/s/default/console").await.status, 303);
}

#[tokio::test]
async fn a_refusal_ends_the_call_and_is_shown_and_may_be_repeated() {
    let setting = Setting::new().await;
    let browser = setting.browser();
    let csrf = browser.arrive().await.csrf();
    browser.submit(&csrf, PEOPLE).await;
    setting.change(|world| world.faults = vec![400]);
    let csrf = browser.sign_in().await;
    let console = browser.press("confirm-setup", &csrf).await;
    assert!(console.text.contains("refused by the marketplace. A fault that was asked for."));
    let console = browser.press("confirm-setup", &csrf).await;
    assert!(console.text.contains("href=\"#c01\"") && !console.text.contains("refused by"));
}

#[tokio::test]
async fn an_activation_whose_answer_was_lost_counts_all_the_same() {
    let setting = Setting::new().await;
    let browser = setting.browser();
    let csrf = browser.arrive().await.csrf();
    browser.submit(&csrf, PEOPLE).await;
    setting.change(|world| world.lose_next_activation = true);
    let csrf = browser.sign_in().await;
    browser.press("confirm-setup", &csrf).await;
    settled(&setting, "console", "href=\"#c01\"").await;
    let calls = setting.world().calls;
    assert_eq!(calls[2..], ["activate", "activate", "getSubscription"]);
}

#[tokio::test]
async fn with_activation_one_call_turns_both_keys() {
    let setting = Setting::new().await;
    let browser = setting.browser();
    let csrf = browser.arrive().await.csrf();
    browser.submit(&csrf, PEOPLE).await;
    setting.change(|world| world.license_confirmation = "withActivation");
    let csrf = browser.sign_in().await;
    assert!(browser.press("confirm-setup", &csrf).await.text.contains("href=\"#c11\""));
}

#[tokio::test]
async fn auto_takes_both_steps_and_goes_on_after_a_restart() {
    let mut setting = Setting::new().await;
    let browser = setting.browser();
    let csrf = browser.arrive().await.csrf();
    browser.submit(&csrf, PEOPLE).await;
    setting.stop().await;
    setting.change(|world| world.faults = vec![503, 500]);
    setting.start(|config| config.auto = true).await;
    settled(&setting, "console", "href=\"#c11\"").await;
    let calls = setting.world().calls;
    assert_eq!(calls.iter().filter(|call| *call == "activate").count(), 1, "{calls:?}");
    let mut in_use = isv_publisher_sim::config::Config { port: 0, ..Default::default() };
    in_use.data_dir = setting.folder.path().join("data");
    let listener = isv_publisher_sim::server::bind(&in_use).unwrap();
    let outside = isv_publisher_sim::server::Outside::system();
    let token = shared::secret::Secret::new("x".to_owned());
    let second = isv_publisher_sim::server::start(in_use, token, listener, outside).await;
    let line = second.err().unwrap().to_string();
    assert!(line.starts_with("another isv-publisher-sim is using"), "{line}");
}

#[tokio::test]
async fn what_has_ended_or_is_active_already_is_shown_so() {
    let setting = Setting::new().await;
    setting.change(|world| world.status = "Subscribed");
    assert!(setting.browser().arrive().await.text.contains("Manage Contoso Desk"));
    setting.change(|world| world.status = "Unsubscribed");
    let ended = setting.browser().arrive().await;
    assert!(ended.text.contains("has ended") && !ended.text.contains("<form"));
}
