//! From the activation link through the account picker to the landing page, as a person does it.

use fantoccini::Locator;

use super::{press, read, submit};
use crate::support::{Db, World, browser::Browser};

/// Presses the button of the account that says `who`.
async fn choose(browser: &Browser, who: &str) {
    for button in browser.page.find_all(Locator::Css("button[name=account]")).await.unwrap() {
        if button.text().await.unwrap().contains(who) {
            browser.leave(async |_| button.click().await).await;
            return;
        }
    }
    panic!("{who} cannot be chosen: {}", read(browser).await);
}

/// Where the browser is.
async fn address(browser: &Browser) -> String {
    browser.page.current_url().await.unwrap().to_string()
}

#[cfg_attr(no_browser, ignore = "chromium and chromedriver are not installed")]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_through_the_picker_to_the_form() {
    let mut world = World::new(Db::Sqlite).await;
    let url = world.start_publisher(false).await;
    let bought = world.buy(1).await;
    let browser = Browser::start().await;
    browser.page.goto(&bought.link).await.unwrap();
    let picker = address(&browser).await;
    assert!(picker.starts_with(&format!("{}/common/oauth2/v2.0/authorize", world.base)));
    let shown = read(&browser).await;
    for part in ["Priya Nair", "priya.nair@harborlane.example", "Dana Whitlock", "Alex Moreau"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    choose(&browser, "Priya Nair").await;
    let landing = format!("{url}/s/rehearsal-1/contoso/landing");
    assert_eq!(address(&browser).await, landing, "neither token nor code stays");
    let page = read(&browser).await;
    assert!(page.contains("Signed in as Priya Nair"), "{page}");
    assert!(page.contains("Contoso Desk") && page.contains(&bought.id), "{page}");
    submit(&browser, "Priya Nair").await;
    assert!(read(&browser).await.contains("Information as submitted"));
    assert_eq!(address(&browser).await, landing);

    // Another account of the same person's choice: the picker again, and the buyer is let in, too.
    press(&browser, "header a").await;
    assert!(address(&browser).await.contains("prompt=select_account"));
    choose(&browser, "Dana Whitlock").await;
    let page = read(&browser).await;
    assert!(page.contains("Signed in as Dana Whitlock"), "{page}");
    assert!(page.contains("Information as submitted"), "{page}");
    browser.stop().await;
    world.stop().await;
}

#[cfg_attr(no_browser, ignore = "chromium and chromedriver are not installed")]
#[tokio::test(flavor = "multi_thread")]
async fn another_person_is_refused_and_chooses_another_account() {
    let mut world = World::new(Db::Sqlite).await;
    world.start_publisher(false).await;
    let bought = world.buy(1).await;
    let browser = Browser::start().await;
    browser.page.goto(&bought.link).await.unwrap();
    choose(&browser, "Samuel Okafor").await;
    let refused = read(&browser).await;
    for part in ["This purchase is not open to your account", "Samuel Okafor", "Choose another"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    for told in ["Contoso Desk", &bought.id, "priya.nair", "dana.whitlock"] {
        assert!(!refused.contains(told), "{told}: {refused}");
    }
    press(&browser, "a.btn.go").await;
    assert!(address(&browser).await.contains("prompt=select_account"));
    choose(&browser, "Dana Whitlock").await;
    let page = read(&browser).await;
    assert!(page.contains("Signed in as Dana Whitlock") && page.contains("Contoso Desk"), "{page}");
    submit(&browser, "Dana Whitlock").await;
    assert!(read(&browser).await.contains("Information as submitted"));
    browser.stop().await;
    world.stop().await;
}

#[cfg_attr(no_browser, ignore = "chromium and chromedriver are not installed")]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_back_from_the_picker_is_told_what_to_do() {
    let mut world = World::new(Db::Sqlite).await;
    world.start_publisher(false).await;
    let bought = world.buy(1).await;
    let browser = Browser::start().await;
    browser.page.goto(&bought.link).await.unwrap();
    press(&browser, "button[name=cancel]").await;
    let page = read(&browser).await;
    assert!(page.contains("You did not sign in"), "{page}");
    press(&browser, "a.btn.go").await;
    choose(&browser, "Priya Nair").await;
    assert!(read(&browser).await.contains("Contoso Desk"));
    browser.stop().await;
    world.stop().await;
}
