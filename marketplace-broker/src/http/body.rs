//! Reading bodies: a limit, then JSON with the path of what is wrong. Called by handlers.

use std::borrow::Cow;

use axum::{body::Body, extract::FromRequest, http::Request};
use serde::de::DeserializeOwned;

use crate::domain::refusal::Refusal;

/// Bytes of a body at most (architecture.md, Order of refusals).
pub const BODY_MAX: usize = 1024 * 1024;

/// A body, or that it was too long. Never rejects, so that the handler keeps the order of refusals.
pub struct ReadBody(pub Result<Vec<u8>, TooLong>);

/// The body was longer than [`BODY_MAX`], or did not arrive whole.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the body is longer than 1 MiB or did not arrive whole")]
pub struct TooLong;

impl<S: Send + Sync> FromRequest<S> for ReadBody {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, Self::Rejection> {
        let bytes = axum::body::to_bytes(request.into_body(), BODY_MAX).await;
        Ok(Self(bytes.map(Into::into).map_err(|_| TooLong)))
    }
}

/// Reads JSON; the refusal names the member that is wrong, or `body`.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let field: Cow<'static, str> =
            if path == "." { "body".into() } else { Cow::Owned(path.chars().take(200).collect()) };
        let reason: String = error.inner().to_string().chars().take(300).collect();
        Refusal::field(field, reason)
    })?;
    reader.end().map_err(|_| Refusal::field("body", "there is more after the JSON value"))?;
    Ok(value)
}
