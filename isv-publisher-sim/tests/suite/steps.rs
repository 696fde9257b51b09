//! What the publisher tells of a setup (S24), and the steps it wants done before a partner's changes (S17): declared at
//! the console, done there or at their pages, told to the marketplace whatever happens on the way.

use serde_json::json;

use crate::support::{
    BENEFICIARY, Browser, LANDING, PURCHASER, SUBSCRIPTION, Setting, Shown, World, settled,
};

/// The console's page of the account.
fn console() -> String {
    format!("/s/default/accounts/{SUBSCRIPTION}")
}

/// The account's page for whoever bought or uses it.
fn own() -> String {
    format!("/s/default/contoso/accounts/{SUBSCRIPTION}")
}

/// A publisher with an account, and an operator at its console with the token of its forms.
async fn setting() -> (Setting, Browser, String) {
    let setting = Setting::new().await;
    setting.browser().arrive().await;
    let operator = setting.browser();
    let csrf = operator.sign_in().await;
    (setting, operator, csrf)
}

async fn declare(operator: &Browser, csrf: &str, title: &str, url: &str, blocks: &[&str]) -> Shown {
    let mut form = vec![("csrf", csrf), ("title", title), ("url", url)];
    form.extend(blocks.iter().map(|change| ("blocks", *change)));
    operator.post(&format!("{}/steps", console()), &form).await
}

/// The newest list the marketplace was told.
fn told(world: &World) -> serde_json::Value {
    world.lists.last().cloned().unwrap_or_default()
}

#[tokio::test]
async fn s24_the_first_submission_is_reported_with_who_and_where_to_sign_in() {
    let setting = Setting::new().await;
    setting.change(|world| {
        world.identity.person = PURCHASER;
        world.extension_faults = vec![503, 500];
    });
    let browser = setting.browser();
    let csrf = browser.arrive().await.csrf();
    browser.submit(&csrf, "a@hanbit.example").await;
    setting.reported().await;
    let url = format!("{}{}", setting.url(), own());
    let report = json!({"informationSubmittedBy": {"tenantId": PURCHASER[0],
        "objectId": PURCHASER[1], "emailId": PURCHASER[2]}, "signInUrl": url});
    assert_eq!(setting.world().setups, std::slice::from_ref(&report));
    settled(&setting, &format!("accounts/{SUBSCRIPTION}"), &url).await;

    // The form may come again, from somebody else; the first one counts.
    setting.change(|world| world.identity.person = BENEFICIARY);
    let other = setting.browser();
    let page = other.arrive().await;
    assert_eq!(other.submit(&page.csrf(), "a@hanbit.example\nb@hanbit.example").await.status, 303);
    let csrf = other.sign_in().await;
    other.press("assign-licenses", &csrf).await;
    assert_eq!(setting.world().setups, [report]);
}

#[tokio::test]
async fn s24_a_report_that_is_refused_is_shown() {
    let setting = Setting::new().await;
    setting.change(|world| world.extension_faults = vec![400]);
    let browser = setting.browser();
    let csrf = browser.arrive().await.csrf();
    browser.submit(&csrf, "a@hanbit.example").await;
    let refused = "Report who submitted the information: refused by the marketplace. An extension";
    settled(&setting, "console", refused).await;
    settled(&setting, &format!("accounts/{SUBSCRIPTION}"), refused).await;
    assert!(setting.world().setups.is_empty());
}

