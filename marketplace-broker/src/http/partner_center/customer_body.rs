//! The body that makes a customer, in any case and with whatever else a client sends (partner-center.md 3.2). Called by
//! `customers.rs`.

use serde::Deserialize;

use super::reading;
use crate::domain::{
    customer::{Described, NewCustomer},
    party::CustomerProfile,
    refusal::Refusal,
};

#[derive(Deserialize)]
struct Sent {
    companyprofile: Option<Company>,
    billingprofile: Option<Billing>,
    associatedpartnerid: Option<String>,
}

#[derive(Default, Deserialize)]
struct Company {
    domain: Option<String>,
    organizationregistrationnumber: Option<String>,
}

#[derive(Default, Deserialize)]
struct Billing {
    email: Option<String>,
    culture: Option<String>,
    language: Option<String>,
    companyname: Option<String>,
    firstname: Option<String>,
    lastname: Option<String>,
    defaultaddress: Option<Address>,
}

#[derive(Default, Deserialize)]
struct Address {
    country: Option<String>,
    state: Option<String>,
    city: Option<String>,
    addressline1: Option<String>,
    addressline2: Option<String>,
    postalcode: Option<String>,
    firstname: Option<String>,
    lastname: Option<String>,
    phonenumber: Option<String>,
}

/// Reads a customer that may be made.
pub fn read(bytes: &[u8]) -> Result<NewCustomer, Refusal> {
    let sent: Sent = reading::json(bytes, &[])?;
    let company = sent.companyprofile.unwrap_or_default();
    let billing = sent.billingprofile.unwrap_or_default();
    let address = billing.defaultaddress.unwrap_or_default();
    NewCustomer::of(Described {
        domain: company.domain,
        company_name: billing.companyname,
        country: address.country,
        profile: CustomerProfile {
            culture: billing.culture,
            language: billing.language,
            email: billing.email,
            first_name: address.firstname.or(billing.firstname),
            last_name: address.lastname.or(billing.lastname),
            address_line: address.addressline1,
            address_line_2: address.addressline2,
            city: address.city,
            state: address.state,
            postal_code: address.postalcode,
            phone: address.phonenumber,
            registration_number: company.organizationregistrationnumber,
        },
        reseller_mpn: sent.associatedpartnerid,
    })
}
