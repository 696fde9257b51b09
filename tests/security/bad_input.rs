//! Bad input: whatever is sent, the answer is a documented one in a documented shape, in time, and the broker serves
//! on. The 105 requests are those that stop or corrupt Microsoft's own emulator, each translated to its nearest here.

use std::time::Duration;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use reqwest::{Method, RequestBuilder};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Answer, Ask, Bought, Db, World,
    world::{flat, own, seats},
};

mod everywhere;
mod usage;

/// An answer that takes longer is a hang.
const IN_TIME: Duration = Duration::from_secs(20);
const UNKNOWN: &str = "6c538dd9-c47b-4eea-b8ce-b4a8009af0ed";
const VERSION: &str = "api-version=2018-08-31";

/// Holds that an answer has a status that is right here, and the shape that belongs to it.
#[track_caller]
fn documented(what: &str, answer: &Answer, statuses: &[u16]) {
    assert!(statuses.contains(&answer.status), "{what}: {statuses:?}: {answer}");
    if answer.text.is_empty() {
        assert!([200, 202, 431].contains(&answer.status), "{what}: no body: {answer}");
        return;
    }
    let kind = answer.header("content-type");
    assert!(kind.contains("json"), "{what}: {answer}");
    let body = answer.json();
    let said =
        |pointer| body.pointer(pointer).and_then(Value::as_str).is_some_and(|t| !t.is_empty());
    let fits = match answer.status {
        200..300 => body.is_object(),
        _ if kind == "application/problem+json" => {
            said("/detail") && body["status"] == answer.status
        }
        _ if body["source"] == "PartnerFD" => body["code"].is_u64() && said("/description"),
        403 => body.is_string(),
        _ => said("/message") || (said("/Error/Code") && said("/Error/Message")) || said("/error"),
    };
    assert!(fits, "{what}: not a documented shape: {answer}");
}

/// Sends, in time, and holds the answer.
async fn send(what: &str, call: RequestBuilder, statuses: &[u16]) -> Answer {
    let answer = call.timeout(IN_TIME).ask().await;
    documented(what, &answer, statuses);
    answer
}

/// What must still be so when all was sent: the broker serves a whole purchase, and what was bought before is as it was.
struct Before {
    bystander: Bought,
    foreign: Value,
    truth: Value,
}

impl Before {
    async fn of(world: &World) -> Self {
        let team = json!({"offerId": "fabrikam-insight", "planId": "team"});
        let bystander = world.buy_as(&team).await;
        let foreign = world.other_publisher.list().await.is(200).json();
        let truth = world.operator.truth(&bystander.id).await.json();
        Self { bystander, foreign, truth }
    }

    async fn still_so(self, world: &World) {
        assert_eq!(world.other_publisher.list().await.is(200).json(), self.foreign);
        assert_eq!(world.operator.truth(&self.bystander.id).await.json(), self.truth);
        world.anon.get("/health/ready").await.is(200);
        let bought = world.buy_active(2).await;
        let resolved = world.publisher.resolve(&bought.token).await.is(200);
        assert_eq!(resolved.at("/subscription/saasSubscriptionStatus"), "Subscribed");
        assert_eq!(world.operator.charges(&bought.id).await.len(), 1);
    }
}

/// Sends the rows in their order, so that none is left out.
struct Rows<'a> {
    world: &'a World,
    last: u32,
}

