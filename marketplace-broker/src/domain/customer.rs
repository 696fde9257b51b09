//! Customers that partners make (partner-center.md 3.2): what must be said of one, and what is not taken. Called by the
//! partner face.

use std::borrow::Cow;

use super::{
    country::{RegistrationForm, is_country, registration_form},
    partner_refusal::PartnerRefusal,
    party::{AccountKind, CustomerProfile, Partner},
    refusal::Refusal,
};

/// Customers of an integration sandbox at most (partner-center.md 2.2).
pub const SANDBOX_CUSTOMERS_MAX: i64 = 75;
/// Characters of a text in a profile at most.
const TEXT_MAX: usize = 200;

/// A customer as a partner describes it. Empty texts count as absent: the .NET SDK sends them for what is not set.
#[derive(Debug, Clone, Default)]
pub struct Described {
    /// Its domain.
    pub domain: Option<String>,
    /// Its name.
    pub company_name: Option<String>,
    /// Its country.
    pub country: Option<String>,
    /// Everything else.
    pub profile: CustomerProfile,
    /// The partner id of its indirect reseller.
    pub reseller_mpn: Option<String>,
}

/// A customer that may be made.
#[derive(Debug, Clone)]
pub struct NewCustomer {
    /// Its domain, in lower case.
    pub domain: String,
    /// Its name.
    pub name: String,
    /// Two letters.
    pub country: String,
    /// Everything else.
    pub profile: CustomerProfile,
    /// The partner id of its indirect reseller.
    pub reseller_mpn: Option<String>,
}

impl NewCustomer {
    /// Checks what was sent. The refusal names the member.
    pub fn of(described: Described) -> Result<Self, Refusal> {
        let Described { domain, company_name, country, profile, reseller_mpn } = described;
        let profile = without_empty(profile);
        let domain = needed("companyProfile.domain", domain)?;
        let name = needed("billingProfile.companyName", company_name)?;
        check_text("billingProfile.companyName", &name)?;
        let country = needed("billingProfile.defaultAddress.country", country)?;
        let country = country.to_ascii_uppercase();
        if !is_country(&country) {
            return Err(PartnerRefusal::NoMarket(shown(&country)).into());
        }
        check_profile(&profile)?;
        check_registration(&country, &profile)?;
        let profile = CustomerProfile {
            culture: profile.culture.map(|culture| read_culture(&culture)).transpose()?,
            language: profile.language.map(|language| language.to_ascii_lowercase()),
            ..profile
        };
        let reseller_mpn = reseller_mpn.filter(|mpn| !mpn.is_empty());
        Ok(Self { domain: read_domain(&domain)?, name, country, profile, reseller_mpn })
    }
}

/// Whether a partner lets customers go: only in an integration sandbox (3.2).
pub fn may_remove(partner: &Partner) -> Result<(), PartnerRefusal> {
    match partner.account_kind {
        AccountKind::IntegrationSandbox => Ok(()),
        AccountKind::Production => Err(PartnerRefusal::RemovedInProduction),
    }
}

fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

/// A member that must be sent.
fn needed(field: &'static str, sent: Option<String>) -> Result<String, Refusal> {
    let sent = sent.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    sent.ok_or_else(|| Refusal::field(field, "send it: a customer cannot be made without"))
}

fn check_text(field: &'static str, text: &str) -> Result<(), Refusal> {
    if text.chars().count() > TEXT_MAX {
        return Err(Refusal::field(field, format!("{TEXT_MAX} characters at most")));
    }
    if text.chars().any(char::is_control) {
        return Err(Refusal::field(field, "leave control characters out"));
    }
    Ok(())
}

