//! The forms of tokens, errors and discovery documents, whole, by snapshot. Ids and times are checked and left out.

use insta::{assert_json_snapshot, dynamic_redaction, internals::Redaction};
use reqwest::Method;
use serde_json::{Value, json};
use shared::{clock::FakeClock, identity::MARKETPLACE_RESOURCE, rehearsal::SignIn};

use crate::support::{
    Answer, Ask, Db, World,
    callers::credentials,
    partner::partner_credentials,
    visitor::{Visitor, authorize, authorize_v1, claims, redeeming, value},
};

/// A world at 2027-01-31T09:00:00Z, real time.
async fn world() -> World {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    World::with_clock(Db::Sqlite, &clock).await
}

/// A body with the world's own ids and addresses by name.
fn named(world: &World, body: &Value) -> Value {
    let publisher = &world.sandbox.publisher;
    let mut text = body.to_string();
    for (own, name) in [
        (world.base.as_str(), "http://broker"),
        (world.base.trim_start_matches("http://"), "broker"),
        (&publisher.tenant_id, "{publisher's tenant}"),
        (&publisher.client_id, "{client}"),
        (&publisher.sign_in.client_id, "{landing page's client}"),
        (&world.sandbox.customers[0].customer_id, "{customer's tenant}"),
    ] {
        text = text.replace(own, name);
    }
    serde_json::from_str(&text).unwrap()
}

/// Text of which `is` holds.
fn checked(is: fn(&str) -> bool, shown: &'static str) -> Redaction {
    dynamic_redaction(move |value, path| {
        let text = value.as_str().unwrap_or_else(|| panic!("{path} is no text"));
        assert!(is(text), "{path}: {text}");
        shown
    })
}

fn guid() -> Redaction {
    checked(|text| uuid::Uuid::try_parse(text).is_ok(), "[guid]")
}

fn jwt() -> Redaction {
    checked(
        |text| jsonwebtoken::decode_header(text).is_ok_and(|header| header.kid.is_some()),
        "[jwt]",
    )
}

fn opaque() -> Redaction {
    let is =
        |text: &str| (20..60).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    checked(is, "[opaque]")
}

/// The description without the ids and the time at its end, which must be the body's own.
fn without_trace(mut body: Value) -> Value {
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let trace = format!(
        " Trace ID: {} Correlation ID: {} Timestamp: {}",
        text("trace_id"),
        text("correlation_id"),
        text("timestamp")
    );
    let description = text("error_description");
    let bare = description.strip_suffix(&trace).unwrap_or_else(|| panic!("{description}"));
    body["error_description"] = format!("{bare} [trace]").into();
    body
}

#[tokio::test]
async fn c04_tokens_are_text_in_v1_and_numbers_in_v2() {
    let world = world().await;
    let app = &world.publisher.app;
    let v1 = world.anon.token(&app.tenant_id, &credentials(app)).await.is(200).json();
    assert_json_snapshot!("token_v1", v1, {".access_token" => jwt()});
    let path = format!("/{}/oauth2/v2.0/token", app.tenant_id);
    let scope = format!("{MARKETPLACE_RESOURCE}/.default");
    let form = [("grant_type", "client_credentials"), ("scope", &scope)];
    let call = world.anon.call(Method::POST, &path).form(&form);
    let call = call.basic_auth(&app.client_id, Some(app.client_secret.expose()));
    let v2 = call.ask().await.is(200).json();
    assert_eq!(v2["access_token"], v1["access_token"], "the same one while it is fresh");
    assert_json_snapshot!("token_v2", v2, {".access_token" => jwt()});
    let bearer = named(&world, &claims(v2["access_token"].as_str().unwrap()));
    assert_json_snapshot!("bearer", bearer);
}

#[tokio::test]
async fn what_a_code_is_redeemed_for() {
    let world = world().await;
    let app = &world.sandbox.publisher.sign_in;
    let fields = Visitor::new(&world).sign_in(&authorize("common", app, &[]), "Priya Nair").await;
    let mut form = redeeming(app, value(&fields, "code"));
    form.push(("client_info", "1"));
    let call = world.anon.call(Method::POST, "/common/oauth2/v2.0/token").form(&form);
    let answer = call.ask().await.is(200).json();
    assert_json_snapshot!("token_by_code", answer, {
        ".access_token" => jwt(), ".id_token" => jwt(), ".client_info" => checked(|text| text.starts_with("eyJ"), "[base64url]"),
    });
    let id_token = named(&world, &claims(answer["id_token"].as_str().unwrap()));
    assert_json_snapshot!("id_token", id_token, {
        ".oid" => guid(), ".aio" => opaque(), ".rh" => opaque(), ".uti" => opaque(), ".sub" => opaque(),
    });
    let bearer = answer["access_token"].as_str().unwrap().to_owned();
    let ask = async |path| {
        let answer = world.anon.call(Method::GET, path).bearer_auth(&bearer).ask().await;
        answer.is(200).json()
    };
    assert_json_snapshot!("userinfo", ask("/oidc/userinfo").await, {".sub" => opaque()});
    assert_json_snapshot!("me", ask("/v1.0/me").await, {".id" => guid()});
    let refused = world.anon.get("/v1.0/me").await.is(401).json();
    assert_json_snapshot!("me_refused", refused, {
        ".error.innerError[\"request-id\"]" => guid(), ".error.innerError[\"client-request-id\"]" => guid(),
    });
}