impl Rows<'_> {
    fn publisher(&self, method: Method, path: &str) -> RequestBuilder {
        self.world.publisher.call(method, path)
    }

    /// A call of the publisher face without a bearer.
    fn bare(&self, path_and_query: &str) -> RequestBuilder {
        let url = format!("/api/saas/subscriptions{path_and_query}");
        self.world.anon.call(Method::GET, &url)
    }

    /// Resolve with a token as a client of the emulator would write one: base64 of JSON.
    fn resolve(&self, token: &str) -> RequestBuilder {
        let token = STANDARD.encode(token);
        self.publisher(Method::POST, "/resolve").header("x-ms-marketplace-token", token)
    }

    async fn row(&mut self, number: u32, call: RequestBuilder, statuses: &[u16]) -> Answer {
        assert_eq!(number, self.last + 1, "a row is missing");
        self.last = number;
        send(&format!("row {number}"), call, statuses).await
    }

    async fn patch(&mut self, number: u32, id: &str, body: Value, status: u16) -> Answer {
        let call = self.publisher(Method::PATCH, &format!("/{id}")).json(&body);
        self.row(number, call, &[status]).await
    }

    async fn act(&mut self, number: u32, id: &str, body: &str, status: u16) -> Answer {
        let path = format!("/subscriptions/{id}/actions");
        let call = self.world.operator.call(Method::POST, &path).body(body.to_owned());
        self.row(number, call, &[status]).await
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_105_requests_are_answered_and_the_broker_serves_on(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let before = Before::of(&world).await;
    let mut r = Rows { world: &world, last: 0 };
    let bearer = |token: &str| r.bare(&format!("?{VERSION}")).bearer_auth(token);
    let (get, post, patch) = (Method::GET, Method::POST, Method::PATCH);

    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let app = &world.publisher.app;
    let claims = json!({"tid": app.tenant_id, "appid": app.client_id,
        "aud": shared::identity::MARKETPLACE_RESOURCE, "exp": 4_000_000_000_u32});
    let unsigned = format!("{}.{}.", part(json!({"alg": "none", "typ": "JWT"})), part(claims));
    let garbage = bearer("not-a-jwt");
    let alg_none = bearer(&unsigned);
    let basic = r.bare(&format!("?{VERSION}")).basic_auth("Pub", Some("x"));
    r.row(1, r.bare(&format!("?{VERSION}")), &[403]).await;
    r.row(2, r.bare("").bearer_auth(&world.publisher.bearer), &[400]).await;
    let late = r.bare("?api-version=2099-01-01").bearer_auth(&world.publisher.bearer);
    r.row(3, late, &[400]).await;
    r.row(4, garbage, &[403]).await;
    r.row(5, alg_none, &[403]).await;
    r.row(6, basic, &[403]).await;

    let bought = world.buy_as(&own(seats(5))).await;
    let token =
        |value: &str| r.publisher(Method::POST, "/resolve").header("x-ms-marketplace-token", value);
    let not_base64 = token("%%% not base64 %%%");
    let flipped = bought.token.chars().rev().collect::<String>();
    let (flipped, long) = (token(&flipped), token(&"A".repeat(20_000)));
    r.row(7, r.publisher(Method::POST, "/resolve"), &[400]).await;
    r.row(8, not_base64, &[400]).await;
    let id = &bought.id;
    for (number, inner) in (9..).zip([
        "just a text".to_owned(),
        "null".to_owned(),
        "5".to_owned(),
        "{}".to_owned(),
        json!({"id": 42, "offerId": "flat-rate"}).to_string(),
        json!({"id": "../../x", "offerId": "flat-rate"}).to_string(),
        json!({"id": UNKNOWN, "offerId": "nope", "planId": "nope-1"}).to_string(),
        json!({"id": id, "offerId": "contoso-desk", "quantity": -5}).to_string(),
        json!({"id": id, "offerId": "contoso-desk", "quantity": 1e308}).to_string(),
        json!({"id": id, "offerId": "contoso-desk", "quantity": "abc"}).to_string(),
        json!({"id": id, "saasSubscriptionStatus": "Subscribed", "extra": 1}).to_string(),
    ]) {
        r.row(number, r.resolve(&inner), &[400]).await;
    }
    r.row(20, flipped, &[400]).await;
    let stolen = world.other_publisher.call(Method::POST, "/resolve");
    r.row(21, stolen.header("x-ms-marketplace-token", &bought.token), &[403]).await;
    r.row(22, long, &[400, 431]).await;

    let activate = |id: &str, body: &str| {
        let call = world.publisher.call(Method::POST, &format!("/{id}/activate"));
        call.header("content-type", "application/json").body(body.to_owned())
    };
    r.row(23, activate(UNKNOWN, ""), &[404]).await;
    r.row(24, activate(&world.buy(1).await.id, ""), &[200]).await;
    r.row(25, activate(id, "{\"planId\":"), &[400]).await;
    r.row(26, activate(id, "null"), &[400]).await;
    r.row(27, activate(&world.buy(1).await.id, "{\"planId\":\"gold\"}"), &[200]).await;
    r.row(28, activate(id, "{\"planId\":7}"), &[400]).await;
    let plain = r.publisher(post.clone(), &format!("/{}/activate", world.buy(1).await.id));
    let plain = plain.header("content-type", "text/plain").body("{\"planId\":\"silver\"}");
    r.row(29, plain, &[200]).await;
    r.row(30, activate(id, "{\"planId\":\"silver\",\"quantity\":5}"), &[200]).await;
    r.row(31, activate(id, ""), &[400]).await;
    r.row(32, r.publisher(get.clone(), &format!("/{id}")), &[200]).await;
    let purchase = json!({"offerId": "contoso-desk", "planId": "silver", "term": null});
    r.row(33, world.operator.call(post.clone(), "/purchases").json(&purchase), &[201, 400]).await;

    for (number, path, status) in [
        (34, UNKNOWN, 404),
        (35, "abc", 404),
        (36, "__proto__", 404),
        (37, &*before.bystander.id, 403),
        (38, &format!("{UNKNOWN}/listAvailablePlans"), 404),
    ] {
        r.row(number, r.publisher(get.clone(), &format!("/{path}")), &[status]).await;
    }
    let plans = r.publisher(get.clone(), &format!("/{id}/listAvailablePlans"));
    r.row(39, plans.query(&[("planId", "nope")]), &[200]).await;

    for (number, body) in (40..).zip([
        json!({"planId": "gold", "quantity": 6}),
        json!({}),
        json!({"plan": "gold"}),
        json!([]),
        json!({"planId": 5}),
        json!({"planId": null}),
        json!({"planId": "silver"}),
        json!({"planId": "team"}),
        json!({"quantity": 0}),
        json!({"quantity": -3}),
        json!({"quantity": 5}),
        json!({"quantity": 1_000_000_000}),
        json!({"quantity": 9_999_999}),
        json!({"quantity": 2.5}),
        json!({"quantity": "12"}),
        json!({"quantity": [3]}),
    ]) {
        r.patch(number, id, body, 400).await;
    }
    let archive = world.buy_as(&own(flat())).await;
    world.start_billing(&archive).await;
    r.patch(56, &archive.id, json!({"quantity": 3}), 400).await;
    let pending = world.buy_as(&own(seats(1))).await;
    r.patch(57, &pending.id, json!({"quantity": 3}), 400).await;
    let delete = |id: &str| world.publisher.call(Method::DELETE, &format!("/{id}"));
    r.row(58, delete(&pending.id), &[202]).await;
    r.row(59, delete(&archive.id), &[202]).await;
    r.row(60, delete(&archive.id), &[202, 409]).await;
    world.operator.advance_by("PT1M").await;
    r.row(61, activate(&archive.id, ""), &[404]).await;
    let replayed = r.publisher(post.clone(), "/resolve");
    r.row(62, replayed.header("x-ms-marketplace-token", &archive.token), &[200]).await;
    r.row(63, delete(UNKNOWN), &[404]).await;
    r.row(64, r.publisher(get.clone(), &format!("/{UNKNOWN}/operations")), &[404]).await;
    let unknown = format!("/{id}/operations/{UNKNOWN}");
    r.row(65, r.publisher(get.clone(), &unknown), &[404]).await;
    let decide = |operation: &str, status: &str| {
        let path = format!("/{id}/operations/{operation}");
        world.publisher.call(Method::PATCH, &path).json(&json!({"status": status}))
    };
    r.row(66, decide(UNKNOWN, "Success"), &[404]).await;
    let change = json!({"action": "changeQuantity", "quantity": 6});
    let asked = world.operator.acted(id, &change).await;
    r.row(67, decide(&asked, "blah"), &[400]).await;
    r.row(68, decide(&asked, "Succeeded"), &[400]).await;
    world.publisher.decide(id, &asked, "Failure").await.is(200);
    let accepted = r.patch(69, id, json!({"planId": "gold"}), 202).await;
    let operation = accepted.header("operation-id").to_owned();
    r.row(70, r.publisher(get.clone(), &format!("/{id}/operations/{operation}")), &[200]).await;
    r.row(71, decide(&operation, "Success"), &[200]).await;

    r.act(72, id, "{\"action\":", 400).await;
    r.act(73, id, "", 400).await;
    r.act(74, UNKNOWN, "{\"action\":\"suspend\"}", 404).await;
    let active = world.buy_active(5).await;
    r.act(75, &active.id, "{\"action\":\"reinstate\"}", 409).await;
    let pending = world.buy(1).await;
    r.act(76, &pending.id, "{\"action\":\"renew\"}", 409).await;
    let change = change.to_string();
    let asked = r.act(77, &active.id, &change, 202).await.text_at("/operationId");
    let path = format!("/{}/operations/{asked}", active.id);
    let refuse = || r.publisher(patch.clone(), &path).json(&json!({"status": "Failure"}));
    let (first, again) = (refuse(), refuse());
    r.row(78, first, &[200]).await;
    r.row(79, again, &[409]).await;
    r.act(80, &active.id, "{\"action\":\"changePlan\",\"planId\":5}", 400).await;
    r.patch(81, &active.id, json!({"planId": "x".repeat(101_000)}), 400).await;
    let huge = r.publisher(patch.clone(), &format!("/{}", active.id));
    r.row(82, huge.body("x".repeat(20_000_000)), &[413]).await;
    r.row(83, r.publisher(Method::PUT, &format!("/{id}")).json(&json!({})), &[404, 405]).await;
    r.row(84, world.anon.call(get.clone(), &format!("/api/saas/nope?{VERSION}")), &[404]).await;
    r.row(85, r.publisher(get.clone(), "/%ZZ"), &[400, 404]).await;

    let control = |method: &Method, path: &str| world.operator.call(method.clone(), path);
    let offer = json!({"offerId": "contoso-desk", "displayName": "Sample"});
    r.row(86, control(&post, "/offers").json(&json!({"offerId": "o1"})), &[400]).await;
    r.row(87, control(&post, "/offers").json(&offer), &[400]).await;
    let configure =
        |url: Value| control(&Method::PUT, "/publisher").json(&json!({"webhookUrl": url}));
    r.row(88, configure(json!(5)), &[400]).await;
    r.row(89, configure(json!("hook/relative")), &[400]).await;
    r.row(90, configure(Value::Null), &[200]).await;
    r.row(91, control(&get, ""), &[200]).await;
    world.operator.webhooks_go_nowhere().await;
    r.row(92, control(&get, &format!("/subscriptions/{UNKNOWN}")), &[404]).await;

    let twice = r.bare(&format!("?{VERSION}&publisherId=a&publisherId=b"));
    r.row(93, twice.bearer_auth(&world.publisher.bearer), &[200]).await;
    let polluting = json!({"id": "polluted", "offerId": "flat-rate"}).to_string();
    r.row(94, r.resolve(&polluting).query(&[("publisherId", "__proto__")]), &[400]).await;
    let unrelated = |path: &str| world.other_publisher.call(Method::GET, path);
    let list = r.row(95, unrelated(""), &[200]).await;
    assert_eq!(list.json(), before.foreign);
    r.row(96, unrelated("/polluted"), &[404]).await;
    r.row(97, r.publisher(get.clone(), ""), &[200]).await;
    r.row(98, control(&get, ""), &[200]).await;
    r.row(99, r.publisher(get.clone(), &format!("/{id}/listAvailablePlans")), &[200]).await;
    let proto = json!({"id": "__proto__", "offerId": "flat-rate"}).to_string();
    r.row(100, r.resolve(&proto), &[400]).await;
    r.row(101, r.publisher(get.clone(), ""), &[200]).await;
    r.row(102, r.bare(&format!("?{VERSION}")), &[403]).await;
    r.row(103, r.publisher(get.clone(), ""), &[200]).await;
    let ignored = r.bare(&format!("?{VERSION}&publisherId=contoso")).header("x-ignore-auth", "1");
    r.row(104, ignored, &[403]).await;
    let forged = format!("Bearer {}", &unsigned);
    r.row(105, r.bare(&format!("?{VERSION}")).header("Authentication", forged), &[403]).await;
    assert_eq!(r.last, 105);
    before.still_so(&world).await;
}
