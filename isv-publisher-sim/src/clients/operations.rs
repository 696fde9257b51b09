//! Subscriptions and operations as the SaaS Fulfillment API shows them, read again before the publisher acts, and the
//! publisher's answer to an operation. Called by the receiver of webhooks and the outbox.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{
    fulfillment::Subscription,
    identity::KeySet,
    ids::{OperationId, SubscriptionId},
};

use super::{
    Marketplace,
    exchange::{self, Trouble},
    marketplace::{ANSWER_MAX, Caller, VERSION, named},
    reading,
};
use crate::domain::{Action, Operation, Seen, Source, Standing, Status, Told, Verdict};

/// An operation as it is written. Names of actions and statuses are open: more may come.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    id: String,
    subscription_id: String,
    action: String,
    status: String,
    operation_request_source: Option<String>,
    plan_id: Option<String>,
    quantity: Option<Value>,
    error_message: Option<String>,
}

/// The publisher's answer as it is written: its status and nothing else.
#[derive(Serialize)]
struct Answered {
    status: &'static str,
}

impl Marketplace {
    /// The operation, and the sandbox's time.
    pub async fn operation(
        &self,
        caller: &Caller,
        subscription: SubscriptionId,
        operation: OperationId,
    ) -> Result<(Operation, Timestamp), Trouble> {
        let url = self.operation_url(subscription, operation);
        let answer = self.call(caller, || self.http.get(&url)).await?;
        let written: Written = answer.json()?;
        let read = written.read();
        Ok((read.ok_or_else(|| Trouble::unreachable("an operation without ids"))?, answer.now()?))
    }

    /// Answers an operation. `request_id` is the same at every attempt.
    pub async fn answer_operation(
        &self,
        caller: &Caller,
        subscription: SubscriptionId,
        operation: OperationId,
        verdict: Verdict,
        request_id: &str,
    ) -> Result<(), Trouble> {
        let url = self.operation_url(subscription, operation);
        let body = Answered { status: verdict.name() };
        self.call(caller, || named(self.http.patch(&url), request_id).json(&body)).await?;
        Ok(())
    }

    /// Where the subscription stands, and the sandbox's time.
    pub async fn standing(
        &self,
        caller: &Caller,
        subscription: SubscriptionId,
    ) -> Result<(Standing, Timestamp), Trouble> {
        let (subscription, at) = self.subscription(caller, subscription).await?;
        Ok((reading::standing(subscription.saas_subscription_status), at))
    }

    /// The subscription with the names of things, as they are now.
    pub async fn seen(
        &self,
        caller: &Caller,
        subscription: SubscriptionId,
    ) -> Result<Seen, Trouble> {
        let (subscription, at) = self.subscription(caller, subscription).await?;
        let publisher = self.publisher(caller).await?;
        let sandbox = self.sandbox(&caller.sandbox).await?;
        let standing = reading::standing(subscription.saas_subscription_status);
        let purchase = reading::purchase(caller, publisher.name, &subscription, &sandbox);
        Ok(Seen { purchase, standing, at })
    }

    /// The keys published under a path of the marketplace's.
    pub(super) async fn published_keys(&self, path: &str) -> Result<KeySet, Trouble> {
        let url = format!("{}{path}", self.base);
        exchange::send(self.http.get(url), ANSWER_MAX).await?.json()
    }

    pub(super) async fn subscription(
        &self,
        caller: &Caller,
        subscription: SubscriptionId,
    ) -> Result<(Subscription, Timestamp), Trouble> {
        let url = self.subscription_url(subscription, "");
        let answer = self.call(caller, || self.http.get(&url)).await?;
        Ok((answer.json()?, answer.now()?))
    }

    fn operation_url(&self, subscription: SubscriptionId, operation: OperationId) -> String {
        format!(
            "{}/api/saas/subscriptions/{subscription}/operations/{operation}?{VERSION}",
            self.base
        )
    }
}

impl Written {
    fn read(self) -> Option<Operation> {
        let told = Told {
            operation: self.id.parse().ok()?,
            subscription: self.subscription_id.parse().ok()?,
            action: Action::read(&self.action),
        };
        let source = match self.operation_request_source.as_deref() {
            Some("Partner") => Source::Publisher,
            _ => Source::Marketplace,
        };
        let (status, failure) = match self.status.as_str() {
            "Succeeded" => (Status::Succeeded, None),
            status @ ("Failed" | "Conflict") => {
                let said = self.error_message.filter(|said| !said.is_empty());
                (Status::Failed, said.or_else(|| Some(status.to_owned())))
            }
            _ => (Status::Open, None),
        };
        let quantity = self.quantity.as_ref().and_then(Value::as_i64);
        Some(Operation { told, source, status, plan: self.plan_id, quantity, failure })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(change: &str) -> Operation {
        let body = format!(
            r#"{{"id": "00000000-0000-0000-0000-000000000001", "activityId": "x", "timeStamp": "",
            "subscriptionId": "00000000-0000-0000-0000-000000000002", "action": "ChangeQuantity",
            "planId": "gold", "quantity": 25, "unheardOf": {{}}, {change}}}"#
        );
        serde_json::from_str::<Written>(&body).unwrap().read().unwrap()
    }

    #[test]
    fn an_operation_is_read_whatever_stands_beside_it() {
        let open = read(r#""status": "InProgress", "operationRequestSource": "Azure""#);
        assert_eq!((open.source, open.status), (Source::Marketplace, Status::Open));
        assert_eq!((open.plan.as_deref(), open.quantity), (Some("gold"), Some(25)));
        let own = read(r#""status": "NotStarted", "operationRequestSource": "Partner""#);
        assert_eq!((own.source, own.status), (Source::Publisher, Status::Open));
        assert_eq!(read(r#""status": "Succeeded""#).status, Status::Succeeded);
        let failed = read(r#""status": "Failed", "errorMessage": "overtaken""#);
        assert_eq!((failed.status, failed.failure.as_deref()), (Status::Failed, Some("overtaken")));
        let conflict = read(r#""status": "Conflict", "errorMessage": """#);
        assert_eq!(conflict.failure.as_deref(), Some("Conflict"));
        assert_eq!(read(r#""status": "Paused""#).status, Status::Open);
    }
}
