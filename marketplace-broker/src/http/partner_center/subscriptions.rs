//! Subscriptions of a customer (partner-center.md 3.8): all of them, one, and how far one is provisioned.

use axum::{
    Json,
    extract::{FromRequestParts, Query, State},
    http::{Uri, request::Parts},
    response::{IntoResponse, Response},
};
use shared::{
    ids::SubscriptionId,
    partner_center::{
        Collection, Error, Link, Subscription as Wire, SubscriptionProvisioningStatus,
    },
};

use super::{
    caller::PartnerCaller, collection::own_address, customer_path::CustomerOf, problem::Problem,
    subscription_view::Showcase,
};
use crate::{
    app::App,
    domain::{access::Errand, partner_refusal::PartnerRefusal, party::Customer, refusal::Refusal},
    http::{extract::path, notes::Notes},
    queries::{subscription_and_operation, subscription_of, subscriptions_of},
    store::{Failure, OfCustomer},
};

/// Subscriptions of one page at most, where a size is asked for.
const SIZE_MAX: i64 = 2_000;

/// The subscription in a path; malformed is as unknown (P7).
pub struct SubscriptionIn(pub SubscriptionId);

impl FromRequestParts<App> for SubscriptionIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
        let sent = path(parts, app, "subscriptionId").await;
        match sent.parse() {
            Ok(id) => {
                notes.subscription(id);
                Ok(Self(id))
            }
            Err(_) => Err(Problem::from(unknown(&sent)).noted(&notes)),
        }
    }
}

fn unknown(sent: &str) -> PartnerRefusal {
    PartnerRefusal::NoSubscription(sent.chars().take(60).collect())
}

/// What all subscriptions of an answer are shown by.
pub fn showcase<'a>(
    app: &'a App,
    caller: &'a PartnerCaller,
    customer: &'a Customer,
) -> Showcase<'a> {
    Showcase {
        customer,
        sandbox: &caller.sandbox,
        policy: &caller.policy,
        now: caller.clock.at(app.clock.now()),
        bundled: app.publisher_url.as_deref(),
    }
}

/// One subscription as it is now.
pub async fn shown(
    app: &App,
    caller: &PartnerCaller,
    customer: &Customer,
    id: SubscriptionId,
) -> Result<Wire, Failure> {
    let sold = subscription_of(&app.store, &caller.sandbox, (customer.id, id)).await?;
    let found = showcase(app, caller, customer).first(&sold);
    found.ok_or_else(|| Refusal::from(unknown(&id.to_string())).into())
}

/// What a list is asked for by.
#[derive(Debug, Default, PartialEq)]
struct Asked {
    order: Option<String>,
    reseller_mpn: Option<String>,
    offset: i64,
    size: Option<i64>,
    /// What the links of the next page say besides `offset` and `size`.
    others: Vec<(String, String)>,
}

fn asked(uri: &Uri) -> Result<Asked, Refusal> {
    let all = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let Query(all) = all.map_err(|_| Refusal::field("query", "it cannot be read"))?;
    let mut asked = Asked::default();
    for (name, value) in all {
        let number = |least: i64, most: i64| {
            let read = value.parse().ok().filter(|number| (least..=most).contains(number));
            let field = name.to_ascii_lowercase();
            read.ok_or_else(|| Refusal::field(field, format!("a number from {least} to {most}")))
        };
        match name.to_ascii_lowercase().as_str() {
            "offset" => asked.offset = number(0, i64::MAX)?,
            "size" => asked.size = Some(number(1, SIZE_MAX)?),
            "order_id" => asked.order = Some(value.clone()),
            "mpn_id" => asked.reseller_mpn = Some(value.clone()),
            _ => continue,
        }
        if !["offset", "size"].contains(&name.to_ascii_lowercase().as_str()) {
            asked.others.push((name, value));
        }
    }
    Ok(asked)
}

