//! A database of the first release is brought up to date: nothing is lost, and terms that run get their ends.

use rstest::rstest;
use shared::{
    entropy::{SystemEntropy, random_uuid},
    ids::{ClientId, CustomerId, OperationId, SubscriptionId},
};
use sqlx::{AnyConnection, Executor, Row, query};
use uuid::Uuid;

use super::{
    super::{
        Store, agreements_of, charges_of, find_delivery, find_operation, find_subscription,
        orders_of, partner, publisher, without_sign_in, without_term_end,
    },
    bed::{self, Bed, Kind, START},
};
use crate::{
    commands::{GiveSignIn, SetTermEnds, client_secret},
    domain::{
        operation::{OperationAction, OperationState},
        party::SignInApp,
        subscription::{EndReason, Status},
    },
};

const PENDING: u128 = 1;
const BILLING: u128 = 2;
const ONE_KEY: u128 = 3;
const ENDED: u128 = 4;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn subscription(number: u128) -> SubscriptionId {
    SubscriptionId(id(number))
}

fn micros() -> i64 {
    START.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

/// The world around the subscriptions.
async fn fill(conn: &mut AnyConnection) {
    let (nil, at) = (id(0), micros());
    let user =
        format!(r#"{{"email":"a@b.example","object_id":"{nil}","tenant_id":"{nil}","puid":"1"}}"#);
    for statement in [
        format!("INSERT INTO sandboxes (id, created_at, frozen_at) VALUES ('s', {at}, {at})"),
        format!(
            "INSERT INTO publishers (sandbox_id, id, position, name, tenant_id, client_id, client_secret, \
             license_confirmation, version) VALUES ('s', 'contoso', 0, 'Contoso', '{nil}', '{nil}', 'x', 'explicit', 1)"
        ),
        format!(
            "INSERT INTO partners (sandbox_id, id, position, name, kind, tenant_id, client_id, client_secret, mpn_id, \
             buyer) VALUES ('s', 'p', 0, 'P', 'directBill', '{nil}', '{nil}', 'x', '1', '{user}')"
        ),
        format!(
            "INSERT INTO customers (sandbox_id, id, position, name, country, domain, partner_id, admin) \
             VALUES ('s', '{nil}', 0, 'C', 'US', 'c.example', 'p', '{user}')"
        ),
        "INSERT INTO offers (sandbox_id, id, position, publisher_id, name, plans) \
         VALUES ('s', 'desk', 0, 'contoso', 'Desk', '[]')"
            .to_owned(),
    ] {
        conn.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    }
    for (number, status, keys, ended) in [
        (PENDING, "PendingFulfillmentStart", "NULL, NULL, NULL, NULL", "NULL, NULL"),
        (BILLING, "Subscribed", "{at}, {at}, {at}, {day}", "NULL, NULL"),
        (ONE_KEY, "Subscribed", "NULL, {at}, NULL, {day}", "NULL, NULL"),
        (ENDED, "Unsubscribed", "{at}, {at}, {at}, {day}", "{at}, 'canceled'"),
    ] {
        let day = "2027-01-31T00:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond();
        let put =
            |text: &str| text.replace("{at}", &at.to_string()).replace("{day}", &day.to_string());
        let statement = format!(
            "INSERT INTO subscriptions (sandbox_id, id, order_id, publisher_id, offer_id, plan_id, name, customer_id, \
             beneficiary, purchaser, sold_by, quantity, term, billing_cycle, unit_price, currency, purchased_at, \
             status, licenses_assigned_at, fulfillment_confirmed_at, billing_started_at, term_start, ended_at, \
             end_reason, licenses_assigned, version) VALUES ('s', '{}', 'o-{number}', 'contoso', 'desk', 'silver', 'Desk', \
             '{nil}', '{user}', '{user}', 'partner', 5, 'P1M', 'monthly', '20', 'USD', {at}, '{status}', {}, {}, 5, 2)",
            id(number),
            put(keys),
            put(ended)
        );
        conn.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    }
    belongings(conn).await;
}

/// What belongs to them.
async fn belongings(conn: &mut AnyConnection) {
    let at = micros();
    let (billing, pending, ended) = (id(BILLING), id(PENDING), id(ENDED));
    for statement in [
        format!("INSERT INTO license_assignments VALUES ('s', '{billing}', '[]', {at})"),
        format!(
            "INSERT INTO operations (sandbox_id, id, subscription_id, action, status, source, created_at) \
             VALUES ('s', '{}', '{ended}', 'Unsubscribe', 'Succeeded', 'Azure', {at})",
            id(9)
        ),
        format!(
            "INSERT INTO charges VALUES ('s', '{billing}', 1, 'new', {at}, {at}, 5, '20', 10000, 'USD', 'r')"
        ),
        format!("INSERT INTO timers VALUES ('s', '{}', {at}, 'pendingLimit', '{pending}')", id(8)),
    ] {
        conn.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    }
}

async fn timers(store: &Store) -> Vec<(String, String, i64)> {
    let mut conn = store.read().await.unwrap();
    let rows = query("SELECT kind, subscription_id, due_at FROM timers ORDER BY subscription_id")
        .fetch_all(&mut *conn)
        .await
        .unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_first_release_goes_on(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let mut conn = bed.first_release().await;
    fill(&mut conn).await;
    sqlx::Connection::close(conn).await.unwrap();
    let broker = bed.open().await;
    let sandbox = "s".parse().unwrap();
    let mut conn = broker.read().await.unwrap();
    for (number, status) in [
        (PENDING, Status::PendingFulfillmentStart),
        (BILLING, Status::Subscribed),
        (ONE_KEY, Status::Subscribed),
        (ENDED, Status::Unsubscribed { at: START.parse().unwrap(), reason: EndReason::Canceled }),
    ] {
        let found = find_subscription(&mut conn, &sandbox, subscription(number)).await.unwrap();
        let found = found.unwrap();
        assert_eq!((found.status, found.quantity, found.version), (status, Some(5), 2));
        assert_eq!(found.modified_at, START.parse().unwrap());
    }
    let customer = CustomerId(id(0));
    let orders = orders_of(&mut conn, &sandbox, customer).await.unwrap();
    assert_eq!(orders.len(), 4, "each purchase was an order");
    let billing = orders.iter().find(|order| order.id.as_str() == "o-2").unwrap();
    assert_eq!(billing.alternate_id, "000000000002");
    let [line] = &billing.lines[..] else { panic!("{billing:?}") };
    assert_eq!((line.subscription_id, line.quantity), (subscription(BILLING), Some(5)));
    let agreements = agreements_of(&mut conn, &sandbox, customer).await.unwrap();
    assert_eq!(agreements.len(), 1, "customers of before have accepted");
    let partner = partner(&mut conn, &sandbox, &"p".parse().unwrap()).await.unwrap().unwrap();
    assert!(partner.agreement_signed_at.is_some());
    let operation =
        find_operation(&mut conn, &sandbox, subscription(ENDED), OperationId(id(9))).await;
    let operation = operation.unwrap().unwrap();
    assert_eq!(operation.action, OperationAction::Unsubscribe);
    assert_eq!(operation.state, OperationState::Succeeded);
    assert_eq!(operation.target.plan_id.as_str(), "silver");
    assert_eq!(charges_of(&mut conn, &sandbox, subscription(BILLING)).await.unwrap().len(), 1);

    let found = without_term_end(&mut conn, 100).await.unwrap();
    assert_eq!(found.len(), 2, "the one that runs, and the one that has ended");
    let command = SetTermEnds { subscriptions: found, ids: bed::ids() };
    broker.execute(command).await.unwrap();
    assert!(without_term_end(&mut conn, 100).await.unwrap().is_empty());
    let due = "2027-02-28T00:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond();
    let expected = [
        ("pendingLimit".to_owned(), id(PENDING).to_string(), micros()),
        ("termEnd".to_owned(), id(BILLING).to_string(), due),
    ];
    assert_eq!(timers(&broker).await, expected);

    for (sandbox, publisher) in without_sign_in(&mut conn).await.unwrap() {
        for _ in ["a broker", "another one that has started at the same time"] {
            let app = SignInApp {
                client_id: ClientId(random_uuid(&SystemEntropy)),
                client_secret: client_secret(&SystemEntropy),
                redirect_uris: None,
            };
            let (sandbox, publisher) = (sandbox.clone(), publisher.clone());
            broker.execute(GiveSignIn { sandbox, publisher, app }).await.unwrap();
        }
    }
    assert!(without_sign_in(&mut conn).await.unwrap().is_empty());
    let contoso = publisher(&mut conn, &sandbox, &"contoso".parse().unwrap()).await.unwrap();
    let contoso = contoso.unwrap();
    assert_ne!(contoso.sign_in.client_id, contoso.app.client_id);
    assert_eq!(contoso.sign_in.redirect_uris, None);
    drop(conn);
    broker.stop().await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_webhook_tells_is_kept_when_it_moves_to_a_table_of_its_own(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let mut conn = bed.first_release().await;
    fill(&mut conn).await;
    bed::migrate_to(&mut conn, 5).await;
    let user = format!(
        r#"{{"email":"a@b.example","object_id":"{0}","tenant_id":"{0}","puid":"1"}}"#,
        id(0)
    );
    let notice = format!(
        r#"{{"time_stamp":"{START}","source":"Azure","status":"Succeeded","target_plan":"silver",
        "target_quantity":5,"publisher":"contoso","offer":"desk","name":"Desk","plan":"silver","quantity":5,
        "beneficiary":{user},"purchaser":{user},"customer_operations":[],"subscription_status":"Unsubscribed",
        "first_day":null,"last_day":null,"term":"P1M","auto_renew":true,"created":"{START}","modified":"{START}"}}"#
    );
    let statement = format!(
        "INSERT INTO deliveries (sandbox_id, operation_id, subscription_id, publisher_id, number, action, notice, \
         state, attempts, resends, created_at) VALUES ('s', '{}', '{}', 'contoso', 1, 'Unsubscribe', '{notice}', \
         'ready', 0, 0, {})",
        id(9),
        id(ENDED),
        micros()
    );
    conn.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    sqlx::Connection::close(conn).await.unwrap();
    let broker = bed.open().await;
    let mut conn = broker.read().await.unwrap();
    let found = find_delivery(&mut conn, &"s".parse().unwrap(), OperationId(id(9))).await.unwrap();
    let found = found.unwrap();
    assert_eq!((found.action, found.attempts), (OperationAction::Unsubscribe, 0));
    assert_eq!((&*found.notice.name, found.notice.quantity), ("Desk", Some(5)));
    drop(conn);
    broker.stop().await;
}
