//! The HTTP client of this crate: limits, no proxy, no redirects of its own accord, and errors that name no URL,
//! because a URL may carry a purchase token. Called by every client here.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use reqwest::{Certificate, Client, ClientBuilder, redirect};
use shared::development_ca::{certificate_file, read_roots};
use url::Url;

use crate::words;

const CONNECT: Duration = Duration::from_secs(3);
/// Names a file with root certificates (PEM) to trust.
const CA_VARIABLE: &str = "REHEARSE_CA_FILE";
/// Everything but an advance, which has a limit of its own, answers long before.
const IN_ALL: Duration = Duration::from_secs(120);

/// A client with limits.
pub fn client() -> anyhow::Result<Client> {
    build(builder())
}

/// A client for a broker that serves from `data_dir`, perhaps with TLS: it trusts the development CA that lies there,
/// and what the file in [`CA_VARIABLE`] holds, besides the usual certificates.
pub fn client_for(data_dir: &Path) -> anyhow::Result<Client> {
    let mut builder = builder();
    let own = Some(certificate_file(data_dir)).filter(|path| path.exists());
    for path in std::env::var_os(CA_VARIABLE).map(PathBuf::from).into_iter().chain(own) {
        let unreadable = || words::tell("unreadable", &[("file", &path.display().to_string())]);
        let pem = read_roots(&path).with_context(unreadable)?;
        builder =
            builder.tls_certs_merge(Certificate::from_pem_bundle(&pem).with_context(unreadable)?);
    }
    build(builder)
}

/// The builder of such clients, for one more setting.
pub fn builder() -> ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT)
        .timeout(IN_ALL)
}

/// Builds it.
pub fn build(builder: ClientBuilder) -> anyhow::Result<Client> {
    builder.build().context(words::say("no-client"))
}

/// What went wrong on the way to `base`: nobody there, or the line broke.
pub fn unreachable(base: &str, error: reqwest::Error) -> anyhow::Error {
    if error.is_connect() {
        return anyhow!(words::tell("nothing-answers", &[("url", base)]));
    }
    anyhow::Error::new(error.without_url()).context(words::tell("call-failed", &[("url", base)]))
}

/// A base URL as text without the slash at its end, so that paths can be put behind it.
#[must_use]
pub fn base(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
