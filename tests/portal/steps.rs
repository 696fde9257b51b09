//! A publisher's step in a real browser: declared at the console, done at the address that the marketplace shows.

use fantoccini::Locator;

use super::{enter, press, read, submit, type_in};
use crate::support::{Db, World, browser::Browser};

#[cfg_attr(no_browser, ignore = "chromium and chromedriver are not installed")]
#[tokio::test(flavor = "multi_thread")]
async fn s17_s24_a_step_is_declared_at_the_console_and_done_by_the_customer() {
    let mut world = World::new(Db::Sqlite).await;
    let url = world.start_publisher(false).await;
    let bought = world.buy(1).await;
    let (browser, customer) = (Browser::start().await, Browser::start().await);
    enter(&browser, &bought.link).await;
    submit(&browser, "Priya Nair").await;

    browser.page.goto(&format!("{url}/s/rehearsal-1/console")).await.unwrap();
    type_in(&browser, "token", &world.operator.token).await;
    press(&browser, "form button.go").await;
    press(&browser, "a.main").await;
    let page = read(&browser).await;
    for part in ["Contoso Desk", "No steps", "priya.nair@harborlane.example"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let own = format!("{url}/s/rehearsal-1/contoso/accounts/{}", bought.id);
    assert!(page.contains(&own), "the sign-in URL: {page}");

    press(&browser, "form button.go").await;
    let page = read(&browser).await;
    assert!(page.contains("Say what is to be done.") && page.contains("Choose at least one"));
    type_in(&browser, "title", "Export your data").await;
    let cancel = browser.page.find(Locator::Css("input[value=cancel]")).await.unwrap();
    cancel.click().await.unwrap();
    press(&browser, "form button.go").await;
    let page = read(&browser).await;
    assert!(page.contains("Waits for it: Cancel") && page.contains("Not done yet"), "{page}");
    let truth = world.operator.truth(&bought.id).await;
    let address = truth.text_at("/publisherSteps/0/url");
    assert!(address.starts_with(&own), "{truth}");

    // Somebody else's browser: the sign-in comes first, and leads to the step.
    customer.page.goto(&address).await.unwrap();
    press(&customer, "button[name=account]").await;
    assert_eq!(customer.page.current_url().await.unwrap().as_str(), address);
    let page = read(&customer).await;
    assert!(page.contains("Export your data") && page.contains("Signed in as Priya Nair"));
    press(&customer, "form button.go").await;
    let page = read(&customer).await;
    assert!(page.contains("Done 31 Jan 2027") && !page.contains("This is done"), "{page}");
    let truth = world.operator.truth(&bought.id).await;
    assert!(!truth.at("/publisherSteps/0/doneAt").is_null(), "{truth}");
    assert!(!truth.at("/duties/informationSubmitted/at").is_null(), "{truth}");
    press(&customer, "footer a").await;
    let page = read(&customer).await;
    assert!(page.contains("Set up Contoso Desk") && page.contains("Export your data"), "{page}");

    browser.page.refresh().await.unwrap();
    let page = read(&browser).await;
    assert!(page.contains("Done 31 Jan 2027") && !page.contains("Mark as done"), "{page}");
    press(&browser, "form[action$=remove] button").await;
    assert!(read(&browser).await.contains("No steps"));
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/publisherSteps"), serde_json::json!([]), "{truth}");
    customer.stop().await;
    browser.stop().await;
    world.stop().await;
}
