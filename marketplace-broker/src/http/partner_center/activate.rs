//! POST /v1/customers/{customerId}/subscriptions/{subscriptionId}/activate: in an integration sandbox the partner turns both
//! keys itself (partner-center.md 3.7, P26).

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use shared::partner_center::{Error, SandboxActivation};

use super::{
    customer_path::CustomerOf,
    order_path::{BoughtPath, bought_id},
    problem::Problem,
};
use crate::{
    app::App, commands::ActivateInSandbox, domain::access::Errand, http::notes::Notes,
    store::Failure,
};

/// Activate a subscription in an integration sandbox
#[utoipa::path(
    post, path = "/v1/customers/{customerId}/subscriptions/{subscriptionId}/activate", tag = "partner",
    params(("customerId" = String, Path), ("subscriptionId" = String, Path)),
    responses(
        (status = 200, body = SandboxActivation), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, body = Error),
    )
)]
pub async fn activate_in_sandbox(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    BoughtPath(sent): BoughtPath,
    notes: Notes,
) -> Response {
    let activated = async {
        caller.may(Errand::ActivateInSandbox)?;
        let subscription = bought_id(&sent)?;
        notes.subscription(subscription);
        let command = ActivateInSandbox {
            sandbox: caller.sandbox.clone(),
            partner: caller.partner.clone(),
            customer: customer.id,
            subscription,
            ids: app.id_seed(),
        };
        app.store.execute(command).await?;
        Ok::<_, Failure>(subscription)
    };
    match activated.await {
        Ok(id) => {
            let status = "Success".to_owned();
            Json(SandboxActivation { subscription_id: id.to_string(), status }).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
