//! The HTTP client that calls publishers: no proxy, no redirects, 3 seconds to connect, a time limit for the whole,
//! answers read to 64 KiB, every address looked at (architecture.md, Security rules). Called by
//! `workers/deliver_webhook`.

use std::{
    error::Error,
    path::{Path, PathBuf},
    time::Duration,
};

use futures_util::future::BoxFuture;
use reqwest::{Certificate, Client, Response, StatusCode, header::HeaderMap, redirect::Policy};
use shared::development_ca::{CaError, read_roots};
use url::Url;

use super::addresses::Addresses;
use crate::domain::delivery::Outcome;

/// How long a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// Bytes of an answer that are read.
const ANSWER_MAX: usize = 64 * 1024;
/// Characters of an answer that are kept.
const KEPT_MAX: usize = 2_000;
/// Connections kept open to one publisher.
const IDLE_MAX: usize = 64;

/// Somebody who takes webhooks.
pub trait Publisher: Send + Sync + 'static {
    /// Posts a webhook. Never fails: what went wrong is an outcome, too.
    fn post<'a>(&'a self, url: &'a Url, headers: HeaderMap, body: String)
    -> BoxFuture<'a, Outcome>;
}

/// Publishers on the network.
pub struct HttpPublisher {
    client: Client,
    addresses: Addresses,
    time_limit: Duration,
}

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A file of root certificates cannot be read.
    #[error(transparent)]
    Roots(#[from] CaError),
    /// The TLS library refuses.
    #[error("the client for webhooks cannot be made: {0}")]
    Client(#[from] reqwest::Error),
}

impl HttpPublisher {
    /// A client that keeps to `addresses`, and trusts the root certificates in `ca_files` (PEM) besides the usual ones.
    pub fn new(
        addresses: Addresses,
        time_limit: Duration,
        ca_files: &[PathBuf],
    ) -> Result<Self, ClientError> {
        let mut builder = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_LIMIT)
            .pool_max_idle_per_host(IDLE_MAX)
            .user_agent(concat!("marketplace-broker/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(addresses.clone());
        for path in ca_files {
            builder = builder.tls_certs_merge(certificates(path)?);
        }
        Ok(Self { client: builder.build()?, addresses, time_limit })
    }

    async fn exchange(&self, url: &Url, headers: HeaderMap, body: String) -> Outcome {
        if let Err(forbidden) = self.addresses.check_url(url) {
            return Outcome::Unanswered(forbidden.to_string());
        }
        match self.client.post(url.clone()).headers(headers).body(body).send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                Outcome::Answered { status, body: beginning(response).await }
            }
            Err(error) => Outcome::Unanswered(reason(&error.without_url())),
        }
    }
}

impl Publisher for HttpPublisher {
    fn post<'a>(
        &'a self,
        url: &'a Url,
        headers: HeaderMap,
        body: String,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let exchange = self.exchange(url, headers, body);
            tokio::time::timeout(self.time_limit, exchange).await.unwrap_or_else(|_| {
                let limit = self.time_limit.as_secs_f64();
                Outcome::Unanswered(format!("no answer in {limit} s"))
            })
        })
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, ClientError> {
    Ok(Certificate::from_pem_bundle(&read_roots(path)?)?)
}

/// The beginning of a body as text; what cannot be read any more is left out: the status counts.
async fn beginning(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_MAX {
        let Ok(Some(chunk)) = response.chunk().await else { break };
        bytes.extend_from_slice(&chunk);
    }
    storable(&String::from_utf8_lossy(&bytes), KEPT_MAX)
}

/// Text of a stranger, short, and without what PostgreSQL cannot store in a TEXT.
fn storable(text: &str, max: usize) -> String {
    let stored = |c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().take(max).map(stored).collect()
}

/// Why there was no answer: the innermost cause says it best.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let what = if error.is_connect() { "no connection" } else { "no answer" };
    storable(&format!("{what}: {cause}"), KEPT_MAX)
}

/// An outcome in short: `200 OK`, or why there was no answer.
#[must_use]
pub fn in_short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answered { status, .. } => {
            let known = StatusCode::from_u16(*status).ok().and_then(|s| s.canonical_reason());
            format!("{status} {}", known.unwrap_or_default()).trim_end().to_owned()
        }
        Outcome::Unanswered(reason) | Outcome::NoWebhook(reason) => {
            reason.chars().take(300).collect()
        }
    }
}
