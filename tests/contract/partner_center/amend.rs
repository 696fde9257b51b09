//! PATCH /v1/customers/{customer}/subscriptions/{subscription}: who may, what a body means, and what it does to name,
//! suspension, auto-renew and reseller.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::stage::Sold;
use crate::support::{Ask, Db, world::seats};

/// What the .NET SDK makes of a fresh object with a status, and PowerShell of one that was read.
fn fixture(name: &str) -> Value {
    let text = match name {
        "sdk-suspend" => include_str!("fixtures/sdk-suspend.json"),
        "powershell-quantity" => include_str!("fixtures/powershell-quantity.json"),
        other => panic!("no fixture {other}"),
    };
    serde_json::from_str(text).expect("JSON")
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p01_p02_admins_read_and_change_others_do_not_change(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let list = format!("{}/subscriptions", sold.customer());
    for (place, role) in ["GlobalAdmin", "AdminAgent"].into_iter().enumerate() {
        let admin = sold.partner.as_user(&[role]);
        admin.get(&list).await.is(200);
        let name = format!("Desk {place}");
        let mut whole = admin.get(&sold.path()).await.is(200).json();
        whole["friendlyName"] = name.clone().into();
        let changed = admin.patch(&sold.path(), &whole).await.is(200);
        assert_eq!(changed.at("/friendlyName"), name, "{changed}");
    }
    let before = sold.read().await.json();
    for roles in [&["SalesAgent"][..], &["BillingAdmin"], &["SalesAgent", "BillingAdmin"], &[]] {
        let other = sold.partner.as_user(roles);
        for change in [
            json!({"quantity": 7}),
            json!({"status": "suspended"}),
            json!({"status": "deleted"}),
            json!({"friendlyName": "Mine"}),
        ] {
            let refused = other.patch(&sold.path(), &change).await.partner_error(403, 900_150);
            let said = refused.text_at("/description");
            assert!(said.contains("GlobalAdmin") && said.contains("AdminAgent"), "{refused}");
        }
    }
    let nobody = sold.partner.with_bearer("nonsense");
    nobody.patch(&sold.path(), &json!({})).await.partner_error(401, 800_001);
    assert_eq!(sold.read().await.json(), before);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p28_a_nickname_is_stored_and_the_list_shows_it(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let changed = sold.change(&json!({"friendlyName": "Desk für Harbor Lane"})).await.is(200);
    assert_eq!(changed.json(), sold.read().await.json(), "the answer is the resource");
    let page = sold.partner.get(&format!("{}/subscriptions", sold.customer())).await.is(200);
    assert_eq!(page.at("/items/0/friendlyName"), "Desk für Harbor Lane", "{page}");
    assert_eq!(page.at("/items/0/autoRenewEnabled"), true, "{page}");
    assert_eq!(sold.world.operator.times("nicknameChanged", &sold.id).await, 1);
    assert_eq!(sold.actions_told().await, [""; 0], "it is nobody else's");
    for wrong in [json!(""), json!("   "), json!("x".repeat(257)), json!("a\nb"), json!(5)] {
        let refused = sold.change(&json!({"friendlyName": wrong})).await;
        refused.partner_error(400, 800_002);
    }
    assert_eq!(sold.read().await.json(), changed.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p30_bodies_in_pascal_case_and_in_camel_case(#[case] db: Db) {
    let sold = Sold::new(db).await;
    for (body, name, renews) in [
        (json!({"FriendlyName": "One", "AutoRenewEnabled": true}), "One", true),
        (json!({"friendlyName": "Two", "autoRenewEnabled": false}), "Two", false),
        (json!({"FRIENDLYNAME": "Three", "AUTORENEWENABLED": true}), "Three", true),
    ] {
        let changed = sold.amend(&body).await.is(200);
        assert_eq!(changed.at("/friendlyName"), name, "{changed}");
        assert_eq!(changed.at("/autoRenewEnabled"), renews, "{changed}");
    }
    let path = sold.path().replace("subscriptions", "Subscriptions");
    let body = json!({"status": "Active", "AutoRenewEnabled": true});
    sold.partner.patch(&path, &body).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p31_the_sdks_fresh_object_suspends_and_leaves_the_rest(#[case] db: Db) {
    let sold = Sold::new(db).await;
    sold.change(&json!({"friendlyName": "Desk", "partnerId": "4847001"})).await.is(200);
    let before = sold.read().await.json();
    let suspended = sold.amend(&fixture("sdk-suspend")).await.is(200);
    assert_eq!(suspended.at("/status"), "suspended", "{suspended}");
    assert_eq!(suspended.at("/suspensionReasons"), json!(["CustomerCancellation"]), "{suspended}");
    // It says AutoRenewEnabled: false, too.
    assert_eq!(suspended.at("/autoRenewEnabled"), false, "{suspended}");
    let mut after = suspended.json();
    for changed in ["status", "autoRenewEnabled", "attributes"] {
        after[changed] = before[changed].clone();
    }
    after.as_object_mut().unwrap().remove("suspensionReasons");
    assert_eq!(after, before);
    assert_eq!(sold.actions_told().await, ["Suspend"]);
    let truth = sold.world.operator.truth(&sold.id).await;
    assert_eq!(truth.at("/state"), "Suspended", "{truth}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p32_without_auto_renew_in_the_body_it_is_off(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let changed = sold.amend(&json!({"friendlyName": "Desk"})).await.is(200);
    assert_eq!(changed.at("/autoRenewEnabled"), false, "{changed}");
    assert_eq!(sold.world.operator.times("autoRenewChanged", &sold.id).await, 1);
    let on = sold.change(&json!({"autoRenewEnabled": true})).await.is(200);
    assert_eq!(on.at("/autoRenewEnabled"), true, "{on}");
    let null = sold.amend(&json!({"autoRenewEnabled": null})).await.is(200);
    assert_eq!(null.at("/autoRenewEnabled"), false, "null is absent: {null}");
    sold.change(&json!({"autoRenewEnabled": true})).await.is(200);
    let empty = sold.amend(&json!({})).await.is(200);
    assert_eq!(empty.at("/autoRenewEnabled"), false, "{empty}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p33_what_is_read_only_is_ignored(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let before = sold.read().await.json();
    let mut body = fixture("powershell-quantity");
    body["Quantity"] = 5.into();
    let answer = sold.amend(&body).await.is(200);
    assert_eq!(answer.json(), before, "nothing that may change is another");
    let odd = json!({"autoRenewEnabled": true, "creationDate": 5, "links": "x", "termDuration": {},
        "refundOptions": null, "surplus": [1, {"a": 2}]});
    assert_eq!(sold.amend(&odd).await.is(200).json(), before);
    // PowerShell's body with another number of licenses is a change of just that.
    let asked = sold.amend(&fixture("powershell-quantity")).await.is(202);
    assert_eq!(asked.json(), before, "{asked}");
    let operation = sold.told("ChangeQuantity").await;
    sold.world.publisher.decide(&sold.id, &operation, "Success").await.is(200);
    let mut after = sold.read().await.json();
    assert_eq!(after["quantity"], 7);
    (after["quantity"], after["attributes"]) = (5.into(), before["attributes"].clone());
    assert_eq!(after, before);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn bodies_that_cannot_be_and_changes_that_are_none(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let before = sold.read().await.json();
    for text in
        ["", "[]", "null", "{", "{\"quantity\":\"7\"}", "{\"status\":5}", "{\"partnerId\":{}}"]
    {
        let call = sold.partner.call(Method::PATCH, &sold.path());
        let call = call.header("content-type", "application/json").body(text);
        call.ask().await.partner_error(400, 800_002);
    }
    let wrong = |member: &str, value: Value| json!({"autoRenewEnabled": true, member: value});
    for (body, code) in [
        (wrong("billingCycle", json!("Annual")), 2_054),
        (wrong("status", json!("expired")), 800_040),
        (wrong("status", json!("pending")), 800_040),
        (wrong("status", json!("Disabled")), 800_040),
        (wrong("status", json!("gone")), 800_002),
        (wrong("quantity", json!(-1)), 2_002),
    ] {
        sold.amend(&body).await.partner_error(400, code);
    }
    // Several at once: nothing, if one of them cannot be.
    let both = json!({"friendlyName": "Desk", "autoRenewEnabled": false, "quantity": 501});
    sold.change(&both).await.partner_error(400, 2_002);
    let both = json!({"friendlyName": "Desk", "partnerId": "9999999"});
    sold.change(&both).await.partner_error(404, 800_015);
    let both = json!({"quantity": 6, "status": "suspended"});
    sold.change(&both).await.partner_error(400, 800_002);
    assert_eq!(sold.read().await.json(), before);
    for none in [json!("none"), json!("unknown"), json!(""), json!(null)] {
        let body = wrong("status", none);
        assert_eq!(sold.amend(&body).await.is(200).json(), before, "{body}");
    }
    let long = "x".repeat(1_100_000);
    sold.amend(&json!({"friendlyName": long})).await.partner_error(413, 800_002);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p48_suspended_and_resumed_before_thirty_days_are_over(#[case] db: Db) {
    let sold = Sold::new(db).await;
    sold.change(&json!({"status": "suspended"})).await.is(200);
    assert_eq!(sold.told("Suspend").await.len(), 36);
    let again = sold.change(&json!({"status": "suspended"})).await.is(200);
    assert_eq!(again.at("/status"), "suspended", "what is so already is no change");
    sold.change(&json!({"quantity": 7})).await.partner_error(400, 2_001);
    sold.move_on("P20D").await;
    let location = sold.change(&json!({"status": "active"})).await.is(202);
    assert_eq!(location.header("location"), format!("/v1{}", sold.path()), "{location}");
    let operation = sold.told("Reinstate").await;
    sold.change(&json!({"status": "active"})).await.partner_error(409, 900_278);
    sold.world.publisher.decide(&sold.id, &operation, "Success").await.is(200);
    let active = sold.read().await;
    assert_eq!(active.at("/status"), "active", "{active}");
    assert_eq!(active.at("/suspensionReasons"), Value::Null, "{active}");
    sold.change(&json!({"status": "suspended"})).await.is(200);
    sold.move_on("PT719H59M59S").await;
    assert_eq!(sold.read().await.at("/status"), "suspended");
    sold.move_on("PT1S").await;
    let over = sold.read().await;
    assert_eq!(over.at("/status"), "deleted", "{over}");
    sold.amend(&json!({"status": "active"})).await.partner_error(400, 2_011);
    // Resuming waits for the publisher no longer than ten seconds.
    let other = Sold { id: sold.world.buy(2).await.id, ..sold };
    other.activate(&other.id).await;
    other.amend(&fixture("sdk-suspend")).await.is(200);
    other.amend(&json!({"status": "active"})).await.is(202);
    other.told("Reinstate").await;
    other.move_on("PT10S").await;
    assert_eq!(other.read().await.at("/status"), "active");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p44_what_was_canceled_takes_no_change(#[case] db: Db) {
    let sold = Sold::new(db).await;
    sold.change(&json!({"status": "deleted"})).await.is(200);
    let before = sold.read().await;
    assert_eq!(before.at("/status"), "deleted", "{before}");
    assert_eq!(before.at("/actions"), json!([]), "{before}");
    assert_eq!(before.at("/links/activationLinks"), Value::Null, "{before}");
    for change in [
        json!({}),
        json!({"friendlyName": "Desk"}),
        json!({"quantity": 7}),
        json!({"status": "active"}),
        json!({"status": "deleted"}),
        json!({"autoRenewEnabled": true}),
        json!({"partnerId": "4847001"}),
    ] {
        sold.change(&change).await.partner_error(400, 2_011);
        sold.amend(&change).await.partner_error(400, 2_011);
    }
    assert_eq!(sold.read().await.json(), before.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p49_a_provider_names_an_indirect_reseller_of_its_own(#[case] db: Db) {
    let sold = Sold::new(db).await;
    for (mpn, status, code) in [
        ("9999999", 404, 800_015),
        ("4512006", 400, 800_016),
        ("4390001", 404, 2_072),
        ("4847002", 403, 900_123),
    ] {
        sold.change(&json!({"partnerId": mpn})).await.partner_error(status, code);
    }
    assert_eq!(sold.read().await.at("/partnerId"), "");
    let named = sold.change(&json!({"partnerId": "4847001"})).await.is(200);
    assert_eq!(named.at("/partnerId"), "4847001", "{named}");
    for unchanged in [json!(""), json!(null), json!("4847001")] {
        let kept = sold.change(&json!({"partnerId": unchanged})).await.is(200);
        assert_eq!(kept.json(), named.json(), "{unchanged}");
    }
    assert_eq!(sold.world.operator.times("resellerChanged", &sold.id).await, 1);
    // A partner that bills its customers itself has no resellers (Q19).
    let direct = sold.world.partner("bluestem").await;
    let customer = sold.world.sandbox.customers[3].customer_id.clone();
    let mut purchase = seats(2);
    purchase["customerId"] = customer.clone().into();
    let own = sold.world.buy_as(&purchase).await.id;
    let path = format!("/customers/{customer}/subscriptions/{own}");
    let body = json!({"partnerId": "4847001", "autoRenewEnabled": true});
    direct.patch(&path, &body).await.partner_error(400, 800_098);
    let body = json!({"partnerId": "", "autoRenewEnabled": true});
    direct.patch(&path, &body).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p59_a_stale_etag_is_refused_and_none_is_taken(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let tag = sold.read().await.text_at("/attributes/etag");
    let quoted = format!("\"{tag}\"");
    let rename = |name: &str| json!({"friendlyName": name, "autoRenewEnabled": true});
    let first = sold.amend_with(("if-match", &quoted), &rename("One")).await.is(200);
    assert_ne!(first.at("/attributes/etag"), tag, "{first}");
    let stale = sold.amend_with(("if-match", &quoted), &rename("Two")).await;
    stale.partner_error(400, 2_055);
    sold.amend_with(("if-match", "\"bm9uZQ==\""), &rename("Two")).await.partner_error(400, 2_055);
    assert_eq!(sold.read().await.json(), first.json());
    sold.amend(&rename("Three")).await.is(200);
    sold.amend_with(("if-match", "*"), &rename("Four")).await.is(200);
    let now = sold.read().await.text_at("/attributes/etag");
    sold.amend_with(("if-match", &now), &rename("Five")).await.is(200); // as it stands in the body
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p58_a_repeat_answers_as_the_first_one_did(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let id = ("ms-requestid", "ca7c39f7-1a80-43bc-90d7-ee7d1cad3831");
    let cancel = json!({"status": "deleted"});
    let first = sold.amend_with(id, &cancel).await.is(200);
    assert_eq!(first.header("ms-requestid"), id.1, "{first}");
    let again = sold.amend_with(id, &cancel).await.is(200);
    assert_eq!(again.json(), first.json());
    assert_eq!(sold.actions_told().await, ["Unsubscribe"]);
    let other = ("ms-requestid", "ca7c39f7-1a80-43bc-90d7-ee7d1cad3832");
    sold.amend_with(other, &cancel).await.partner_error(400, 2_011);
    sold.amend_with(id, &json!({"status": "active"})).await.partner_error(400, 2_011);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p45_a_step_of_the_publisher_comes_first(#[case] db: Db) {
    let sold = Sold::new(db).await;
    let steps = format!("/{}/publisherSteps", sold.id);
    let step = json!({"id": "export", "title": "Export your data",
        "url": "https://contoso.example/export", "blocks": ["cancel", "quantity"]});
    let declare = sold.world.publisher.call(Method::PUT, &steps);
    declare.json(&json!({"steps": [step]})).ask().await.is(200);
    let before = sold.read().await.json();
    for change in [json!({"status": "deleted"}), json!({"quantity": 7})] {
        let mut change = change;
        change["friendlyName"] = "Desk".into();
        let refused = sold.change(&change).await.partner_error(400, 900_280);
        let said = refused.text_at("/description");
        assert!(said.contains("Export your data"), "{refused}");
        assert!(said.contains("https://contoso.example/export"), "{refused}");
    }
    assert_eq!(sold.read().await.json(), before);
    sold.change(&json!({"friendlyName": "Desk"})).await.is(200);
    let done = sold.world.publisher.call(Method::POST, &format!("{steps}/export/done"));
    done.ask().await.is(200);
    let gone = sold.change(&json!({"status": "deleted"})).await.is(200);
    assert_eq!(gone.at("/status"), "deleted", "{gone}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s01_an_indirect_reseller_sees_what_was_sold_through_it_and_changes_nothing(
    #[case] db: Db,
) {
    let sold = Sold::new(db).await;
    let address = json!({"firstName": "Ada", "lastName": "Marsh", "addressLine1": "One Main Street",
        "city": "Redmond", "state": "WA", "country": "US", "postalCode": "98052"});
    let customer = json!({"companyProfile": {"domain": "relecloud.onmicrosoft.example"},
        "billingProfile": {"culture": "en-US", "language": "en", "email": "ada@relecloud.example",
            "companyName": "Relecloud", "defaultAddress": address},
        "associatedPartnerId": "4847001"});
    let provider = sold.partner.as_user(&["AdminAgent"]);
    let customer = provider.post("/customers", &customer).await.is(201).text_at("/id");
    let mut purchase = seats(2);
    purchase["customerId"] = customer.clone().into();
    let id = sold.world.buy_as(&purchase).await.id;
    let path = format!("/customers/{customer}/subscriptions/{id}");
    let reseller = sold.world.partner("nordpunkt").await;
    let read = reseller.get(&path).await.is(200);
    for change in [json!({"status": "deleted"}), json!({"friendlyName": "Mine"})] {
        let refused = reseller.patch(&path, &change).await.partner_error(403, 900_308);
        assert!(refused.text_at("/description").contains("alder-finch"), "{refused}");
    }
    assert_eq!(provider.get(&path).await.is(200).json(), read.json());
    provider.patch(&path, &json!({"status": "deleted"})).await.is(200);
    reseller.get(&sold.path()).await.partner_error(403, 20_002);
}
