//! Profiles and quirks: the table, what is in force in a sandbox, and another choice.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::rehearsal::{
    Problem as ProblemBody, Quirk, QuirkTable, SandboxQuirks, SetProfile as WireProfile,
    SetQuirk as WireQuirk,
};

use super::problem::Problem;
use crate::{
    app::App,
    commands::{SetProfile, SetQuirk},
    domain::policy::Profile,
    http::{
        body::{ReadBody, json},
        extract::{Operator, OperatorIn, QuirkPath},
        notes::Notes,
    },
    queries, quirks,
};

/// The table of quirks: what there is to choose from, and what each profile chooses
#[utoipa::path(
    get, path = "/rehearsal/v1/quirks", tag = "rehearsal",
    responses((status = 200, body = QuirkTable), (status = 401, body = ProblemBody))
)]
pub async fn get_table(_: Operator) -> Response {
    Json(quirks::table()).into_response()
}

/// The table, with what is in force in a sandbox
#[utoipa::path(
    get, path = "/rehearsal/v1/sandboxes/{sandbox}/quirks", tag = "rehearsal",
    params(("sandbox" = String, Path)),
    responses((status = 200, body = SandboxQuirks), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub async fn get_quirks(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
) -> Response {
    match queries::policy(&app.store, &sandbox).await {
        Ok(policy) => Json(quirks::in_force(&policy)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Set a quirk beside the profile; null gives it back to the profile
#[utoipa::path(
    put, path = "/rehearsal/v1/sandboxes/{sandbox}/quirks/{quirk}", tag = "rehearsal", request_body = WireQuirk,
    params(("sandbox" = String, Path), ("quirk" = String, Path, description = "Its id")),
    responses(
        (status = 200, body = Quirk), (status = 400, description = "Not a value of it", body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
    )
)]
pub async fn set_quirk(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    QuirkPath(id): QuirkPath,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let value = body.and_then(|bytes| json::<WireQuirk>(&bytes)).map(|asked| asked.value);
    match app.store.execute(SetQuirk { sandbox, id, value }).await {
        Ok((row, policy)) => Json(quirks::quirk(row, Some(&policy))).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Give a sandbox another profile; quirks that were set stay set
#[utoipa::path(
    put, path = "/rehearsal/v1/sandboxes/{sandbox}/profile", tag = "rehearsal", request_body = WireProfile,
    params(("sandbox" = String, Path)),
    responses(
        (status = 200, body = SandboxQuirks), (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
    )
)]
pub async fn set_profile(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let asked = body.and_then(|bytes| json::<WireProfile>(&bytes));
    let profile = asked.and_then(|asked| Profile::named(&asked.profile));
    let set = match profile {
        Ok(profile) => app.store.execute(SetProfile { sandbox, profile }).await,
        Err(refusal) => Err(refusal.into()),
    };
    match set {
        Ok(policy) => Json(quirks::in_force(&policy)).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
