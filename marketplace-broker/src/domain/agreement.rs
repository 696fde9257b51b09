//! What a customer has agreed to, as its partner confirms it (partner-center.md 2.8, 3.10): without the Microsoft Customer
//! Agreement nothing is sold to it. Called by the creation of sandboxes and the partner face.

use jiff::Timestamp;
use shared::ids::CustomerId;

use super::{customer::check_email, party::Customer, refusal::Refusal};

/// The agreement that purchases need.
pub const CUSTOMER_AGREEMENT: &str = "MicrosoftCustomerAgreement";
/// Its template, as the real service names it.
pub const CUSTOMER_AGREEMENT_TEMPLATE: &str = "117a77b0-9360-443b-8795-c6dedc750cf9";
/// Where it is read.
pub const CUSTOMER_AGREEMENT_LINK: &str = "https://aka.ms/customeragreement";

/// Characters of a name or telephone number at most.
const CONTACT_MAX: usize = 100;

/// One acceptance. There may be several of one kind: it is a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Whose.
    pub customer_id: CustomerId,
    /// Counts a customer's acceptances, from 1.
    pub number: i64,
    /// To what: [`CUSTOMER_AGREEMENT`], or another kind.
    pub kind: String,
    /// To which text.
    pub template_id: String,
    /// When the customer agreed, as the partner says.
    pub agreed_at: Timestamp,
    /// Who agreed.
    pub contact: Contact,
    /// The partner's user who confirmed it; empty: it is older than that.
    pub confirmed_by: String,
}

/// Who agreed for a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Contact {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
    /// Telephone, if it was given.
    pub phone: Option<String>,
}

/// What a partner says a customer accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Which agreement.
    pub kind: String,
    /// Which text; `None`: the current one.
    pub template_id: Option<String>,
    /// When.
    pub agreed_at: Timestamp,
    /// Who.
    pub contact: Contact,
}

impl Acceptance {
    /// The acceptance as it is kept, if it can be one: of the customer's agreement, in its current text, not in the
    /// future, by somebody with a name and a mail address.
    pub fn confirmed(
        &self,
        customer_id: CustomerId,
        number: i64,
        confirmed_by: &str,
        at: Timestamp,
    ) -> Result<Agreement, Refusal> {
        if !self.kind.eq_ignore_ascii_case(CUSTOMER_AGREEMENT) {
            return Err(Refusal::field("type", format!("send {CUSTOMER_AGREEMENT}")));
        }
        let template = self.template_id.as_deref().unwrap_or(CUSTOMER_AGREEMENT_TEMPLATE);
        if !template.eq_ignore_ascii_case(CUSTOMER_AGREEMENT_TEMPLATE) {
            let reason = "there is no such template; list them with GET /v1/agreements";
            return Err(Refusal::field("templateId", reason));
        }
        if self.agreed_at > at {
            let reason = format!("this is in the future; it is {at} in this sandbox");
            return Err(Refusal::field("dateAgreed", reason));
        }
        self.contact.check()?;
        Ok(Agreement {
            customer_id,
            number,
            kind: CUSTOMER_AGREEMENT.to_owned(),
            template_id: CUSTOMER_AGREEMENT_TEMPLATE.to_owned(),
            agreed_at: self.agreed_at,
            contact: self.contact.clone(),
            confirmed_by: confirmed_by.to_owned(),
        })
    }
}

impl Contact {
    fn check(&self) -> Result<(), Refusal> {
        let phone = self.phone.clone().unwrap_or_default();
        for (field, text, needed) in [
            ("primaryContact.firstName", &self.first_name, true),
            ("primaryContact.lastName", &self.last_name, true),
            ("primaryContact.phoneNumber", &phone, false),
        ] {
            if needed && text.trim().is_empty() {
                return Err(Refusal::field(field, "send it: somebody must have agreed"));
            }
            if text.chars().count() > CONTACT_MAX || text.chars().any(char::is_control) {
                let reason =
                    format!("{CONTACT_MAX} characters at most, none of them a control one");
                return Err(Refusal::field(field, reason));
            }
        }
        check_email("primaryContact.email", &self.email)
    }
}

impl Agreement {
    /// Of a customer that its sandbox begins with: it has accepted, by its administrator.
    #[must_use]
    pub fn of_old(customer: &Customer, at: Timestamp) -> Self {
        let email = customer.admin.email.clone();
        let name = email.split('@').next().unwrap_or_default();
        let (first, last) = name.split_once('.').unwrap_or((name, ""));
        Self {
            customer_id: customer.id,
            number: 1,
            kind: CUSTOMER_AGREEMENT.to_owned(),
            template_id: CUSTOMER_AGREEMENT_TEMPLATE.to_owned(),
            agreed_at: at,
            contact: Contact {
                first_name: capitalized(first),
                last_name: capitalized(last),
                email: email.clone(),
                phone: None,
            },
            confirmed_by: String::new(),
        }
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
