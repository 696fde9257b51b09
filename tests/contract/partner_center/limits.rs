//! What a partner is told of its second factor (partner-center.md P-5), and how often it may call (P60).

use jiff::SignedDuration;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use shared::clock::FakeClock;

use crate::support::{Ask, Db, World};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn who_asks_is_told_whether_its_user_has_a_second_factor(#[case] db: Db) {
    let world = World::new(db).await;
    let app = world.partner("bluestem").await;
    let user = app.as_user(&["AdminAgent"]);
    let without = user.with_claims(|claims| claims["amr"] = json!(["pwd"]));
    for (caller, asked, told, status) in [
        (&user, Some("true"), "true", 200),
        (&user, Some("True"), "true", 200),
        (&user, Some("false"), "", 200),
        (&user, None, "", 200),
        (&without, Some("true"), "false", 401),
        (&without, None, "", 401),
        (&app, Some("true"), "", 200),
    ] {
        let mut call = caller.call(Method::GET, "/customers?size=10");
        if let Some(asked) = asked {
            call = call.header("ValidateMfa", asked);
        }
        let answer = call.ask().await.is(status);
        assert_eq!(answer.header("isMfaCompliant"), told, "{asked:?}: {answer}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p60_q68_after_500_calls_in_a_minute_a_tenant_waits(#[case] db: Db) {
    let clock = FakeClock::at("2027-01-31T09:00:00Z".parse().unwrap());
    let world = World::with_clock(db, &clock).await;
    let partner = world.partner("bluestem").await;
    let customer = &world.sandbox.customers[3];
    assert_eq!(customer.partner_id, "bluestem");
    let path = format!("/customers/{}/subscriptions", customer.customer_id);
    let fill = async || {
        for _ in 0..500 {
            partner.get(&path).await.is(200);
        }
    };
    fill().await;
    partner.get(&path).await.is(200);
    world.operator.set_quirk("partner_rate_limit", "per_minute_500").await;
    fill().await;
    clock.advance(SignedDuration::from_secs(20));
    let refused = partner.get(&path).await.is(429);
    assert_eq!(refused.header("retry-after"), "40", "{refused}");
    let message = "Rate limit is exceeded. Try again in 40 seconds.";
    assert_eq!(refused.json(), json!({"statusCode": 429, "message": message}));
    partner.as_user(&["AdminAgent"]).get("/customers?size=1").await.is(429);
    partner.get("/products?country=US&targetView=MarketplaceSaaS").await.is(200);
    world.partner("alder-finch").await.get("/customers?size=1").await.is(200);
    clock.advance(SignedDuration::from_secs(40));
    partner.get(&path).await.is(200);
}
