//! One HTTP exchange with the marketplace: its limits, what may go wrong, and the answer read up to a limit.
//! Called by `marketplace`.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Certificate, Client, RequestBuilder, redirect};
use serde::de::DeserializeOwned;
use shared::{clock::Instant, fulfillment::Detail, headers::REHEARSE_NOW, rehearsal::Problem};

const CONNECT: Duration = Duration::from_secs(3);
const TOTAL: Duration = Duration::from_secs(10);

/// The longest text of the marketplace that is kept, in characters.
const MESSAGE_MAX: usize = 500;

/// Why a call gave nothing to go on with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The marketplace knows no such sandbox.
    #[error("the marketplace knows no sandbox of this name")]
    UnknownSandbox,
    /// The sandbox has no such publisher.
    #[error("the sandbox has no publisher of this name")]
    UnknownPublisher,
    /// No answer, or none that makes sense, or "not now": the same call may work later.
    #[error("{what}")]
    Unreachable {
        /// What happened.
        what: String,
        /// The least pause the marketplace asked for.
        retry_after: Option<SignedDuration>,
    },
    /// A definite no.
    #[error("{message} ({status})")]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// In the marketplace's words.
        message: String,
    },
}

impl Trouble {
    /// The marketplace could not be reached or understood.
    pub(super) fn unreachable(what: impl Into<String>) -> Self {
        Self::Unreachable { what: what.into(), retry_after: None }
    }

    /// The same, and it is not asked again before a pause.
    pub(super) fn unreachable_for(what: impl Into<String>, pause: SignedDuration) -> Self {
        Self::Unreachable { what: what.into(), retry_after: Some(pause) }
    }
}

/// An answer with a status of success.
#[derive(Debug)]
pub(super) struct Answer {
    now: Option<Timestamp>,
    body: Vec<u8>,
}

impl Answer {
    /// The sandbox's time at the answer.
    pub(super) fn now(&self) -> Result<Timestamp, Trouble> {
        self.now.ok_or_else(|| Trouble::unreachable("the answer carries no x-rehearse-now"))
    }

    /// The body. What is wrong with it is told by its place, never by its content, which may be a secret.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let place = format!("line {} column {}", error.line(), error.column());
            Trouble::unreachable(format!("the answer cannot be read at {place}"))
        })
    }
}

/// A client that follows no redirect and no proxy, does not wait for ever, and trusts `roots` besides the usual
/// certificates.
pub(super) fn client(roots: Vec<Certificate>) -> Result<Client, reqwest::Error> {
    Client::builder()
        .tls_certs_merge(roots)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .user_agent("isv-publisher-sim")
        .build()
}

/// Sends a request and reads at most `limit` bytes of the answer; what is no success is trouble.
pub(super) async fn send(request: RequestBuilder, limit: usize) -> Result<Answer, Trouble> {
    let (status, headers, body) = read(request, limit).await?;
    if status.is_success() {
        return Ok(Answer { now: rehearse_now(&headers), body });
    }
    Err(trouble(status, &headers, &body))
}

/// The same; a 4xx whose body is an `E` is a definite answer, too.
pub(super) async fn send_or<E: DeserializeOwned>(
    request: RequestBuilder,
    limit: usize,
) -> Result<Result<Answer, E>, Trouble> {
    let (status, headers, body) = read(request, limit).await?;
    if status.is_success() {
        return Ok(Ok(Answer { now: rehearse_now(&headers), body }));
    }
    match serde_json::from_slice(&body) {
        Ok(refusal) if is_final(status) => Ok(Err(refusal)),
        _ => Err(trouble(status, &headers, &body)),
    }
}

async fn read(
    request: RequestBuilder,
    limit: usize,
) -> Result<(StatusCode, HeaderMap, Vec<u8>), Trouble> {
    let mut response = request.send().await.map_err(no_answer)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
        if body.len() + chunk.len() > limit {
            return Err(Trouble::unreachable(format!("the answer is longer than {limit} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, headers, body))
}

/// Whether the same call would be answered the same again.
fn is_final(status: StatusCode) -> bool {
    let passing = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    status.is_client_error() && !passing
}

fn trouble(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Trouble {
    let message = message(status, body);
    if is_final(status) {
        Trouble::Refused { status, message }
    } else {
        let what = format!("{message} ({status})");
        Trouble::Unreachable { what, retry_after: retry_after(headers) }
    }
}

/// The address is left out: the text may be shown on a page.
fn no_answer(error: reqwest::Error) -> Trouble {
    let error = error.without_url();
    let what = if error.is_timeout() {
        "it did not answer in time".to_owned()
    } else if error.is_connect() {
        "it cannot be reached".to_owned()
    } else {
        error.to_string()
    };
    Trouble::unreachable(what)
}

fn rehearse_now(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(REHEARSE_NOW)?.to_str().ok()?;
    text.parse::<Instant>().ok().map(|instant| instant.0)
}

fn retry_after(headers: &HeaderMap) -> Option<SignedDuration> {
    let seconds: i64 = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(SignedDuration::from_secs(seconds.clamp(0, 3600)))
}

/// What the marketplace says: E3, the bare JSON string of E1, a problem of the control API, or else the status.
fn message(status: StatusCode, body: &[u8]) -> String {
    let text = serde_json::from_slice::<Detail>(body)
        .map(|detail| detail.message)
        .or_else(|_| serde_json::from_slice::<String>(body))
        .or_else(|_| serde_json::from_slice::<Problem>(body).map(|problem| problem.detail))
        .unwrap_or_else(|_| status.canonical_reason().unwrap_or("an unknown status").to_owned());
    text.chars().take(MESSAGE_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marketplace_is_quoted_in_each_of_its_error_bodies() {
        for (body, said) in [
            (
                r#"{"message":"The token has expired.","code":"InvalidValue"}"#,
                "The token has expired.",
            ),
            (r#""The token is missing.""#, "The token is missing."),
            (r#"{"type":"about:blank","title":"t","status":404,"detail":"no such"}"#, "no such"),
            ("<html>", "Not Found"),
        ] {
            assert_eq!(message(StatusCode::NOT_FOUND, body.as_bytes()), said);
        }
    }
}
