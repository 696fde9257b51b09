//! Webhooks that are not the marketplace's, or not what it says: each is refused, shown on the console, and leaves the
//! account as it is.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use shared::{
    clock::{Clock, SystemClock},
    webhook_signature::SignatureKey,
};

use crate::support::{
    KID, NEW_KEY, OLD_KEY, OPERATION, Sending, Setting, World, public_key, settled,
};

const INBOX: &str = "console/webhooks";
const OTHER: &str = "33333333-0000-0000-0000-000000000003";

/// A publisher whose active subscription the marketplace has just ended; the account shows it active.
async fn setting() -> Setting {
    let setting = Setting::new().await;
    setting.change(World::activate);
    setting.browser().arrive().await;
    setting.change(|world| {
        world.status = "Unsubscribed";
        world.operate(OPERATION, "Unsubscribe", "Succeeded", &json!({}));
    });
    setting
}

/// The account has not ended, and the console says `reason`.
async fn is_untouched(setting: &Setting, reason: &str) {
    let inbox = settled(setting, INBOX, "<main").await;
    assert!(inbox.contains(reason), "{reason} not in {inbox}");
    let console = settled(setting, "console", "<main").await;
    assert!(!console.contains("Ended</span>"), "{console}");
}

async fn refused(setting: &Setting, sending: Sending, reason: &str) {
    let answer = sending.gets(setting, 401).await;
    assert_eq!(answer.text, format!("{reason}\n"));
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    is_untouched(setting, reason).await;
}

#[tokio::test]
async fn every_claim_must_fit() {
    let setting = setting().await;
    let now = SystemClock.now().as_second();
    let of = || Sending::of("Unsubscribe");
    for (sending, reason) in [
        (of().claim("aud", OTHER), "the bearer token is for another app"),
        (of().claim("aud", json!([OTHER])), "the bearer token cannot be read"),
        (of().claim("tid", OTHER), "the bearer token is of another tenant"),
        (
            of().claim("iss", "https://evil.example/"),
            "the bearer token was issued by somebody else",
        ),
        (of().claim("azp", OTHER), "the bearer token was not given to the marketplace"),
        (of().v1().claim("appid", OTHER), "the bearer token was not given to the marketplace"),
        (of().claim("exp", now - 11), "the bearer token has expired"),
        (of().claim("nbf", now + 60), "the bearer token is not valid yet"),
        (of().claim("exp", "tomorrow"), "the bearer token cannot be read"),
    ] {
        refused(&setting, sending, reason).await;
    }
    assert_eq!(setting.world().count("getOperation"), 0);
    assert_eq!(setting.world().count("keys"), 1);
    Sending::of("Unsubscribe").gets(&setting, 200).await;
    settled(&setting, "console", "Ended</span>").await;
}

