//! The HTTP client of this crate: limits, no proxy, no redirects of its own accord, and errors that name no URL,
//! because a URL may carry a purchase token. Called by every client here.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use reqwest::{Client, ClientBuilder, redirect};
use url::Url;

use crate::words;

const CONNECT: Duration = Duration::from_secs(3);
/// Everything but an advance, which has a limit of its own, answers long before.
const IN_ALL: Duration = Duration::from_secs(120);

/// A client with limits.
pub fn client() -> anyhow::Result<Client> {
    build(builder())
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
