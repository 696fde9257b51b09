//! `Host` and `Origin`: a web site that a person visits reaches neither control API nor console by that person's browser.

use reqwest::Method;
use serde_json::json;

use crate::support::{Ask, Db, World, browser::Visitor};

#[tokio::test]
async fn the_control_api_answers_to_its_own_names_only() {
    let world = World::with(Db::Sqlite, |config| {
        config.allowed_hosts = vec!["broker".to_owned()];
    })
    .await;
    let port = world.base.rsplit(':').next().unwrap();
    let ask = async |host: &str, origin: Option<&str>| {
        let mut call = world.operator.call(Method::GET, "/clock").header("host", host);
        if let Some(origin) = origin {
            call = call.header("origin", origin);
        }
        call.ask().await
    };
    let own = format!("127.0.0.1:{port}");
    for host in [&*own, "localhost", "LOCALHOST:1", "[::1]:8700", "broker:8700", "Broker"] {
        ask(host, None).await.is(200);
    }
    ask(&own, Some(&format!("http://{own}"))).await.is(200);
    for host in ["evil.example", "127.0.0.1.evil.example", "broker.evil.example", "192.0.2.1"] {
        let refused = ask(host, None).await.problem(403, None);
        assert_eq!(refused.header("access-control-allow-origin"), "", "{refused}");
    }
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "file://", "http://broker"]
    {
        ask(&own, Some(origin)).await.problem(403, None);
    }
    let before = world.operator.get("/clock").await.json();
    let call = world.operator.call(Method::POST, "/clock/advance").json(&json!({"by": "P1D"}));
    call.header("origin", "http://evil.example").ask().await.problem(403, None);
    assert_eq!(world.operator.get("/clock").await.json(), before);
}

#[tokio::test]
async fn the_publishers_pages_answer_to_their_own_names_and_their_own_forms_only() {
    let mut world = World::new(Db::Sqlite).await;
    let visitor = Visitor::new(&world.start_publisher(false).await);
    for host in ["evil.example", "127.0.0.1.evil.example"] {
        for path in [
            "/console/sign-in",
            "/s/rehearsal-1/contoso/landing",
            "/s/rehearsal-1/contoso/sign-in",
            "/s/rehearsal-1/contoso/signed-in?code=a&state=b",
            "/s/rehearsal-1/console",
        ] {
            let refused = visitor.call(Method::GET, path).header("host", host).ask().await;
            assert!((400..500).contains(&refused.status), "{refused}");
            assert!(!refused.text.contains("<form"), "{refused}");
        }
    }
    let form = [("token", &*world.operator.token), ("sandbox", "rehearsal-1")];
    let sign_in = || visitor.call(Method::POST, "/console/sign-in").form(&form);
    let foreign = sign_in().header("origin", "https://evil.example").ask().await.is(403);
    assert_eq!(foreign.header("set-cookie"), "", "{foreign}");
    let cross = sign_in().header("sec-fetch-site", "cross-site").ask().await.is(403);
    assert_eq!(cross.header("set-cookie"), "", "{cross}");
    let signed_in = sign_in().ask().await.is(303);
    let cookie = signed_in.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    world.stop().await;
}