/// A token signed with what everybody knows, by an algorithm that takes any bytes for its secret.
fn confused(secret: &[u8]) -> String {
    let header = Header { kid: Some(KID.to_owned()), ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(secret);
    jsonwebtoken::encode(&header, &Sending::of("Unsubscribe").claims, &key).unwrap()
}

/// A token with another header, the signature of the right one, or none for `none`.
fn relabeled(header: &Value) -> String {
    let sending = Sending::of("Unsubscribe");
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = sending.token().rsplit_once('.').unwrap().1.to_owned();
    let signature = if header["alg"] == "none" { String::new() } else { signature };
    format!("{}.{}.{signature}", part(header), part(&sending.claims))
}

#[tokio::test]
async fn only_the_marketplaces_own_signature_counts() {
    let setting = setting().await;
    let modulus = public_key(OLD_KEY, KID)["n"].as_str().unwrap().to_owned();
    let public = URL_SAFE_NO_PAD.decode(&modulus).unwrap();
    let with = |authorization: String| Sending {
        authorization: Some(authorization),
        ..Sending::of("Unsubscribe")
    };
    let bearer = |token: String| with(format!("Bearer {token}"));
    let good = Sending::of("Unsubscribe").token();
    let changed = {
        let parts: Vec<_> = good.split('.').collect();
        let claims = Sending::of("Unsubscribe").claim("ver", "3.0").claims.to_string();
        format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims), parts[2])
    };
    for (sending, reason) in [
        (bearer(relabeled(&json!({"alg": "none", "kid": KID}))), "the bearer token cannot be read"),
        (bearer(confused(modulus.as_bytes())), "the bearer token is not signed with RS256"),
        (bearer(confused(&public)), "the bearer token is not signed with RS256"),
        (
            bearer(relabeled(&json!({"alg": "RS384", "kid": KID}))),
            "the bearer token is not signed with RS256",
        ),
        (
            bearer(relabeled(&json!({"alg": "RS256"}))),
            "the bearer token names no key of the marketplace",
        ),
        (bearer(changed), "the signature of the bearer token is wrong"),
        (bearer("a.b.c".to_owned()), "the bearer token cannot be read"),
        (bearer("x".repeat(9000)), "the bearer token is missing"),
        (with(format!("Basic {good}")), "the bearer token is missing"),
        (with(String::new()), "the bearer token is missing"),
    ] {
        refused(&setting, sending, reason).await;
    }
    let mut foreign = Sending::of("Unsubscribe");
    foreign.key = (NEW_KEY, KID.to_owned());
    refused(&setting, foreign, "the signature of the bearer token is wrong").await;
    let inbox = settled(&setting, INBOX, "came 3 times").await;
    assert!(!inbox.contains(&good[good.len() - 40..]) && !inbox.contains(OTHER));
}

