//! GET /openapi.json: for publishers it says what Microsoft's own files say, and only adds; and it is a document that
//! generators can read.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{comparison::gaps, document::Document};
use crate::support::{Ask, Db, World};

#[tokio::test]
async fn the_publisher_face_is_described_as_in_microsofts_files() {
    let world = World::new(Db::Sqlite).await;
    let ours = Document::of(&world).await;
    for theirs in [Document::saas(), Document::metering()] {
        let gaps = gaps(&theirs, &ours);
        assert!(gaps.is_empty(), "{} gaps:\n  {}", gaps.len(), gaps.join("\n  "));
    }
}

/// Every text that follows `$ref`.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let world = World::new(Db::Sqlite).await;
    let ours = Document::of(&world).await;
    let mut found = BTreeSet::new();
    references(&ours.root, &mut found);
    assert!(found.len() > 50, "{found:?}");
    for to in &found {
        let target = ours.root.pointer(to.trim_start_matches('#'));
        assert!(target.is_some_and(Value::is_object), "{to} leads nowhere");
    }
    for name in ours.root["components"]["schemas"].as_object().expect("schemas").keys() {
        let reference = format!("#/components/schemas/{name}");
        assert!(found.contains(reference.as_str()), "nothing refers to {name}");
    }
}

/// The tags that operations under a path may have.
fn tags(path: &str) -> &'static [&'static str] {
    if path.starts_with("/api/saas/") {
        &["fulfillment"]
    } else if path.starts_with("/api/") {
        &["metering"]
    } else if path.starts_with("/rehearsal/v1/") {
        &["rehearsal"]
    } else if ["/health/live", "/health/ready", "/metrics"].contains(&path) {
        &["operations"]
    } else if path.starts_with("/v1/") {
        &["partner"]
    } else {
        &["identity"]
    }
}

#[tokio::test]
async fn every_operation_has_an_id_of_its_own_a_face_and_described_answers() {
    let world = World::new(Db::Sqlite).await;
    let ours = Document::of(&world).await;
    assert_eq!(ours.root["openapi"], "3.1.0");
    let described = ours.root["tags"].as_array().expect("tags").iter();
    let described: BTreeSet<_> = described.map(|tag| tag["name"].as_str()).collect();
    let schemes = &ours.root["components"]["securitySchemes"];
    let mut ids = BTreeSet::new();
    for (path, method, operation) in ours.operations() {
        let id = operation["operationId"].as_str().expect("an id");
        assert!(ids.insert(id), "{method} {path}: {id} is another's id too");
        assert_eq!(operation["tags"], json!(tags(path)), "{method} {path}");
        assert!(described.contains(&operation["tags"][0].as_str()), "{method} {path}");
        let summary = operation["summary"].as_str();
        assert!(summary.is_some_and(|text| !text.is_empty()), "{method} {path}");
        for (status, answer) in operation["responses"].as_object().expect("answers") {
            let words = answer["description"].as_str();
            assert!(words.is_some_and(|text| !text.is_empty()), "{method} {path} {status}");
        }
        let credential = match tags(path)[0] {
            "fulfillment" | "metering" => Some("AADToken"),
            "rehearsal" => Some("controlToken"),
            "partner" => Some("partnerToken"),
            _ => None,
        };
        if let Some(scheme) = credential {
            assert_eq!(operation["security"], json!([{scheme: []}]), "{method} {path}");
            assert!(schemes[scheme].is_object(), "{scheme}");
        }
    }
}

/// What every operation of these faces may answer, whatever it is asked.
#[tokio::test]
async fn the_authority_and_the_partner_face_say_how_they_refuse() {
    let world = World::new(Db::Sqlite).await;
    let ours = Document::of(&world).await;
    let error = json!({"$ref": "#/components/schemas/PartnerCenterError"});
    let limited = json!({"$ref": "#/components/schemas/RateLimited"});
    let transient = json!({"$ref": "#/components/schemas/TransientError"});
    let token_error = json!({"$ref": "#/components/schemas/TokenError"});
    for (path, method, operation) in ours.operations() {
        let of = |status: &str, kind: &str| {
            let schema = &operation["responses"][status]["content"][kind]["schema"];
            (*schema != Value::Null).then(|| schema.clone())
        };
        let json_of = |status| of(status, "application/json");
        let at = format!("{method} {path}");
        let takes_body = operation["requestBody"].is_object();
        if path.ends_with("/generatetoken") {
            assert_eq!(json_of("503"), Some(json!({"oneOf": [transient, error]})), "{at}");
            assert_eq!(json_of("413"), Some(token_error.clone()), "{at}");
        } else if path.ends_with("/authorize") || path.ends_with("/logout") {
            for status in ["403", "503"] {
                assert!(of(status, "text/html").is_some(), "{at} {status}");
            }
        } else if tags(path)[0] == "identity" {
            assert_eq!(json_of("503"), Some(transient.clone()), "{at}");
            assert_eq!(json_of("413"), takes_body.then(|| token_error.clone()), "{at}");
        } else if tags(path)[0] == "partner" {
            let is_counted = path.starts_with("/v1/customers");
            assert_eq!(json_of("503"), Some(error.clone()), "{at}");
            assert_eq!(json_of("429"), is_counted.then(|| limited.clone()), "{at}");
            assert_eq!(json_of("413"), takes_body.then(|| error.clone()), "{at}");
        }
    }
}

