//! What makes a request a repeat of another (partner-center.md 3.0, P58): the same MS-RequestId from the same app to the
//! same route with the same body. Called by handlers that make something.

use axum::http::{HeaderMap, Method, Uri};
use sha2::{Digest, Sha256};
use shared::headers::MS_REQUEST_ID;

use super::caller::PartnerCaller;
use crate::store::RequestKey;

/// Characters of a request's id at most; a longer one makes no repeat.
const REQUEST_ID_MAX: usize = 100;

/// The key of a request; `None`: its sender gave it no id.
pub fn request_key(
    caller: &PartnerCaller,
    (method, uri): (&Method, &Uri),
    headers: &HeaderMap,
    body: &[u8],
) -> Option<RequestKey> {
    let sent = headers.get(MS_REQUEST_ID)?.to_str().ok()?;
    let sent = Some(sent.trim()).filter(|id| (1..=REQUEST_ID_MAX).contains(&id.len()))?;
    let hash = Sha256::digest(body);
    Some(RequestKey {
        tenant: caller.partner.app.tenant_id,
        client: caller.client,
        route: format!("{method} {}", uri.path()),
        request_id: sent.to_ascii_lowercase(),
        body_hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}
