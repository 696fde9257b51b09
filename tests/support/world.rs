//! A world to call: a broker in this process on a free port, with a fresh database and a folder of its own. Its time
//! stands unless a test lets it run. Called by every test.

use std::{path::Path, sync::Arc};

use isv_publisher_sim as publisher_sim;
use marketplace_broker::{
    config::Config,
    server::{self, Outside, Running},
};
use serde_json::{Value, json};
use shared::{
    clock::{Clock, FakeClock, SystemClock},
    entropy::SystemEntropy,
    rehearsal::Sandbox,
    secret::Secret,
};
use tempfile::TempDir;

use super::{Anonymous, Operator, PublisherApp, keys::SIGNING_KEY, people, postgres, wait};

/// The instant at which the world of a test stands at first: a day whose month's end is awkward.
pub const START: &str = "2027-01-31T09:00:00Z";
/// The sandbox of a test.
pub const SANDBOX: &str = "rehearsal-1";

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Db {
    Sqlite,
    Postgres,
}

impl Db {
    /// The URL of a fresh database; `None`: the file in the data dir.
    pub async fn fresh(self) -> Option<String> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(fresh_postgres().await),
        }
    }
}

/// A broker and everybody who calls it.
pub struct World {
    pub base: String,
    pub anon: Anonymous,
    pub operator: Operator,
    /// Contoso, the first publisher.
    pub publisher: PublisherApp,
    /// Fabrikam, the second.
    pub other_publisher: PublisherApp,
    pub sandbox: Sandbox,
    broker: Option<Running>,
    sim: Option<publisher_sim::server::Running>,
    config: Config,
    dir: TempDir,
}

/// A purchase.
#[derive(Debug, Clone)]
pub struct Bought {
    pub id: String,
    pub token: String,
    pub link: String,
}

impl World {
    /// A world whose sandbox stands at [`START`].
    pub async fn new(db: Db) -> Self {
        Self::with(db, |_| {}).await
    }

    /// The same, with other settings.
    pub async fn with(db: Db, change: impl FnOnce(&mut Config)) -> Self {
        let clock = Arc::new(SystemClock);
        Self::start(db, clock, json!({"id": SANDBOX, "startAt": START, "frozen": true}), change)
            .await
    }

    /// A world whose real time is in the test's hand; its sandbox runs with it.
    pub async fn with_clock(db: Db, clock: &FakeClock) -> Self {
        Self::start(db, Arc::new(clock.clone()), json!({"id": SANDBOX}), |_| {}).await
    }

    async fn start(
        db: Db,
        clock: Arc<dyn Clock>,
        sandbox: Value,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut config = Config {
            port: 0,
            data_dir: dir.path().join("data"),
            database: db.fresh().await,
            ..Config::default()
        };
        change(&mut config);
        let broker = start_broker(&config, clock).await;
        let (base, token) = (broker.url().to_owned(), broker.control_token().expose().clone());
        let operator = Operator::new(&base, &token, SANDBOX);
        let made = operator.create_sandbox(&sandbox).await.is(201);
        let sandbox: Sandbox = serde_json::from_value(made.json()).expect("a sandbox");
        let [first, second] = sandbox.publishers.as_slice() else { panic!("two publishers") };
        Self {
            anon: Anonymous::new(&base),
            publisher: PublisherApp::sign_in(&base, first).await,
            other_publisher: PublisherApp::sign_in(&base, second).await,
            operator,
            sandbox,
            base,
            broker: Some(broker),
            sim: None,
            config,
            dir,
        }
    }

    /// Another sandbox of the same broker, and its first publisher.
    pub async fn another_sandbox(&self, id: &str) -> (Operator, PublisherApp) {
        let body = json!({"id": id, "startAt": START, "frozen": true});
        let made = self.operator.create_sandbox(&body).await.is(201);
        let sandbox: Sandbox = serde_json::from_value(made.json()).expect("a sandbox");
        let publisher = PublisherApp::sign_in(&self.base, &sandbox.publisher).await;
        (self.operator.in_sandbox(id), publisher)
    }

    /// Another broker on the same database, which stays until the test ends: Contoso's app as a caller of it.
    pub async fn neighbour(&self) -> PublisherApp {
        let config = Config { data_dir: self.dir.path().join("neighbour"), ..self.config.clone() };
        let running = start_broker(&config, Arc::new(SystemClock)).await;
        PublisherApp { anon: Anonymous::new(running.url()), ..self.publisher.clone() }
    }

    /// Starts the simulated publisher beside the broker, which is told where it is; answers its URL.
    pub async fn start_publisher(&mut self, auto: bool) -> String {
        self.start_publisher_with(|config| config.auto = auto).await
    }

