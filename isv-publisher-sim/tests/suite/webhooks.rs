//! Webhooks that are the marketplace's: what is answered, what is sent back, and what the account shows then.

use serde_json::json;

use crate::support::{OPERATION, SUBSCRIPTION, Sending, Setting, World, settled};

const INBOX: &str = "console/webhooks";
const SECOND: &str = "00000000-0000-0000-0000-0000000000a2";

/// A publisher with an active subscription that it knows.
pub async fn active() -> Setting {
    let setting = Setting::new().await;
    setting.change(World::activate);
    setting.browser().arrive().await;
    setting
}

/// A page of the console as it is now.
pub async fn page(setting: &Setting, page: &str) -> String {
    settled(setting, page, "<main").await
}

#[tokio::test]
async fn a_change_of_plan_is_accepted_and_shown_once_it_has_succeeded() {
    let setting = active().await;
    let console = page(&setting, "console").await;
    assert!(console.contains("Gold plan") && console.contains("Term 31 Jan 2027 to 27 Feb 2027"));
    let silver = json!({"planId": "silver"});
    setting.change(|world| world.operate(OPERATION, "ChangePlan", "InProgress", &silver));
    let answer = Sending::of("ChangePlan").gets(&setting, 200).await;
    assert_eq!(answer.text, "");
    let inbox = settled(&setting, INBOX, "Done, seen").await;
    for part in [
        "ChangePlan</b>",
        "31 Jan 2027 09:00:05 UTC",
        "Plan silver, 2 licenses",
        "Token v2, operation read again",
        "PATCH Success: 200",
    ] {
        assert!(inbox.contains(part), "{part} not in {inbox}");
    }
    assert!(page(&setting, "console").await.contains("Silver plan"));
    let calls = setting.world().calls;
    let from = calls.iter().position(|call| call == "keys").unwrap();
    let expected = [
        "keys",
        "getOperation",
        "getSubscription",
        "patchSuccess",
        "getOperation",
        "getSubscription",
    ];
    assert_eq!(calls[from..], expected);
    let metrics = setting.browser().get("/metrics").await.text;
    for counted in [
        r#"publisher_webhooks_total{status="200"} 1"#,
        r#"publisher_deliveries_total{call="acceptOperation",outcome="delivered"} 1"#,
    ] {
        assert!(metrics.contains(counted), "{metrics}");
    }
}

#[tokio::test]
async fn more_licenses_ask_for_more_people_and_can_be_assigned() {
    let setting = active().await;
    let browser = setting.browser();
    let csrf = browser.arrive().await.csrf();
    browser.submit(&csrf, "a@hanbit.example\nb@hanbit.example").await;
    let csrf = browser.sign_in().await;
    assert!(browser.press("assign-licenses", &csrf).await.text.contains("2/2"));
    let five = json!({"quantity": 3});
    setting.change(|world| world.operate(OPERATION, "ChangeQuantity", "InProgress", &five));
    Sending::of("ChangeQuantity").v1().gets(&setting, 200).await;
    assert!(settled(&setting, INBOX, "Done, seen").await.contains("Token v1, operation"));
    assert!(page(&setting, "console").await.contains("2/3"));
    let again = browser.get("/s/default/contoso/landing").await;
    assert!(again.text.contains("Name more people"));
    let people = "a@hanbit.example\nb@hanbit.example\nc@hanbit.example";
    browser.submit(&again.csrf(), people).await;
    assert!(browser.press("assign-licenses", &csrf).await.text.contains("3/3"));
}

