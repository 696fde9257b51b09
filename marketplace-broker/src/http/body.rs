//! Reading bodies: a limit, then JSON with the path of what is wrong. Called by handlers.

use std::borrow::Cow;

use axum::{body::Body, extract::FromRequest, http::Request};
use serde::de::DeserializeOwned;

use crate::domain::refusal::Refusal;

/// Bytes of a body at most (architecture.md, Order of refusals).
pub const BODY_MAX: usize = 1024 * 1024;

/// A body, or that it was too long. Never rejects, so that the handler keeps the order of refusals.
pub struct ReadBody(pub Result<Vec<u8>, Refusal>);

impl<S: Send + Sync> FromRequest<S> for ReadBody {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, Self::Rejection> {
        let bytes = axum::body::to_bytes(request.into_body(), BODY_MAX).await;
        Ok(Self(bytes.map(Into::into).map_err(|_| Refusal::TooLong)))
    }
}

/// Reads a JSON object; the refusal names the member that is wrong, or `body`.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    // serde would take a list in place of an object, member by member.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Refusal::field("body", "this is no JSON object"));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let field: Cow<'static, str> = if matches!(path.as_str(), "." | "?") {
            "body".into()
        } else {
            Cow::Owned(path.chars().take(200).collect())
        };
        let reason: String = error.inner().to_string().chars().take(300).collect();
        Refusal::field(field, reason)
    })?;
    reader.end().map_err(|_| Refusal::field("body", "there is more after the JSON value"))?;
    Ok(value)
}
