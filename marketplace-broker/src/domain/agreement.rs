//! What a customer has agreed to, as its partner confirms it (partner-center.md 2.8, 3.10): without the Microsoft Customer
//! Agreement nothing is sold to it. Called by the creation of sandboxes and the partner face.

use jiff::Timestamp;
use shared::ids::CustomerId;

use super::party::Customer;

/// The agreement that purchases need.
pub const CUSTOMER_AGREEMENT: &str = "MicrosoftCustomerAgreement";
/// Its template, as the real service names it.
pub const CUSTOMER_AGREEMENT_TEMPLATE: &str = "998b88de-aa99-4388-a42c-1b3517d49490";

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
