//! How webhooks are answered, by choice: what each choice does, the console's form, and the control call.

use serde_json::json;

use crate::{
    support::{CONTROL_TOKEN, Sending, settled, shown},
    webhooks::{active, page},
};

const INBOX: &str = "console/webhooks";

#[tokio::test]
async fn each_choice_of_the_console_answers_its_own_way() {
    let setting = active().await;
    let silver = json!({"planId": "silver"});
    let tell = async |number: u32, behavior: &str, status: u16| {
        let id = format!("00000000-0000-0000-0000-0000000000c{number}");
        setting.change(|world| world.operate(&id, "ChangePlan", "InProgress", &silver));
        setting.behave(behavior).await;
        Sending::about(&id, "ChangePlan").gets(&setting, status).await;
        id
    };
    tell(1, "refuseByPatch", 200).await;
    let inbox = settled(&setting, INBOX, "Not done, seen").await;
    assert!(inbox.contains("PATCH Failure: 200"), "{inbox}");
    assert_eq!(setting.world().count("patchFailure"), 1);

    let refused = tell(2, "refuse", 400).await;
    assert!(page(&setting, INBOX).await.contains("Change refused, as chosen"));
    // A repetition hears the same, whatever was chosen meanwhile.
    setting.behave("accept").await;
    Sending::about(&refused, "ChangePlan").gets(&setting, 400).await;

    let down = tell(3, "fail", 503).await;
    assert!(page(&setting, INBOX).await.contains("the server is down, as chosen"));
    assert!(page(&setting, "console").await.contains("Gold plan"));

    let silent = tell(4, "acceptSilently", 200).await;
    settled(&setting, INBOX, "Waits for the marketplace").await;
    setting.change(|world| world.decide(&silent, true));
    settled(&setting, "console", "Silver plan").await;
    assert_eq!(setting.world().count("patchSuccess"), 0);

    // Up again: what was answered 503 is told again.
    setting.behave("accept").await;
    setting.change(|world| world.plan = "gold".to_owned());
    Sending::about(&down, "ChangePlan").gets(&setting, 200).await;
    settled(&setting, INBOX, "PATCH Success: 200").await;
    assert_eq!(setting.world().count("patchSuccess"), 1);
}

#[tokio::test]
async fn the_control_call_wants_the_control_token_and_a_known_word() {
    let setting = active().await;
    let browser = setting.browser();
    let url = |path: &str| format!("{}{path}/behavior", browser.base);
    let put = |token: &str, body: &str| {
        let call = browser.client.put(url("/s/default/contoso")).bearer_auth(token);
        call.header("content-type", "application/json").body(body.to_owned())
    };
    let fail = "{\"webhook\": \"fail\"}";
    let is = async |call: reqwest::RequestBuilder, status: u16| {
        let answer = shown(call).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    };
    is(put("guess", fail), 401).await;
    is(browser.client.put(url("/s/default/contoso")).body(fail), 401).await;
    is(put(CONTROL_TOKEN, fail).header("origin", "http://evil.example"), 403).await;
    is(put(CONTROL_TOKEN, fail).header("host", "evil.example"), 421).await;
    for body in [
        "",
        "{}",
        "[\"fail\"]",
        "{\"webhook\": 5}",
        "{\"webhook\": \"FAIL\"}",
        "\"fail\"",
        "{\"webhook\": \"fail\", \"more\": 1}",
        "{\"webhook\": \"fail\", \"usage\": \"loud\"}",
        "{\"webhook\": null, \"usage\": \"silent\"}",
        "{\"usage\": 1}",
    ] {
        is(put(CONTROL_TOKEN, body), 400).await;
    }
    is(put(CONTROL_TOKEN, &" ".repeat(70_000)), 413).await;
    for path in ["/s/other/contoso", "/s/default/other", "/s/UP/contoso"] {
        let call = browser.client.put(url(path)).bearer_auth(CONTROL_TOKEN).body(fail);
        is(call, 404).await;
    }
    let show = || browser.client.get(url("/s/default/contoso")).bearer_auth(CONTROL_TOKEN);
    let both =
        |webhook: &str, usage: &str| format!("{{\"webhook\":\"{webhook}\",\"usage\":\"{usage}\"}}");
    assert_eq!(shown(show()).await.text, both("accept", "report"));
    is(browser.client.get(url("/s/default/contoso")), 401).await;
    assert_eq!(shown(put(CONTROL_TOKEN, fail)).await.text, both("fail", "report"));
    let silent = "{\"usage\": \"silent\"}";
    assert_eq!(shown(put(CONTROL_TOKEN, silent)).await.text, both("fail", "silent"));
    assert_eq!(shown(show()).await.text, both("fail", "silent"));
    let accept = "{\"webhook\": \"accept\", \"usage\": \"report\"}";
    assert_eq!(shown(put(CONTROL_TOKEN, accept)).await.text, both("accept", "report"));
}

