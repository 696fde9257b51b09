//! The publisher's story with a client that nobody here wrote: generated from Microsoft's OpenAPI file, with its exact
//! success codes, closed enums and typed members (tests/generated-client). What it cannot read, a real ISV's cannot.

mod isv;

use generated_client::types::{
    SaaSOperationAction as Action, SaaSOperationStatus as State, SubscriberPlan,
    SubscriptionAllowedCustomerOperationsItem as Allowed,
    SubscriptionSaasSubscriptionStatus as Status, TermUnit, UpdateOperationStatus as Decision,
};
use isv::{Isv, VERSION, generated, operation_of, refused, to_plan, to_quantity};
use reqwest::Url;
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    Db, PublisherApp, World, people,
    world::{flat, own, seats},
};

/// An id of the control API.
fn id(text: &str) -> Uuid {
    text.parse().expect("an id")
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_client_generated_from_microsofts_file_goes_from_resolve_to_unsubscribe(#[case] db: Db) {
    let world = World::new(db).await;
    let _receiver = world.operator.webhooks_are_taken().await;
    let bought = world.buy_as(&own(seats(3))).await;
    let isv = Isv { client: generated(&world.base, &world.publisher), id: id(&bought.id) };

    resolves(&isv, &bought.token).await;
    sees_the_plans(&isv).await;
    world.publisher.assign(&bought.id, &people(3)).await.is(200);
    activates(&isv).await;
    changes_plan_and_quantity(&isv, &world).await;
    answers_the_customers_changes(&isv, &world).await;
    follows_suspension_and_reinstatement(&isv, &world).await;
    follows_a_renewal(&isv, &world).await;
    unsubscribes(&isv, &world).await;
    world.stop().await;
}

async fn resolves(isv: &Isv, token: &str) {
    let resolved = isv.client.fulfillment_operations_resolve(VERSION, None, token, None).await;
    let resolved = resolved.unwrap().into_inner();
    assert_eq!(resolved.id, Some(isv.id), "{resolved:?}");
    assert_eq!(resolved.offer_id.as_deref(), Some("contoso-desk"), "{resolved:?}");
    assert_eq!(resolved.plan_id.as_deref(), Some("silver"), "{resolved:?}");
    assert_eq!(resolved.quantity, Some(3), "{resolved:?}");
    let inner = resolved.subscription.expect("the subscription");
    assert_eq!(inner.saas_subscription_status, Some(Status::PendingFulfillmentStart), "{inner:?}");
    assert_eq!((inner.id, inner.name), (Some(isv.id), resolved.subscription_name));
    let term = inner.term.expect("a term");
    assert!(term.term_unit.is_some(), "{term:?}");
    assert_eq!((term.start_date, term.end_date), (None, None), "not activated");
    for allowed in [Allowed::Read, Allowed::Update, Allowed::Delete] {
        assert!(inner.allowed_customer_operations.contains(&allowed), "{allowed}");
    }
    let buyer = inner.purchaser.expect("a buyer");
    assert!(buyer.object_id.is_some() && buyer.tenant_id.is_some(), "{buyer:?}");
}

async fn sees_the_plans(isv: &Isv) {
    let plans = async |only: Option<&str>| {
        let list = isv
            .client
            .fulfillment_operations_list_available_plans(&isv.id, VERSION, only, None, None);
        list.await.unwrap().into_inner().plans
    };
    let all = plans(None).await;
    let ids: Vec<_> = all.iter().map(|plan| plan.plan_id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["silver", "gold", "district"]);
    let silver = &all[0];
    assert_eq!((silver.min_quantity, silver.max_quantity), (Some(1), Some(500)), "{silver:?}");
    assert_eq!(silver.is_price_per_seat, Some(true), "{silver:?}");
    let terms = &silver.plan_components.as_ref().expect("prices").recurrent_billing_terms;
    let monthly = terms.iter().find(|term| term.term_unit == Some(TermUnit::P1m));
    let monthly = monthly.expect("a price for a month");
    assert_eq!((monthly.currency.as_deref(), monthly.price), (Some("USD"), Some(20.0)));
    let gold = plans(Some("gold")).await;
    assert_eq!((gold.len(), gold[0].plan_id.as_deref()), (1, Some("gold")));
}

async fn activates(isv: &Isv) {
    let body = SubscriberPlan { plan_id: Some("silver".to_owned()), quantity: Some(3) };
    assert_eq!(isv.activate(&body).await.unwrap().status(), 200);
    assert_eq!(isv.now().await, (Status::Subscribed, "silver".to_owned(), Some(3)));
    let term = isv.subscription().await.term.expect("a term");
    let start = term.start_date.expect("a start").to_rfc3339();
    assert_eq!(start, "2027-01-31T00:00:00+00:00");
    assert!(term.end_date > term.start_date, "{term:?}");
    assert_eq!(refused(isv.activate(&body).await), 400, "a second time");
}

/// The ISV's own changes: NotStarted, picked up after 2 s, done when the window of 10 s has passed.
async fn changes_plan_and_quantity(isv: &Isv, world: &World) {
    for (body, action, after) in [
        (to_plan("gold"), Action::ChangePlan, ("gold", 3)),
        (to_quantity(5), Action::ChangeQuantity, ("gold", 5)),
    ] {
        let before = isv.now().await;
        let operation = operation_of(isv.change(&body).await);
        assert_eq!(isv.stands(&operation).await, (action, State::NotStarted));
        let read = isv.operation(&operation).await;
        assert_eq!((read.plan_id.as_deref(), read.quantity), (Some(after.0), Some(after.1)));
        assert_eq!(isv.open().await, [operation]);
        assert_eq!(refused(isv.change(&to_quantity(9)).await), 400, "one at a time");
        world.operator.advance_by("PT2S").await;
        assert_eq!(isv.stands(&operation).await, (action, State::InProgress));
        assert_eq!(isv.now().await, before, "not yet");
        world.operator.advance_by("PT10S").await;
        assert_eq!(isv.stands(&operation).await, (action, State::Succeeded));
        assert_eq!(isv.now().await, (Status::Subscribed, after.0.to_owned(), Some(after.1)));
        assert!(isv.open().await.is_empty());
    }
}

/// Something happens on the customer's side; the operation it starts.
async fn happens(world: &World, isv: &Isv, action: &Value) -> Uuid {
    id(&world.operator.acted(&isv.id.to_string(), action).await)
}

/// The customer's changes: one accepted, one refused, each by PATCH within the window.
async fn answers_the_customers_changes(isv: &Isv, world: &World) {
    let more = json!({"action": "changeQuantity", "quantity": 7});
    let operation = happens(world, isv, &more).await;
    assert_eq!(isv.stands(&operation).await, (Action::ChangeQuantity, State::InProgress));
    assert_eq!(isv.open().await, [operation]);
    assert_eq!(isv.decide(&operation, Decision::Success).await.unwrap().status(), 200);
    assert_eq!(isv.stands(&operation).await, (Action::ChangeQuantity, State::Succeeded));
    assert_eq!(isv.now().await, (Status::Subscribed, "gold".to_owned(), Some(7)));
    assert_eq!(refused(isv.decide(&operation, Decision::Failure).await), 409, "decided");

    let back = json!({"action": "changePlan", "planId": "silver"});
    let operation = happens(world, isv, &back).await;
    isv.decide(&operation, Decision::Failure).await.unwrap();
    assert_eq!(isv.stands(&operation).await, (Action::ChangePlan, State::Failed));
    assert_eq!(isv.now().await, (Status::Subscribed, "gold".to_owned(), Some(7)));
    assert!(isv.open().await.is_empty());
}

async fn follows_suspension_and_reinstatement(isv: &Isv, world: &World) {
    let operation = happens(world, isv, &json!({"action": "suspend"})).await;
    assert_eq!(isv.stands(&operation).await, (Action::Suspend, State::Succeeded));
    assert_eq!(isv.now().await, (Status::Suspended, "gold".to_owned(), Some(7)));
    let operation = happens(world, isv, &json!({"action": "reinstate"})).await;
    assert_eq!(isv.stands(&operation).await, (Action::Reinstate, State::InProgress));
    assert_eq!(isv.open().await, [operation]);
    isv.decide(&operation, Decision::Success).await.unwrap();
    assert_eq!(isv.stands(&operation).await, (Action::Reinstate, State::Succeeded));
    assert_eq!(isv.now().await, (Status::Subscribed, "gold".to_owned(), Some(7)));
}

async fn follows_a_renewal(isv: &Isv, world: &World) {
    let before = isv.subscription().await.term.expect("a term");
    let operation = happens(world, isv, &json!({"action": "renew"})).await;
    assert_eq!(isv.stands(&operation).await, (Action::Renew, State::Succeeded));
    let after = isv.subscription().await.term.expect("a term");
    assert!(after.start_date > before.end_date, "{before:?} {after:?}");
    assert!(after.end_date > after.start_date, "{after:?}");
}

async fn unsubscribes(isv: &Isv, world: &World) {
    let operation = operation_of(isv.delete().await);
    assert_eq!(isv.stands(&operation).await, (Action::Unsubscribe, State::NotStarted));
    world.operator.advance_by("PT12S").await;
    assert_eq!(isv.stands(&operation).await, (Action::Unsubscribe, State::Succeeded));
    assert_eq!(isv.now().await, (Status::Unsubscribed, "gold".to_owned(), Some(7)));
    assert_eq!(refused(isv.activate(&to_plan("gold")).await), 404);
    assert_eq!(refused(isv.change(&to_plan("silver")).await), 400);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_generated_client_walks_the_list_and_reads_what_has_no_licenses(#[case] db: Db) {
    let world = World::new(db).await;
    let client = generated(&world.base, &world.publisher);
    let mut bought = Vec::new();
    for _ in 0..101 {
        bought.push(id(&world.buy_as(&flat()).await.id));
    }
    let list = async |token: Option<&str>| {
        let page = client.fulfillment_operations_list_subscriptions(VERSION, token, None, None);
        page.await.unwrap().into_inner()
    };
    let first = list(None).await;
    let next: Url = first.next_link.expect("another page").parse().expect("an absolute URL");
    let token = next.query_pairs().find(|(name, _)| name == "continuationToken");
    let last = list(Some(&token.expect("a token").1)).await;
    assert_eq!((first.subscriptions.len(), last.next_link), (100, None));
    let all: Vec<_> = first.subscriptions.into_iter().chain(last.subscriptions).collect();
    assert!(all.iter().all(|one| one.quantity.is_none()), "a flat rate has no quantity");
    let mut seen: Vec<_> = all.iter().map(|one| one.id.unwrap()).collect();
    seen.sort();
    bought.sort();
    assert_eq!(seen, bought, "each of them once");
    world.stop().await;
}

#[tokio::test]
async fn refusals_reach_a_generated_client_as_microsofts_file_has_them() {
    let world = World::new(Db::Sqlite).await;
    let bought = world.buy_flat().await;
    let get = async |app: &PublisherApp, id: &Uuid| {
        let client = generated(&world.base, app);
        refused(client.fulfillment_operations_get_subscription(id, VERSION, None, None).await)
    };
    assert_eq!(get(&world.publisher, &Uuid::nil()).await, 404);
    assert_eq!(get(&world.other_publisher, &id(&bought.id)).await, 403);
    assert_eq!(get(&world.publisher.with_bearer("none"), &id(&bought.id)).await, 403);
    let client = generated(&world.base, &world.publisher);
    let resolved = client.fulfillment_operations_resolve(VERSION, None, "garbage", None).await;
    assert_eq!(refused(resolved), 400);
    let isv = Isv { client, id: id(&bought.id) };
    assert_eq!(refused(isv.decide(&Uuid::nil(), Decision::Success).await), 404);
    assert_eq!(refused(isv.change(&to_plan("metered")).await), 400, "not active");
}