/// Each text of a profile and its wire name.
fn texts(profile: &CustomerProfile) -> [(&'static str, &Option<String>); 12] {
    [
        ("billingProfile.culture", &profile.culture),
        ("billingProfile.language", &profile.language),
        ("billingProfile.email", &profile.email),
        ("billingProfile.firstName", &profile.first_name),
        ("billingProfile.lastName", &profile.last_name),
        ("billingProfile.defaultAddress.addressLine1", &profile.address_line),
        ("billingProfile.defaultAddress.addressLine2", &profile.address_line_2),
        ("billingProfile.defaultAddress.city", &profile.city),
        ("billingProfile.defaultAddress.state", &profile.state),
        ("billingProfile.defaultAddress.postalCode", &profile.postal_code),
        ("billingProfile.defaultAddress.phoneNumber", &profile.phone),
        ("companyProfile.organizationRegistrationNumber", &profile.registration_number),
    ]
}

fn without_empty(mut profile: CustomerProfile) -> CustomerProfile {
    let CustomerProfile {
        culture,
        language,
        email,
        first_name,
        last_name,
        address_line,
        address_line_2,
        city,
        state,
        postal_code,
        phone,
        registration_number,
    } = &mut profile;
    for text in [
        culture,
        language,
        email,
        first_name,
        last_name,
        address_line,
        address_line_2,
        city,
        state,
        postal_code,
        phone,
        registration_number,
    ] {
        *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    profile
}

fn check_profile(profile: &CustomerProfile) -> Result<(), Refusal> {
    for (field, text) in texts(profile) {
        match text {
            Some(text) => check_text(field, text)?,
            None if needs(field) => {
                return Err(Refusal::field(field, "send it: a customer cannot be made without"));
            }
            None => {}
        }
    }
    let email = profile.email.as_deref().unwrap_or_default();
    check_email("billingProfile.email", email)?;
    let language = profile.language.as_deref().unwrap_or_default();
    if language.len() != 2 || !language.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        return Err(Refusal::field("billingProfile.language", "send two letters such as en"));
    }
    Ok(())
}

/// Whether a customer cannot be made without it ("Create a customer", the least that must be sent).
fn needs(field: &str) -> bool {
    matches!(
        field,
        "billingProfile.culture"
            | "billingProfile.language"
            | "billingProfile.email"
            | "billingProfile.defaultAddress.addressLine1"
            | "billingProfile.defaultAddress.city"
    )
}

/// Checks a mail address: something, `@`, something, and no space.
pub fn check_email(field: impl Into<Cow<'static, str>>, text: &str) -> Result<(), Refusal> {
    let sound = text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && text.len() <= 320
    });
    if sound && !text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Ok(())
    } else {
        let reason = format!("{:?} is no mail address; send one such as a@b.example", shown(text));
        Err(Refusal::field(field, reason))
    }
}

/// `EN-us` is `en-US`; a language may be sent alone.
fn read_culture(text: &str) -> Result<String, Refusal> {
    let refuse = || {
        let reason = format!("{:?} is no culture; send one such as en-US", shown(text));
        Refusal::field("billingProfile.culture", reason)
    };
    let letters = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic());
    match text.split_once('-') {
        None if letters(text) => Ok(text.to_ascii_lowercase()),
        Some((language, region)) if letters(language) && letters(region) => {
            Ok(format!("{}-{}", language.to_ascii_lowercase(), region.to_ascii_uppercase()))
        }
        _ => Err(refuse()),
    }
}

/// A domain in lower case: two labels or more of letters, digits and hyphens.
fn read_domain(text: &str) -> Result<String, Refusal> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() <= 253 && text.contains('.') && text.split('.').all(label) {
        Ok(text.to_ascii_lowercase())
    } else {
        let reason =
            format!("{:?} is no domain; send one such as x.onmicrosoft.example", shown(text));
        Err(Refusal::field("companyProfile.domain", reason))
    }
}

