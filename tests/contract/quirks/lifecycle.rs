//! Activation, ends and beginnings of subscriptions, and what is told of them.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Ask, Db, World,
    foreign_app::Stage,
    people,
    world::{own, seats},
};

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q09_c21_activate_again_is_400_or_200(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy_active(2).await;
    let before = world.operator.truth(&bought.id).await.json();
    world.publisher.activate(&bought.id).await.is(400);
    world.operator.set_quirk("activate_subscribed", "accept").await;
    let again = world.publisher.activate(&bought.id).await.is(200);
    assert_eq!(again.text, "");
    assert_eq!(world.operator.truth(&bought.id).await.json(), before, "nothing changed");
    world.operator.act(&bought.id, &json!({"action": "suspend"})).await.is(202);
    world.publisher.activate(&bought.id).await.is(400); // Suspended: as ever (C19)
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q10_the_body_of_activate_is_ignored_compared_or_required(#[case] db: Db) {
    let world = World::new(db).await;
    let (seats, flat) = (world.buy(3).await, world.buy_flat().await);
    let activate = async |id: &str, body: &Value| {
        let call = world.publisher.call(reqwest::Method::POST, &format!("/{id}/activate"));
        call.json(body).ask().await
    };
    world.operator.set_quirk("activate_body", "strict").await;
    activate(&seats.id, &json!({"planId": "gold"})).await.detail(400, Some("planId"), "BadRequest");
    let wrong = json!({"planId": "silver", "quantity": 4});
    activate(&seats.id, &wrong).await.detail(400, Some("quantity"), "BadRequest");
    let wrong = json!({"quantity": 1});
    activate(&flat.id, &wrong).await.detail(400, Some("quantity"), "BadRequest");
    world.operator.set_quirk("activate_body", "required").await;
    activate(&seats.id, &json!({})).await.detail(400, Some("planId"), "BadRequest");
    let half = json!({"planId": "silver"});
    activate(&seats.id, &half).await.detail(400, Some("quantity"), "BadRequest");
    world.publisher.activate(&flat.id).await.detail(400, Some("planId"), "BadRequest");
    for id in [&seats.id, &flat.id] {
        let now = world.publisher.subscription(id).await.is(200);
        assert_eq!(now.at("/saasSubscriptionStatus"), "PendingFulfillmentStart", "{now}");
    }
    activate(&seats.id, &json!({"planId": "silver", "quantity": 3})).await.is(200);
    activate(&flat.id, &json!({"planId": "standard"})).await.is(200);
    world.operator.set_quirk("activate_body", "strict").await;
    let bare = world.buy(2).await;
    world.publisher.activate(&bare.id).await.is(200);
    world.operator.set_quirk("activate_body", "ignore").await;
    let odd = world.buy(2).await;
    activate(&odd.id, &json!({"planId": "gold", "quantity": 7})).await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q11_activate_takes_effect_at_once_or_later(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.set_quirk("activate_effect", "delayed").await;
    let bought = world.buy(2).await;
    world.publisher.assign(&bought.id, &people(2)).await.is(200);
    let state = async || {
        let now = world.publisher.subscription(&bought.id).await.is(200);
        now.text_at("/saasSubscriptionStatus")
    };
    world.publisher.activate(&bought.id).await.is(200);
    assert_eq!(state().await, "PendingFulfillmentStart");
    let clock = world.operator.get("/clock").await.is(200);
    assert_eq!(clock.at("/nextEvent/kind"), "activation", "{clock}");
    world.operator.advance_by("PT60S").await;
    world.publisher.activate(&bought.id).await.is(200); // received again; that moves nothing
    world.operator.advance_by("PT59S").await;
    assert_eq!(state().await, "PendingFulfillmentStart");
    assert_eq!(world.operator.charges(&bought.id).await.len(), 0);
    world.operator.advance_by("PT1S").await;
    assert_eq!(state().await, "Subscribed");
    assert_eq!(world.operator.charges(&bought.id).await.len(), 1);
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/fulfillmentConfirmedAt"), "2027-01-31T09:02:00.000000Z", "{truth}");
    // What has ended meanwhile stays so.
    let gone = world.buy(2).await;
    world.publisher.activate(&gone.id).await.is(200);
    world.operator.unsubscribe(&gone.id).await.is(202);
    world.operator.advance_by("PT5M").await;
    let truth = world.operator.truth(&gone.id).await;
    assert_eq!(truth.at("/state"), "Unsubscribed", "{truth}");
    world.publisher.activate(&bought.id).await.is(400); // refusals come at once
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q11_an_activation_that_was_received_may_fail(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let (operator, app) = (&stage.world.operator, &stage.world.publisher);
    operator.set_quirk("activate_effect", "fails").await;
    let bought = stage.world.buy(2).await;
    app.assign(&bought.id, &people(2)).await.is(200);
    assert_eq!(app.activate(&bought.id).await.is(200).text, "");
    stage.move_on("PT119S").await;
    let now = app.subscription(&bought.id).await.is(200);
    assert_eq!(now.at("/saasSubscriptionStatus"), "PendingFulfillmentStart", "{now}");
    stage.move_on("PT1S").await;
    let now = app.subscription(&bought.id).await.is(200);
    assert_eq!(now.at("/saasSubscriptionStatus"), "Unsubscribed", "{now}");
    let deliveries = operator.deliveries(&bought.id).await;
    assert_eq!(deliveries[0]["action"], "Unsubscribe", "{deliveries:?}");
    assert_eq!(deliveries.len(), 1, "{deliveries:?}");
    assert_eq!(operator.charges(&bought.id).await.len(), 0);
    app.activate(&bought.id).await.is(404);
    // What is active already is not touched.
    let now = stage.subscription().await;
    assert_eq!(now.at("/saasSubscriptionStatus"), "Subscribed", "{now}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q25_a_publishers_cancellation_has_a_webhook_or_not(#[case] db: Db) {
    let stage = Stage::new(db).await;
    stage.world.operator.set_quirk("delete_webhook", "off").await;
    let deleted = stage.world.publisher.delete(&stage.id).await.is(202);
    stage.move_on("PT2S").await;
    let operation = stage.operation(deleted.header("operation-id")).await;
    assert_eq!(operation.at("/status"), "Succeeded", "{operation}");
    assert_eq!(stage.world.operator.deliveries(&stage.id).await.len(), 0);
    stage.world.operator.set_quirk("delete_webhook", "on").await;
    let other = stage.another().await;
    let deleted = stage.world.publisher.delete(&other).await.is(202);
    stage.move_on("PT2S").await;
    let hook = stage.app.hook_of(deleted.header("operation-id")).await.json();
    assert_eq!(hook["action"], "Unsubscribe");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q27_c57_a_plan_that_activates_by_itself_tells_or_not(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let instant = own(json!({"offerId": "contoso-archive", "planId": "instant"}));
    let told = stage.world.buy_as(&instant).await;
    let deliveries = stage.world.operator.deliveries(&told.id).await;
    assert_eq!(deliveries[0]["action"], "Subscribe", "{deliveries:?}");
    stage.world.operator.set_quirk("subscribe_webhook", "off").await;
    let silent = stage.world.buy_as(&instant).await;
    assert_eq!(stage.world.operator.deliveries(&silent.id).await.len(), 0);
    assert_eq!(stage.world.operator.times("operationStarted", &silent.id).await, 0);
    for bought in [told, silent] {
        let now = stage.world.publisher.subscription(&bought.id).await.is(200);
        assert_eq!(now.at("/saasSubscriptionStatus"), "Subscribed", "{now}");
        assert_eq!(stage.world.operator.charges(&bought.id).await.len(), 1);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q28_c22_a_purchase_nobody_finished_tells_its_end_or_not(#[case] db: Db) {
    let stage = Stage::new(db).await;
    let told = stage.world.buy(2).await;
    stage.move_on("P30D").await;
    let deliveries = stage.world.operator.deliveries(&told.id).await;
    assert_eq!(deliveries[0]["action"], "Unsubscribe", "{deliveries:?}");
    stage.world.operator.set_quirk("pending_expiry_webhook", "off").await;
    let silent = stage.world.buy(2).await;
    stage.move_on("P30D").await;
    let truth = stage.world.operator.truth(&silent.id).await;
    assert_eq!(truth.at("/endReason"), "pendingLimit", "{truth}");
    assert_eq!(stage.world.operator.deliveries(&silent.id).await.len(), 0);
}

/// Cancels two subscriptions `after` their purchase; answers how each operation ended: by the month, by the year.
async fn canceled(world: &World, after: &str) -> [String; 2] {
    let mut ends = [String::new(), String::new()];
    for (end, term) in ends.iter_mut().zip(["P1M", "P1Y"]) {
        let mut purchase = own(seats(2));
        purchase["term"] = json!(term);
        let bought = world.buy_as(&purchase).await;
        world.start_billing(&bought).await;
        world.operator.advance_by(after).await;
        let deleted = world.publisher.delete(&bought.id).await.is(202);
        world.operator.advance_by("PT2S").await;
        let operation = deleted.header("operation-id");
        let operation = world.publisher.operation(&bought.id, operation).await.is(200);
        *end = operation.text_at("/status");
        let state = world.operator.truth(&bought.id).await.text_at("/state");
        assert_eq!(state == "Unsubscribed", *end == "Succeeded", "{operation}");
    }
    ends
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q29_q30_f02_a_late_cancellation_of_a_long_term_ends_it_or_fails(#[case] db: Db) {
    let world = World::new(db).await;
    world.operator.webhooks_go_nowhere().await;
    assert_eq!(canceled(&world, "PT73H").await, ["Succeeded", "Succeeded"]);
    world.operator.set_quirk("late_cancel", "multi_year_fail").await;
    assert_eq!(canceled(&world, "PT73H").await, ["Succeeded", "Succeeded"]);
    world.operator.set_quirk("late_cancel", "annual_and_longer_fail").await;
    assert_eq!(canceled(&world, "PT73H").await, ["Succeeded", "Failed"]);
    assert_eq!(canceled(&world, "PT30H").await, ["Succeeded", "Succeeded"], "inside the window");
    world.operator.set_quirk("free_cancel_window", "one_day").await;
    assert_eq!(canceled(&world, "PT30H").await, ["Succeeded", "Failed"]);
    assert_eq!(canceled(&world, "PT23H").await, ["Succeeded", "Succeeded"]);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn q49_c12_a_purchase_token_resolves_for_a_day_or_an_hour(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    world.operator.advance_by("PT2H").await;
    world.publisher.resolve(&bought.token).await.is(200);
    world.operator.set_quirk("token_life", "hour").await;
    world.publisher.resolve(&bought.token).await.detail(400, Some("token"), "InvalidValue");
    let link = world.operator.link(&bought.id).await.is(201);
    assert_eq!(link.at("/tokenExpiresAt"), "2027-01-31T12:00:00.000000Z", "{link}");
    let fresh = link.text_at("/authorizationCode");
    world.publisher.resolve(&fresh).await.is(200);
    world.operator.advance_by("PT1H").await;
    world.publisher.resolve(&fresh).await.detail(400, Some("token"), "InvalidValue");
}
