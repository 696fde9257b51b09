//! `rehearse up --tls` as a process, and clients that trust its development CA. Called by the journeys over TLS.

use std::{fs, path::Path};

use reqwest::{Certificate, Client, ClientBuilder};
use serde_json::Value;

use super::{callers, processes::Process};

/// Both services behind certificates of one development CA.
pub struct TlsStage {
    dir: tempfile::TempDir,
    ready: Value,
    _up: Process,
}

impl TlsStage {
    /// Starts it on free ports, with a data dir of its own.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().to_str().unwrap();
        let args =
            ["up", "--tls", "--json", "--port", "0", "--publisher-port", "0", "--data-dir", data];
        let up = Process::rehearse(&args, &[]);
        let ready = serde_json::from_str(&up.first_line().await).unwrap();
        Self { dir, ready, _up: up }
    }

    /// A member of the ready line.
    pub fn text(&self, pointer: &str) -> &str {
        self.ready.pointer(pointer).and_then(Value::as_str).unwrap()
    }

    /// Where its state lies.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A client that trusts the CA and nobody else.
    pub fn client(&self) -> Client {
        self.trusting().build().unwrap()
    }

    /// The builder of such clients.
    pub fn trusting(&self) -> ClientBuilder {
        let pem = fs::read(self.text("/caFile")).unwrap();
        let roots = Certificate::from_pem_bundle(&pem).unwrap();
        callers::client().tls_certs_only(roots)
    }

    /// A verb of the command line against this stage.
    pub async fn run(&self, args: &[&str]) -> String {
        let data = ["--data-dir", self.dir.path().to_str().unwrap()];
        let ended = Process::rehearse(&[args, &data].concat(), &[]).ended().await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.stdout
    }
}
