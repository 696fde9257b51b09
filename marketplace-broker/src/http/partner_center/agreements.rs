//! GET /v1/agreements: what customers can agree to. /v1/customers/{customerId}/agreements: what one has agreed to, as its
//! partner confirms it (partner-center.md 2.8, 3.10).

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::Deserialize;
use shared::partner_center::{
    Agreement as Wire, AgreementMetadata, Collection, Contact as WireContact, Error,
};

use super::{
    caller::PartnerCaller,
    collection::own_address,
    customer_path::CustomerOf,
    params::Params,
    problem::{Problem, answer},
    reading,
    request_key::request_key,
};
use crate::{
    app::App,
    commands::{ConfirmAgreement, Once},
    domain::{
        access::Errand,
        agreement::{
            Acceptance, Agreement, CUSTOMER_AGREEMENT, CUSTOMER_AGREEMENT_LINK,
            CUSTOMER_AGREEMENT_TEMPLATE, Contact,
        },
        refusal::Refusal,
    },
    http::{body::ReadBody, notes::Notes},
    queries,
    store::Failure,
};

/// What customers can agree to
#[utoipa::path(
    get, path = "/v1/agreements", tag = "partner",
    params(("agreementType" = Option<String>, Query, description = "MicrosoftCustomerAgreement, which is all there is; * for all")),
    responses((status = 200, body = Collection<AgreementMetadata>), (status = 401, body = Error), (status = 403, body = Error))
)]
pub async fn list_agreement_metadata(caller: PartnerCaller, notes: Notes, uri: Uri) -> Response {
    let found = || {
        caller.may(Errand::ReadAgreementTemplates)?;
        let known = is_asked_for(&Params::of(&uri)?, CUSTOMER_AGREEMENT);
        let items = known.then(|| AgreementMetadata {
            template_id: CUSTOMER_AGREEMENT_TEMPLATE.to_owned(),
            agreement_type: CUSTOMER_AGREEMENT.to_owned(),
            agreement_link: CUSTOMER_AGREEMENT_LINK.to_owned(),
            version_rank: 0,
        });
        Ok::<_, Failure>(Collection::whole(items.into_iter().collect(), own_address(&uri)))
    };
    answer(found(), &notes)
}

/// Whether a kind of agreement is asked for; without a word, the customer's own is.
fn is_asked_for(params: &Params, kind: &str) -> bool {
    let sent = params.get("agreementType").unwrap_or(CUSTOMER_AGREEMENT);
    sent == "*" || sent.eq_ignore_ascii_case(kind)
}

/// What a customer has agreed to, oldest first. For a user who has signed in
#[utoipa::path(
    get, path = "/v1/customers/{customerId}/agreements", tag = "partner",
    params(
        ("customerId" = String, Path),
        ("agreementType" = Option<String>, Query, description = "MicrosoftCustomerAgreement if absent; * for all"),
    ),
    responses((status = 200, body = Collection<Wire>), (status = 401, body = Error), (status = 403, body = Error))
)]
pub async fn list_agreements(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    notes: Notes,
    uri: Uri,
) -> Response {
    let found = async {
        caller.may(Errand::ReadAgreements)?;
        let params = Params::of(&uri)?;
        let found = queries::agreements(&app.store, &caller.sandbox, customer.id).await?;
        let asked = found.iter().filter(|one| is_asked_for(&params, &one.kind));
        Ok::<_, Failure>(Collection::whole(asked.map(wire).collect(), own_address(&uri)))
    };
    answer(found.await, &notes)
}

/// Confirm that a customer has agreed. For a user who has signed in; several times, if somebody does: it is a history, in
/// which the same request (`MS-RequestId`) stands once
#[utoipa::path(
    post, path = "/v1/customers/{customerId}/agreements", tag = "partner", params(("customerId" = String, Path)),
    request_body = Wire,
    responses(
        (status = 201, body = Wire), (status = 400, body = Error), (status = 401, body = Error),
        (status = 403, body = Error),
    )
)]
pub async fn confirm_agreement(
    State(app): State<App>,
    CustomerOf(caller, customer): CustomerOf,
    notes: Notes,
    (method, uri, headers): (Method, Uri, HeaderMap),
    ReadBody(body): ReadBody,
) -> Response {
    let confirmed = async {
        caller.may(Errand::ConfirmAgreement)?;
        let body = body?;
        let acceptance = read(&body)?;
        let user = caller.user.as_ref().map(|user| user.object_id.to_string());
        let command = ConfirmAgreement {
            sandbox: caller.sandbox.clone(),
            customer: customer.id,
            acceptance,
            confirmed_by: user.unwrap_or_default(),
        };
        let key = request_key(&caller, (&method, &uri), &headers, &body);
        app.store.execute(Once { command, key }).await
    };
    match confirmed.await {
        Ok(agreement) => (StatusCode::CREATED, Json(wire(&agreement))).into_response(),
        Err(failure) => Problem::from(failure).noted(&notes),
    }
}

#[derive(Deserialize)]
struct Sent {
    primarycontact: Option<SentContact>,
    templateid: Option<String>,
    dateagreed: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Default, Deserialize)]
struct SentContact {
    firstname: Option<String>,
    lastname: Option<String>,
    email: Option<String>,
    phonenumber: Option<String>,
}

fn read(bytes: &[u8]) -> Result<Acceptance, Refusal> {
    let sent: Sent = reading::json(bytes, &[])?;
    let contact = sent.primarycontact.unwrap_or_default();
    let template = sent.templateid.filter(|id| !id.is_empty());
    Ok(Acceptance {
        kind: sent.kind.unwrap_or_default(),
        template_id: template,
        agreed_at: instant(sent.dateagreed.as_deref().unwrap_or_default())?,
        contact: Contact {
            first_name: contact.firstname.unwrap_or_default(),
            last_name: contact.lastname.unwrap_or_default(),
            email: contact.email.unwrap_or_default(),
            phone: contact.phonenumber.filter(|phone| !phone.is_empty()),
        },
    })
}

/// An instant as clients write one: with a zone, or without, which is UTC; also a day alone.
fn instant(text: &str) -> Result<Timestamp, Refusal> {
    let zoned = text.parse::<Timestamp>().ok();
    let plain = || {
        let read: DateTime = text.parse().ok()?;
        Some(read.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    zoned.or_else(plain).ok_or_else(|| {
        Refusal::field("dateAgreed", "send when the customer agreed, such as 2027-01-31T09:00:00Z")
    })
}

fn wire(agreement: &Agreement) -> Wire {
    let confirmed_by = Some(agreement.confirmed_by.clone()).filter(|user| !user.is_empty());
    Wire {
        user_id: confirmed_by,
        primary_contact: WireContact {
            first_name: agreement.contact.first_name.clone(),
            last_name: agreement.contact.last_name.clone(),
            email: agreement.contact.email.clone(),
            phone_number: agreement.contact.phone.clone(),
        },
        template_id: agreement.template_id.clone(),
        date_agreed: agreement.agreed_at.to_string(),
        kind: agreement.kind.clone(),
        agreement_link: Some(CUSTOMER_AGREEMENT_LINK.to_owned()),
    }
}
