//! Customers as partners see them (partner-center.md 3.2). Called by `customers.rs` and
//! `customer_profiles.rs`.

use sha2::{Digest, Sha256};
use shared::{
    ids::CustomerId,
    partner_center::{
        Address, Attributes, BillingProfile, CompanyProfile, Customer as Wire, UserCredentials,
    },
    secret::Secret,
};
use uuid::Uuid;

use crate::domain::party::Customer;

/// As a list has it.
pub fn brief(customer: &Customer) -> Wire {
    Wire {
        id: customer.id.to_string(),
        commerce_id: None,
        company_profile: CompanyProfile {
            tenant_id: customer.id.to_string(),
            domain: customer.domain.clone(),
            company_name: customer.name.clone(),
            address: None,
            email: None,
            organization_registration_number: None,
            attributes: Attributes::of("CustomerCompanyProfile"),
        },
        billing_profile: None,
        relationship_to_partner: "reseller".to_owned(),
        allow_delegated_access: None,
        user_credentials: None,
        custom_domains: None,
        associated_partner_id: customer.reseller_mpn.clone(),
        attributes: Attributes::of("Customer"),
    }
}

/// The whole customer.
pub fn whole(customer: &Customer) -> Wire {
    let billing = billing_profile(customer);
    let brief = brief(customer);
    Wire {
        commerce_id: Some(derived("commerce", customer.id).to_string()),
        company_profile: CompanyProfile {
            address: Some(billing.default_address.clone()),
            email: Some(billing.email.clone()),
            organization_registration_number: customer.profile.registration_number.clone(),
            ..brief.company_profile
        },
        billing_profile: Some(billing),
        allow_delegated_access: Some(true),
        custom_domains: Some(vec![customer.domain.clone()]),
        ..brief
    }
}

/// The answer to its creation; `password` in the first one only.
pub fn created(customer: &Customer, password: Option<Secret<String>>) -> Wire {
    let user_name = "admin".to_owned();
    Wire {
        relationship_to_partner: "none".to_owned(),
        user_credentials: password.map(|password| UserCredentials { user_name, password }),
        ..whole(customer)
    }
}

/// Who is billed: what the partner said, and what follows where it said nothing.
pub fn billing_profile(customer: &Customer) -> BillingProfile {
    let profile = &customer.profile;
    let culture = profile.culture.clone().unwrap_or_else(|| {
        match customer.country.as_str() {
            "DE" => "de-DE",
            "KR" => "ko-KR",
            _ => "en-US",
        }
        .to_owned()
    });
    let language = profile.language.clone();
    let shown = BillingProfile {
        id: derived("billing profile", customer.id).to_string(),
        first_name: profile.first_name.clone(),
        last_name: profile.last_name.clone(),
        email: profile.email.clone().unwrap_or_else(|| customer.admin.email.clone()),
        language: language.unwrap_or_else(|| culture.chars().take(2).collect()),
        culture,
        company_name: customer.name.clone(),
        default_address: Address {
            country: customer.country.clone(),
            state: profile.state.clone(),
            city: profile.city.clone(),
            address_line1: profile.address_line.clone(),
            address_line2: profile.address_line_2.clone(),
            postal_code: profile.postal_code.clone(),
            first_name: profile.first_name.clone(),
            last_name: profile.last_name.clone(),
            phone_number: profile.phone.clone(),
        },
        attributes: Attributes::of("CustomerBillingProfile"),
    };
    let etag = Some(etag(&shown));
    BillingProfile { attributes: Attributes { etag, ..shown.attributes.clone() }, ..shown }
}

/// A number that changes with what the profile says.
fn etag(shown: &BillingProfile) -> String {
    let text = serde_json::to_vec(shown).unwrap_or_default();
    let mut first = [0; 8];
    first.copy_from_slice(&Sha256::digest(&text)[..8]);
    u64::from_be_bytes(first).to_string()
}

/// Another id of a customer, always the same.
fn derived(what: &str, customer: CustomerId) -> Uuid {
    let hash = Sha256::new()
        .chain_update(what)
        .chain_update(" of ")
        .chain_update(customer.0.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
