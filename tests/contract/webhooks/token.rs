//! The JWT in Authorization (fulfillment.md 3.5), verified as a publisher's app does: by the published keys.

use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use rstest::rstest;
use serde_json::json;
use shared::{
    clock::{Clock, SystemClock},
    identity::{KeySet, MARKETPLACE_RESOURCE, WebhookClaims, issuer_v1, issuer_v2},
    rehearsal::Publisher,
};

use crate::support::{
    Db, World,
    foreign_app::{ForeignApp, Hook, Stage, active},
    world::own,
};

/// Verifies signature, lifetime without any skew, audience and issuer; the claims, or why not.
async fn verified(
    world: &World,
    hook: &Hook,
    app: &Publisher,
    issuer: &str,
) -> Result<WebhookClaims, jsonwebtoken::errors::Error> {
    let header = decode_header(hook.bearer())?;
    assert_eq!(header.alg, Algorithm::RS256);
    let kid = header.kid.expect("the name of the key");
    let mut sets = Vec::new();
    for version in ["", "v2.0/"] {
        let path = format!("/{}/discovery/{version}keys", app.tenant_id);
        let set = world.anon.get(&path).await.is(200).json();
        sets.push(serde_json::from_value::<KeySet>(set).expect("keys").keys);
    }
    assert_eq!(sets[0], sets[1], "the same keys under both paths");
    let key = sets[0].iter().find(|key| key.kid == kid).expect("the key is published");
    let mut validation = Validation::new(Algorithm::RS256);
    validation.leeway = 0;
    validation.validate_nbf = true;
    validation.set_audience(&[&app.client_id]);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss"]);
    let key = DecodingKey::from_rsa_components(&key.n, &key.e)?;
    decode(hook.bearer(), &key, &validation).map(|token| token.claims)
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c49_a_webhook_proves_by_a_published_key_that_the_marketplace_sends_it(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let world = &stage.world;
    let app = world.publisher.app.clone();
    for (version, plan) in [("v2", "gold"), ("v1", "silver")] {
        let body = json!({"webhookTokenVersion": version});
        let set = world.operator.configure(&body).await.is(200);
        assert_eq!(set.at("/webhookTokenVersion"), version, "{set}");
        let operation = stage.change_plan(plan).await;
        let hook = stage.app.hook_of(&operation).await;
        stage.decide(&operation, "Success").await;
        let is_v2 = version == "v2";
        let issuer = if is_v2 { issuer_v2(&app.tenant_id) } else { issuer_v1(&app.tenant_id) };
        let claims = verified(world, &hook, &app, &issuer).await.unwrap();
        assert_eq!(claims.tid, app.tenant_id);
        let caller = Some(MARKETPLACE_RESOURCE);
        assert_eq!(claims.azp.as_deref(), caller.filter(|_| is_v2), "{claims:?}");
        assert_eq!(claims.appid.as_deref(), caller.filter(|_| !is_v2), "{claims:?}");
        assert_eq!(claims.ver, if is_v2 { "2.0" } else { "1.0" });
        assert!(uuid::Uuid::try_parse(&claims.oid).is_ok() && claims.sub == claims.oid);
        // The sandbox stands in 2027; a token lives in real time, and began a little earlier for those without skew.
        let now = SystemClock.now().as_second();
        assert!(claims.iat <= now && claims.nbf <= now, "{claims:?}");
        let left = SignedDuration::from_secs(claims.exp - now);
        let sane = SignedDuration::from_mins(2)..SignedDuration::from_hours(24);
        assert!(sane.contains(&left), "{left:?} left: {claims:?}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn c49_each_publishers_token_is_for_its_own_app_and_tenant(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let world = &stage.world;
    let (first, second) = (&world.publisher.app, &world.other_publisher.app);
    let other = ForeignApp::start().await;
    let hooks = json!({"webhookUrl": other.url()});
    world.operator.put("/publishers/fabrikam", &hooks).await.is(200);
    let team = own(json!({"offerId": "fabrikam-insight", "planId": "team"}));
    let id = active(&world.operator, &world.other_publisher, &team).await;
    let suspend = json!({"action": "suspend"});
    let theirs = other.hook_of(&world.operator.acted(&id, &suspend).await).await;
    let ours = stage.app.hook_of(&stage.acted(&suspend).await).await;
    for (hook, own, foreign) in [(&ours, first, second), (&theirs, second, first)] {
        let issuer = issuer_v2(&own.tenant_id);
        let claims = verified(world, hook, own, &issuer).await.unwrap();
        assert_eq!(claims.tid, own.tenant_id);
        assert!(verified(world, hook, foreign, &issuer).await.is_err(), "another audience");
    }
    assert_eq!((other.hooks().len(), stage.app.hooks().len()), (1, 1));
    // What a webhook carries opens no door: it is for the publisher, not from it.
    world.publisher.with_bearer(ours.bearer()).subscription(&stage.id).await.forbidden();
}
