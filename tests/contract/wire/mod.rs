//! Answers of the publisher face against Microsoft's own OpenAPI file: members, types, enums, formats. The files here
//! are Microsoft's, as published (LICENSE.microsoft). The check is small: no schema of theirs requires a member.

use jiff::Timestamp;
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Db, World};

const SAAS: &str = include_str!("saasapi.v2.json");
/// Members that the real service sends and the file does not know (contracts C29; fulfillment.md 1.11).
const NOT_IN_THE_FILE: [&str; 4] =
    ["lastModified", "operationRequestSource", "errorStatusCode", "errorMessage"];

struct Document(Value);

impl Document {
    fn saas() -> Self {
        Self(serde_json::from_str(SAAS).expect("Microsoft's file"))
    }

    /// The schema of the 200 of a call; `None`: it has no body.
    fn answer(&self, method: &str, path: &str) -> Option<&Value> {
        let answer = &self.0["paths"][path][method]["responses"]["200"];
        assert!(answer.is_object(), "the file has no {method} {path}");
        answer.pointer("/content/application~1json/schema")
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(to) => self
                .0
                .pointer(to.trim_start_matches('#'))
                .expect("a reference that leads somewhere"),
            None => schema,
        }
    }

    /// Everything in `value` that the schema does not allow.
    fn check(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        let schema = self.resolved(schema);
        let fits = match schema["type"].as_str().unwrap_or("object") {
            "object" => self.check_members(schema, value, at, wrong),
            "array" => self.check_items(schema, value, at, wrong),
            "string" => value.as_str().is_some_and(|text| is_of(schema, text)),
            "integer" => value
                .as_i64()
                .is_some_and(|n| schema["format"] != "int32" || i32::try_from(n).is_ok()),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            other => panic!("a type this check does not know: {other}"),
        };
        let allowed = schema["enum"].as_array();
        if !fits || allowed.is_some_and(|allowed| !allowed.contains(value)) {
            wrong.push(format!("{at}: {value} is not {schema}"));
        }
    }

    fn check_members(
        &self,
        schema: &Value,
        value: &Value,
        at: &str,
        wrong: &mut Vec<String>,
    ) -> bool {
        let Some(members) = value.as_object() else { return false };
        for (name, member) in members {
            match &schema["properties"][name] {
                Value::Null if NOT_IN_THE_FILE.contains(&name.as_str()) => {}
                Value::Null => wrong.push(format!("{at}/{name} is not in the file")),
                schema => self.check(schema, member, &format!("{at}/{name}"), wrong),
            }
        }
        true
    }

    fn check_items(
        &self,
        schema: &Value,
        value: &Value,
        at: &str,
        wrong: &mut Vec<String>,
    ) -> bool {
        let Some(items) = value.as_array() else { return false };
        for (place, item) in items.iter().enumerate() {
            self.check(&schema["items"], item, &format!("{at}/{place}"), wrong);
        }
        true
    }
}

fn is_of(schema: &Value, text: &str) -> bool {
    match schema["format"].as_str() {
        Some("uuid") => text.len() == 36 && Uuid::try_parse(text).is_ok(),
        Some("date-time") => text.parse::<Timestamp>().is_ok(),
        Some("email") => text.contains('@'),
        _ => true,
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn answers_are_as_microsofts_openapi_file_has_them(#[case] db: Db) {
    let file = Document::saas();
    let world = World::new(db).await;
    let check = |method: &str, path: &str, answer: &crate::support::Answer| {
        let Some(schema) = file.answer(method, path) else {
            assert_eq!(answer.text, "", "{answer}");
            return;
        };
        let mut wrong = Vec::new();
        file.check(schema, &answer.json(), "", &mut wrong);
        assert_eq!(wrong, Vec::<String>::new(), "{answer}");
    };
    for bought in [world.buy(3).await, world.buy_flat().await] {
        let look = async || {
            let resolved = world.publisher.resolve(&bought.token).await.is(200);
            check("post", "/saas/subscriptions/resolve", &resolved);
            let seen = world.publisher.subscription(&bought.id).await.is(200);
            check("get", "/saas/subscriptions/{subscriptionId}", &seen);
        };
        look().await;
        let activated = world.publisher.activate(&bought.id).await.is(200);
        check("post", "/saas/subscriptions/{subscriptionId}/activate", &activated);
        look().await;
        world.operator.unsubscribe(&bought.id).await.is(202);
        look().await;
    }
}

/// The same of lists, plans and operations, in all their states.
#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn lists_plans_and_operations_are_as_the_file_has_them(#[case] db: Db) {
    let file = Document::saas();
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let check = |path: &str, answer: &crate::support::Answer| {
        let schema = file.answer("get", path).expect("a body");
        let mut wrong = Vec::new();
        file.check(schema, &answer.json(), "", &mut wrong);
        assert_eq!(wrong, Vec::<String>::new(), "{answer}");
    };
    let bought = world.buy_active(3).await;
    let metered = json!({"offerId": "contoso-archive", "planId": "metered"});
    let metered = world.buy_as(&metered).await;
    for id in [&bought.id, &metered.id] {
        let plans = world.publisher.plans(id).await.is(200);
        check("/saas/subscriptions/{subscriptionId}/listAvailablePlans", &plans);
    }
    let look = async |operation: &str| {
        let one = world.publisher.operation(&bought.id, operation).await.is(200);
        check("/saas/subscriptions/{subscriptionId}/operations/{operationId}", &one);
        let open = world.publisher.operations(&bought.id).await.is(200);
        check("/saas/subscriptions/{subscriptionId}/operations", &open);
    };
    let accepted = world.publisher.change(&bought.id, &json!({"quantity": 4})).await.is(202);
    let started = accepted.header("operation-id").to_owned();
    look(&started).await;
    for action in ["suspend", "unsubscribe"] {
        let operation = world.operator.acted(&bought.id, &json!({"action": action})).await;
        look(&operation).await;
    }
    look(&started).await; // Failed
    check("/saas/subscriptions/", &world.publisher.list().await.is(200));
}

#[test]
fn the_check_finds_what_is_wrong() {
    let file = Document::saas();
    let schema = file.answer("get", "/saas/subscriptions/{subscriptionId}").unwrap();
    for (body, found) in [
        (r#"{"id":"5f1c09ab-7d42-4e0b-9a53-1c2e88d0f6b7","quantity":3}"#, 0),
        (r#"{"id":"5f1c09ab"}"#, 1),
        (r#"{"quantity":"3"}"#, 1),
        (r#"{"quantity":3000000000}"#, 1),
        (r#"{"saasSubscriptionStatus":"Active"}"#, 1),
        (r#"{"allowedCustomerOperations":["Read","Buy"],"new":1}"#, 2),
        (r#"{"term":{"termUnit":"P1W","startDate":"today"}}"#, 2),
        ("[]", 1),
    ] {
        let mut wrong = Vec::new();
        file.check(schema, &serde_json::from_str(body).unwrap(), "", &mut wrong);
        assert_eq!(wrong.len(), found, "{body}: {wrong:?}");
    }
}
