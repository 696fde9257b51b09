//! Bodies as clients of the partner face write them (partner-center.md 3.0): members in any case (the .NET SDK sends
//! PascalCase), unknown ones ignored, enums in any case and with or without underscores. Called by its handlers.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{domain::refusal::Refusal, http::body};

/// Reads a JSON object. `T` names its members in lower case: `#[serde(rename_all = "lowercase")]`, and lists `free` are
/// members whose inner names are the client's own and stay as they are.
pub fn json<T: DeserializeOwned>(bytes: &[u8], free: &[&str]) -> Result<T, Refusal> {
    let sent: Map<String, Value> = body::json(bytes)?;
    let lowered = Value::Object(lowered_members(sent, free));
    serde_path_to_error::deserialize(lowered).map_err(|error| {
        let path: String = error.path().to_string().chars().take(200).collect();
        let field = if matches!(path.as_str(), "." | "?") { "body".to_owned() } else { path };
        let reason: String = error.inner().to_string().chars().take(300).collect();
        Refusal::field(field, reason)
    })
}

fn lowered_members(sent: Map<String, Value>, free: &[&str]) -> Map<String, Value> {
    sent.into_iter()
        .map(|(name, value)| {
            let name = name.to_lowercase();
            let is_free = free.iter().any(|free| free.eq_ignore_ascii_case(&name));
            let value = if is_free { value } else { lowered(value, free) };
            (name, value)
        })
        .collect()
}

fn lowered(value: Value, free: &[&str]) -> Value {
    match value {
        Value::Object(members) => Value::Object(lowered_members(members, free)),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| lowered(item, free)).collect())
        }
        plain => plain,
    }
}

/// A word of an enum as it is compared: `Billing_Line_Items`, `billingLineItems` and `BillingLineItems` are one.
pub fn word(sent: &str) -> String {
    sent.chars().filter(|letter| *letter != '_').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    struct Sent {
        friendlyname: Option<String>,
        lineitems: Option<Vec<Line>>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Line {
        catalogitemid: String,
        provisioningcontext: Option<Map<String, Value>>,
    }

    #[test]
    fn members_are_read_in_any_case_and_unknown_ones_ignored() {
        let body = br#"{"FriendlyName":"Desk","Extra":1,"lineItems":[{"CatalogItemId":"a:b:c",
            "provisioningContext":{"SubscriptionId":"x"}}]}"#;
        let sent: Sent = json(body, &["provisioningContext"]).unwrap();
        assert_eq!(sent.friendlyname.as_deref(), Some("Desk"));
        let line = &sent.lineitems.unwrap()[0];
        assert_eq!(line.catalogitemid, "a:b:c");
        assert!(line.provisioningcontext.as_ref().unwrap().contains_key("SubscriptionId"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let refused = |body: &str| json::<Sent>(body.as_bytes(), &[]).unwrap_err().to_string();
        assert!(refused(r#"{"FriendlyName":5}"#).starts_with("friendlyname: "));
        assert!(refused(r#"{"lineItems":[{"catalogItemId":[]}]}"#).starts_with("lineitems[0]."));
        assert!(refused("[]").starts_with("body: "));
        assert!(refused("{").starts_with("body: "));
    }

    #[test]
    fn words_are_compared_without_case_and_underscores() {
        for sent in ["one_time", "OneTime", "onetime", "ONE_TIME"] {
            assert_eq!(word(sent), "onetime");
        }
    }
}