#[tokio::test]
async fn the_console_is_behind_its_sign_in() {
    let mut world = World::new(Db::Sqlite).await;
    let url = world.start_publisher(false).await;
    let bought = world.buy(1).await;
    let visitor = Visitor::new(&url);
    let (page, _) = visitor.follow(&bought.link).await;
    let csrf = crate::support::browser::csrf(&page);
    for button in ["assign-licenses", "confirm-setup"] {
        assert!(!page.text.contains(button), "no button of the publisher's: {page}");
        let path = format!("/s/rehearsal-1/accounts/{}/{button}", bought.id);
        let refused = visitor.post(&path, &[("csrf", &csrf)]).await;
        let sent_away = refused.status == 303 && refused.header("location").contains("sign-in");
        assert!(sent_away || [401, 403].contains(&refused.status), "{refused}");
    }
    let console = visitor.get("/s/rehearsal-1/console").await;
    assert!(!console.text.contains(&bought.id), "{console}");
    for token in ["", "wrong", &world.publisher.bearer, &bought.token] {
        let form = [("token", token), ("sandbox", "rehearsal-1")];
        let refused = visitor.post("/console/sign-in", &form).await.is(403);
        assert_eq!(refused.header("set-cookie"), "", "{refused}");
    }
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/version"), 1, "{truth}");
    let signed_in = Visitor::new(&url);
    signed_in.sign_in(&world.operator.token, "rehearsal-1").await;
    let path = format!("/s/rehearsal-1/accounts/{}/confirm-setup", bought.id);
    let forged = signed_in.post(&path, &[("csrf", "wrong")]).await;
    assert_eq!(forged.status, 403, "{forged}");
    world.stop().await;
}

#[tokio::test]
async fn off_loopback_the_console_asks_for_the_access_code() {
    let everywhere: std::net::IpAddr = "0.0.0.0".parse().unwrap();
    let mut world = World::with(Db::Sqlite, |config| {
        config.listen = everywhere;
        config.allowed_hosts = vec![everywhere.to_string()];
    })
    .await;
    let url = world.start_publisher_with(|config| config.listen = everywhere).await;
    let code = std::fs::read_to_string(world.data_dir().join("access-code")).unwrap();
    let (visitor, console) = (Visitor::new(&url), "/s/rehearsal-1/console");
    let sent_away = visitor.get(console).await.is(303);
    let gate = visitor.get(sent_away.header("location")).await.is(200);
    for part in ["name=\"access_code\"", "Access code", "file access-code"] {
        assert!(gate.text.contains(part), "{part}: {gate}");
    }
    assert!(!gate.text.contains("name=\"token\"") && !gate.text.contains(&code), "{gate}");
    let try_it = async |name: &str, value: &str| {
        let form = [(name, value), ("sandbox", "rehearsal-1")];
        Visitor::new(&url).post("/console/sign-in", &form).await
    };
    for wrong in ["", "guess", &code[..19], &world.publisher.bearer] {
        let refused = try_it("access_code", wrong).await.is(403);
        assert_eq!(refused.header("set-cookie"), "", "{refused}");
        assert!(refused.text.contains("not the access code"), "{refused}");
    }
    try_it("other", &code).await.is(403);
    // Who has the control token may do everything anyway.
    for (name, value) in [("access_code", &code), ("token", &world.operator.token)] {
        let inside = try_it(name, value).await.is(303);
        let cookie = inside.header("set-cookie");
        assert!(cookie.contains("HttpOnly") && !cookie.contains(value.as_str()), "{cookie}");
    }
    let form = [("access_code", code.as_str()), ("sandbox", "rehearsal-1")];
    visitor.post("/console/sign-in", &form).await.is(303);
    visitor.get(console).await.is(200);
    // The code is for people and pages: no call takes it.
    let behavior = visitor.call(Method::GET, "/s/rehearsal-1/contoso/behavior");
    behavior.bearer_auth(&code).ask().await.is(401);
    world.anon.call(Method::GET, "/rehearsal/v1/sandboxes").bearer_auth(&code).ask().await.is(401);
    world.stop().await;
}

#[tokio::test]
async fn on_loopback_there_is_no_access_code() {
    let mut world = World::new(Db::Sqlite).await;
    let url = world.start_publisher(false).await;
    let page = Visitor::new(&url).get("/console/sign-in?sandbox=rehearsal-1").await.is(200);
    assert!(page.text.contains("name=\"token\""), "{page}");
    assert!(!page.text.contains("access_code"), "{page}");
    assert!(!world.data_dir().join("access-code").exists());
    world.stop().await;
}
