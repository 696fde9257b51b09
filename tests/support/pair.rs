//! Both services as processes, each with a folder of its own: killed and started again one by one. Called by the journeys.

use tempfile::TempDir;

use super::{
    Db, Operator,
    processes::{Process, control_token},
};

/// A broker that runs, and the folders of both.
pub struct Pair {
    dir: TempDir,
    broker: Process,
    base: String,
    token: String,
}

impl Pair {
    /// Starts the broker on a database of this kind.
    pub async fn start(db: Db) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let broker_dir = dir.path().join("broker");
        let database = db.fresh().await;
        let args: Vec<_> = database.iter().flat_map(|url| ["--database", url.as_str()]).collect();
        let broker = Process::broker(&broker_dir, &args, &[]);
        let base = broker.broker_url().await;
        let token = control_token(&broker_dir);
        Self { dir, broker, base, token }
    }

    /// Where the broker is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What the operator proves itself with.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The operator of the sandbox `default`.
    pub fn operator(&self) -> Operator {
        Operator::new(&self.base, &self.token, "default")
    }

    /// Starts the publisher, with what it knew the last time; and where it is.
    pub async fn publisher(&self, args: &[&str]) -> (Process, String) {
        let env = [("REHEARSE_TOKEN", self.token.as_str())];
        let sim = Process::publisher(&self.dir.path().join("sim"), &self.base, args, &env);
        let url = sim.publisher_url().await;
        (sim, url)
    }

    /// Asks both to stop, and holds that they ended well.
    pub async fn stop(self, publisher: Process) {
        for ended in [publisher.terminate().await, self.broker.terminate().await] {
            assert_eq!(ended.code, Some(0), "{ended:?}");
            assert!(!ended.stderr.contains("panicked"), "{ended:?}");
        }
    }
}