#[tokio::test]
async fn what_a_code_of_v1_is_redeemed_for() {
    let world = world().await;
    let app = &world.sandbox.publisher.sign_in;
    let path = authorize_v1("common", app, &[("resource", "https://graph.microsoft.com")]);
    let fields = Visitor::new(&world).sign_in(&path, "Priya Nair").await;
    let form = redeeming(app, value(&fields, "code"));
    let answer = world.anon.call(Method::POST, "/common/oauth2/token").form(&form).ask().await;
    let answer = answer.is(200).json();
    assert_json_snapshot!("token_by_code_v1", answer, {
        ".access_token" => jwt(), ".id_token" => jwt(),
        ".refresh_token" => checked(|text| text.starts_with("0.") && text.len() > 80, "[opaque]"),
    });
    let id_token = named(&world, &claims(answer["id_token"].as_str().unwrap()));
    assert_json_snapshot!("id_token_v1", id_token, {
        ".oid" => guid(), ".rh" => opaque(), ".uti" => opaque(), ".sub" => opaque(),
    });
}

#[tokio::test]
async fn a_partners_tokens() {
    let world = world().await;
    let partner = world.partner("bluestem").await;
    let named = |body: &Value| {
        let text = named(&world, body).to_string();
        let text = text.replace(&partner.app.tenant_id, "{partner's tenant}");
        serde_json::from_str::<Value>(&text.replace(&partner.app.client_id, "{client}")).unwrap()
    };
    let form = partner_credentials(&partner.app);
    let v1 = world.anon.token(&partner.app.tenant_id, &form).await.is(200).json();
    assert_json_snapshot!("partner_token_v1", v1, {".access_token" => jwt()});
    assert_json_snapshot!("partner_bearer_of_an_app", named(&claims(&partner.bearer)));

    let app = SignIn {
        client_id: partner.app.client_id.clone(),
        client_secret: partner.app.client_secret.clone(),
        redirect_uris: vec!["http://localhost".to_owned()],
    };
    let scope = "openid offline_access https://api.partnercenter.microsoft.com/.default";
    let path = authorize(&partner.app.tenant_id, &app, &[("scope", scope)]);
    for (version, endpoint) in [("v1", "token"), ("v2", "v2.0/token")] {
        let fields = Visitor::new(&world).sign_in(&path, "Grace Holloway").await;
        let url = format!("/{}/oauth2/{endpoint}", partner.app.tenant_id);
        let form = redeeming(&app, value(&fields, "code"));
        let answer = world.anon.call(Method::POST, &url).form(&form).ask().await.is(200).json();
        assert_json_snapshot!(format!("partner_user_token_{version}"), answer, {
            ".access_token" => jwt(), ".id_token" => jwt(),
            ".refresh_token" => checked(|text| text.starts_with("0.") && text.len() > 80, "[opaque]"),
        });
        let bearer = named(&claims(answer["access_token"].as_str().unwrap()));
        assert_json_snapshot!("partner_bearer_of_a_user", bearer, {
            ".oid" => guid(), ".sub" => opaque(),
        });
    }
}