/// List the subscriptions of a customer
///
/// All at once, unless `size` is sent.
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/subscriptions", tag = "partner",
    operation_id = "list_customer_subscriptions",
    params(
        ("customerId" = String, Path),
        ("order_id" = Option<String>, Query, description = "Of this order only"),
        ("mpn_id" = Option<String>, Query, description = "Sold through this indirect reseller only"),
        ("offset" = Option<i64>, Query, description = "So many are passed over"),
        ("size" = Option<i64>, Query, description = "So many a page, 2,000 at most"),
    ),
    responses(
        (status = 200, body = Collection<Wire>),
        (status = 400, description = "A parameter that is none", body = Error),
        (status = 401, description = "No sound bearer", body = Error),
        (status = 403, description = "Another partner's customer", body = Error),
    )
)]
pub async fn list_subscriptions(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    notes: Notes,
    uri: Uri,
) -> Response {
    match list(&app, (&caller, &customer), &uri).await {
        Ok(page) => Json(page).into_response(),
        Err(problem) => problem.noted(&notes),
    }
}

async fn list(
    app: &App,
    (caller, customer): (&PartnerCaller, &Customer),
    uri: &Uri,
) -> Result<Collection<Wire>, Problem> {
    caller.may(Errand::ReadSubscriptions)?;
    let Asked { order, reseller_mpn, offset, size, others } = asked(uri)?;
    let wished = OfCustomer {
        order: order.as_deref(),
        reseller_mpn: reseller_mpn.as_deref(),
        offset,
        limit: size.map(|size| size + 1),
    };
    let mut sold = subscriptions_of(&app.store, &caller.sandbox, customer.id, wished).await?;
    let kept = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX);
    let more = sold.subscriptions.len() > kept;
    sold.subscriptions.truncate(kept);
    let own = own_address(uri);
    let next = size.filter(|_| more).map(|size| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(others);
        query.append_pair("offset", &(offset + size).to_string());
        query.append_pair("size", &size.to_string());
        let path = own.split('?').next().unwrap_or_default();
        Link::get(format!("{path}?{}", query.finish()))
    });
    let mut page = Collection::whole(showcase(app, caller, customer).all(&sold), own);
    page.links.next = next;
    Ok(page)
}

/// Get a subscription
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/subscriptions/{subscriptionId}", tag = "partner",
    operation_id = "get_customer_subscription",
    params(("customerId" = String, Path), ("subscriptionId" = String, Path)),
    responses(
        (status = 200, body = Wire),
        (status = 401, description = "No sound bearer", body = Error),
        (status = 403, description = "Another partner's customer", body = Error),
        (status = 404, description = "No such subscription of the customer", body = Error),
    )
)]
pub async fn get_subscription(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    SubscriptionIn(id): SubscriptionIn,
    notes: Notes,
) -> Response {
    let found = match caller.may(Errand::ReadSubscriptions) {
        Ok(()) => shown(&app, &caller, &customer, id).await,
        Err(refusal) => Err(refusal.into()),
    };
    match found {
        Ok(found) => Json(found).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// How far a subscription is provisioned
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/subscriptions/{subscriptionId}/provisioningstatus",
    tag = "partner",
    params(("customerId" = String, Path), ("subscriptionId" = String, Path)),
    responses(
        (status = 200, body = SubscriptionProvisioningStatus),
        (status = 401, description = "No sound bearer", body = Error),
        (status = 403, description = "Another partner's customer", body = Error),
        (status = 404, description = "No such subscription of the customer", body = Error),
    )
)]
pub async fn get_provisioning_status(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    SubscriptionIn(id): SubscriptionIn,
    notes: Notes,
) -> Response {
    match provisioning(&app, (&caller, &customer), id).await {
        Ok(status) => Json(status).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

async fn provisioning(
    app: &App,
    (caller, customer): (&PartnerCaller, &Customer),
    id: SubscriptionId,
) -> Result<SubscriptionProvisioningStatus, Failure> {
    caller.may(Errand::ReadSubscriptions)?;
    let which = (customer.id, id);
    let found = subscription_and_operation(&app.store, &caller.sandbox, which).await?;
    let status = showcase(app, caller, customer).provisioning(&found.0, found.1.as_ref());
    status.ok_or_else(|| Refusal::from(unknown(&id.to_string())).into())
}
