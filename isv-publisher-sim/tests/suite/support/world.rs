//! What the stand-in for the marketplace knows, and how it looks on the wire. Used by `broker`.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    identity::Identity,
    sender::{KID, OLD_KEY, public_key},
};

/// The subscription every good token stands for.
pub const SUBSCRIPTION: &str = "5f1c09ab-7d42-4e0b-9a53-1c2e88d0f6b7";
/// The first operation on it.
pub const OPERATION: &str = "00000000-0000-0000-0000-0000000000a1";
/// A token with all three characters that careless decoding breaks.
pub const TOKEN: &str = "a+b/c==";
/// The publisher's tenant.
pub const TENANT: &str = "11111111-0000-0000-0000-000000000001";
/// The publisher's app.
pub const CLIENT: &str = "22222222-0000-0000-0000-000000000002";
/// The landing page's own app, and its secret.
pub const SIGN_IN: (&str, &str) = ("22222222-0000-0000-0000-000000000003", "s3");
/// Who uses what was bought, and who bought it: tenant, object id, address.
pub const BENEFICIARY: [&str; 3] = [
    "33333333-0000-0000-0000-000000000003",
    "44444444-0000-0000-0000-000000000003",
    "haeun@hanbit.example",
];
pub const PURCHASER: [&str; 3] = [
    "33333333-0000-0000-0000-000000000002",
    "44444444-0000-0000-0000-000000000002",
    "dana@alder.example",
];
pub const NOW: &str = "2027-01-31T09:00:00.000000Z";

/// What the stand-in knows and does.
#[derive(Debug, Clone)]
pub struct World {
    pub status: &'static str,
    pub license_confirmation: &'static str,
    pub plan: String,
    pub quantity: i64,
    pub term: Value,
    pub assigned: i64,
    /// Operations by id.
    pub operations: HashMap<String, Value>,
    /// Statuses to answer the next calls of `licenseAssignments`, `activate` and PATCH with, before they work.
    pub faults: Vec<u16>,
    /// Accept the next activation, and answer 500 all the same.
    pub lose_next_activation: bool,
    /// Answer 503 to everything about operations.
    pub api_down: bool,
    /// Refuse every bearer made before.
    pub bearer: u32,
    /// The key set, and whether it can be had.
    pub keys: Vec<Value>,
    pub keys_down: bool,
    pub tenant: String,
    pub webhook_secret: Option<String>,
    pub calls: Vec<String>,
    /// Bodies of `setup` and `publisherSteps`, and steps that are done. They come when they like, so they are no calls.
    pub setups: Vec<Value>,
    pub lists: Vec<Value>,
    pub done: Vec<String>,
    /// Statuses to answer the next of those with, before they work.
    pub extension_faults: Vec<u16>,
    pub identity: Identity,
}

impl Default for World {
    fn default() -> Self {
        Self {
            status: "PendingFulfillmentStart",
            license_confirmation: "explicit",
            plan: "gold".to_owned(),
            quantity: 2,
            term: json!({"termUnit": "P1M"}),
            assigned: 0,
            operations: HashMap::new(),
            faults: Vec::new(),
            lose_next_activation: false,
            api_down: false,
            bearer: 0,
            keys: vec![public_key(OLD_KEY, KID)],
            keys_down: false,
            tenant: TENANT.to_owned(),
            webhook_secret: None,
            calls: Vec::new(),
            setups: Vec::new(),
            lists: Vec::new(),
            done: Vec::new(),
            extension_faults: Vec::new(),
            identity: Identity::default(),
        }
    }
}

impl World {
    /// How often this was called.
    pub fn count(&self, call: &str) -> usize {
        self.calls.iter().filter(|made| *made == call).count()
    }

    /// Makes it a subscription that is active.
    pub fn activate(&mut self) {
        self.status = "Subscribed";
        self.term = json!({"termUnit": "P1M", "startDate": "2027-01-31T00:00:00Z",
            "endDate": "2027-02-27T00:00:00Z"});
    }

    /// Adds an operation; `change` goes over its members.
    pub fn operate(&mut self, id: &str, action: &str, status: &str, change: &Value) {
        let mut operation = json!({"id": id, "activityId": id, "publisherId": "contoso",
            "offerId": "desk", "planId": self.plan, "quantity": self.quantity,
            "operationRequestSource": "Azure", "subscriptionId": SUBSCRIPTION,
            "timeStamp": "2027-01-31T09:00:00Z", "action": action, "status": status});
        for (name, value) in change.as_object().into_iter().flatten() {
            operation[name] = value.clone();
        }
        self.operations.insert(id.to_owned(), operation);
    }

    /// Lets an operation end as the marketplace would.
    pub fn decide(&mut self, id: &str, success: bool) {
        let operation = self.operations.get_mut(id).unwrap();
        operation["status"] = if success { "Succeeded" } else { "Failed" }.into();
        if success {
            self.plan = operation["planId"].as_str().unwrap().to_owned();
            self.quantity = operation["quantity"].as_i64().unwrap();
            if operation["action"] == "Reinstate" {
                self.status = "Subscribed";
            }
        }
    }

    /// The subscription on the wire.
    pub fn subscription(&self) -> Value {
        let party = |[tenant, object, email]: [&str; 3]| {
            json!({"emailId": email, "objectId": object,
                "tenantId": tenant, "puid": ""})
        };
        json!({"id": SUBSCRIPTION, "publisherId": "contoso", "offerId": "desk", "name": "Our desk",
            "saasSubscriptionStatus": self.status, "beneficiary": party(BENEFICIARY),
            "purchaser": party(PURCHASER), "planId": self.plan, "term": self.term,
            "autoRenew": true, "isTest": false, "isFreeTrial": false,
            "allowedCustomerOperations": ["Read"], "sandboxType": "None", "created": NOW,
            "lastModified": "0001-01-01T00:00:00", "quantity": self.quantity, "sessionMode": "None"})
    }

    /// The sandbox on the wire.
    pub fn sandbox(&self) -> Value {
        let mut publisher = json!({"publisherId": "contoso", "name": "Contoso",
            "tenantId": self.tenant, "clientId": CLIENT, "clientSecret": "s1",
            "signIn": {"clientId": SIGN_IN.0, "clientSecret": self.identity.secret, "redirectUris": []},
            "licenseConfirmation": self.license_confirmation, "webhookTokenVersion": "v2",
            "webhookSignature": "none"});
        if let Some(secret) = &self.webhook_secret {
            publisher["webhookSignature"] = "standardWebhooks".into();
            publisher["webhookSecret"] = secret.clone().into();
        }
        let partner = json!({"partnerId": "p", "name": "Alder & Finch", "kind": "directBill",
            "tenantId": PURCHASER[0], "clientId": "c2", "clientSecret": "s2", "mpnId": "1"});
        let plan = |id: &str, name: &str| {
            json!({"planId": id, "name": name, "isPricePerSeat": true, "isPrivate": false,
                "markets": [], "terms": ["P1M"], "prices": [], "meteringDimensions": []})
        };
        json!({
            "id": "default", "clock": {"now": NOW, "frozen": true},
            "publisher": publisher, "publishers": [publisher],
            "partner": partner, "partners": [partner],
            "customers": [{"customerId": BENEFICIARY[0], "name": "Hanbit Garam", "country": "KR",
                "partnerId": "p", "domain": "hanbit.example"}],
            "offers": [{"offerId": "desk", "publisherId": "contoso", "name": "Contoso Desk",
                "plans": [plan("gold", "Gold plan"), plan("silver", "Silver plan")]}],
        })
    }
}
