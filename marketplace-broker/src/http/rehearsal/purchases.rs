//! POST …/purchases: a partner or a customer buys.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use shared::{
    entropy::{self, Entropy, ordered_uuid, random_uuid},
    ids::{OrderId, SandboxId, SubscriptionId},
    purchase_token::PurchaseToken,
    rehearsal::{Problem as ProblemBody, Purchase as Wire, Purchased, SoldBy as WireSoldBy},
    secret::Secret,
};

use super::problem::Problem;
use crate::{
    app::App,
    commands::Purchase,
    domain::{purchase::Wish, refusal::Refusal, subscription::SoldBy},
    http::{
        body::{ReadBody, json},
        extract::OperatorIn,
        notes::Notes,
    },
};

/// Buy a plan for a customer
#[utoipa::path(
    post, path = "/rehearsal/v1/sandboxes/{sandbox}/purchases", tag = "rehearsal", request_body = Wire,
    params(("sandbox" = String, Path)),
    responses(
        (status = 201, body = Purchased), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, description = "No landing page", body = ProblemBody),
    )
)]
pub async fn purchase(
    State(app): State<App>,
    OperatorIn(sandbox): OperatorIn,
    notes: Notes,
    ReadBody(body): ReadBody,
) -> Response {
    let command = match body.and_then(|bytes| read(&app, sandbox, &bytes)) {
        Ok(command) => command,
        Err(refusal) => return Problem::from(refusal).noted(&notes),
    };
    match app.store.execute(command).await {
        Ok(linked) => {
            notes.subscription(linked.subscription.id);
            notes.token(linked.token.fingerprint());
            let purchased = Purchased {
                subscription_id: linked.subscription.id.to_string(),
                order_id: linked.subscription.order_id.to_string(),
                activation_link: activation_link(&linked.landing_page, &linked.token),
                authorization_code: Secret::new(linked.token.expose().to_owned()),
                token_expires_at: linked.expires_at.into(),
            };
            (StatusCode::CREATED, Json(purchased)).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

fn read(app: &App, sandbox: SandboxId, bytes: &[u8]) -> Result<Purchase, Refusal> {
    let asked: Wire = json(bytes)?;
    let entropy = app.entropy.as_ref();
    let no = |field, text: &str| {
        let shown: String = text.chars().take(60).collect();
        Refusal::field(field, format!("there is no {shown:?} here"))
    };
    let customer = asked.customer_id.map(|id| id.parse().map_err(|_| no("customerId", &id)));
    Ok(Purchase {
        sandbox,
        offer: asked.offer_id.parse().map_err(|_| no("offerId", &asked.offer_id))?,
        plan: asked.plan_id.parse().map_err(|_| no("planId", &asked.plan_id))?,
        customer: customer.transpose()?,
        wish: Wish {
            quantity: asked.quantity,
            term: asked.term.map(|term| term.parse()).transpose()?,
            billing_cycle: asked.billing_cycle.map(|cycle| cycle.parse()).transpose()?,
            auto_renew: asked.auto_renew.unwrap_or(true),
            sold_by: match asked.sold_by.unwrap_or_default() {
                WireSoldBy::Partner => SoldBy::Partner,
                WireSoldBy::Customer => SoldBy::Customer,
            },
            nickname: None,
            reseller_mpn: None,
            order_line: 0,
        },
        // Ordered: neighbours in time are neighbours in every index, so a batch touches few pages.
        subscription: SubscriptionId(ordered_uuid(entropy, app.clock.now())),
        order: order_id(entropy)?,
        ids: app.id_seed(),
        seed: entropy::seed(entropy),
        bundled_publisher: app.publisher_url.clone(),
    })
}

/// Thirty-three characters, opaque (partner-center.md 3.5).
fn order_id(entropy: &dyn Entropy) -> Result<OrderId, Refusal> {
    let text = format!("O{}", random_uuid(entropy).simple());
    text.parse().map_err(|_| Refusal::field("orderId", "no order id could be made"))
}

/// The landing page with the token, percent-encoded; query parameters it has are kept (fulfillment.md 1.14).
pub fn activation_link(landing_page: &str, token: &PurchaseToken) -> Secret<String> {
    let joint = if landing_page.contains('?') { '&' } else { '?' };
    let encoded = utf8_percent_encode(token.expose(), NON_ALPHANUMERIC);
    Secret::new(format!("{landing_page}{joint}token={encoded}"))
}
