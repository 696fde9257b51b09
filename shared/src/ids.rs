//! Ids: parse, `Display`, nothing else. Called everywhere.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Text that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}")]
pub struct NotAnId {
    what: &'static str,
    text: String,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Takes the hyphenated form in any case; the version nibble is not looked at (fulfillment.md 1.5).
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                if text.len() != 36 {
                    return Err(NotAnId { what: $what, text: text.chars().take(60).collect() });
                }
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| NotAnId { what: $what, text: text.to_owned() })
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal, $allowed:pat) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let fits = (1..=$max).contains(&text.len()) && text.chars().all(|c| matches!(c, $allowed));
                if fits {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NotAnId { what: $what, text: text.chars().take(60).collect() })
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

uuid_id!(/// A SaaS subscription.
    SubscriptionId, "a subscription id (a GUID)");
uuid_id!(/// An asynchronous change of a subscription.
    OperationId, "an operation id (a GUID)");
uuid_id!(/// A cart of a partner.
    CartId, "a cart id (a GUID)");
uuid_id!(/// An Entra tenant.
    TenantId, "a tenant id (a GUID)");
uuid_id!(/// An Entra app registration.
    ClientId, "a client id (a GUID)");
uuid_id!(/// A customer of a partner; the same as its tenant (partner-center.md 3.2).
    CustomerId, "a customer id (a GUID)");

text_id!(/// A rehearsal sandbox: a world of its own.
    SandboxId, "a sandbox id (1 to 40 of a-z, 0-9 and -)", 40, 'a'..='z' | '0'..='9' | '-');
text_id!(/// A publisher (ISV) of offers.
    PublisherId, "a publisher id", 50, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.');
text_id!(/// An offer of a publisher.
    OfferId, "an offer id", 50, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.');
text_id!(/// A plan of an offer; the partner face calls it SKU.
    PlanId, "a plan id", 50, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.');
text_id!(/// A partner in the CSP programme.
    PartnerId, "a partner id", 50, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.');
text_id!(/// An order; opaque and case-sensitive (partner-center.md 3.5).
    OrderId, "an order id", 64, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_');
text_id!(/// A publisher's step, named by the publisher (interface.md, 'Publisher steps').
    StepId, "a step id (1 to 50 of letters, digits, - and _)", 50, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_read_in_any_case_and_written_in_lower_case() {
        let id: SubscriptionId = "2A1B3C4D-0000-0000-0000-00000000FFFF".parse().unwrap();
        assert_eq!(id.to_string(), "2a1b3c4d-0000-0000-0000-00000000ffff");
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in ["", "..", "2a1b3c4d", "{2a1b3c4d-0000-0000-0000-00000000ffff}", "__proto__"] {
            assert!(text.parse::<SubscriptionId>().is_err(), "{text}");
        }
        for text in ["", "Upper", "a/b", "ü", "a b", &"x".repeat(41)] {
            assert!(text.parse::<SandboxId>().is_err(), "{text}");
        }
        assert!("default".parse::<SandboxId>().is_ok());
    }
}
