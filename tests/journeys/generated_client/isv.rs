//! An ISV that works with the generated client. Its methods spare the story the members that every call has.

use generated_client::{
    Client, Error, ResponseValue,
    types::{
        ApiVersion, SaaSOperation, SaaSOperationAction as Action, SaaSOperationStatus as State,
        SubscriberPlan, Subscription, SubscriptionSaasSubscriptionStatus as Status,
        UpdateOperation, UpdateOperationStatus as Decision,
    },
};
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap},
};
use uuid::Uuid;

use crate::support::{PublisherApp, callers::client};

/// The only version there is.
pub const VERSION: ApiVersion = ApiVersion::X20180831;

/// The generated client, with the bearer of a publisher's app.
pub fn generated(base: &str, app: &PublisherApp) -> Client {
    let bearer = format!("Bearer {}", app.bearer).parse().unwrap();
    let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer)]);
    let http = client().default_headers(headers).build().unwrap();
    Client::new_with_client(&format!("{base}/api"), http)
}

/// The answer to a call that has no body to read.
pub type Accepted = Result<ResponseValue<()>, Error<()>>;

/// An ISV that works on one subscription.
pub struct Isv {
    pub client: Client,
    pub id: Uuid,
}

impl Isv {
    pub async fn subscription(&self) -> Subscription {
        let seen =
            self.client.fulfillment_operations_get_subscription(&self.id, VERSION, None, None);
        let seen = seen.await.unwrap().into_inner();
        assert_eq!(seen.id, Some(self.id));
        seen
    }

    /// Its status, plan and licenses.
    pub async fn now(&self) -> (Status, String, Option<i32>) {
        let seen = self.subscription().await;
        (seen.saas_subscription_status.unwrap(), seen.plan_id.unwrap(), seen.quantity)
    }

    pub async fn operation(&self, id: &Uuid) -> SaaSOperation {
        let read = self
            .client
            .subscription_operations_get_operation_status(&self.id, id, VERSION, None, None);
        let read = read.await.unwrap().into_inner();
        assert_eq!((read.id, read.activity_id), (Some(*id), Some(*id)), "{read:?}");
        assert_eq!(read.subscription_id, Some(self.id), "{read:?}");
        assert_eq!(read.publisher_id.as_deref(), Some("contoso"), "{read:?}");
        assert!(read.offer_id.is_some() && read.time_stamp.is_some(), "{read:?}");
        read
    }

    /// What an operation does, and where it stands.
    pub async fn stands(&self, id: &Uuid) -> (Action, State) {
        let read = self.operation(id).await;
        (read.action.unwrap(), read.status.unwrap())
    }

    /// The ids of the operations that are open.
    pub async fn open(&self) -> Vec<Uuid> {
        let list =
            self.client.subscription_operations_list_operations(&self.id, VERSION, None, None);
        let list = list.await.unwrap().into_inner();
        list.operations.iter().map(|one| one.id.unwrap()).collect()
    }

    pub async fn activate(&self, body: &SubscriberPlan) -> Accepted {
        let call = self
            .client
            .fulfillment_operations_activate_subscription(&self.id, VERSION, None, None, body);
        call.await
    }

    pub async fn change(&self, body: &SubscriberPlan) -> Accepted {
        let call = self
            .client
            .fulfillment_operations_update_subscription(&self.id, VERSION, None, None, body);
        call.await
    }

    pub async fn delete(&self) -> Accepted {
        self.client.fulfillment_operations_delete_subscription(&self.id, VERSION, None, None).await
    }

    pub async fn decide(&self, id: &Uuid, decision: Decision) -> Accepted {
        let body = UpdateOperation { status: Some(decision), ..UpdateOperation::default() };
        let call = self.client.subscription_operations_update_operation_status(
            &self.id, id, VERSION, None, None, &body,
        );
        call.await
    }
}

/// Another plan.
pub fn to_plan(id: &str) -> SubscriberPlan {
    SubscriberPlan { plan_id: Some(id.to_owned()), quantity: None }
}

/// Another number of licenses.
pub fn to_quantity(quantity: i64) -> SubscriberPlan {
    SubscriberPlan { plan_id: None, quantity: Some(quantity) }
}

/// The operation that a 202 leads to, as Microsoft's SDK finds it: by its place in an absolute URL.
#[track_caller]
pub fn operation_of(accepted: Accepted) -> Uuid {
    let accepted = accepted.unwrap();
    assert_eq!(accepted.status(), 202);
    let location = accepted.headers()["operation-location"].to_str().unwrap();
    let location: Url = location.parse().expect("an absolute URL");
    location.path_segments().unwrap().nth(5).and_then(|id| id.parse().ok()).expect("an id")
}

/// The status of a refusal that Microsoft's file has for the call.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Error<()>>) -> u16 {
    match answer {
        Err(Error::ErrorResponse(refusal)) => refusal.status().as_u16(),
        other => panic!("no documented refusal: {other:?}"),
    }
}
