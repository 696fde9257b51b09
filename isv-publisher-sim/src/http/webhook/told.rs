//! What a webhook says it tells of. Only its name is read: everything else is read again at the marketplace's API, so
//! members that are missing, new or of another kind change nothing. Called by the receiver.

use serde::Deserialize;
use shared::objects::Object;

use crate::domain::{Action, Told};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    id: String,
    subscription_id: String,
    action: String,
}

/// Reads the body; `None` if it is no JSON object with these three.
pub(super) fn read(body: &[u8]) -> Option<Told> {
    let Object(written) = serde_json::from_slice::<Object<Written>>(body).ok()?;
    Some(Told {
        operation: written.id.parse().ok()?,
        subscription: written.subscription_id.parse().ok()?,
        action: Action::read(&written.action),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "00000000-0000-0000-0000-00000000000a";
    const B: &str = "00000000-0000-0000-0000-00000000000b";

    #[test]
    fn a_webhook_is_read_by_three_members() {
        // However deep: what is not read is passed over without a stack.
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let body = format!(
            r#"{{"id": "{A}", "subscriptionId": "{B}", "action": "Renew", "quantity": "x",
            "subscription": {deep}, "unheardOf": {{"some": null}}}}"#
        );
        let told = read(body.as_bytes()).unwrap();
        assert_eq!((told.operation.to_string(), told.action), (A.to_owned(), Action::Renew));
    }

    #[test]
    fn what_lacks_one_of_them_tells_of_nothing() {
        for body in [
            "",
            "null",
            "{}",
            &format!(r#"["{A}", "{B}", "Renew"]"#),
            &format!(r#"{{"id": "org:{A},{A}", "subscriptionId": "{B}", "action": "Renew"}}"#),
            &format!(r#"{{"id": "{A}", "subscriptionId": "../{B}", "action": "Renew"}}"#),
            &format!(r#"{{"id": "{A}", "subscriptionId": "{B}", "action": null}}"#),
            &format!(r#"{{"id": "{A}", "id": "{B}", "subscriptionId": "{B}", "action": "Renew"}}"#),
            &format!(r#"{{"id": "{A}", "subscriptionId": "{B}", "action": "Renew""#),
        ] {
            assert!(read(body.as_bytes()).is_none(), "{}", &body[..body.len().min(80)]);
        }
        assert!(read(b"{\"id\": \"\xff\"}").is_none());
    }
}
