//! What tests of subscriptions begin with: a subscription that a provider sold to its first customer, active and billed, and
//! the publisher's app, which hears of what happens to it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Ask, Db, World, foreign_app::ForeignApp, partner::PartnerApp, wait, world::seats,
};

/// The scene.
pub struct Sold {
    pub world: World,
    /// Alder & Finch, an indirect provider; by its app alone.
    pub partner: PartnerApp,
    /// Contoso's app.
    pub app: ForeignApp,
    /// The subscription: five licenses of Contoso Desk, Silver.
    pub id: String,
}

impl Sold {
    /// By the month, at nine o'clock of 31 January 2027.
    pub async fn new(db: Db) -> Self {
        Self::selling(db, &seats(5)).await
    }

    /// The same for a year, charged so.
    pub async fn for_a_year(db: Db, billing_cycle: &str) -> Self {
        let mut purchase = seats(5);
        purchase["term"] = "P1Y".into();
        purchase["billingCycle"] = billing_cycle.into();
        Self::selling(db, &purchase).await
    }

    /// What a purchase of Contoso's says.
    pub async fn selling(db: Db, purchase: &Value) -> Self {
        let scene = Self::waiting(db, purchase).await;
        scene.activate(&scene.id).await;
        scene
    }

    /// The same, before its keys are turned.
    pub async fn waiting(db: Db, purchase: &Value) -> Self {
        let world = World::new(db).await;
        let app = ForeignApp::start().await;
        world.operator.configure(&json!({"webhookUrl": app.url()})).await.is(200);
        let partner = world.partner("alder-finch").await;
        let id = world.buy_as(purchase).await.id;
        Self { world, partner, app, id }
    }

    /// Turns both keys of a subscription.
    pub async fn activate(&self, id: &str) {
        let bought =
            crate::support::Bought { id: id.to_owned(), token: String::new(), link: String::new() };
        self.world.start_billing(&bought).await;
    }

    /// The path of the customer.
    pub fn customer(&self) -> String {
        format!("/customers/{}", self.world.sandbox.customers[0].customer_id)
    }

    /// The path of the subscription.
    pub fn path(&self) -> String {
        format!("{}/subscriptions/{}", self.customer(), self.id)
    }

    /// The subscription as it is now.
    pub async fn read(&self) -> Answer {
        self.partner.get(&self.path()).await.is(200)
    }

    /// PATCH with this body.
    pub async fn amend(&self, body: &Value) -> Answer {
        self.partner.patch(&self.path(), body).await
    }

    /// PATCH as PowerShell does: the whole subscription as it is now, some members changed.
    pub async fn change(&self, members: &Value) -> Answer {
        let mut whole = self.read().await.json();
        for (name, value) in members.as_object().expect("members") {
            whole[name] = value.clone();
        }
        self.amend(&whole).await
    }

    /// PATCH with a header.
    pub async fn amend_with(&self, (name, value): (&str, &str), body: &Value) -> Answer {
        let call = self.partner.call(Method::PATCH, &self.path());
        call.header(name, value).json(body).ask().await
    }

    /// Moves the clock, without time for the publisher to change its mind.
    pub async fn move_on(&self, by: &str) {
        self.world.operator.advance(&json!({"by": by, "settle": 0})).await.is(200);
    }

    /// Waits until the publisher's app has answered the newest webhook of this action; answers the operation.
    pub async fn told(&self, action: &str) -> String {
        let delivery = wait::until(action, async || {
            let deliveries = self.world.operator.deliveries(&self.id).await;
            let newest = deliveries.into_iter().rev().find(|it| it["action"] == action);
            newest
                .filter(|it| ["acknowledged", "rejected"].iter().any(|state| it["state"] == *state))
        });
        delivery.await["id"].as_str().expect("an id").to_owned()
    }

    /// Actions that the publisher was told of, or will be.
    pub async fn actions_told(&self) -> Vec<String> {
        let deliveries = self.world.operator.deliveries(&self.id).await;
        let action = |it: &Value| it["action"].as_str().expect("an action").to_owned();
        deliveries.iter().map(action).collect()
    }
}
