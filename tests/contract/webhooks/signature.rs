//! The signature of Standard Webhooks, for those who ask for it.

use rstest::rstest;
use serde_json::json;
use shared::{
    clock::{Clock, SystemClock},
    webhook_signature::{SignatureKey, SignatureRefusal},
};

use crate::support::{
    Db,
    foreign_app::{Hook, Reply, Stage},
};

fn verified(hook: &Hook, secret: &str, body: &[u8]) -> Result<(), SignatureRefusal> {
    let [id, timestamp, signature] =
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| hook.header(name));
    let key = SignatureKey::parse(secret).expect("a secret");
    key.verify((id, timestamp, signature), body, SystemClock.now())
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_signature_fits_the_raw_body_at_every_attempt_and_is_off_by_default(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let operator = &stage.world.operator;
    let plain = stage.acted(&json!({"action": "suspend"})).await;
    let plain = stage.app.hook_of(&plain).await;
    assert!(!plain.headers.keys().any(|name| name.starts_with("webhook-")), "{plain:?}");
    let before = operator.get("").await.is(200);
    assert_eq!(before.at("/publisher/webhookSignature"), "none", "{before}");
    assert!(before.at("/publisher/webhookSecret").is_null(), "{before}");

    let set = operator.configure(&json!({"webhookSignature": "standardWebhooks"})).await.is(200);
    assert_eq!(set.at("/webhookSignature"), "standardWebhooks", "{set}");
    let secret = set.text_at("/webhookSecret");
    stage.app.in_turn([Reply::Status(503), Reply::Reset]);
    let operation = stage.acted(&json!({"action": "reinstate"})).await;
    stage.delivery_is(&operation, "retrying").await;
    for _ in 0..2 {
        stage.move_on("PT57.6S").await;
    }
    let hooks = stage.app.hooks_of(&operation);
    assert_eq!(hooks.len(), 3, "{hooks:?}");
    for hook in &hooks {
        assert_eq!(hook.header("webhook-id"), operation, "the same at every attempt: {hook:?}");
        assert_eq!(hook.body, hooks[0].body);
        assert_eq!(verified(hook, &secret, &hook.body), Ok(()), "{hook:?}");
        let other = [&hook.body[..], b" "].concat();
        let wrong = Err(SignatureRefusal::Wrong);
        assert_eq!(verified(hook, &secret, &other), wrong);
        assert_eq!(verified(hook, "whsec_AAAA", &hook.body), wrong);
        assert!(!hook.bearer().is_empty(), "the token is there as well");
    }

    let kept = operator.configure(&json!({"webhookTokenVersion": "v1"})).await.is(200);
    assert_eq!(kept.at("/webhookSecret"), secret, "{kept}");
    let off = operator.configure(&json!({"webhookSignature": null})).await.is(200);
    assert!(off.at("/webhookSecret").is_null(), "{off}");
    let last = stage.acted(&json!({"action": "unsubscribe"})).await;
    let last = stage.app.hook_of(&last).await;
    assert!(!last.headers.keys().any(|name| name.starts_with("webhook-")), "{last:?}");
    for (body, field) in [
        (json!({"webhookSignature": "sha1"}), "webhookSignature"),
        (json!({"webhookTokenVersion": "v3"}), "webhookTokenVersion"),
    ] {
        operator.configure(&body).await.problem(400, Some(field));
    }
}
