//! What most tests of webhooks begin with: a world whose first publisher has an app of its own, and a subscription that
//! a customer bought and that is active. Called through `foreign_app.rs`.

use marketplace_broker::config::Config;
use serde_json::{Value, json};

use super::ForeignApp;
use crate::support::{
    Answer, Db, Operator, PublisherApp, World, people, wait,
    world::{bought, own, seats},
};

/// Licenses of the subscription.
const LICENSES: i64 = 20;

/// A world, the first publisher's app, and an active subscription (Contoso Desk, Silver, 20 licenses, by the year).
pub struct Stage {
    pub world: World,
    pub app: ForeignApp,
    /// The subscription.
    pub id: String,
}

impl Stage {
    pub async fn new(db: Db) -> Self {
        Self::with(db, |_| {}).await
    }

    /// The same, with other settings.
    pub async fn with(db: Db, change: impl FnOnce(&mut Config)) -> Self {
        let world = World::with(db, change).await;
        let app = ForeignApp::start().await;
        world.operator.configure(&json!({"webhookUrl": app.url()})).await.is(200);
        let mut purchase = own(seats(LICENSES));
        purchase["term"] = json!("P1Y");
        let id = active(&world.operator, &world.publisher, &purchase).await;
        Self { world, app, id }
    }

    /// Another active subscription.
    pub async fn another(&self) -> String {
        active(&self.world.operator, &self.world.publisher, &own(seats(LICENSES))).await
    }

    /// Something happens to the subscription; answers the operation's id.
    pub async fn acted(&self, action: &Value) -> String {
        self.world.operator.acted(&self.id, action).await
    }

    /// The customer wants the other of the two plans; answers the operation's id.
    pub async fn change_plan(&self, plan: &str) -> String {
        self.acted(&json!({"action": "changePlan", "planId": plan})).await
    }

    pub async fn subscription(&self) -> Answer {
        self.world.publisher.subscription(&self.id).await.is(200)
    }

    pub async fn operation(&self, operation: &str) -> Answer {
        self.world.publisher.operation(&self.id, operation).await.is(200)
    }

    /// The publisher's PATCH, which must be taken.
    pub async fn decide(&self, operation: &str, status: &str) {
        self.world.publisher.decide(&self.id, operation, status).await.is(200);
    }

    /// Holds what an operation is and on which plan the subscription is.
    pub async fn is(&self, operation: &str, status: &str, plan: &str) {
        let operation = self.operation(operation).await;
        assert_eq!(operation.at("/status"), status, "{operation}");
        let subscription = self.subscription().await;
        assert_eq!(subscription.at("/planId"), plan, "{operation} {subscription}");
    }

    /// Waits until a webhook stands there.
    pub async fn delivery_is(&self, operation: &str, state: &str) -> Answer {
        delivery_is(&self.world.operator, operation, state).await
    }

    pub async fn delivery(&self, operation: &str) -> Answer {
        delivery(&self.world.operator, operation).await
    }

    /// Moves the clock, without time for the publisher to change its mind.
    pub async fn move_on(&self, by: &str) -> Answer {
        move_on(&self.world.operator, by).await
    }
}

/// Buys, and turns both keys; answers the subscription.
pub async fn active(operator: &Operator, publisher: &PublisherApp, purchase: &Value) -> String {
    let id = bought(&operator.purchase(purchase).await.is(201)).id;
    let licenses = purchase["quantity"].as_u64().unwrap_or(1);
    let licenses = people(usize::try_from(licenses).expect("a small number"));
    publisher.assign(&id, &licenses).await.is(200);
    publisher.activate(&id).await.is(200);
    id
}

/// A webhook, whole.
pub async fn delivery(operator: &Operator, operation: &str) -> Answer {
    operator.get(&format!("/deliveries/{operation}")).await.is(200)
}

/// Waits until a webhook stands there; what ended otherwise ends the wait.
pub async fn delivery_is(operator: &Operator, operation: &str, state: &str) -> Answer {
    let what = format!("the webhook of {operation} to be {state}");
    wait::until(&what, async || {
        let delivery = delivery(operator, operation).await;
        let now = delivery.text_at("/state");
        let over = ["acknowledged", "rejected", "givenUp", "superseded"].contains(&&*now);
        assert!(now == state || !over, "it is {now}, not {state}: {delivery}");
        (now == state).then_some(delivery)
    })
    .await
}

/// Moves the clock, without time for a publisher to change its mind.
pub async fn move_on(operator: &Operator, by: &str) -> Answer {
    operator.advance(&json!({"by": by, "settle": 0})).await.is(200)
}
