//! What a running publisher is made of. Made by `server`, shared by `http` and the workers.

use std::{net::IpAddr, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use metrics::{Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use shared::{
    clock::Clock,
    entropy::{self, Entropy},
    secret::Secret,
};
use url::Url;

use crate::{clients::Marketplace, domain::Call, store::Store};

/// A running publisher.
pub struct App {
    /// Its database.
    pub store: Store,
    /// The marketplace it calls.
    pub marketplace: Marketplace,
    /// Real time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// What opens the console and the control calls.
    pub control_token: Secret<String>,
    /// What the console asks people for instead, off loopback.
    pub access_code: Option<Secret<String>>,
    /// Under which names it is reached.
    pub site: Site,
    /// What it counts.
    pub metrics: Metrics,
}

impl App {
    /// A new id of a call or a request, growing with time.
    #[must_use]
    pub fn new_id(&self) -> String {
        entropy::ordered_uuid(&*self.entropy, self.clock.now()).to_string()
    }

    /// A new secret for a cookie.
    #[must_use]
    pub fn new_cookie(&self) -> Secret<String> {
        Secret::new(URL_SAFE_NO_PAD.encode(entropy::seed(&*self.entropy)))
    }
}

/// Under which names the publisher is reached.
#[derive(Debug, Clone)]
pub struct Site {
    /// The address it listens on.
    pub listen: IpAddr,
    /// What people type, if it is not the listen address.
    pub public_url: Option<Url>,
    /// Whether it speaks TLS itself.
    pub tls: bool,
}

impl Site {
    /// Whether cookies may ask for TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.public_url.as_ref().map_or(self.tls, |url| url.scheme() == "https")
    }

    /// Scheme, host and port by which others reach it: the public URL, else the name that this browser has come by.
    #[must_use]
    pub fn address(&self, host: &str) -> String {
        let public = self.public_url.as_ref().map(|url| url.origin().ascii_serialization());
        public.unwrap_or_else(|| self.origin(host))
    }

    /// Scheme, host and port by which a browser that named `host` has come. Cookies hold under that name only, so a
    /// visitor who is sent away must come back to it.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        let public = self.public_url.as_ref().map(Url::origin);
        let public = public.map(|origin| origin.ascii_serialization()).filter(|origin| {
            let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
            authority.eq_ignore_ascii_case(host)
        });
        let scheme = if self.tls { "https" } else { "http" };
        public.unwrap_or_else(|| format!("{scheme}://{host}"))
    }
}

/// The publisher's own counters. They have a recorder of their own: the one of the process may belong to a broker
/// that runs beside it.
pub struct Metrics(PrometheusRecorder);

impl Default for Metrics {
    fn default() -> Self {
        Self(PrometheusBuilder::new().build_recorder())
    }
}

impl Metrics {
    /// Counts an attempt to deliver a call.
    pub fn delivered(&self, call: Call, outcome: &'static str) {
        let labels = vec![Label::new("call", call.name()), Label::new("outcome", outcome)];
        self.count("publisher_deliveries_total", labels);
    }

    /// Counts a request to a webhook's address by the status it got.
    pub fn received(&self, status: u16) {
        let labels = vec![Label::new("status", status.to_string())];
        self.count("publisher_webhooks_total", labels);
    }

    fn count(&self, name: &'static str, labels: Vec<Label>) {
        let key = Key::from_parts(name, labels);
        let metadata = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));
        self.0.register_counter(&key, &metadata).increment(1);
    }

    /// All of them, as Prometheus reads them.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.handle().render()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_comes_back_to_the_name_it_came_by() {
        let site = |public_url: Option<&str>, tls| Site {
            listen: "127.0.0.1".parse().unwrap(),
            public_url: public_url.map(|url| url.parse().unwrap()),
            tls,
        };
        let public = site(Some("https://Publisher.example/"), false);
        assert_eq!(public.origin("publisher.example"), "https://publisher.example");
        assert_eq!(public.origin("127.0.0.1:8701"), "http://127.0.0.1:8701");
        assert_eq!(public.address("127.0.0.1:8701"), "https://publisher.example");
        assert_eq!(site(None, true).address("localhost:8701"), "https://localhost:8701");
        assert_eq!(site(None, false).origin("localhost:8701"), "http://localhost:8701");
        assert_eq!(site(None, true).origin("127.0.0.1:8701"), "https://127.0.0.1:8701");
    }
}
