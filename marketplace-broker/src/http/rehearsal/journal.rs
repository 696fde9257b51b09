//! GET …/journal?after=: everything that happened, in order, a page at a time.

use axum::{
    Json,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::rehearsal::{Journal, Problem as ProblemBody};

use super::problem::Problem;
use crate::{
    app::App,
    domain::refusal::Refusal,
    http::{extract::OperatorIn, notes::Notes},
    queries,
};

/// The query.
#[derive(Debug, Deserialize)]
pub struct After {
    after: Option<String>,
}

/// Everything that happened, in order, after an entry
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes/{sandbox}/journal", tag = "rehearsal",
    params(("sandbox" = String, Path), ("after" = Option<i64>, Query, description = "The last sequence seen; 0 from the start")),
    responses(
        (status = 200, body = Journal), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
    )
)]
pub async fn get_journal(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
    query: Result<Query<After>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let sent = query.ok().and_then(|Query(query)| query.after);
    let after = match sent.as_deref().unwrap_or("0").parse::<i64>() {
        Ok(after) if after >= 0 => after,
        _ => {
            let refusal = Refusal::field("after", "a sequence is a whole number from 0 on");
            return Problem::from(refusal).noted(&notes);
        }
    };
    match queries::journal(&app.store, &sandbox, after).await {
        Ok(entries) => {
            let next = entries.last().map_or(after, |entry| entry.sequence);
            Json(Journal { entries, next }).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