#[tokio::test]
async fn what_happened_is_followed_without_an_answer() {
    let setting = active().await;
    let mut number = 0;
    let mut tell = async |action: &str, source: &str| {
        number += 1;
        let id = format!("00000000-0000-0000-0000-0000000000b{number}");
        let source = json!({"operationRequestSource": source});
        setting.change(|world| world.operate(&id, action, "Succeeded", &source));
        Sending::about(&id, action).gets(&setting, 200).await;
        page(&setting, "console").await
    };
    setting.change(|world| world.status = "Suspended");
    assert!(tell("Suspend", "Azure").await.contains("Suspended</span>"));
    setting.change(World::activate);
    assert!(!tell("Reinstate", "Azure").await.contains("Suspended</span>"));
    setting.change(|world| {
        world.term = json!({"termUnit": "P1M", "startDate": "2027-02-28T00:00:00Z",
            "endDate": "2027-03-27T00:00:00Z"});
    });
    assert!(tell("Renew", "Azure").await.contains("Term 28 Feb 2027 to 27 Mar 2027"));
    setting.change(|world| world.status = "Unsubscribed");
    let ended = tell("Unsubscribe", "Partner").await;
    assert!(ended.contains("Ended</span>") && !ended.contains("Term 28 Feb"));
    let inbox = page(&setting, INBOX).await;
    assert_eq!(inbox.matches("Done, seen").count(), 4, "{inbox}");
    let order = ["Unsubscribe</b>", "Renew</b>", "Reinstate</b>", "Suspend</b>"];
    assert!(order.map(|name| inbox.find(name).unwrap()).is_sorted(), "the newest first: {inbox}");
    assert_eq!(setting.world().count("patchSuccess"), 0);
}

#[tokio::test]
async fn a_reinstatement_is_acknowledged_and_holds_once_it_has_succeeded() {
    let setting = active().await;
    setting.change(|world| world.status = "Suspended");
    assert!(setting.browser().arrive().await.text.contains("has suspended"));
    setting.change(|world| world.operate(OPERATION, "Reinstate", "InProgress", &json!({})));
    setting.behave("refuse").await; // which refuses changes only
    Sending::of("Reinstate").gets(&setting, 200).await;
    settled(&setting, INBOX, "Done, seen").await;
    assert!(!page(&setting, "console").await.contains("Suspended</span>"));
    assert_eq!(setting.world().count("patchSuccess"), 1);
}

#[tokio::test]
async fn a_subscription_nobody_opened_is_known_by_its_first_webhook() {
    let setting = Setting::new().await;
    setting.change(World::activate);
    setting.change(|world| world.operate(OPERATION, "Subscribe", "Succeeded", &json!({})));
    Sending::of("Subscribe").gets(&setting, 200).await;
    let console = page(&setting, "console").await;
    for part in ["Contoso Desk, Gold plan", "Hanbit Garam", "href=\"#c11\"", SUBSCRIPTION] {
        assert!(console.contains(part), "{part} not in {console}");
    }
    let silver = json!({"planId": "silver", "subscriptionId": SUBSCRIPTION});
    let setting = Setting::new().await;
    setting.change(|world| {
        world.activate();
        world.operate(OPERATION, "ChangePlan", "InProgress", &silver);
    });
    Sending::of("ChangePlan").gets(&setting, 200).await;
    settled(&setting, "console", "Silver plan").await;
    assert!(setting.browser().arrive().await.text.contains("Manage Contoso Desk"));
}

#[tokio::test]
async fn a_second_delivery_changes_nothing_and_a_restart_remembers_it() {
    let mut setting = active().await;
    let silver = json!({"planId": "silver"});
    setting.change(|world| world.operate(OPERATION, "ChangePlan", "InProgress", &silver));
    let sending = Sending::of("ChangePlan");
    let (one, two) = (sending.gets(&setting, 200), sending.gets(&setting, 200));
    futures_util::join!(one, two);
    settled(&setting, INBOX, "Done, seen").await;
    setting.stop().await;
    setting.start(|_| {}).await;
    setting.change(|world| world.plan = "gold".to_owned());
    let before = setting.world().count("getOperation");
    sending.gets(&setting, 200).await;
    let inbox = page(&setting, INBOX).await;
    assert!(inbox.contains("came 3 times"), "{inbox}");
    assert!(page(&setting, "console").await.contains("Silver plan"));
    let world = setting.world();
    assert_eq!((world.count("patchSuccess"), world.count("getOperation")), (1, before));
}

