//! GET /v1/customers, /v1/customers/{customerId}: a partner's customers; POST makes one, DELETE lets one of an integration
//! sandbox go.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    entropy::{Entropy, ordered_uuid, random_uuid},
    ids::CustomerId,
    partner_center::{Collection, Customer as Wire, Error},
    secret::Secret,
};

use super::{
    caller::PartnerCaller,
    collection::{continuation, page, place_after},
    customer_body,
    customer_path::CustomerOf,
    customer_view::{brief, created, whole},
    params::Params,
    problem::Problem,
    reading,
    request_key::request_key,
};
use crate::{
    app::App,
    commands::{CreateCustomer, Once, RemoveCustomer},
    domain::{access::Errand, refusal::Refusal},
    http::{body::ReadBody, notes::Notes},
    queries::{self, CustomerField, CustomerFilter, CustomersAsked},
};

/// Customers of a page, unless its request says how many.
const PAGE: usize = 40;
/// Customers of a page at most.
const PAGE_MAX: usize = 500;
/// Customers that a request may skip.
const OFFSET_MAX: usize = 1_000_000;

/// The caller's customers, a page at a time
#[utoipa::path(
    get, path = "/v1/customers", tag = "partner",
    params(
        ("size" = Option<usize>, Query, description = "1 to 500; 40 if absent, 0: all"),
        ("offset" = Option<usize>, Query, description = "How many to skip"),
        ("seekOperation" = Option<String>, Query, description = "Next, with the header MS-ContinuationToken"),
        ("filter" = Option<String>, Query, description = "{\"Field\":\"CompanyName\",\"Value\":\"con\",\"Operator\":\"starts_with\"}"),
    ),
    responses(
        (status = 200, body = Collection<Wire>), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error),
    )
)]
pub async fn list_customers(
    State(app): State<App>,
    caller: PartnerCaller,
    notes: Notes,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let found = async {
        caller.may(Errand::ReadCustomers)?;
        let asked = asked(&uri, &headers)?;
        queries::customers_of(&app.store, &caller.sandbox, &caller.partner, asked).await
    };
    match found.await {
        Ok(found) => {
            let next = found.next_after.map(|place| place.to_string());
            let customers = found.customers.iter().map(brief).collect();
            Json(page(customers, &uri, next)).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// Which customers are asked for.
fn asked(uri: &Uri, headers: &HeaderMap) -> Result<CustomersAsked, Refusal> {
    let params = Params::of(uri)?;
    let size = match params.number("size", PAGE_MAX)? {
        Some(0) => None,
        size => Some(size.unwrap_or(PAGE)),
    };
    let after = place_after(continuation(headers))?;
    // What a token names was counted from the start already.
    let offset = if after.is_some() { None } else { params.number("offset", OFFSET_MAX)? };
    let filter = params.get("filter").map(read_filter).transpose()?;
    Ok(CustomersAsked { after: after.unwrap_or(-1), skip: offset.unwrap_or(0), size, filter })
}

#[derive(Deserialize)]
struct SentFilter {
    field: Option<String>,
    value: Option<String>,
    operator: Option<String>,
}

fn read_filter(text: &str) -> Result<CustomerFilter, Refusal> {
    let sent: SentFilter = reading::json(text.as_bytes(), &[])
        .map_err(|refusal| Refusal::field("filter", refusal.to_string()))?;
    let word = |word: &Option<String>| reading::word(word.as_deref().unwrap_or_default());
    if word(&sent.operator) != "startswith" {
        return Err(Refusal::field("filter.Operator", "send starts_with"));
    }
    let field = match word(&sent.field).as_str() {
        "companyname" => CustomerField::CompanyName,
        "domain" => CustomerField::Domain,
        "indirectreseller" => CustomerField::IndirectReseller,
        "indirectcloudsolutionprovider" => CustomerField::IndirectProvider,
        _ => {
            let reason =
                "send CompanyName, Domain, IndirectReseller or IndirectCloudSolutionProvider";
            return Err(Refusal::field("filter.Field", reason));
        }
    };
    let value =
        sent.value.ok_or_else(|| Refusal::field("filter.Value", "send what to look for"))?;
    Ok(CustomerFilter { field, starts_with: value })
}

/// One customer
#[utoipa::path(
    get, path = "/v1/customers/{customerId}", tag = "partner", params(("customerId" = String, Path)),
    responses((status = 200, body = Wire), (status = 401, body = Error), (status = 403, body = Error))
)]
pub async fn get_customer(CustomerOf(caller, customer): CustomerOf, notes: Notes) -> Response {
    match caller.may(Errand::ReadCustomers) {
        Ok(()) => Json(whole(&customer)).into_response(),
        Err(refusal) => Problem::from(refusal).noted(&notes),
    }
}

/// Make a customer. The answer has its administrator's password, once
#[utoipa::path(
    post, path = "/v1/customers", tag = "partner", request_body = Wire,
    responses(
        (status = 201, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error), (status = 404, description = "Reseller unknown", body = Error),
        (status = 409, description = "The domain is taken", body = Error),
    )
)]
pub async fn create_customer(
    State(app): State<App>,
    caller: PartnerCaller,
    notes: Notes,
    (method, uri, headers): (Method, Uri, HeaderMap),
    ReadBody(body): ReadBody,
) -> Response {
    let made = async {
        caller.may(Errand::CreateCustomer)?;
        let body = body?;
        let new = customer_body::read(&body)?;
        if new.reseller_mpn.is_some() {
            caller.may(Errand::CreateResellersCustomer)?;
        }
        let command = CreateCustomer {
            sandbox: caller.sandbox.clone(),
            partner: caller.partner.id.clone(),
            new,
            id: CustomerId(ordered_uuid(app.entropy.as_ref(), app.clock.now())),
            admin: random_uuid(app.entropy.as_ref()),
        };
        let key = request_key(&caller, (&method, &uri), &headers, &body);
        app.store.execute(Once { command, key }).await
    };
    match made.await {
        Ok(made) => {
            let password = made.first.then(|| password(app.entropy.as_ref()));
            (StatusCode::CREATED, Json(created(&made.customer, password))).into_response()
        }
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

/// A first password. It is told once and kept nowhere: accounts of a rehearsal have none to compare it with.
fn password(entropy: &dyn Entropy) -> Secret<String> {
    const LETTERS: &[u8; 64] = b"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_.!+=?";
    let mut drawn = [0; 20];
    entropy.fill(&mut drawn);
    let letters = drawn.iter().map(|byte| char::from(LETTERS[usize::from(byte % 64)]));
    Secret::new(letters.collect())
}

/// Let a customer of an integration sandbox go
#[utoipa::path(
    delete, path = "/v1/customers/{customerId}", tag = "partner", params(("customerId" = String, Path)),
    responses(
        (status = 204), (status = 400, description = "A production account, or something is sold to it", body = Error),
        (status = 401, body = Error), (status = 403, body = Error),
    )
)]
pub async fn delete_customer(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    notes: Notes,
) -> Response {
    let removed = async {
        caller.may(Errand::DeleteCustomer)?;
        let command = RemoveCustomer {
            sandbox: caller.sandbox.clone(),
            partner: caller.partner.clone(),
            customer: customer.id,
        };
        app.store.execute(command).await
    };
    match removed.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}
