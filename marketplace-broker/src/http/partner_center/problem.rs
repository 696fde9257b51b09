//! Refusals of the partner face: status and number of each reason, from one table (partner-center.md 3.12, P60).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::partner_center::{Error, RateLimited};

use crate::{
    domain::{partner_refusal::PartnerRefusal, refusal::Refusal},
    http::notes::Notes,
    store::Failure,
};

/// Characters of a description at most.
const DESCRIPTION_MAX: usize = 1_024;

/// A refusal on its way to the wire.
#[derive(Debug)]
pub struct Problem(Failure);

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.into())
    }
}

impl From<PartnerRefusal> for Problem {
    fn from(refusal: PartnerRefusal) -> Self {
        Self(Refusal::from(refusal).into())
    }
}

/// What was found, or why not.
pub fn answer<T: Serialize>(found: Result<T, Failure>, notes: &Notes) -> Response {
    match found {
        Ok(found) => Json(found).into_response(),
        Err(failure) => Problem::from(failure).noted(notes),
    }
}

impl Problem {
    /// Notes the reason for log and journal, and answers.
    pub fn noted(self, notes: &Notes) -> Response {
        notes.refusal(&self.0);
        self.into_answer()
    }

    /// The answer.
    pub fn into_answer(self) -> Response {
        match self.0 {
            Failure::Refused(Refusal::Partner(PartnerRefusal::TooMany { seconds })) => {
                too_many(seconds)
            }
            Failure::Refused(refusal) => {
                let (status, code) = row(&refusal);
                error(status, code, &refusal.to_string())
            }
            failure if failure.is_unavailable() => {
                let said = "the broker is busy or its database is out of reach: call again";
                let mut response = error(503, 800_003, said);
                let soon = HeaderValue::from_static("1");
                response.headers_mut().insert(header::RETRY_AFTER, soon);
                response
            }
            _ => error(500, 800_003, "the broker failed; see its log"),
        }
    }
}

/// Status and number of a refusal.
fn row(refusal: &Refusal) -> (u16, u32) {
    match refusal {
        Refusal::Partner(refusal) => partner_row(refusal),
        Refusal::Unknown { what: "Subscription", .. } => (404, 20_003),
        Refusal::Unknown { .. } => (404, 1_000),
        Refusal::NotYours => (403, 20_002),
        Refusal::TooLong => (413, 800_002),
        Refusal::Field { .. }
        | Refusal::BadValue { .. }
        | Refusal::NothingAsked
        | Refusal::NotInCatalog(_) => (400, 800_002),
        Refusal::Impossible { field: "quantity", .. } => (400, 2_002),
        Refusal::Impossible { .. } => (400, 800_002),
        Refusal::OperationOpen { .. } => (409, 900_278),
        Refusal::Suspended => (400, 800_091),
        Refusal::Ended => (400, 2_011),
        Refusal::NotActive => (400, 800_081),
        Refusal::AlreadyActivated => (400, 800_041),
        Refusal::WrongState { .. } => (400, 800_040),
        Refusal::NotReady(_) => (409, 800_082),
        Refusal::Limit(_) => (400, 900_311),
        Refusal::OwnOperation
        | Refusal::OperationEnded
        | Refusal::NotAllowed { .. }
        | Refusal::NotNow { .. } => (400, 900_280),
        Refusal::Exists { .. } => (409, 800_060),
    }
}

/// The number of a refusal, where it is told inside an answer.
pub fn code(refusal: &PartnerRefusal) -> u32 {
    partner_row(refusal).1
}

fn partner_row(refusal: &PartnerRefusal) -> (u16, u32) {
    use PartnerRefusal as P;
    match refusal {
        P::NoBearer => (401, 400),
        P::BadBearer => (401, 800_001),
        P::NoRole { .. } => (403, 900_150),
        P::UserNeeded { .. } => (403, 900_329),
        P::MfaNeeded => (401, 900_421),
        P::TooMany { .. } => (429, 429),
        P::ForeignCustomer(_) => (403, 20_002),
        P::ResellerOrders(_) => (403, 900_308),
        P::NoCustomerAgreement => (403, 13_605),
        P::NoPartnerAgreement => (403, 900_124),
        P::RegistrationMissing(_) => (400, 600_049),
        P::RegistrationMalformed { .. } => (400, 600_050),
        P::PhoneMissing(_) => (400, 600_051),
        P::RegistrationNotWanted(_) => (400, 600_002),
        P::TooManyCustomers(_) => (400, 800_018),
        P::ResellerCreates(_) => (403, 900_308),
        P::CustomerHasSubscriptions(_) => (400, 800_002),
        P::RemovedInProduction => (400, 900_127),
        P::NoProduct(_) => (404, 400_013),
        P::NoSku(_) => (404, 400_018),
        P::NoAvailability(_) => (404, 400_019),
        P::NoSegment(_) => (403, 400_030),
        P::NoView(_) => (403, 400_036),
        P::NoMarket(_) | P::NotInCountry(_) => (400, 800_070),
        P::WrongCurrency { .. } => (400, 900_169),
        P::NoCart(_) => (404, 800_008),
        P::CartErrors(_) | P::CartExpired(_) => (400, 800_009),
        P::CartOrdered(_) => (400, 800_065),
        P::NoAttestation => (400, 900_206),
        P::NotEligible(_) => (403, 800_020),
        P::OfferGone => (403, 2_091),
        P::TooManySubscriptions(_) => (403, 800_066),
        P::TooManyLicenses(_) => (403, 800_067),
        P::NoOrder(_) => (404, 20_000),
        P::NoLine { .. } => (400, 800_071),
        P::NoLinkAfterEnd => (400, 800_040),
        P::NotThroughOrder => (403, 800_077),
        P::OrderEnded => (400, 800_061),
        P::NotInProduction => (400, 900_127),
        P::ActivatedBefore => (400, 800_041),
        P::NoSubscription(_) => (404, 20_003),
        P::Deleted => (400, 2_011),
        P::NotActivated => (400, 800_081),
        P::Expiring => (400, 900_277),
        P::QuantityWhileSuspended => (400, 2_001),
        P::Pending { .. } => (409, 900_278),
        P::StaleEtag => (400, 2_055),
        P::BadTransition { .. } => (400, 800_040),
        P::WindowPassed { .. } | P::PaymentsDue(_) => (400, 900_213),
        P::DaysPassed { .. } => (400, 900_117),
        P::OutsideLimits { .. } => (400, 2_002),
        P::FlatRate => (400, 800_095),
        P::NotRenewable(_) => (400, 800_093),
        P::BillingCycle => (400, 2_054),
        P::PublisherStep { .. } => (400, 900_280),
        P::NoReseller(_) => (404, 800_015),
        P::NotAReseller(_) => (400, 800_016),
        P::OwnId(_) => (404, 2_072),
        P::ResellerUnsigned(_) => (403, 900_123),
        P::NoResellerHere => (400, 800_098),
        P::NoTenant(_) => (404, 60_003),
        P::NoPartner(_) => (404, 3_000),
    }
}

/// A refusal in the face's form. Codes are numbers (Q11).
fn error(status: u16, code: u32, description: &str) -> Response {
    let body = Error {
        code,
        description: description.chars().take(DESCRIPTION_MAX).collect(),
        data: Vec::new(),
        source: "PartnerFD".to_owned(),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(body)).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// The other form (3.0).
fn too_many(seconds: u64) -> Response {
    let message = format!("Rate limit is exceeded. Try again in {seconds} seconds.");
    let body = RateLimited { status_code: 429, message };
    let mut response = (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