    /// The same, with other settings.
    pub async fn start_publisher_with(
        &mut self,
        change: impl FnOnce(&mut publisher_sim::config::Config),
    ) -> String {
        let mut config = publisher_sim::config::Config {
            port: 0,
            broker_url: self.base.parse().expect("a URL"),
            data_dir: self.dir.path().join("publisher"),
            ..publisher_sim::config::Config::default()
        };
        change(&mut config);
        let listener = publisher_sim::server::bind(&config).expect("a port");
        let keys = publisher_sim::server::Keys {
            control_token: Secret::new(self.operator.token.clone()),
            access_code: self.broker.as_ref().and_then(|broker| broker.access_code().cloned()),
        };
        let outside = publisher_sim::server::Outside::system();
        let sim = publisher_sim::server::start(config, keys, listener, outside).await;
        let sim = sim.unwrap_or_else(|error| panic!("{error}"));
        let url = sim.url().to_owned();
        for publisher in &self.sandbox.publishers {
            let id = &publisher.publisher_id;
            let page = page_at(&url, &self.sandbox.id, id);
            self.operator.put(&format!("/publishers/{id}"), &page).await.is(200);
        }
        self.sim = Some(sim);
        url
    }

    /// Stops the broker cleanly.
    pub async fn stop_broker(&mut self) {
        self.broker.take().expect("a broker").stop().await;
    }

    /// Stops the broker cleanly and starts it again on the same data and the machine's clock.
    pub async fn restart(&mut self) {
        self.stop_broker().await;
        let broker = start_broker(&self.config, Arc::new(SystemClock)).await;
        self.base = broker.url().to_owned();
        self.anon = Anonymous::new(&self.base);
        self.operator = Operator::new(&self.base, broker.control_token().expose(), SANDBOX);
        for app in [&mut self.publisher, &mut self.other_publisher] {
            app.anon = Anonymous::new(&self.base);
        }
        self.broker = Some(broker);
    }

    /// Stops what runs.
    pub async fn stop(mut self) {
        if let Some(sim) = self.sim.take() {
            sim.stop().await;
        }
        if let Some(broker) = self.broker.take() {
            broker.stop().await;
        }
    }

    /// The broker's data dir.
    pub fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }

    /// Buys as `purchase` says.
    pub async fn buy_as(&self, purchase: &Value) -> Bought {
        bought(&self.operator.purchase(purchase).await.is(201))
    }

    /// Buys so many licenses of Contoso Desk, Silver, by the month, for the first customer (US).
    pub async fn buy(&self, quantity: i64) -> Bought {
        self.buy_as(&seats(quantity)).await
    }

    /// Seats that the customer bought itself, activated and billed: everything may be asked of it.
    pub async fn buy_active(&self, quantity: i64) -> Bought {
        let bought = self.buy_as(&own(seats(quantity))).await;
        self.start_billing(&bought).await;
        bought
    }

    /// Contoso Archive on its metered plan (`gigabytes`), activated and billed.
    pub async fn buy_metered(&self) -> Bought {
        let metered = json!({"offerId": "contoso-archive", "planId": "metered"});
        let bought = self.buy_as(&metered).await;
        self.start_billing(&bought).await;
        bought
    }

    /// Turns both keys of a purchase of Contoso's.
    pub async fn start_billing(&self, bought: &Bought) {
        let required = self.operator.truth(&bought.id).await.at("/licensesRequired");
        let required = required.as_u64().and_then(|count| usize::try_from(count).ok());
        let people = people(required.expect("a number of licenses"));
        self.publisher.assign(&bought.id, &people).await.is(200);
        self.publisher.activate(&bought.id).await.is(200);
    }

    /// Buys Contoso Archive, which has a flat rate, for the first customer (US).
    pub async fn buy_flat(&self) -> Bought {
        self.buy_as(&flat()).await
    }
}

/// Where the simulated publisher at `url` takes buyers of a publisher in a sandbox, and where they come back to when
/// they have signed in.
pub fn page_at(url: &str, sandbox: &str, publisher: &str) -> Value {
    let pages = format!("{url}/s/{sandbox}/{publisher}");
    let back = format!("{pages}/signed-in");
    json!({"landingPageUrl": format!("{pages}/landing"), "redirectUris": [back]})
}

/// A purchase of licenses.
pub fn seats(quantity: i64) -> Value {
    json!({"offerId": "contoso-desk", "planId": "silver", "quantity": quantity})
}

/// A purchase at a flat rate.
pub fn flat() -> Value {
    json!({"offerId": "contoso-archive", "planId": "standard"})
}

/// The same purchase by the customer itself, who may read, update and delete what it buys.
pub fn own(mut purchase: Value) -> Value {
    purchase["soldBy"] = "customer".into();
    purchase
}

/// The answer to a purchase or to a fresh link.
pub fn bought(answer: &super::Answer) -> Bought {
    Bought {
        id: answer.text_at("/subscriptionId"),
        token: answer.text_at("/authorizationCode"),
        link: answer.text_at("/activationLink"),
    }
}

async fn start_broker(config: &Config, clock: Arc<dyn Clock>) -> Running {
    let outside = Outside {
        clock,
        entropy: Arc::new(SystemEntropy),
        signing_key: Some(Secret::new(SIGNING_KEY.to_owned())),
    };
    let listener = server::bind(config).unwrap_or_else(|error| panic!("{error}"));
    let started = server::start(config.clone(), listener, outside).await;
    let running = started.unwrap_or_else(|error| panic!("{error}"));
    wait::until_ready(running.url()).await;
    running
}

/// Making a database blocks; the first one of a process starts the server.
async fn fresh_postgres() -> String {
    let made = tokio::task::spawn_blocking(postgres::fresh_database).await;
    made.expect("a PostgreSQL database")
}