#[tokio::test]
async fn every_parameter_of_a_path_is_declared() {
    let world = World::new(Db::Sqlite).await;
    let ours = Document::of(&world).await;
    for (path, method, operation) in ours.operations() {
        let in_path: BTreeSet<_> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let all = operation["parameters"].as_array().into_iter().flatten();
        let (mut declared, mut seen) = (BTreeSet::new(), BTreeSet::new());
        for parameter in all {
            let (name, place) = (parameter["name"].as_str(), parameter["in"].as_str());
            assert!(seen.insert((place, name)), "{method} {path}: {name:?} twice");
            if place == Some("path") {
                assert_eq!(parameter["required"], true, "{method} {path} {name:?}");
                declared.extend(name);
            }
        }
        assert_eq!(declared, in_path, "{method} {path}");
    }
}

/// A schema that another of its name hides shows here: an answer has members that are not described.
#[tokio::test]
async fn answers_of_the_control_api_are_as_the_document_has_them() {
    let world = World::new(Db::Sqlite).await;
    let ours = Document::of(&world).await;
    world.operator.webhooks_go_nowhere().await;
    let metered = world.buy_metered().await;
    let bought = world.buy_active(3).await;
    world.operator.acted(&bought.id, &json!({"action": "changeQuantity", "quantity": 4})).await;
    let event = crate::contract::metering::event(&metered.id, 5, "2027-01-31T08:30:00Z");
    world.publisher.report(&event).await.is(200);
    for path in [
        "",
        "/quirks",
        "/clock",
        "/deliveries",
        "/journal",
        "/publishers/{publisherId}/client-keys",
        "/partners/{partnerId}/client-keys",
        "/subscriptions/{subscriptionId}",
        "/subscriptions/{subscriptionId}/charges",
        "/subscriptions/{subscriptionId}/usage",
    ] {
        for subscription in [&metered.id, &bought.id] {
            let asked = path.replace("{subscriptionId}", subscription);
            let asked =
                asked.replace("{publisherId}", "contoso").replace("{partnerId}", "bluestem");
            let answer = world.operator.get(&asked).await;
            let path = format!("/rehearsal/v1/sandboxes/{{sandbox}}{path}");
            ours.holds(("get", &path), &answer.is(200));
        }
    }
    for path in ["/sandboxes", "/quirks"] {
        let answer = world.operator.call_root(Method::GET, path).ask().await.is(200);
        ours.holds(("get", &format!("/rehearsal/v1{path}")), &answer);
    }
    let advanced = world.operator.advance_by("P2M").await;
    ours.holds(("post", "/rehearsal/v1/sandboxes/{sandbox}/clock/advance"), &advanced);
    let missing = world.operator.get("/subscriptions/none").await.is(404);
    ours.holds(
        ("get", "/rehearsal/v1/sandboxes/{sandbox}/subscriptions/{subscriptionId}"),
        &missing,
    );
}

/// The same of publishers, with what Microsoft's files leave open: refusals.
#[tokio::test]
async fn answers_to_publishers_are_as_the_document_has_them() {
    let world = World::new(Db::Sqlite).await;
    let ours = Document::of(&world).await;
    world.operator.webhooks_go_nowhere().await;
    let bought = world.buy(3).await;
    let one = "/api/saas/subscriptions/{subscriptionId}";
    let resolved = world.publisher.resolve(&bought.token).await.is(200);
    ours.holds(("post", "/api/saas/subscriptions/resolve"), &resolved);
    let undecodable = world.publisher.resolve("x").await.is(400);
    ours.holds(("post", "/api/saas/subscriptions/resolve"), &undecodable);
    ours.holds(("get", one), &world.publisher.subscription(&bought.id).await.is(200));
    ours.holds(("get", one), &world.publisher.subscription("none").await.is(404));
    ours.holds(("get", one), &world.other_publisher.subscription(&bought.id).await.is(403));
    let unversioned = format!("/api/saas/subscriptions/{}", bought.id);
    let unversioned = world.anon.get(&unversioned).await.is(400);
    ours.holds(("get", one), &unversioned);
    ours.holds(("patch", one), &world.publisher.change(&bought.id, &json!({})).await.is(400));
    let plans = world.publisher.plans(&bought.id).await.is(200);
    ours.holds(("get", &format!("{one}/listAvailablePlans")), &plans);
    let assigned = world.publisher.assign(&bought.id, &crate::support::people(3)).await.is(200);
    ours.holds(("put", &format!("{one}/licenseAssignments")), &assigned);
    ours.holds(("get", "/api/saas/subscriptions"), &world.publisher.list().await.is(200));
    let bought = world.buy_active(3).await;
    let accepted = world.publisher.change(&bought.id, &json!({"quantity": 4})).await.is(202);
    ours.holds(("patch", one), &accepted);
    let operations = world.publisher.operations(&bought.id).await.is(200);
    ours.holds(("get", &format!("{one}/operations")), &operations);
}
