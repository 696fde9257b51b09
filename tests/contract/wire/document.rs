//! An OpenAPI document, and whether a value is as one of its schemas has it. Called by every file of this folder, with
//! Microsoft's files, as published (LICENSE.microsoft), and with our own.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::support::{Answer, World};

const SAAS: &str = include_str!("saasapi.v2.json");
const METERING: &str = include_str!("meteringapi.v1.json");
/// Members that the real service sends and the file does not know (contracts C29; fulfillment.md 1.11).
const NOT_IN_THE_FILE: [&str; 4] =
    ["lastModified", "operationRequestSource", "errorStatusCode", "errorMessage"];

#[derive(Clone)]
pub struct Document {
    pub root: Value,
    /// Members that may be sent without standing here.
    more: BTreeSet<&'static str>,
}

impl Document {
    /// Microsoft's file of the fulfillment API.
    pub fn saas() -> Self {
        Self::read(SAAS, NOT_IN_THE_FILE)
    }

    /// Microsoft's file of the metering API.
    pub fn metering() -> Self {
        Self::read(METERING, [])
    }

    /// What a broker says of itself.
    pub async fn of(world: &World) -> Self {
        let answer = world.anon.get("/openapi.json").await.is(200);
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        Self::read(&answer.text, [])
    }

    fn read<const N: usize>(text: &str, more: [&'static str; N]) -> Self {
        Self { root: serde_json::from_str(text).expect("a document"), more: more.into() }
    }

    /// Every operation as path, method and itself.
    pub fn operations(&self) -> Vec<(&str, &str, &Value)> {
        let paths = self.root["paths"].as_object().expect("paths").iter();
        let all = paths.flat_map(|(path, item)| {
            let methods = item.as_object().expect("methods").iter();
            methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        });
        all.collect()
    }

    /// The schema of an answer; `None`: it has no body, or one of any form.
    pub fn answer(&self, method: &str, path: &str, status: u16) -> Option<&Value> {
        let answer = &self.root["paths"][path][method]["responses"][status.to_string()];
        assert!(answer.is_object(), "the file has no {method} {path} {status}");
        let json = answer.pointer("/content/application~1json/schema");
        json.or_else(|| answer.pointer("/content/application~1problem+json/schema"))
    }

    /// What a schema refers to, or itself.
    pub fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let Some(to) = schema["$ref"].as_str() else { return schema };
        let found = self.root.pointer(to.trim_start_matches('#'));
        found.unwrap_or_else(|| panic!("{to} leads nowhere"))
    }

    /// Holds an answer to what the document says of it.
    #[track_caller]
    pub fn holds(&self, (method, path): (&str, &str), answer: &Answer) {
        let mut wrong = Vec::new();
        let described = &self.root["paths"][path][method]["responses"][answer.status.to_string()];
        let sent = answer.header("content-type").split(';').next().unwrap_or_default();
        let known = described["content"].as_object().is_none_or(|all| all.contains_key(sent));
        assert!(known || answer.text.is_empty(), "{sent} is not in the document: {answer}");
        match self.answer(method, path, answer.status) {
            Some(schema) => self.check(schema, &answer.json(), "", &mut wrong),
            None => assert_eq!(answer.text, "", "{answer}"),
        }
        assert_eq!(wrong, Vec::<String>::new(), "{answer}");
    }

    /// Everything in `value` that the schema does not allow.
    pub fn check(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        let schema = self.resolved(schema);
        if let Some(choice) = schema["oneOf"].as_array() {
            let fits = |one: &&Value| {
                let mut wrong = Vec::new();
                self.check(one, value, at, &mut wrong);
                wrong.is_empty()
            };
            if choice.iter().filter(fits).count() != 1 {
                wrong.push(format!("{at}: {value} is not one of {choice:?}"));
            }
            return;
        }
        let fits = types(schema).any(|kind| match kind {
            "object" => self.check_members(schema, value, at, wrong),
            "array" => self.check_items(schema, value, at, wrong),
            "string" => value.as_str().is_some_and(|text| is_of(schema, text)),
            "integer" => value
                .as_i64()
                .is_some_and(|n| schema["format"] != "int32" || i32::try_from(n).is_ok()),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            "any" => true,
            other => panic!("a type this check does not know: {other}"),
        });
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
            let at = format!("{at}/{name}");
            match (&schema["properties"][name], &schema["additionalProperties"]) {
                (Value::Null, of @ Value::Object(_)) => self.check(of, member, &at, wrong),
                (Value::Null, _) if self.more.contains(name.as_str()) => {}
                (Value::Null, _) => wrong.push(format!("{at} is not in the file")),
                (schema, _) => self.check(schema, member, &at, wrong),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Value::as_str).filter(|name| !members.contains_key(*name)) {
            wrong.push(format!("{at}/{name} is missing"));
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

/// The types a schema allows; `any` where it names none.
pub fn types(schema: &Value) -> impl Iterator<Item = &str> {
    let silent = if schema["properties"].is_object() { "object" } else { "any" };
    let one = match &schema["type"] {
        Value::String(one) => Some(one.as_str()),
        Value::Null => Some(silent),
        _ => None,
    };
    let more = schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(more)
}

fn is_of(schema: &Value, text: &str) -> bool {
    match schema["format"].as_str() {
        Some("uuid") => text.len() == 36 && Uuid::try_parse(text).is_ok(),
        Some("date-time") => text.parse::<Timestamp>().is_ok(),
        Some("email") => text.contains('@'),
        Some("uri") => text.contains("://"),
        _ => true,
    }
}

#[test]
fn the_check_finds_what_is_wrong() {
    let file = Document::saas();
    let schema = file.answer("get", "/saas/subscriptions/{subscriptionId}", 200).unwrap();
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
