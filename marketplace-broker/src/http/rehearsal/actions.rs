//! POST …/actions: what a customer or the marketplace does to a subscription.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shared::{
    entropy::ordered_uuid,
    ids::{OperationId, SandboxId, SubscriptionId},
    rehearsal::{Act, Acted, Action, PaymentFails, Problem as ProblemBody},
};

use super::problem::Problem;
use crate::{
    app::App,
    commands::{self, ChangeSubscription, Deed},
    domain::{change::Wish, refusal::Refusal},
    http::{
        body::{ReadBody, json},
        extract::{OperatorIn, SubscriptionOf},
        notes::Notes,
    },
    store::Failure,
};

/// Let something happen to a subscription
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/subscriptions/{subscriptionId}/actions", tag = "rehearsal",
    params(("sandbox" = String, Path), ("subscriptionId" = String, Path)), request_body = Act,
    responses(
        (status = 202, body = Acted), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, description = "Not in this state", body = ProblemBody),
    )
)]
pub async fn act(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    SubscriptionOf(subscription): SubscriptionOf,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let done = match body.and_then(|bytes| json::<Act>(&bytes)).and_then(|asked| read(&asked)) {
        Ok(Asked::Change(wish)) => change(&app, sandbox, subscription, wish).await,
        Ok(Asked::Deed(deed)) => {
            let command = commands::Act { sandbox, subscription, deed, ids: app.id_seed() };
            app.store.execute(command).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Ok(operation) => {
            let acted = Acted { operation_id: operation.map(|id| id.to_string()) };
            (StatusCode::ACCEPTED, Json(acted)).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

async fn change(
    app: &App,
    sandbox: SandboxId,
    subscription: SubscriptionId,
    wish: Wish,
) -> Result<Option<OperationId>, Failure> {
    let operation = OperationId(ordered_uuid(app.entropy.as_ref(), app.clock.now()));
    let command = ChangeSubscription {
        sandbox,
        publisher: None,
        subscription,
        wish: Ok(wish),
        operation,
        ids: app.id_seed(),
    };
    app.store.execute(command).await?;
    Ok(Some(operation))
}

/// What is asked for.
enum Asked {
    Change(Wish),
    Deed(Deed),
}

/// Reads which action it is; each takes its own members and no others.
fn read(asked: &Act) -> Result<Asked, Refusal> {
    let Act { action, plan_id, quantity, when } = asked;
    let is_change = matches!(action, Action::ChangePlan | Action::ChangeQuantity);
    let superfluous = [
        ("planId", plan_id.is_some() && *action != Action::ChangePlan),
        ("quantity", quantity.is_some() && *action != Action::ChangeQuantity),
        ("when", when.is_some() && *action != Action::FailPayment),
    ];
    if let Some((field, _)) = superfluous.into_iter().find(|(_, is)| *is) {
        return Err(Refusal::field(field, "this action does not take it; leave it out"));
    }
    if is_change && plan_id.is_none() && quantity.is_none() {
        let field = if *action == Action::ChangePlan { "planId" } else { "quantity" };
        return Err(Refusal::field(field, "this action needs it: say to what"));
    }
    Ok(match action {
        Action::ChangePlan | Action::ChangeQuantity => {
            let unknown = |_| Refusal::field("planId", "there is no such plan");
            let plan = plan_id.as_ref().map(|id| id.parse().map_err(unknown)).transpose()?;
            Asked::Change(Wish::of(plan, *quantity)?)
        }
        Action::Suspend => Asked::Deed(Deed::Suspend),
        Action::Reinstate => Asked::Deed(Deed::Reinstate),
        Action::Renew => Asked::Deed(Deed::Renew),
        Action::Unsubscribe => Asked::Deed(Deed::Unsubscribe),
        Action::FailPayment => Asked::Deed(match when.unwrap_or_default() {
            PaymentFails::Now => Deed::FailPayment,
            PaymentFails::TermEnd => Deed::FailNextPayment,
        }),
    })
}
