//! Profile `sdk2`: nothing that breaks Microsoft's .NET SDK 2.x. The SDK does not run here; the ten rules of
//! fulfillment.md 1.13 stand in its place. A whole life of a subscription is held against them, and so is every value of
//! every quirk: what the table says of each is found out. Rule 7 (TLS) is held where TLS is, rule 8 is the client's own
//! setting.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    contract::metering::event,
    support::{
        Answer, Ask, Db,
        foreign_app::Stage,
        people,
        world::{flat, own, seats},
    },
};

/// Rule 1: the values of each enum that 2.x knows.
fn known(member: &str) -> Option<&'static [&'static str]> {
    Some(match member {
        "saasSubscriptionStatus" => {
            &["NotStarted", "PendingFulfillmentStart", "Subscribed", "Suspended", "Unsubscribed"]
        }
        "action" => {
            &["Unsubscribe", "ChangePlan", "ChangeQuantity", "Suspend", "Reinstate", "Renew"]
        }
        "status" => &["NotStarted", "InProgress", "Succeeded", "Failed", "Conflict"],
        "termUnit" => &["P1M", "P1Y", "P2Y", "P3Y"],
        "sandboxType" => &["None", "Csp"],
        "sessionMode" => &["None", "DryRun"],
        "allowedCustomerOperations" => &["Read", "Update", "Delete"],
        _ => return None,
    })
}

/// A reader as strict as the SDK: what it would throw at, by rule.
#[derive(Debug, Default)]
struct Sdk {
    broken: Vec<String>,
}

