//! Bad bodies, ids and headers, and halves of requests, at every call of the publisher face and the control API.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{Before, IN_TIME, UNKNOWN, VERSION, documented, send};
use crate::support::{Db, World, people, shop::SILVER};

/// Bodies that are right nowhere.
fn bodies() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"planId":5}"#,
        r#"{"planId":["gold"]}"#,
        r#"{"planId":{"id":"gold"}}"#,
        r#"{"planId":true}"#,
        r#"{"quantity":2.5}"#,
        r#"{"quantity":"12"}"#,
        r#"{"quantity":[3]}"#,
        r#"{"quantity":1e30}"#,
        r#"{"quantity":1000000000000000000000000000000}"#,
        r#"{"quantity":true}"#,
        r#"{"quantity":{"$gt":0}}"#,
        r#"{"plan":"gold"}"#,
        r#"{"PlanId":"gold"}"#,
        r#"{"planId":"gold","constructor":{}}"#,
        r#"{"__proto__":{"planId":"gold","status":"Success","action":"unsubscribe"}}"#,
        r#"{"planId":"gold","planId":"gold"}"#,
        r#"{"status":5}"#,
        r#"{"status":["Success"]}"#,
        r#"{"status":"Success","status":"Success"}"#,
        r#"{"status":"Success","more":1}"#,
        r#"{"assignedTo":[["id","mail"]]}"#,
        r#"{"assignedTo":"everybody"}"#,
        r#"{"assignedTo":[null]}"#,
        r#"{"assignedTo":[{"objectId":["1"]}]}"#,
        r#"{"assignedTo":[{"objectId":"1","more":1}]}"#,
        r#"{"steps":"export"}"#,
        r#"{"steps":[["export","Export","https://x.example/",[]]]}"#,
        r#"{"steps":[{"id":"export","title":"Export","url":"https://x.example/","blocks":"cancel"}]}"#,
        r#"{"steps":[{"id":"export","title":"Export","url":"https://x.example/","blocks":[{"cancel":null}]}]}"#,
        r#"{"steps":[{"id":"../x","title":"Export","url":"https://x.example/","blocks":[]}]}"#,
        r#"{"steps":[{"id":"export","title":"Ex\u0000port","url":"https://x.example/","blocks":[]}]}"#,
        r#"{"steps":[{"id":"export","title":"Export","url":"javascript:alert(1)","blocks":[]}]}"#,
        r#"{"steps":[{"id":"export","title":"Export","url":"https://x.example/\u0000","blocks":[]}]}"#,
        r#"{"informationSubmittedBy":["1","2","3"]}"#,
        r#"{"informationSubmittedBy":{"objectId":{"$gt":0}}}"#,
        r#"{"informationSubmittedBy":{"emailId":"a\u0000b"}}"#,
        r#"{"signInUrl":"file:///etc/passwd"}"#,
        r#"{"signInUrl":"https://x.example/\u0000"}"#,
        r#"{"by":["me"]}"#,
        r#"{"by":"\u0000"}"#,
        r#"{"lineItems":["1"]}"#,
        r#"{"lineItems":[{"catalogItemId":{"$gt":""},"quantity":1}]}"#,
        r#"{"lineItems":[{"quantity":1e999}]}"#,
        r#"{"lineItems":[{"id":99999999999999999999,"lineItemNumber":99999999999999999999}]}"#,
        r#"{"lineItems":[{"provisioningContext":[1]}],"billingCycle":[]}"#,
        r#"{"action":["unsubscribe"]}"#,
        r#"{"action":{"unsubscribe":null}}"#,
        r#"{"action":"unsubscribe","more":1}"#,
        r#"{"action":"Unsubscribe"}"#,
        r#"["gold"]"#,
        r#"["Success"]"#,
        r#"["unsubscribe"]"#,
        "[]",
        "[{}]",
        r#""gold""#,
        "5",
        "null",
        "{",
        r#"{"planId":"go"#,
        r#"{"planId":"gold""#,
        r#"{"planId":"gold"}}"#,
        r#"{"planId":"gold"} {"planId":"gold"}"#,
        r#"{'planId':'gold'}"#,
        r#"{"planId":"\ud800"}"#,
        r#"{"planId":NaN}"#,
        "\u{feff}{\"planId\":\"gold\"}",
        "{\"planId\":\"gold\u{0}\"}",
        "\u{0}\u{0}\u{0}",
        "<update><planId>gold</planId></update>",
        "planId=gold&status=Success&action=unsubscribe",
    ];
    let mut bodies: Vec<_> = texts.map(|text| text.as_bytes().to_vec()).into();
    bodies.push(b"{\"planId\":\"\xff\xfe\",\"status\":\"\xff\",\"action\":\"\xc0\xaf\"}".to_vec());
    bodies.push(b"{\"\xff\":1}".to_vec());
    for deep in
        ["[", "{\"a\":", "{\"planId\":[", "{\"assignedTo\":[", "{\"status\":[", "{\"action\":["]
    {
        bodies.push(format!("{deep}{}", "[".repeat(100_000)).into_bytes());
        bodies.push(deep.repeat(100_000 / deep.len()).into_bytes());
    }
    bodies
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn no_body_does_harm_at_any_call(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let before = Before::of(&world).await;
    let free = world.buy_active(5).await;
    let asked = world.buy_active(5).await;
    let change = json!({"action": "changePlan", "planId": "gold"});
    let operation = world.operator.acted(&asked.id, &change).await;
    let partners = world.buy(5).await;
    world.start_billing(&partners).await;
    let operations = format!("/{}/operations/{operation}", asked.id);
    let truths = async || {
        let mut truths = Vec::new();
        for bought in [&free, &asked, &partners] {
            truths.push(world.operator.truth(&bought.id).await.json());
        }
        truths
    };
    let at_first = truths().await;
    let app = &world.publisher;
    let shop = world.lab().await;
    let cart = shop.fill(&[shop.line(SILVER, 1)]).await.is(201).text_at("/id");
    let order = shop.buy(&[shop.line(SILVER, 1)]).await.text_at("/orders/0/id");
    let (cart, order) = (format!("/carts/{cart}"), format!("/orders/{order}"));
    let (cart, order) = (shop.path(&cart), shop.path(&order));
    for body in bodies() {
        let what = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let pending = world.buy(5).await;
        let assigned = format!("/{}/licenseAssignments", free.id);
        let refused = &[400][..];
        for (call, statuses) in [
            (app.call(Method::PATCH, &format!("/{}", free.id)), refused),
            (app.call(Method::PATCH, &operations), refused),
            (app.call(Method::PUT, &assigned), refused),
            (app.call(Method::PUT, &format!("/{}/publisherSteps", free.id)), refused),
            (app.call(Method::PUT, &format!("/{}/setup", free.id)), refused),
            (shop.app.call(Method::POST, &shop.path("/carts")), refused),
            (shop.app.call(Method::PUT, &cart), refused),
            (shop.app.call(Method::POST, &shop.path("/orders")), refused),
            (shop.app.call(Method::PATCH, &order), refused),
            (
                world
                    .operator
                    .call(Method::PUT, &format!("/subscriptions/{}/publisher-steps", free.id)),
                refused,
            ),
            (
                world
                    .operator
                    .call(Method::PUT, &format!("/subscriptions/{}/duties/url-sent", free.id)),
                refused,
            ),
            (
                world.operator.call(Method::POST, &format!("/subscriptions/{}/actions", free.id)),
                refused,
            ),
            (app.call(Method::POST, &format!("/{}/activate", pending.id)), &[200, 400]),
            (app.call(Method::DELETE, &format!("/{}", partners.id)), refused),
            (app.call(Method::POST, "/resolve"), refused),
            (app.call(Method::GET, ""), &[200]),
            (app.call(Method::GET, &format!("/{}", free.id)), &[200]),
            (app.call(Method::GET, &format!("/{}/listAvailablePlans", free.id)), &[200]),
            (app.call(Method::GET, &format!("/{}/operations", asked.id)), &[200]),
            (app.call(Method::GET, &operations), &[200]),
        ] {
            let call = call.header("content-type", "application/json").body(body.clone());
            send(&what, call, statuses).await;
        }
    }
    assert_eq!(truths().await, at_first);
    before.still_so(&world).await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn no_id_does_harm_at_any_call(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let before = Before::of(&world).await;
    let bought = world.buy_active(5).await;
    let truth = world.operator.truth(&bought.id).await.json();
    let (long, id) = ("a".repeat(6_000), &bought.id);
    let tricks = [
        "__proto__",
        "constructor",
        "..%2f..%2f",
        "..%2fresolve",
        "%2e%2e%2f%2e%2e%2fhealth%2flive",
        "..%5c..%5c",
        "%00",
        "%ff%fe",
        "%ZZ",
        "%",
        "%F0%9F%92%A5",
        "%27%20OR%20%271%27=%271",
        "null",
        "undefined",
        "-1",
        "[object%20Object]",
        "{subscriptionId}",
        "*",
        "%0d%0aX-Injected:%201",
        &long,
        &format!("{id}%00"),
        &format!("{id}%20"),
        &format!("{id}%2f.."),
        &format!("{id};x=y"),
        &format!("{},{id}", bought.id),
    ];
    let app = &world.publisher;
    let gone = &[400, 404, 405][..];
    let body = json!({"planId": "gold"});
    for trick in tricks {
        for (call, statuses) in [
            (app.call(Method::GET, &format!("/{trick}")), gone),
            (app.call(Method::PATCH, &format!("/{trick}")).json(&body), gone),
            (app.call(Method::DELETE, &format!("/{trick}")), gone),
            (app.call(Method::POST, &format!("/{trick}/activate")), gone),
            (
                app.call(Method::PUT, &format!("/{trick}/licenseAssignments"))
                    .json(&json!({"assignedTo": people(1)})),
                gone,
            ),
            (
                app.call(Method::PUT, &format!("/{trick}/publisherSteps"))
                    .json(&json!({"steps": []})),
                gone,
            ),
            (app.call(Method::GET, &format!("/{trick}/publisherSteps")), gone),
            (app.call(Method::POST, &format!("/{id}/publisherSteps/{trick}/done")), gone),
            (
                app.call(Method::PUT, &format!("/{trick}/setup"))
                    .json(&json!({"signInUrl": "https://x.example/"})),
                gone,
            ),
            (app.call(Method::GET, &format!("/{trick}/listAvailablePlans")), gone),
            (app.call(Method::GET, &format!("/{trick}/operations")), gone),
            (app.call(Method::GET, &format!("/{trick}/operations/{UNKNOWN}")), gone),
            (app.call(Method::GET, &format!("/{id}/operations/{trick}")), gone),
            (
                app.call(Method::PATCH, &format!("/{id}/operations/{trick}"))
                    .json(&json!({"status": "Success"})),
                gone,
            ),
            (
                world
                    .operator
                    .call(Method::POST, &format!("/subscriptions/{trick}/actions"))
                    .json(&json!({"action": "unsubscribe"})),
                gone,
            ),
            (world.operator.call(Method::GET, &format!("/subscriptions/{trick}")), gone),
            (world.operator.call(Method::GET, &format!("/deliveries/{trick}")), gone),
            (world.operator.call(Method::POST, &format!("/deliveries/{trick}/redeliver")), gone),
            (world.operator.call_root(Method::GET, &format!("/sandboxes/{trick}/clock")), gone),
            (world.anon.call(Method::GET, &format!("/{trick}/discovery/keys")), gone),
        ] {
            let answer = send(trick, call, statuses).await;
            assert_eq!(answer.header("x-injected"), "", "{answer}");
        }
    }
    let (other, stranger) = world.another_sandbox("elsewhere").await;
    let act = other.act(id, &json!({"action": "unsubscribe"})).await;
    documented("another sandbox's operator", &act, &[404]);
    documented("another sandbox's publisher", &stranger.delete(id).await, &[403, 404]);
    assert_eq!(world.operator.truth(id).await.json(), truth);
    before.still_so(&world).await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn no_header_and_no_half_of_a_request_does_harm(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    let before = Before::of(&world).await;
    let bought = world.buy_active(5).await;
    let truth = world.operator.truth(&bought.id).await.json();
    let long = "A".repeat(20_000);
    let bytes = |bytes: &[u8]| reqwest::header::HeaderValue::from_bytes(bytes).expect("a value");
    let path = format!("/{}", bought.id);
    for (name, value, statuses) in [
        ("x-ms-marketplace-token", bytes(long.as_bytes()), &[400, 431][..]),
        ("x-ms-marketplace-token", bytes(b"\xff\xfe"), &[400]),
        ("x-ms-requestid", bytes(long.as_bytes()), &[400, 431]),
        ("x-ms-requestid", bytes(b"\xff\xfe"), &[400]),
        ("x-ms-correlationid", bytes(b"<script>\x80"), &[400]),
        ("content-encoding", bytes(b"gzip"), &[400, 415]),
        ("content-type", bytes(b"\xff"), &[400, 415]),
        ("expect", bytes(b"miracles"), &[400, 417]),
    ] {
        let call = world.publisher.call(Method::POST, "/resolve").header(name, value.clone());
        send(name, call.body("{}"), statuses).await;
    }
    let bearer = format!("Bearer {long}");
    for value in [bearer.as_bytes(), b"Bearer \xff\xfe", b"bearer", b"Bearer a b c"] {
        let url = format!("/api/saas/subscriptions{path}?{VERSION}");
        let call = world.anon.call(Method::DELETE, &url).header("authorization", bytes(value));
        send("authorization", call, &[403, 431]).await;
    }
    for query in
        ["api-version=2018-08-31&api-version=2018-08-31", "api-version=%ff", "api-version[]=1"]
    {
        let url = format!("/api/saas/subscriptions{path}?{query}");
        let call = world.anon.call(Method::DELETE, &url).bearer_auth(&world.publisher.bearer);
        send(query, call, &[400]).await;
    }
    let authority = world.base.strip_prefix("http://").expect("a host");
    let head = format!(
        "PATCH /api/saas/subscriptions{path}?{VERSION} HTTP/1.1\r\nHost: {authority}\r\n\
         Authorization: Bearer {}\r\nConnection: close\r\n",
        world.publisher.bearer
    );
    for broken in [
        format!("{head}Content-Length: 12, 13\r\n\r\n{{\"quantity\":"),
        format!("{head}Content-Length: -1\r\n\r\n"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\n{{\"qua\r\nfffffffffffffffff\r\n"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        format!("{head}{}\r\n", "x-many: 1\r\n".repeat(300)),
        "\u{0}\u{1}\u{2}\r\n\r\n".to_owned(),
        format!("GET {} HTTP/1.1\r\n\r\n", "/x".repeat(100_000)),
    ] {
        let answer = raw(authority, &broken, false).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{broken:.200}: {answer}");
        assert!(!answer.contains('<'), "{broken:.200}: {answer}");
    }
    // Who hangs up in the middle gets nothing, and does nothing.
    for half in [
        format!("{head}Content-Length: 100\r\n\r\n{{\"quantity\":"),
        format!("{head}Content-Length: 12\r\n\r\n"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nc\r\n{{\"quantity\":9"),
        head[..head.len() / 2].to_owned(),
    ] {
        let answer = raw(authority, &half, true).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{half}: {answer}");
    }
    assert_eq!(world.operator.truth(&bought.id).await.json(), truth);
    before.still_so(&world).await;
}

/// Sends these bytes, hangs up if told so, and answers what comes back until the broker hangs up, in time.
async fn raw(authority: &str, text: &str, hang_up: bool) -> String {
    let mut stream = TcpStream::connect(authority).await.expect("a connection");
    // The broker may have hung up on what it has read so far.
    let _ = stream.write_all(text.as_bytes()).await;
    if hang_up {
        let _ = stream.shutdown().await;
    }
    let mut answer = Vec::new();
    let ended = timeout(IN_TIME, stream.read_to_end(&mut answer)).await;
    let _ = ended.unwrap_or_else(|_| panic!("the broker hangs on {text:.200}"));
    String::from_utf8_lossy(&answer).into_owned()
}
