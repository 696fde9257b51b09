//! The publisher's pages, and the sign-in between them, in a real browser.

mod sign_in;
mod steps;

use fantoccini::Locator;

use crate::support::{Db, World, browser::Browser};

/// What a person reads on the page.
async fn read(browser: &Browser) -> String {
    browser.page.find(Locator::Css("body")).await.unwrap().text().await.unwrap()
}

async fn type_in(browser: &Browser, name: &str, text: &str) {
    let field = browser.page.find(Locator::Css(&format!("[name={name}]"))).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

/// Presses a button that leads to another page, and waits for that page.
async fn press(browser: &Browser, css: &str) {
    browser.leave(async |page| page.find(Locator::Css(css)).await?.click().await).await;
}

/// Opens an activation link and signs in as the person it was bought for, whom the sign-in shows first.
async fn enter(browser: &Browser, link: &str) {
    browser.page.goto(link).await.unwrap();
    press(browser, "button[name=account]").await;
}

/// Fills in the form of the landing page for one person and sends it.
async fn submit(browser: &Browser, admin: &str) {
    for (name, text) in [
        ("site_address", "harborlane"),
        ("admin_name", admin),
        ("admin_email", "priya.nair@harborlane.example"),
        ("people", "a@harborlane.example"),
    ] {
        type_in(browser, name, text).await;
    }
    press(browser, "form button.go").await;
}

#[cfg_attr(no_browser, ignore = "chromium and chromedriver are not installed")]
#[tokio::test(flavor = "multi_thread")]
async fn s23_s24_a_visitor_sees_the_purchase_and_submits_the_form() {
    let mut world = World::new(Db::Sqlite).await;
    world.start_publisher(false).await;
    let bought = world.buy(2).await;
    let browser = Browser::start().await;
    enter(&browser, &bought.link).await;
    let address = browser.page.current_url().await.unwrap();
    assert_eq!(address.query(), None, "no token in the address: {address}");
    assert!(address.path().ends_with("/s/rehearsal-1/contoso/landing"), "{address}");
    let page = read(&browser).await;
    for part in ["Contoso Desk", "Silver", "Harbor Lane Clinics", "Alder & Finch Distribution"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let buttons = browser.page.find_all(Locator::Css("button")).await.unwrap();
    assert_eq!(buttons.len(), 1, "the form's own, none of the publisher's: {page}");

    type_in(&browser, "site_address", "Not a label!").await;
    type_in(&browser, "admin_name", "Priya Nair").await;
    type_in(&browser, "admin_email", "priya.nair@harborlane.example").await;
    type_in(&browser, "people", "a@harborlane.example\nb@harborlane.example").await;
    press(&browser, "form button.go").await;
    let wrong = browser.page.find(Locator::Css("[name=site_address]")).await.unwrap();
    assert_eq!(wrong.attr("aria-invalid").await.unwrap().as_deref(), Some("true"));
    assert!(read(&browser).await.contains("Not saved. One entry or more needs a change."));
    let kept = browser.page.find(Locator::Css("[name=admin_name]")).await.unwrap();
    assert_eq!(kept.prop("value").await.unwrap().as_deref(), Some("Priya Nair"));

    type_in(&browser, "site_address", "harborlane").await;
    press(&browser, "form button.go").await;
    let done = read(&browser).await;
    assert!(done.contains("Information as submitted"), "{done}");
    assert!(done.contains("a@harborlane.example"), "{done}");
    let address = browser.page.current_url().await.unwrap();
    assert_eq!(address.query(), None, "{address}");
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/version"), 1, "the form turns no key: {truth}");
    browser.stop().await;
    world.stop().await;
}

#[cfg_attr(no_browser, ignore = "chromium and chromedriver are not installed")]
#[tokio::test(flavor = "multi_thread")]
async fn s26_s28_the_publisher_signs_in_and_turns_both_keys() {
    let mut world = World::new(Db::Sqlite).await;
    let url = world.start_publisher(false).await;
    let bought = world.buy(1).await;
    let browser = Browser::start().await;
    enter(&browser, &bought.link).await;
    submit(&browser, "Priya Nair").await;

    browser.page.goto(&format!("{url}/s/rehearsal-1/console")).await.unwrap();
    let gate = read(&browser).await;
    assert!(gate.contains("Sign in to the publisher"), "{gate}");
    assert!(!gate.contains("Contoso Desk"), "{gate}");
    type_in(&browser, "token", "wrong").await;
    press(&browser, "form button.go").await;
    assert!(read(&browser).await.contains("Not signed in"));
    type_in(&browser, "token", &world.operator.token).await;
    press(&browser, "form button.go").await;
    let console = read(&browser).await;
    assert!(console.contains("Contoso Desk") && console.contains(&bought.id), "{console}");

    press(&browser, "form[action$=assign-licenses] button").await;
    let console = read(&browser).await;
    assert!(console.contains("Waits for Fulfillment confirmed"), "{console}");
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/waitingFor/0/confirmation"), "fulfillmentConfirmed", "{truth}");
    press(&browser, "form[action$=confirm-setup] button").await;
    let console = read(&browser).await;
    assert!(!console.contains("Waits for"), "{console}");
    let truth = world.operator.truth(&bought.id).await;
    assert!(!truth.at("/billingStartedAt").is_null(), "{truth}");
    browser.page.goto(&format!("{url}/s/rehearsal-1/contoso/landing")).await.unwrap();
    let landing = read(&browser).await;
    assert!(landing.contains("Both keys in"), "{landing}");
    browser.stop().await;
    world.stop().await;
}

#[cfg_attr(no_browser, ignore = "chromium and chromedriver are not installed")]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_text_of_strangers_as_text_and_runs_no_script() {
    let mut world = World::new(Db::Sqlite).await;
    world.start_publisher(false).await;
    let bought = world.buy(1).await;
    let browser = Browser::start().await;
    enter(&browser, &bought.link).await;
    let evil =
        "<script>document.title='owned'</script>\"><img src=x onerror=\"document.title='owned'\">";
    submit(&browser, evil).await;
    let page = read(&browser).await;
    assert!(page.contains("<script>document.title"), "shown as it was typed: {page}");
    assert_ne!(browser.page.title().await.unwrap(), "owned");
    assert!(browser.page.find_all(Locator::Css("img")).await.unwrap().is_empty());
    browser.stop().await;
    world.stop().await;
}