impl Sdk {
    /// Rules 1 to 3 for every member of a document.
    fn check(&mut self, member: &str, value: &Value) {
        match value {
            Value::Null => self.broken.push(format!("rule 2: {member} is null")),
            Value::Array(values) => values.iter().for_each(|value| self.check(member, value)),
            Value::Object(members) => {
                members.iter().for_each(|(member, value)| self.check(member, value));
            }
            Value::String(text) => {
                let fits = known(member).is_none_or(|known| known.contains(&text.as_str()));
                if !fits {
                    self.broken.push(format!("rule 1: {member} is {text}"));
                }
                if member == "quantity" {
                    self.broken.push(format!("rule 3: {text:?}"));
                }
            }
            Value::Number(number) if member == "quantity" => {
                if number.as_i64().is_none_or(|n| i32::try_from(n).is_err()) {
                    self.broken.push(format!("rule 3: {number}"));
                }
            }
            Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Rule 4: the one status of success. A refusal (4xx) is an exception that the caller expects.
    fn status(&mut self, answer: &Answer, success: u16) {
        let status = answer.status;
        if status != success && !(400..500).contains(&status) {
            self.broken.push(format!("rule 4: {status} instead of {success}"));
        }
    }

    /// Rule 4, and a body as the SDK reads it.
    fn read(&mut self, answer: Answer) -> Answer {
        self.status(&answer, 200);
        if answer.status == 200 {
            let body = answer.json();
            if !body.is_object() {
                self.broken.push(format!("rule 4: no object: {body}"));
            }
            self.check("", &body);
        }
        answer
    }

    /// Rules 4 and 5: 202, and where the SDK takes the operation's id from.
    fn accepted(&mut self, answer: &Answer, subscription: &str) -> String {
        self.status(answer, 202);
        let location = answer.header("operation-location");
        let location = location.parse::<reqwest::Url>().ok();
        let segments = location.iter().filter_map(reqwest::Url::path_segments).flatten();
        let segments: Vec<_> = segments.collect();
        match segments.as_slice() {
            ["api", "saas", "subscriptions", id, "operations", operation]
                if *id == subscription =>
            {
                (*operation).to_owned()
            }
            _ => {
                self.broken.push(format!("rule 5: {answer}"));
                String::new()
            }
        }
    }

    /// Rule 9, and the words of a webhook.
    fn told(&mut self, body: &Value) {
        for name in ["action", "status"] {
            if let Some(value) = body.get(name) {
                self.check(name, value);
            }
        }
        if !body["subscription"].is_null() {
            self.check("termUnit", &body["subscription"]["term"]["termUnit"]);
        }
        let absent = body.get("quantity").is_none(); // then the model has 0
        if !absent && !body["quantity"].is_i64() {
            self.broken.push(format!("rule 9: {body}"));
        }
    }
}

/// A subscription from its purchase to its end, as the SDK sees it.
async fn whole_life(stage: &Stage, sdk: &mut Sdk) {
    let (world, app) = (&stage.world, &stage.world.publisher);
    let bought = world.buy_as(&own(seats(3))).await;
    let id = &bought.id;
    sdk.read(app.resolve(&bought.token).await);
    app.assign(id, &people(3)).await.is(200);
    sdk.status(&app.activate(id).await, 200);
    sdk.read(app.subscription(id).await);
    sdk.read(app.plans(id).await);
    sdk.read(app.list().await);

    let started = app.change(id, &json!({"planId": "gold"})).await;
    let operation = sdk.accepted(&started, id);
    sdk.read(app.operation(id, &operation).await);
    sdk.read(app.operations(id).await);
    sdk.status(&app.decide(id, &operation, "Success").await, 200);
    stage.move_on("PT20S").await;
    sdk.read(app.operation(id, &operation).await);
    for (action, decision) in [
        (json!({"action": "changeQuantity", "quantity": 5}), "Success"),
        (json!({"action": "changePlan", "planId": "silver"}), "Failure"),
        (json!({"action": "suspend"}), ""),
        (json!({"action": "reinstate"}), "Success"),
        (json!({"action": "renew"}), ""),
    ] {
        let operation = world.operator.acted(id, &action).await;
        sdk.read(app.operations(id).await);
        stage.delivery_is(&operation, "acknowledged").await;
        if !decision.is_empty() {
            sdk.status(&app.decide(id, &operation, decision).await, 200);
        }
        sdk.read(app.operation(id, &operation).await);
        sdk.read(app.operations(id).await);
        sdk.read(app.subscription(id).await);
    }
    // A flat rate, and a plan that activates by itself.
    let instant = own(json!({"offerId": "contoso-archive", "planId": "instant"}));
    let mut others = Vec::new();
    for purchase in [own(flat()), instant] {
        let bought = world.buy_as(&purchase).await;
        others.push(bought.id.clone());
        sdk.read(app.resolve(&bought.token).await);
        sdk.read(app.operations(&bought.id).await);
        let ended = world.operator.acted(&bought.id, &json!({"action": "unsubscribe"})).await;
        stage.delivery_is(&ended, "acknowledged").await;
        sdk.read(app.operation(&bought.id, &ended).await);
    }
    // The longest term that is sold.
    let mut longest = own(json!({"offerId": "long", "planId": "long"}));
    for term in ["P18M", "P5Y", "P3Y"] {
        longest["term"] = json!(term);
        let sold = world.operator.purchase(&longest).await;
        if sold.status == 201 {
            let id = sold.text_at("/subscriptionId");
            sdk.read(app.subscription(&id).await);
            sdk.read(app.plans(&id).await);
        }
    }
    let deleted = app.delete(id).await;
    let operation = sdk.accepted(&deleted, id);
    stage.move_on("PT2S").await;
    sdk.read(app.operation(id, &operation).await);
    sdk.read(app.subscription(id).await);
    sdk.status(&app.delete(id).await, 202); // of an ended one too

    others.push(id.clone());
    for one in others {
        for delivery in world.operator.deliveries(&one).await {
            sdk.told(&stage.delivery(delivery["id"].as_str().unwrap()).await.at("/body"));
        }
    }
}

/// An offer with terms that the SDK does not know.
async fn publish_long_terms(stage: &Stage) {
    let price = |term: &str| json!({"currency": "USD", "term": term, "billingCycle": "monthly", "unitPrice": 5});
    let prices = ["P3Y", "P5Y", "P18M"].map(price);
    let plan = json!({"planId": "long", "name": "Long", "markets": ["US"], "prices": prices});
    let offer =
        json!({"publisherId": "contoso", "offerId": "long", "name": "Long", "plans": [plan]});
    stage.world.operator.post("/offers", &json!({"offers": [offer]})).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn sdk2_a_whole_life_keeps_the_rules_of_the_dotnet_sdk(#[case] db: Db) {
    let stage = Stage::new(db).await;
    publish_long_terms(&stage).await;
    stage.world.operator.set_profile("sdk2").await;
    let mut sdk = Sdk::default();
    whole_life(&stage, &mut sdk).await;
    assert_eq!(sdk.broken, Vec::<String>::new());
}

/// The rows of the table, each with its values.
async fn table(stage: &Stage) -> Vec<Value> {
    let table = stage.world.operator.call_root(Method::GET, "/quirks").ask().await.is(200);
    table.at("/quirks").as_array().expect("rows").clone()
}

/// The values of a row that break a rule, or those that do not.
fn values(row: &Value, breaking: bool) -> Vec<(String, Value)> {
    let values = row["values"].as_array().expect("values").iter();
    let wanted = values.filter(|value| value["breaks"].is_null() != breaking);
    wanted
        .map(|value| (value["name"].as_str().unwrap().to_owned(), value["breaks"].clone()))
        .collect()
}

#[tokio::test]
async fn sdk2_chooses_no_value_that_breaks_a_rule_and_the_table_is_right_about_each() {
    let stage = Stage::new(Db::Sqlite).await;
    publish_long_terms(&stage).await;
    let operator = &stage.world.operator;
    operator.set_profile("sdk2").await;
    let mut breaking = 0;
    for row in table(&stage).await {
        let id = row["id"].as_str().unwrap();
        for (value, rule) in values(&row, true) {
            assert_ne!(row["profiles"]["sdk2"], value.as_str(), "{id}");
            operator.set_quirk(id, &value).await;
            let mut sdk = Sdk::default();
            whole_life(&stage, &mut sdk).await;
            let rule = format!("rule {rule}:");
            let found = sdk.broken.iter().any(|broken| broken.starts_with(&rule));
            assert!(found, "{id} {value}: {rule} {:?}", sdk.broken);
            operator.put(&format!("/quirks/{id}"), &json!({"value": null})).await.is(200);
            breaking += 1;
        }
    }
    assert!(breaking >= 10, "{breaking}");
}

#[tokio::test]
async fn sdk2_every_other_value_keeps_the_rules() {
    let stage = Stage::new(Db::Sqlite).await;
    let (operator, app) = (&stage.world.operator, &stage.world.publisher);
    operator.set_profile("sdk2").await;
    let (mut licenses, mut broken) = (20, Vec::new());
    for row in table(&stage).await {
        let id = row["id"].as_str().unwrap();
        for (value, _) in values(&row, false) {
            if row["profiles"]["sdk2"] == value.as_str() {
                continue; // the whole life has it
            }
            operator.set_quirk(id, &value).await;
            let mut sdk = Sdk::default();
            let link = operator.link(&stage.id).await.is(201);
            sdk.read(app.resolve(&link.text_at("/authorizationCode")).await);
            sdk.read(app.subscription(&stage.id).await);
            sdk.read(app.list().await);
            sdk.read(app.plans(&stage.id).await);
            licenses = 41 - licenses;
            let started = app.change(&stage.id, &json!({"quantity": licenses})).await;
            let operation = sdk.accepted(&started, &stage.id);
            sdk.read(app.operations(&stage.id).await);
            let told = stage.acted(&json!({"action": "renew"})).await;
            stage.move_on("PT20S").await;
            sdk.read(app.operation(&stage.id, &operation).await);
            let body = stage.delivery(&told).await.at("/body");
            sdk.told(&body);
            broken.extend(sdk.broken.into_iter().map(|what| format!("{id} {value}: {what}")));
            operator.put(&format!("/quirks/{id}"), &json!({"value": null})).await.is(200);
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

/// Rule 10: the accelerator cuts the accepted event of a metering 409 out of the text, from `{"usageEventId"` up to
/// `},"message"`.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn sdk2_a_duplicates_event_can_be_cut_out_of_the_text(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let world = &stage.world;
    world.operator.set_profile("sdk2").await;
    let id = world.buy_metered().await.id;
    let sent = event(&id, 5, "2027-01-31T08:30:00Z");
    let accepted = world.publisher.report(&sent).await.is(200);
    let rows = table(&stage).await;
    let metering = rows.iter().filter(|row| row["source"].as_str().unwrap().contains("4."));
    for row in metering {
        let quirk = row["id"].as_str().unwrap();
        for (value, _) in values(row, false) {
            world.operator.set_quirk(quirk, &value).await;
            let refused = world.publisher.report(&sent).await.is(409).text;
            let from = refused.find(r#"{"usageEventId""#).expect("the event");
            let to = refused.find(r#"},"message""#).expect("the end of it");
            let cut: Value = serde_json::from_str(&refused[from..to]).expect("an event");
            assert_eq!(cut["usageEventId"], accepted.at("/usageEventId"), "{refused}");
            assert_eq!(cut["status"], "Duplicate", "{refused}");
        }
        world.operator.put(&format!("/quirks/{quirk}"), &json!({"value": null})).await.is(200);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn sdk2_the_list_is_walked_by_its_links_as_they_are(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (world, app) = (&stage.world, &stage.world.publisher);
    world.operator.set_profile("sdk2").await;
    let mut sdk = Sdk::default();
    sdk.read(app.call(Method::GET, "/").ask().await); // with the slash of OpenAPI
    for _ in 0..100 {
        world.buy_flat().await;
    }
    let first = sdk.read(app.list().await);
    let next = first.text_at("/@nextLink");
    let second = sdk.read(app.follow(&next).await); // rule 6
    assert_eq!(sdk.broken, Vec::<String>::new());
    assert_eq!(first.at("/subscriptions").as_array().unwrap().len(), 100);
    assert_eq!(second.at("/subscriptions").as_array().unwrap().len(), 1);
    assert!(!second.text.contains("@nextLink"), "{second}");
}

/// The rules find what breaks them.
#[test]
fn sdk2_the_rules_refuse_what_the_sdk_refuses() {
    for broken in [
        json!({"quantity": null}),
        json!({"quantity": "20"}),
        json!({"quantity": 20.0}),
        json!({"action": "Subscribe"}),
        json!({"term": {"termUnit": "P4Y"}}),
        json!({"allowedCustomerOperations": ["Buy"]}),
    ] {
        let mut sdk = Sdk::default();
        sdk.check("", &broken);
        assert_eq!(sdk.broken.len(), 1, "{broken}: {sdk:?}");
    }
    let mut sdk = Sdk::default();
    sdk.check("", &json!({"quantity": 20, "action": "Renew", "term": {"termUnit": "P3Y"}}));
    assert_eq!(sdk.broken, Vec::<String>::new());
}