#[tokio::test]
async fn errors_of_the_token_endpoints() {
    let world = world().await;
    let app = &world.publisher.app;
    let sign_in = &world.sandbox.publisher.sign_in;
    let path = format!("/{}/oauth2/v2.0/token", app.tenant_id);
    let ask = async |path: &str, form: Vec<(&str, &str)>| -> Answer {
        world.anon.call(Method::POST, path).form(&form).ask().await
    };
    let scope = format!("{MARKETPLACE_RESOURCE}/.default");
    let with = |change: &[(&'static str, &'static str)]| {
        let mut form: Vec<(&str, &str)> = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &app.client_id),
            ("client_secret", app.client_secret.expose()),
            ("scope", &scope),
        ];
        for (name, value) in change {
            form.retain(|(known, _)| known != name);
            if !value.is_empty() {
                form.push((name, value));
            }
        }
        form
    };
    let nobody = "00000000-0000-0000-0000-000000000000";
    let code = redeeming(sign_in, "made-up");
    let twice = {
        let mut form = with(&[]);
        form.push(("scope", "again"));
        form
    };
    let mut answers = Vec::new();
    for (name, path, form) in [
        ("no grant", &*path, with(&[("grant_type", "")])),
        ("another grant", &path, with(&[("grant_type", "password")])),
        ("a parameter twice", &path, twice),
        ("another tenant", &format!("/{nobody}/oauth2/v2.0/token"), with(&[])),
        ("many tenants", "/common/oauth2/v2.0/token", with(&[])),
        ("another app", &path, with(&[("client_id", nobody)])),
        ("no secret", &path, with(&[("client_secret", "")])),
        ("another secret", &path, with(&[("client_secret", "guess")])),
        ("no scope", &path, with(&[("scope", "")])),
        ("a resource at v2", &path, with(&[("resource", MARKETPLACE_RESOURCE)])),
        ("not .default", &path, with(&[("scope", "20e940b3-4c77-4b0b-9a53-9e16a1b010a7")])),
        ("two scopes", &path, with(&[("scope", "openid https://graph.microsoft.com/.default")])),
        ("another resource", &path, with(&[("scope", "https://graph.microsoft.com/.default")])),
        ("a made-up code", "/common/oauth2/v2.0/token", code),
        (
            "a made-up assertion",
            &path,
            with(&[
                ("client_secret", ""),
                ("client_assertion", "x"),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ]),
        ),
    ] {
        let answer = ask(path, form).await;
        let (status, body) = (answer.status, named(&world, &without_trace(answer.json())));
        answers.push(json!({"what": name, "status": status, "body": body}));
    }
    for (name, content_type, body) in [
        ("JSON", "application/json", "{\"grant_type\":\"client_credentials\"}".to_owned()),
        ("too long", "application/x-www-form-urlencoded", "x".repeat(1024 * 1024 + 1)),
    ] {
        let call = world.anon.call(Method::POST, &path).header("content-type", content_type);
        let answer = call.body(body).ask().await;
        let (status, body) = (answer.status, named(&world, &without_trace(answer.json())));
        answers.push(json!({"what": name, "status": status, "body": body}));
    }
    let answer = world.anon.get(&path).await;
    assert_eq!(answer.header("allow"), "POST", "{answer}");
    let (status, body) = (answer.status, without_trace(answer.json()));
    answers.push(json!({"what": "GET", "status": status, "body": body}));
    for end in [
        json!({"clientSecretExpiresAt": "2027-01-31T09:00:00Z"}),
        json!({"clientSecretExpiresAt": null, "servicePrincipal": false}),
    ] {
        world.operator.configure(&end).await.is(200);
        let answer = ask(&path, with(&[])).await;
        let (status, body) = (answer.status, named(&world, &without_trace(answer.json())));
        answers.push(json!({"what": end, "status": status, "body": body}));
    }
    assert_json_snapshot!("errors", answers, {
        "[].body.trace_id" => guid(), "[].body.correlation_id" => guid(),
    });
}

#[tokio::test]
async fn discovery_documents() {
    let world = world().await;
    let tenant = &world.publisher.app.tenant_id;
    let get = async |path: String| named(&world, &world.anon.get(&path).await.is(200).json());
    for (name, authority) in
        [("tenant", tenant.as_str()), ("common", "common"), ("consumers", "consumers")]
    {
        for (version, path) in [("v1", ""), ("v2", "/v2.0")] {
            let document =
                get(format!("/{authority}{path}/.well-known/openid-configuration")).await;
            assert_json_snapshot!(format!("metadata_{name}_{version}"), document);
        }
    }
    let organizations =
        get("/organizations/v2.0/.well-known/openid-configuration".to_owned()).await;
    assert_eq!(organizations["issuer"], "https://login.microsoftonline.com/{tenantid}/v2.0");
    let keys = get(format!("/{tenant}/discovery/v2.0/keys")).await;
    assert_json_snapshot!("keys", keys, {
        ".keys[].kid" => opaque(), ".keys[].n" => checked(|text| text.len() == 342, "[2048 bits]"),
    });
    let asked = format!("{}/{tenant}/oauth2/v2.0/authorize", world.base);
    let instance =
        get(format!("/common/discovery/instance?api-version=1.1&authorization_endpoint={asked}"))
            .await;
    assert_json_snapshot!("instance", instance);
    let foreign = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize";
    for query in [
        format!("api-version=1.1&authorization_endpoint={foreign}"),
        "api-version=1.1".to_owned(),
        String::new(),
    ] {
        let refused = world.anon.get(&format!("/common/discovery/instance?{query}")).await.is(400);
        assert_eq!(refused.at("/error"), "invalid_request", "{refused}");
    }
}