#[tokio::test]
async fn s17_a_step_is_declared_done_by_its_button_and_told() {
    let (setting, operator, csrf) = setting().await;
    let page = operator.get(&console()).await;
    for part in ["Contoso Desk, Gold plan", "No steps", "Declare a step", "information has not"] {
        assert!(page.text.contains(part), "{part} not in {}", page.text);
    }
    let declared =
        declare(&operator, &csrf, "Export <your> data", "", &["suspend", "cancel"]).await;
    assert_eq!((declared.status, declared.location()), (303, console().as_str()));
    let list = told(&setting.world());
    let url = list[0]["url"].as_str().unwrap().to_owned();
    let id = list[0]["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("export-your-data-"), "{id}");
    assert_eq!(url, format!("{}{}/steps/{id}", setting.url(), own()));
    let blocks = ["cancel", "suspend"];
    let expected = json!([{"id": id, "title": "Export <your> data", "url": url, "blocks": blocks}]);
    assert_eq!(list, expected);
    let page = operator.get(&console()).await.text;
    assert!(page.contains("Export &#60;your&#62; data") && page.contains("Not done yet"), "{page}");

    // Its address leads somewhere for whoever it is shown to: without a link, by signing in.
    let visitor = setting.browser();
    let away = visitor.go(&url).await;
    assert_eq!(away.status, 303, "{}", away.text);
    let back = visitor.go(away.location()).await;
    let signed_in = visitor.go(back.location()).await;
    assert_eq!((signed_in.status, signed_in.location()), (303, &url[setting.url().len()..]));
    let shown = visitor.go(&url).await;
    assert_eq!(shown.status, 200);
    for part in ["Export &#60;your&#62; data", "Waits for it: Cancel, Suspend", "This is done"] {
        assert!(shown.text.contains(part), "{part} not in {}", shown.text);
    }
    let form = [("csrf", &*shown.csrf())];
    let path = &url[setting.url().len()..];
    let done = visitor.post(path, &form).await;
    assert_eq!((done.status, done.location()), (303, path));
    assert_eq!(setting.world().done, [&*id]);
    let shown = visitor.go(&url).await.text;
    assert!(shown.contains("Done 31 Jan 2027") && !shown.contains("<form"), "{shown}");
    // A second press asks for nothing.
    assert_eq!(visitor.post(path, &form).await.status, 303);
    assert_eq!(setting.world().done, [&*id]);
    let page = operator.get(&console()).await.text;
    assert!(page.contains("Done 31 Jan 2027") && !page.contains("/done\""), "{page}");

    let account = visitor.get(&own()).await;
    assert!(account.status == 200 && account.text.contains("To be done before you change"));
    let landing = visitor.get(LANDING).await;
    assert!(landing.status == 200 && landing.text.contains(path), "{}", landing.text);
}

#[tokio::test]
async fn s17_the_operator_marks_a_step_as_done_and_removes_it() {
    let (setting, operator, csrf) = setting().await;
    declare(&operator, &csrf, "Pay the bill", "https://pay.example/?a=b", &["resume"]).await;
    let id = told(&setting.world())[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(told(&setting.world())[0]["url"], "https://pay.example/?a=b");
    let step = |what: &str| format!("{}/steps/{id}/{what}", console());
    assert_eq!(operator.post(&step("done"), &[("csrf", &csrf)]).await.status, 303);
    assert_eq!(setting.world().done, [&*id]);
    assert_eq!(operator.post(&step("remove"), &[("csrf", &csrf)]).await.status, 303);
    assert_eq!(told(&setting.world()), json!([]));
    assert!(operator.get(&console()).await.text.contains("No steps"));
    assert_eq!(operator.post(&step("remove"), &[("csrf", &csrf)]).await.status, 404);
    assert_eq!(operator.post(&step("done"), &[("csrf", &csrf)]).await.status, 404);
}

#[tokio::test]
async fn s17_a_form_with_faults_is_shown_again_and_nothing_is_declared() {
    let (setting, operator, csrf) = setting().await;
    let wrong = declare(&operator, &csrf, " ", "javascript:alert(1)", &["everything"]).await;
    assert_eq!(wrong.status, 422);
    for part in [
        "Say what is to be done.",
        "Enter a whole web address, http or https",
        "Choose at least one change.",
        "value=\"javascript:alert(1)\"",
        "aria-invalid=\"true\" aria-describedby=\"title-e\"",
    ] {
        assert!(wrong.text.contains(part), "{part} not in {}", wrong.text);
    }
    let long = declare(&operator, &csrf, &"x".repeat(201), "", &["quantity"]).await;
    assert_eq!(long.status, 422);
    assert!(long.text.contains("value=\"quantity\" checked"), "{}", long.text);
    assert_eq!(declare(&operator, "forged", "Export", "", &["cancel"]).await.status, 403);
    let stranger = declare(&setting.browser(), &csrf, "Export", "", &["cancel"]).await;
    assert_eq!(stranger.location(), "/console/sign-in?sandbox=default");
    assert_eq!(setting.browser().get(&console()).await.status, 303);
    assert!(setting.world().lists.is_empty());
}

#[tokio::test]
async fn s17_steps_are_told_although_the_marketplace_was_down_and_the_publisher_stopped() {
    let (mut setting, operator, csrf) = setting().await;
    setting.change(|world| world.extension_faults = vec![503; 4]);
    declare(&operator, &csrf, "Export", "", &["cancel"]).await;
    let page = operator.get(&console()).await.text;
    assert!(page.contains("Tell the steps: not delivered yet, tried again soon."), "{page}");
    declare(&operator, &csrf, "Pay", "", &["cancel"]).await;
    setting.stop().await;
    setting.start(|_| {}).await;
    setting.until("both steps", |world| told(world).as_array().is_some_and(|l| l.len() == 2)).await;
    settled(&setting, &format!("accounts/{SUBSCRIPTION}"), "Pay</a>").await;
}

#[tokio::test]
async fn s17_pages_behind_the_sign_in_open_to_two_people_only() {
    let (setting, operator, csrf) = setting().await;
    declare(&operator, &csrf, "Export", "", &["cancel"]).await;
    let id = told(&setting.world())[0]["id"].as_str().unwrap().to_owned();
    let page = format!("{}/steps/{id}", own());
    for nowhere in [
        format!("{}/steps/other", own()),
        format!("/s/default/other/accounts/{SUBSCRIPTION}"),
        format!("/s/other/contoso/accounts/{SUBSCRIPTION}"),
        "/s/default/contoso/accounts/6c538dd9-c47b-4eea-b8ce-b4a8009af0ed".to_owned(),
        "/s/default/contoso/accounts/no-guid".to_owned(),
    ] {
        let visitor = setting.browser();
        let mut shown = visitor.get(&nowhere).await;
        if shown.status == 303 {
            shown = visitor.come_to(shown.location(), &nowhere).await;
        }
        assert_eq!(shown.status, 404, "{nowhere}: {}", shown.text);
    }
    let stranger = setting.browser();
    let nobody = stranger.post(&page, &[("csrf", "x")]).await;
    assert!(nobody.status >= 400 && nobody.text.contains("Sign in first"), "{}", nobody.text);
    setting.change(|world| world.identity.person = ["t9", "o9", "sam@stranger.example"]);
    setting.change(|world| {
        world.identity.claims = json!({"tid": BENEFICIARY[0], "iss":
        shared::identity::issuer_v2(BENEFICIARY[0]), "oid": "o9"})
    });
    let away = stranger.get(&page).await;
    let shown = stranger.come_to(away.location(), &page).await;
    assert_eq!(shown.status, 403, "{}", shown.text);
    assert!(shown.text.contains("not open to your account") && !shown.text.contains("Export"));
    assert!(setting.world().done.is_empty());

    setting.change(|world| {
        world.identity.person = PURCHASER;
        world.identity.claims = json!({});
    });
    let partner = setting.browser();
    let away = partner.get(&own()).await;
    let shown = partner.come_to(away.location(), &own()).await;
    assert!(shown.status == 200 && shown.text.contains("Export"), "{}", shown.text);
    assert_eq!(partner.get(&page).await.status, 200, "signed in once for both");
    assert_eq!(partner.post(&page, &[("csrf", "forged")]).await.status, 403);
    assert!(setting.world().done.is_empty());
}
