//! GET /api/saas/subscriptions (fulfillment.md 1.4, C25 to C27).

use axum::{
    extract::{OriginalUri, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use shared::{
    fulfillment::{Detail, SubscriptionList},
    ids::SubscriptionId,
};
use uuid::Uuid;

use super::{
    location,
    problem::{API_VERSION, Problem},
    projection,
    shape::Shape,
};
use crate::{
    app::App,
    domain::refusal::Refusal,
    http::{extract::PublisherCaller, notes::Notes},
    queries,
};

/// Begins the continuation token of a page with subscriptions.
const FULL: u8 = 1;
/// Begins that of an empty page before it.
const EMPTY: u8 = 2;

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "continuationToken")]
    continuation_token: Option<String>,
}

/// Every subscription of the publisher, a page of 100 at a time
#[utoipa::path(
    get, path = "/api/saas/subscriptions", tag = "fulfillment",
    params(
        ("continuationToken" = Option<String>, Query, description = "From @nextLink"),
    ),
    responses(
        (status = 200, body = SubscriptionList),
        (status = 400, description = "The continuation token is not one of ours", body = Detail),
        (status = 403, description = "Not a publisher of this marketplace", body = String, content_type = "application/json"),
    )
)]
pub async fn list_subscriptions(
    State(app): State<App>,
    PublisherCaller(caller): PublisherCaller,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    notes: Notes,
) -> Response {
    let shape = Shape::of(&caller);
    let link = |after, kind| {
        let path = "/api/saas/subscriptions/";
        let token = token(after, kind);
        let query = format!("continuationToken={token}&api-version={API_VERSION}");
        location::absolute(&app, &headers, &format!("{path}?{query}"))
    };
    let listed = match after(&uri) {
        Ok(Some((after, EMPTY))) => {
            let next_link = Some(link(after, FULL));
            return shape.answer(&SubscriptionList { subscriptions: Vec::new(), next_link });
        }
        Ok(after) => {
            let after = after.map(|(after, _)| after);
            let page = (after, shape.page_size(after));
            queries::list_subscriptions(&app.store, &caller, page).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match listed {
        Ok(page) if page.is_all_and_empty && shape.empty_list_is_nothing() => {
            StatusCode::OK.into_response()
        }
        Ok(page) => {
            let kind = if shape.has_empty_pages() { EMPTY } else { FULL };
            let next = page.next_after.map(|after| link(after, kind));
            let shown = |stored| projection::subscription(stored, shape);
            shape.answer(&SubscriptionList {
                subscriptions: page.subscriptions.iter().map(shown).collect(),
                next_link: next.or_else(|| shape.last_next_link()),
            })
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Where the page begins, and of which kind it is; `None`: at the beginning.
fn after(uri: &axum::http::Uri) -> Result<Option<(SubscriptionId, u8)>, Refusal> {
    let wrong = || {
        let reason = "this is no continuation token; follow @nextLink as it is, or leave it out";
        Refusal::field("continuationToken", reason)
    };
    let Query(asked) = Query::<Asked>::try_from_uri(uri).map_err(|_| wrong())?;
    let Some(text) = asked.continuation_token else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let (kind, id) = bytes.split_first().ok_or_else(wrong)?;
    let id = Uuid::from_slice(id).map_err(|_| wrong())?;
    if [FULL, EMPTY].contains(kind) { Ok(Some((SubscriptionId(id), *kind))) } else { Err(wrong()) }
}

/// A continuation token: the last id of a page. Not a secret, and good for the caller's own list only.
fn token(after: SubscriptionId, kind: u8) -> String {
    let mut bytes = vec![kind];
    bytes.extend_from_slice(after.0.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}