#[tokio::test]
async fn the_consoles_form_wants_a_session_and_its_token() {
    let setting = active().await;
    let browser = setting.browser();
    let path = "/s/default/console/behavior";
    let form = |csrf| [("csrf", csrf), ("publisher", "contoso"), ("webhook", "refuseByPatch")];
    let away = browser.post(path, &form("x")).await;
    assert_eq!((away.status, away.location()), (303, "/console/sign-in?sandbox=default"));
    let away = browser.get("/s/default/console/webhooks").await;
    assert_eq!(away.status, 303);
    let csrf = browser.sign_in().await;
    assert_eq!(browser.post(path, &form("x")).await.status, 403);
    let [_, publisher, webhook] = form("");
    let wrong = [("csrf", &*csrf), publisher, ("webhook", "dance")];
    assert_eq!(browser.post(path, &wrong).await.status, 400);
    let wrong = [("csrf", &*csrf), ("publisher", "other"), webhook];
    assert_eq!(browser.post(path, &wrong).await.status, 404);
    let before = browser.get("/s/default/console/webhooks").await;
    assert!(before.text.contains("<option value=\"accept\" selected>"), "{}", before.text);
    let done = browser.post(path, &form(&csrf)).await;
    assert_eq!((done.status, done.location()), (303, "/s/default/console/webhooks"));
    let after = browser.get("/s/default/console/webhooks").await.text;
    assert!(after.contains("<option value=\"refuseByPatch\" selected>"), "{after}");
    assert_eq!(browser.get("/s/other/console/webhooks").await.status, 404);
}

#[tokio::test]
async fn the_consoles_page_on_usage_has_the_switch() {
    let setting = active().await;
    let browser = setting.browser();
    let path = "/s/default/console/reporting";
    let form = |csrf| [("csrf", csrf), ("publisher", "contoso"), ("usage", "silent")];
    let away = browser.post(path, &form("x")).await;
    assert_eq!((away.status, away.location()), (303, "/console/sign-in?sandbox=default"));
    assert_eq!(browser.get("/s/default/console/usage").await.status, 303);
    let csrf = browser.sign_in().await;
    assert_eq!(browser.post(path, &form("x")).await.status, 403);
    let [_, publisher, usage] = form("");
    let wrong = [("csrf", &*csrf), publisher, ("usage", "loud")];
    assert_eq!(browser.post(path, &wrong).await.status, 400);
    let wrong = [("csrf", &*csrf), ("publisher", "other"), usage];
    assert_eq!(browser.post(path, &wrong).await.status, 404);
    let before = browser.get("/s/default/console/usage").await.text;
    assert!(before.contains("<option value=\"report\" selected>"), "{before}");
    assert!(before.contains("No usage yet"), "{before}");
    let done = browser.post(path, &form(&csrf)).await;
    assert_eq!((done.status, done.location()), (303, "/s/default/console/usage"));
    let after = browser.get("/s/default/console/usage").await.text;
    assert!(after.contains("<option value=\"silent\" selected>"), "{after}");
    assert_eq!(browser.get("/s/other/console/usage").await.status, 404);
}