#[tokio::test]
async fn a_change_of_the_publishers_own_needs_no_answer() {
    let setting = active().await;
    let own = json!({"planId": "silver", "operationRequestSource": "Partner"});
    setting.change(|world| world.operate(OPERATION, "ChangePlan", "InProgress", &own));
    Sending::of("ChangePlan").gets(&setting, 200).await;
    let inbox = settled(&setting, INBOX, "Waits for the marketplace").await;
    assert!(!inbox.contains("PATCH Success</span>"));
    assert!(page(&setting, "console").await.contains("Gold plan"));
    setting.change(|world| world.decide(OPERATION, true));
    settled(&setting, "console", "Silver plan").await;
    assert_eq!(setting.world().count("patchSuccess"), 0);
}

#[tokio::test]
async fn a_patch_is_repeated_until_it_is_answered_and_409_is_an_answer() {
    let setting = active().await;
    let silver = json!({"planId": "silver"});
    setting.change(|world| {
        world.operate(OPERATION, "ChangePlan", "InProgress", &silver);
        world.faults = vec![503, 503];
    });
    Sending::of("ChangePlan").gets(&setting, 200).await;
    settled(&setting, "console", "Silver plan").await;
    assert_eq!(setting.world().count("patchSuccess"), 3);

    // The window has closed before the publisher's answer arrives.
    let gold = json!({"planId": "gold"});
    setting.change(|world| {
        world.operate(SECOND, "ChangePlan", "InProgress", &gold);
        world.faults = vec![503];
    });
    Sending::about(SECOND, "ChangePlan").gets(&setting, 200).await;
    setting.change(|world| world.decide(SECOND, true));
    let inbox = settled(&setting, INBOX, "409, it was decided before").await;
    assert!(!inbox.contains("Given up"), "{inbox}");
    settled(&setting, "console", "Gold plan").await;

    // Any other refusal is kept in the marketplace's words, and the operation is looked at all the same.
    let third = "00000000-0000-0000-0000-0000000000a3";
    setting.change(|world| {
        world.operate(third, "ChangePlan", "InProgress", &silver);
        world.faults = vec![400];
    });
    Sending::about(third, "ChangePlan").gets(&setting, 200).await;
    settled(&setting, INBOX, "PATCH Success: 400. A fault that was asked for.").await;
    setting.change(|world| world.operate(third, "ChangePlan", "Failed", &silver));
    settled(&setting, INBOX, "Not done, seen").await;
    assert!(page(&setting, "console").await.contains("Gold plan"));
}

#[tokio::test]
async fn what_was_answered_200_is_done_after_a_restart() {
    let mut setting = active().await;
    let silver = json!({"planId": "silver"});
    setting.change(|world| {
        world.operate(OPERATION, "ChangePlan", "InProgress", &silver);
        world.faults = vec![503; 100];
    });
    Sending::of("ChangePlan").gets(&setting, 200).await;
    settled(&setting, INBOX, "Tried again soon").await;
    setting.stop().await;
    setting.change(|world| world.faults.clear());
    setting.start(|_| {}).await;
    settled(&setting, "console", "Silver plan").await;
}

#[tokio::test]
async fn a_marketplace_that_does_not_answer_is_asked_to_come_again() {
    let setting = active().await;
    setting.change(|world| {
        world.status = "Suspended";
        world.operate(OPERATION, "Suspend", "Succeeded", &json!({}));
        world.api_down = true;
    });
    Sending::of("Suspend").gets(&setting, 503).await;
    assert!(page(&setting, INBOX).await.contains("the marketplace could not be asked"));
    assert!(!page(&setting, "console").await.contains("Suspended</span>"));
    setting.change(|world| world.api_down = false);
    Sending::of("Suspend").gets(&setting, 200).await;
    assert!(page(&setting, "console").await.contains("Suspended</span>"));
    assert!(page(&setting, INBOX).await.contains("came 2 times"));
}

#[tokio::test]
async fn an_action_nobody_knows_is_taken_and_nothing_is_done() {
    let setting = active().await;
    let before = setting.world().calls.len();
    Sending::of("Trans<script>fer").gets(&setting, 200).await;
    let inbox = page(&setting, INBOX).await;
    assert!(inbox.contains("Trans&#60;script&#62;fer") && !inbox.contains("<script"));
    assert!(inbox.contains("the action is not known here"));
    assert_eq!(setting.world().calls[before..], ["keys"]);
}