/// Countries that register companies by a number want it, and a telephone; others want none (600049 to 600051, 600002).
fn check_registration(country: &str, profile: &CustomerProfile) -> Result<(), Refusal> {
    let number = profile.registration_number.as_deref();
    let refusal = match (registration_form(country), number) {
        (None, None) => return Ok(()),
        (None, Some(_)) => PartnerRefusal::RegistrationNotWanted(country.to_owned()),
        (Some(_), None) => PartnerRefusal::RegistrationMissing(country.to_owned()),
        (Some(form), Some(number)) if !RegistrationForm::fits(&form, number) => {
            PartnerRefusal::RegistrationMalformed { country: country.to_owned(), form }
        }
        (Some(_), Some(_)) if profile.phone.is_none() => {
            PartnerRefusal::PhoneMissing(country.to_owned())
        }
        (Some(_), Some(_)) => return Ok(()),
    };
    Err(refusal.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described() -> Described {
        let text = |text: &str| Some(text.to_owned());
        Described {
            domain: text("Relecloud.OnMicrosoft.example"),
            company_name: text(" Relecloud "),
            country: text("us"),
            profile: CustomerProfile {
                culture: text("EN-us"),
                language: text("En"),
                email: text("ada@relecloud.example"),
                address_line: text("1 Main Street"),
                city: text("Redmond"),
                phone: text(""),
                ..CustomerProfile::default()
            },
            reseller_mpn: text(""),
        }
    }

    #[test]
    fn what_is_sent_is_put_into_form() {
        let new = NewCustomer::of(described()).unwrap();
        assert_eq!(new.domain, "relecloud.onmicrosoft.example");
        assert_eq!((new.name.as_str(), new.country.as_str()), ("Relecloud", "US"));
        assert_eq!(new.profile.culture.as_deref(), Some("en-US"));
        assert_eq!(new.profile.language.as_deref(), Some("en"));
        assert_eq!((new.profile.phone, new.reseller_mpn), (None, None));
    }

    #[test]
    fn what_is_missing_or_malformed_is_named() {
        type Break = fn(&mut Described);
        let cases: [(&str, Break); 10] = [
            ("companyProfile.domain", |d| d.domain = None),
            ("companyProfile.domain", |d| d.domain = Some("-a.example".to_owned())),
            ("companyProfile.domain", |d| d.domain = Some("localhost".to_owned())),
            ("billingProfile.companyName", |d| d.company_name = Some("  ".to_owned())),
            ("billingProfile.companyName", |d| d.company_name = Some("x".repeat(201))),
            ("billingProfile.email", |d| d.profile.email = Some("nobody".to_owned())),
            ("billingProfile.culture", |d| d.profile.culture = Some("english".to_owned())),
            ("billingProfile.language", |d| d.profile.language = Some("e1".to_owned())),
            ("billingProfile.defaultAddress.city", |d| d.profile.city = None),
            ("billingProfile.defaultAddress.state", |d| d.profile.state = Some("W\nA".to_owned())),
        ];
        for (field, change) in cases {
            let mut described = described();
            change(&mut described);
            let refused = NewCustomer::of(described).unwrap_err();
            assert!(matches!(&refused, Refusal::Field { field: named, .. } if named == field));
        }
        let nowhere = Described { country: Some("XX".to_owned()), ..described() };
        let refused = NewCustomer::of(nowhere).unwrap_err();
        assert_eq!(refused, PartnerRefusal::NoMarket("XX".to_owned()).into());
    }

    #[test]
    fn registration_numbers_are_for_countries_that_want_one() {
        use PartnerRefusal as P;
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let check = |country: &str, number: &str, phone: &str| {
            let mut described = described();
            described.country = text(country);
            described.profile.registration_number = text(number);
            described.profile.phone = text(phone);
            NewCustomer::of(described).map(|new| new.country)
        };
        assert_eq!(check("RU", "7707083893", "+7 495").unwrap(), "RU");
        let refused = check("RU", "", "+7 495").unwrap_err();
        assert_eq!(refused, P::RegistrationMissing("RU".to_owned()).into());
        let refused = check("RU", "7707083893", "").unwrap_err();
        assert_eq!(refused, P::PhoneMissing("RU".to_owned()).into());
        let refused = check("US", "7707083893", "1").unwrap_err();
        assert_eq!(refused, P::RegistrationNotWanted("US".to_owned()).into());
        let refused = check("RU", "77070838", "1").unwrap_err().to_string();
        assert!(refused.contains(r"^(\d{10}|\d{12})$"), "{refused}");
    }
}
