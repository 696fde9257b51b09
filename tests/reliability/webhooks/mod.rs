//! Webhooks survive what kills a broker: none is lost, none decides twice, and nothing that waits forgets its time. With
//! the real program and a foreign app that outlives it.

mod advance;
mod kill;
mod race;
mod restart;
mod two_brokers;

use reqwest::Method;
use serde_json::json;
use shared::rehearsal::Sandbox;
use tempfile::TempDir;

use crate::support::{
    Ask, Db, Operator, PublisherApp,
    foreign_app::ForeignApp,
    processes::{Process, control_token},
    world::{SANDBOX, START},
};

/// Seconds of an attempt; a lease is three times as long, and who is killed leaves one behind.
const TIME_LIMIT: &str = "6";

/// What outlives a broker: its data, and the publisher's app.
struct House {
    dir: TempDir,
    database: Option<String>,
    app: ForeignApp,
}

/// A broker that runs, and its callers.
struct Running {
    broker: Process,
    operator: Operator,
    publisher: PublisherApp,
}

impl House {
    async fn new(db: Db) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        Self { dir, database: db.fresh().await, app: ForeignApp::start().await }
    }

    /// Starts a broker in this folder of the house.
    async fn start(&self, folder: &str) -> Running {
        self.start_with(folder, TIME_LIMIT).await
    }

    /// The same with so many seconds for an attempt.
    async fn start_with(&self, folder: &str, time_limit: &str) -> Running {
        let dir = self.dir.path().join(folder);
        let mut args = vec!["--webhook-time-limit", time_limit];
        args.extend(self.database.iter().flat_map(|url| ["--database", url.as_str()]));
        let broker = Process::broker(&dir, &args, &[]);
        let base = broker.broker_url().await;
        let operator = Operator::new(&base, &control_token(&dir), SANDBOX);
        let publisher = self.publisher(&operator, &base).await;
        Running { broker, operator, publisher }
    }

    /// The sandbox's first publisher; the first broker of a house makes the sandbox, whose clock stands.
    async fn publisher(&self, operator: &Operator, base: &str) -> PublisherApp {
        let found = operator.get("").await;
        let sandbox = if found.status == 200 {
            found
        } else {
            let url = self.app.url();
            let body = json!({"id": SANDBOX, "startAt": START, "frozen": true, "webhookUrl": url});
            operator.create_sandbox(&body).await.is(201)
        };
        let sandbox: Sandbox = serde_json::from_value(sandbox.json()).expect("a sandbox");
        PublisherApp::sign_in(base, &sandbox.publisher).await
    }
}

impl Running {
    /// The callers, without the process.
    fn callers(&self) -> (Operator, PublisherApp) {
        (self.operator.clone(), self.publisher.clone())
    }

    async fn status(&self, id: &str, operation: &str) -> String {
        self.publisher.operation(id, operation).await.is(200).text_at("/status")
    }
}

/// Holds the webhooks of a sandbox back, or lets them go.
async fn press(operator: &Operator, button: &str) {
    operator.call(Method::POST, &format!("/deliveries/{button}")).ask().await.is(204);
}
