//! Activation links: …/orders/{orderId}/lineitems/{lineItemNumber}/activationlinks, …/orders/{orderId}/activationlinks and
//! …/subscriptions/{subscriptionId}/activationlinks (partner-center.md 3.6; S22, P19). All of them show the same link.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use shared::{
    partner_center::{Collection, Error, OrderLineActivationLink, SecretLink},
    secret::Secret,
};

use super::{
    caller::PartnerCaller,
    collection::page,
    customer_path::CustomerOf,
    order_path::{BoughtPath, LinePath, OrderPath, bought_id},
    problem::Problem,
};
use crate::{
    app::App,
    domain::{
        access::Errand, activation_link::DUMMY, refusal::Refusal, subscription::Subscription,
    },
    http::{notes::Notes, rehearsal::purchases::activation_link},
    queries::{self, LinksAsked, ShownLink},
    store::Failure,
};

/// The activation link of a line of an order
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/orders/{orderId}/lineitems/{lineItemNumber}/activationlinks", tag = "partner",
    params(("customerId" = String, Path), ("orderId" = String, Path), ("lineItemNumber" = String, Path)),
    responses(
        (status = 200, body = Collection<OrderLineActivationLink>), (status = 400, body = Error),
        (status = 401, body = Error), (status = 403, body = Error), (status = 404, body = Error),
        (status = 409, description = "The publisher has no landing page", body = Error),
    )
)]
pub async fn links_of_line(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    OrderPath(order): OrderPath,
    LinePath(number): LinePath,
    notes: Notes,
    uri: Uri,
) -> Response {
    let bought = async {
        caller.may(Errand::ReadActivationLinks)?;
        let placed = queries::order(&app.store, &caller.sandbox, &customer, &order).await?;
        let line = placed.order.line(&number).map_err(Refusal::from)?.subscription_id;
        let bought = placed.subscriptions.into_iter().filter(|one| one.id == line);
        Ok::<Vec<_>, Failure>(bought.collect())
    };
    answer(&app, &caller, bought.await, (&notes, &uri)).await
}

/// The activation links of all lines of an order
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/orders/{orderId}/activationlinks", tag = "partner",
    params(("customerId" = String, Path), ("orderId" = String, Path)),
    responses(
        (status = 200, body = Collection<OrderLineActivationLink>), (status = 400, body = Error),
        (status = 401, body = Error), (status = 403, body = Error), (status = 404, body = Error),
        (status = 409, description = "A publisher has no landing page", body = Error),
    )
)]
pub async fn links_of_order(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    OrderPath(order): OrderPath,
    notes: Notes,
    uri: Uri,
) -> Response {
    let bought = async {
        caller.may(Errand::ReadActivationLinks)?;
        let placed = queries::order(&app.store, &caller.sandbox, &customer, &order).await?;
        Ok::<_, Failure>(placed.subscriptions)
    };
    answer(&app, &caller, bought.await, (&notes, &uri)).await
}

/// The activation link of a subscription
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/subscriptions/{subscriptionId}/activationlinks", tag = "partner",
    params(("customerId" = String, Path), ("subscriptionId" = String, Path)),
    responses(
        (status = 200, body = Collection<OrderLineActivationLink>), (status = 400, body = Error),
        (status = 401, body = Error), (status = 403, body = Error), (status = 404, body = Error),
        (status = 409, description = "The publisher has no landing page", body = Error),
    )
)]
pub async fn links_of_subscription(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    BoughtPath(sent): BoughtPath,
    notes: Notes,
    uri: Uri,
) -> Response {
    let bought = async {
        caller.may(Errand::ReadActivationLinks)?;
        let which = (customer.id, bought_id(&sent)?);
        let found = queries::subscription_of(&app.store, &caller.sandbox, which).await?;
        Ok::<_, Failure>(found.subscriptions)
    };
    answer(&app, &caller, bought.await, (&notes, &uri)).await
}

/// The links of what was found, which no cache may keep.
async fn answer(
    app: &App,
    caller: &PartnerCaller,
    bought: Result<Vec<Subscription>, Failure>,
    (notes, uri): (&Notes, &Uri),
) -> Response {
    let asked = LinksAsked {
        sandbox: &caller.sandbox,
        policy: &caller.policy,
        at: caller.clock.at(app.clock.now()),
        partner: &caller.partner,
        bundled: app.publisher_url.as_deref(),
    };
    let links = async {
        let bought = bought?;
        if let [one] = bought.as_slice() {
            notes.subscription(one.id);
        }
        queries::activation_links(&app.store, &asked, &bought).await
    };
    match links.await {
        Ok(links) => {
            if let [ShownLink { target: Some((_, token)), .. }] = links.as_slice() {
                notes.token(token.fingerprint());
            }
            let shown = links.into_iter().map(shown).collect();
            let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (no_store, Json(page(shown, uri, None))).into_response()
        }
        Err(failure) => Problem::from(failure).noted(notes),
    }
}

fn shown(link: ShownLink) -> OrderLineActivationLink {
    let uri = match &link.target {
        Some((page, token)) => activation_link(page, token),
        None => Secret::new(DUMMY.to_owned()),
    };
    OrderLineActivationLink { line_item_number: link.line, link: SecretLink::get(uri) }
}
