//! The three programs as processes: started, killed, asked to stop, and what they wrote. Their environment is empty, so
//! that nothing of the machine's leaks in. Called by journeys, reliability and security.

use std::{
    fs::{self, File},
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use super::wait;

const BROKER: &str = env!("CARGO_BIN_EXE_test-broker");
const PUBLISHER: &str = env!("CARGO_BIN_EXE_test-publisher");
const REHEARSE: &str = env!("CARGO_BIN_EXE_test-rehearse");

/// How long a program may take to end once it should.
const END: Duration = Duration::from_secs(60);

/// A program that runs, or has run. It is killed when it is dropped.
pub struct Process {
    child: Child,
    output: TempDir,
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Process {
    /// The broker on a free port, with its state in `dir`.
    pub fn broker(dir: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let dir = dir.to_str().expect("a path in Unicode");
        let fixed = ["--port", "0", "--data-dir", dir, "--log-format", "json"];
        Self::start(BROKER, &[&fixed, args].concat(), env)
    }

    /// The publisher on a free port, with its state in `dir`.
    pub fn publisher(dir: &Path, broker: &str, args: &[&str], env: &[(&str, &str)]) -> Self {
        let dir = dir.to_str().expect("a path in Unicode");
        let fixed = ["--port", "0", "--data-dir", dir, "--broker-url", broker];
        Self::start(PUBLISHER, &[&fixed, args].concat(), env)
    }

    /// The command line.
    pub fn rehearse(args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::start(REHEARSE, args, env)
    }

    /// The broker with exactly these arguments.
    pub fn broker_as(args: &[&str]) -> Self {
        Self::start(BROKER, args, &[])
    }

    fn start(program: &str, args: &[&str], env: &[(&str, &str)]) -> Self {
        let output = tempfile::tempdir().expect("a folder");
        let file = |name: &str| File::create(output.path().join(name)).expect("a file");
        let child = Command::new(program)
            .args(args)
            .env_clear()
            .envs(env.iter().copied())
            .current_dir(output.path())
            .stdin(Stdio::null())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        Self { child, output }
    }

    /// What it has written to standard output.
    pub fn stdout(&self) -> String {
        self.written("stdout")
    }

    /// What it has written to standard error.
    pub fn stderr(&self) -> String {
        self.written("stderr")
    }

    fn written(&self, name: &str) -> String {
        let bytes = fs::read(self.output.path().join(name)).expect("a file");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The broker's URL, once it is ready: from its log.
    pub async fn broker_url(&self) -> String {
        let url = self.tls_url().await;
        wait::until_ready(&url).await;
        url
    }

    /// The same for one that speaks TLS: once it serves.
    pub async fn tls_url(&self) -> String {
        let served = wait::until("the broker to serve", async || {
            let log = self.stderr();
            let mut lines = log.lines().filter_map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).ok()?;
                Some(line["fields"]["url"].as_str()?.to_owned())
            });
            lines.next()
        });
        served.await
    }

    /// The publisher's URL, once it serves: from its standard output.
    pub async fn publisher_url(&self) -> String {
        let served = wait::until("the publisher to serve", async || {
            let said = self.stdout();
            let line = said.lines().find_map(|line| line.split_once("answers on "));
            line.map(|(_, url)| url.trim().to_owned())
        });
        served.await
    }

    /// The first whole line of standard output.
    pub async fn first_line(&self) -> String {
        let said = wait::until("a line on standard output", async || {
            self.stdout().split_once('\n').map(|(line, _)| line.to_owned())
        });
        said.await
    }

    /// Ends it at once, as a power cut would.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("a process to kill");
    }

    /// Asks it to stop, as an init system would, and waits for its end.
    pub async fn terminate(self) -> Ended {
        let id = self.child.id().expect("a process that runs").to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill can be run").success());
        self.ended().await
    }

    /// Waits for its end.
    pub async fn ended(mut self) -> Ended {
        let ended = timeout(END, self.child.wait()).await;
        let status: ExitStatus = match ended {
            Ok(status) => status.expect("a status"),
            Err(_) => panic!("still running after {END:?}:\n{}{}", self.stdout(), self.stderr()),
        };
        Ended { code: status.code(), stdout: self.stdout(), stderr: self.stderr() }
    }
}

/// The control token that a broker wrote into its data dir.
pub fn control_token(dir: &Path) -> String {
    fs::read_to_string(dir.join("control-token")).expect("a control token").trim().to_owned()
}
