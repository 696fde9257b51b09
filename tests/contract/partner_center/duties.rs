//! GET /v1/customers/{customer}/subscriptions/{id}/duties and POST …/duties/urlSent: the partner's duties (S24, S25), by
//! the partner's own programs.

use rstest::rstest;
use serde_json::json;

use crate::support::{Db, World, partner::PartnerApp};

const URL: &str = "https://contoso.example/sign-in";

/// The partner that serves the first customer, and the path of the duties of a subscription of that customer.
async fn partner(world: &World, id: &str) -> (PartnerApp, String) {
    let customer = &world.sandbox.customers[0];
    let path = format!("/customers/{}/subscriptions/{id}/duties", customer.customer_id);
    (world.partner(&customer.partner_id).await, path)
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s24_s25_a_partner_reads_its_duties_and_records_what_it_sent(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    let (app, path) = partner(&world, &bought.id).await;
    assert_eq!(app.get(&path).await.is(200).json(), json!({}));
    let sent = format!("{path}/urlSent");
    let early = app.post(&sent, &json!({})).await.partner_error(409, 800_082);
    assert!(early.text_at("/description").contains("no sign-in URL"), "{early}");

    let by = json!({"objectId": "7c1e", "emailId": "dana@alder-finch.example"});
    let report = json!({"informationSubmittedBy": by, "signInUrl": URL});
    world.publisher.set_up(&bought.id, &report).await.is(200);
    let at = "2027-01-31T09:00:00.000000Z";
    let told = json!({"informationSubmitted": {"by": by, "at": at}, "signInUrl": URL});
    assert_eq!(app.get(&path).await.is(200).json(), told);
    world.operator.advance_by("PT1H").await;
    let seller = app.as_user(&["SalesAgent"]);
    let first = seller.post(&sent, &json!({})).await.is(200);
    let recorded = json!({"by": "somebody@partner.example", "at": "2027-01-31T10:00:00.000000Z"});
    assert_eq!(first.at("/urlSent"), recorded, "{first}");
    world.operator.advance_by("PT1H").await;
    let again = app.post(&sent, &json!({})).await.is(200);
    assert_eq!(again.json(), first.json(), "the first time is kept");
    assert_eq!(world.operator.truth(&bought.id).await.at("/duties"), first.json());
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn s25_who_may_not_and_what_is_not_theirs_is_refused_and_nothing_is_recorded(#[case] db: Db) {
    let world = World::new(db).await;
    let bought = world.buy(2).await;
    world.publisher.set_up(&bought.id, &json!({"signInUrl": URL})).await.is(200);
    let (app, path) = partner(&world, &bought.id).await;
    let sent = format!("{path}/urlSent");
    for roles in [&["BillingAdmin"][..], &[]] {
        app.as_user(roles).post(&sent, &json!({})).await.partner_error(403, 900_150);
    }
    app.as_user(&["BillingAdmin"]).get(&path).await.is(200);
    app.as_user(&[]).get(&path).await.partner_error(403, 900_150);
    let customers = &world.sandbox.customers;
    let foreign = customers.iter().find(|one| one.partner_id != customers[0].partner_id);
    let foreign = foreign.expect("a customer of another partner");
    for (customer, subscription, status, code) in [
        (&foreign.customer_id, bought.id.as_str(), 403, 20_002),
        (&customers[0].customer_id, "6c538dd9-c47b-4eea-b8ce-b4a8009af0ed", 404, 20_003),
        (&customers[0].customer_id, "no-guid", 404, 20_003),
    ] {
        let path = format!("/customers/{customer}/subscriptions/{subscription}/duties");
        app.get(&path).await.partner_error(status, code);
        app.post(&format!("{path}/urlSent"), &json!({})).await.partner_error(status, code);
    }
    let truth = world.operator.truth(&bought.id).await;
    assert_eq!(truth.at("/duties"), json!({"signInUrl": URL}), "{truth}");
    world.operator.unsubscribe(&bought.id).await.is(202);
    app.post(&sent, &json!({})).await.partner_error(400, 2_011);
}
