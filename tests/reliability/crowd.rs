//! A crowd that buys, assigns licenses and activates for as long as the broker answers, and tells what was acknowledged.
//! Called by `kill.rs`.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{Sender, channel},
    task::JoinSet,
};

use super::ledger::Acknowledged;
use crate::support::{Operator, PublisherApp, people};

/// Clients at a time.
const CLIENTS: usize = 12;
/// Licenses of each purchase.
pub const SEATS: usize = 2;

/// Numbers that repeat with their seed (splitmix64): a failure can be run again.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// A number from 0 to `below - 1`.
    pub fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }
}

/// A broker that runs, as the crowd calls it.
#[derive(Clone)]
pub struct Doors {
    pub operator: Operator,
    pub publisher: PublisherApp,
}

/// Lets the crowd in, kills the broker behind `count` acknowledged requests with `kill`, and returns what was
/// acknowledged until the end.
pub async fn storm(
    doors: &Doors,
    dice: &mut Dice,
    count: u64,
    kill: impl Future<Output = ()>,
) -> Vec<(String, Acknowledged)> {
    let (tell, mut told) = channel(CLIENTS);
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let seed = dice.roll(u64::MAX);
        clients.spawn(Client { doors: doors.clone(), dice: Dice(seed), client }.run(tell.clone()));
    }
    drop(tell);
    let mut acknowledged = Vec::new();
    for _ in 0..count {
        acknowledged.push(told.recv().await.expect("the crowd goes on until the kill"));
    }
    kill.await;
    while let Some(last) = told.recv().await {
        acknowledged.push(last);
    }
    while let Some(ended) = clients.join_next().await {
        ended.expect("a client that met nothing but the kill");
    }
    acknowledged
}

/// One of the crowd.
struct Client {
    doors: Doors,
    dice: Dice,
    client: usize,
}

impl Client {
    /// Buys and sets up until the broker is gone.
    async fn run(mut self, tell: Sender<(String, Acknowledged)>) {
        let mut bought = 0;
        while self.one_purchase(&tell, bought).await.is_some() {
            bought += 1;
        }
    }

    /// A purchase with both keys in either order, at times with one key only; `None` once the broker is gone.
    async fn one_purchase(
        &mut self,
        tell: &Sender<(String, Acknowledged)>,
        bought: usize,
    ) -> Option<()> {
        let wish = json!({"offerId": "contoso-desk", "planId": "silver", "quantity": SEATS});
        let call = self.doors.operator.call(reqwest::Method::POST, "/purchases").json(&wish);
        let what = format!("purchase {bought} of client {}", self.client);
        let answer = send(call, &what).await?;
        let id = answer["subscriptionId"].as_str().expect("an id").to_owned();
        tell.send((id.clone(), Acknowledged::Purchase)).await.ok()?;
        let steps: &[bool] = match self.dice.roll(6) {
            0 => &[true],
            1 => &[false],
            2 | 3 => &[true, false],
            _ => &[false, true],
        };
        for &is_assignment in steps {
            let publisher = &self.doors.publisher;
            let (call, note) = if is_assignment {
                let call =
                    publisher.call(reqwest::Method::PUT, &format!("/{id}/licenseAssignments"));
                let call = call.json(&json!({"assignedTo": people(SEATS)}));
                (call, Acknowledged::Assignment)
            } else {
                let call = publisher.call(reqwest::Method::POST, &format!("/{id}/activate"));
                (call, Acknowledged::Activation)
            };
            send(call, &what).await?;
            tell.send((id.clone(), note)).await.ok()?;
        }
        Some(())
    }
}

/// Sends a request until it is acknowledged; `None` once the broker is gone. A broker that is full says so, and the
/// client comes back.
async fn send(call: RequestBuilder, what: &str) -> Option<Value> {
    loop {
        let answer = call.try_clone().expect("a body that can be sent twice").send().await.ok()?;
        match answer.status() {
            status if status.is_success() => {
                // Acknowledged, even if the kill cuts the body: only an id that was read can be compared, though.
                let body = answer.bytes().await.ok()?;
                return Some(serde_json::from_slice(&body).unwrap_or(Value::Null));
            }
            StatusCode::SERVICE_UNAVAILABLE => tokio::task::yield_now().await,
            status => panic!("{what}: {status} {}", answer.text().await.unwrap_or_default()),
        }
    }
}
