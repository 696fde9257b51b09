//! GET /v1/customers/{customerId}/profiles/company and /profiles/billing: who a customer is, who is billed and where
//! (partner-center.md 3.1, 3.2).

use axum::response::Response;
use shared::partner_center::{BillingProfile, CompanyProfile, Error};

use super::{
    customer_path::CustomerOf,
    customer_view::{billing_profile, whole},
    problem::answer,
};
use crate::{domain::access::Errand, http::notes::Notes, store::Failure};

/// Who a customer is. For a user who has signed in
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/profiles/company", tag = "partner", params(("customerId" = String, Path)),
    responses((status = 200, body = CompanyProfile), (status = 401, body = Error), (status = 403, body = Error))
)]
pub async fn get_company_profile(
    CustomerOf(caller, customer): CustomerOf,
    notes: Notes,
) -> Response {
    let read = caller.may(Errand::ReadProfile).map_err(Failure::from);
    answer(read.map(|()| whole(&customer).company_profile), &notes)
}

/// Who is billed, and where. For a user who has signed in
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/profiles/billing", tag = "partner", params(("customerId" = String, Path)),
    responses((status = 200, body = BillingProfile), (status = 401, body = Error), (status = 403, body = Error))
)]
pub async fn get_billing_profile(
    CustomerOf(caller, customer): CustomerOf,
    notes: Notes,
) -> Response {
    let read = caller.may(Errand::ReadProfile).map_err(Failure::from);
    answer(read.map(|()| billing_profile(&customer)), &notes)
}