#[tokio::test]
async fn a_rotation_is_survived_and_made_up_keys_reach_nobody() {
    let setting = setting().await;
    Sending::of("Nothing").gets(&setting, 200).await;
    assert_eq!(setting.world().count("keys"), 1);
    setting.change(|world| world.keys.insert(0, public_key(NEW_KEY, "key-2")));
    let mut sending = Sending::about("00000000-0000-0000-0000-0000000000d1", "Nothing");
    sending.key = (NEW_KEY, "key-2".to_owned());
    sending.gets(&setting, 200).await;
    sending.gets(&setting, 200).await;
    Sending::of("Nothing").gets(&setting, 200).await;
    assert_eq!(setting.world().count("keys"), 2);

    let mut made_up = Sending::of("Unsubscribe");
    made_up.key = (NEW_KEY, "made-up-1".to_owned());
    made_up.gets(&setting, 401).await;
    made_up.gets(&setting, 401).await;
    // One that was not looked for cannot be told from a key that is newer than the last look.
    for number in 2..12 {
        made_up.key.1 = format!("made-up-{number}");
        let later = made_up.gets(&setting, 503).await;
        assert_eq!(later.headers["retry-after"], "5");
    }
    made_up.key.1 = "x".repeat(500);
    made_up.gets(&setting, 401).await;
    assert_eq!(setting.world().count("keys"), 3);
    is_untouched(&setting, "names no key of the marketplace").await;
    // Nobody who is the marketplace waits for that.
    Sending::of("Unsubscribe").gets(&setting, 200).await;
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_refuse_nothing_for_good() {
    let setting = setting().await;
    setting.change(|world| world.keys_down = true);
    let answer = Sending::of("Unsubscribe").gets(&setting, 503).await;
    assert!(answer.text.starts_with("the keys of the marketplace cannot be fetched now"));
    is_untouched(&setting, "marketplace cannot be fetched now").await;
    is_untouched(&setting, "Could not be checked").await;
    for _ in 0..10 {
        Sending::of("Unsubscribe").gets(&setting, 503).await;
    }
    assert!(setting.world().count("keys") < 5, "{:?}", setting.world().calls);
    setting.change(|world| world.keys_down = false);
    let taken = async { while Sending::of("Unsubscribe").send(&setting).await.status != 200 {} };
    tokio::time::timeout(std::time::Duration::from_secs(10), taken).await.expect("it is taken");
}

#[tokio::test]
async fn credentials_that_have_changed_are_learned() {
    let setting = setting().await;
    setting.change(|world| world.tenant = OTHER.to_owned());
    let moved = |sending: Sending| {
        let issuer = format!("https://login.microsoftonline.com/{OTHER}/v2.0");
        sending.claim("tid", OTHER).claim("iss", issuer)
    };
    moved(Sending::of("Unsubscribe")).gets(&setting, 200).await;
    let stale = Sending::of("Renew").gets(&setting, 401).await;
    assert_eq!(stale.text, "the bearer token is of another tenant\n");
}

#[tokio::test]
async fn where_there_is_a_secret_the_body_must_be_signed() {
    let setting = setting().await;
    let written = |byte| SignatureKey::new([byte; 32]).written().expose().clone();
    setting.change(|world| world.webhook_secret = Some(written(1)));
    let signed = |byte, ago: i64| Sending {
        secret: Some((written(byte), SignedDuration::from_secs(ago))),
        ..Sending::of("Unsubscribe")
    };
    let missing = "webhook-id, webhook-timestamp or webhook-signature is missing";
    let wrong = "the Standard Webhooks signature does not fit";
    refused(&setting, Sending::of("Unsubscribe"), missing).await;
    refused(&setting, signed(2, 0), wrong).await;
    let tampered =
        Sending { signed_body: Some(Sending::of("Unsubscribe").body + " "), ..signed(1, 0) };
    refused(&setting, tampered, wrong).await;
    refused(&setting, signed(1, 301), "webhook-timestamp is too far away").await;
    refused(&setting, signed(1, -330), "webhook-timestamp is too far away").await;
    signed(1, 0).gets(&setting, 200).await;
    settled(&setting, INBOX, "Token v2, Standard Webhooks, operation read again").await;
    // Switched off again: what was refused before would be taken now.
    setting.change(|world| world.webhook_secret = None);
    Sending::of("Unsubscribe").gets(&setting, 200).await;
}

#[tokio::test]
async fn only_what_the_marketplace_shows_is_acted_on() {
    let setting = setting().await;
    let unknown = Sending::about("00000000-0000-0000-0000-0000000000ff", "Unsubscribe");
    unknown.gets(&setting, 400).await;
    is_untouched(&setting, "the marketplace knows no such operation").await;
    Sending::of("Suspend").gets(&setting, 400).await;
    is_untouched(&setting, "the operation does something else").await;
    let other = json!({"subscriptionId": OTHER});
    setting.change(|world| world.operate(OPERATION, "Unsubscribe", "Succeeded", &other));
    Sending::of("Unsubscribe").gets(&setting, 400).await;
    is_untouched(&setting, "the operation is about another subscription").await;
    let other = json!({"id": OTHER});
    setting.change(|world| world.operate(OPERATION, "Unsubscribe", "Succeeded", &other));
    Sending::of("Unsubscribe").gets(&setting, 400).await;
    is_untouched(&setting, "another operation under this id").await;
    // None of them counts as the webhook that is told some time.
    setting.change(|world| world.operate(OPERATION, "Unsubscribe", "Succeeded", &json!({})));
    Sending::of("Unsubscribe").gets(&setting, 200).await;
    settled(&setting, "console", "Ended</span>").await;
}

#[tokio::test]
async fn a_body_that_tells_nothing_is_refused() {
    let setting = setting().await;
    for body in ["", "{", "[]", "null", "{}", "{\"id\": 5}", "\u{0}", "[[[[[["] {
        let sending = Sending { body: body.to_owned(), ..Sending::of("Unsubscribe") };
        sending.gets(&setting, 400).await;
    }
    let long = Sending { body: " ".repeat(1024 * 1024 + 1), ..Sending::of("Unsubscribe") };
    long.gets(&setting, 413).await;
    is_untouched(&setting, "the body is over 1 MiB").await;
    let padded = Sending::of("Unsubscribe").body + &" ".repeat(1_000_000);
    Sending { body: padded, ..Sending::of("Unsubscribe") }.gets(&setting, 200).await;

    let browser = setting.browser();
    for path in ["/s/other/contoso/webhook", "/s/default/other/webhook", "/s/UP/contoso/webhook"] {
        assert_eq!(browser.post(path, &[]).await.status, 404, "{path}");
    }
    assert_eq!(browser.get("/s/default/contoso/webhook").await.status, 405);
}
