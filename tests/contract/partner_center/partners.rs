//! /v1/profiles/mpn, relationships, agreement status, agreements: partners about each other, and what was agreed to
//! (partner-center.md 3.9, 3.10).

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Ask, Db, World, world::START};

/// What confirms that a customer has agreed.
fn agreement() -> Value {
    json!({"primaryContact": {"firstName": "Tania", "lastName": "Carr", "email": "tania@cedarridge.example",
        "phoneNumber": "1234567890"},
        "templateId": "117a77b0-9360-443b-8795-c6dedc750cf9", "dateAgreed": "2027-01-30T00:00:00",
        "type": "MicrosoftCustomerAgreement", "userId": null})
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p50_a_partner_is_found_by_its_partner_id_or_404_with_3000(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("alder-finch").await.as_user(&["SalesAgent"]);
    let own = partner.get("/profiles/mpn").await.is(200);
    let expected = json!({"partnerName": "Alder & Finch Distribution", "mpnId": "4390001",
        "profileType": "MpnProfile",
        "links": {"self": {"uri": "/profiles/mpn", "method": "GET", "headers": []}},
        "attributes": {"objectType": "MpnProfile"}});
    assert_eq!(own.json(), expected);
    let other = partner.get("/profiles/mpn?mpnId=4847001").await.is(200);
    assert_eq!(other.at("/partnerName"), "Nordpunkt Systeme", "{other}");
    for unknown in ["1234567", "x", "%20"] {
        let refused = partner.get(&format!("/profiles/mpn?mpnId={unknown}")).await;
        refused.partner_error(404, 3_000);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p51_what_needs_a_user_refuses_a_program_alone(#[case] db: Db) {
    let world = World::new(db).await;
    let app = world.partner("bluestem").await;
    let customer = world.sandbox.customers[3].customer_id.clone();
    for path in [
        "/profiles/mpn".to_owned(),
        "/profiles/mpn?mpnId=4847001".to_owned(),
        "/relationships?relationship_type=IsIndirectResellerOf".to_owned(),
        format!("/customers/{customer}/relationships"),
        format!("/customers/{customer}/Profiles/Company"),
        format!("/customers/{customer}/profiles/billing"),
        format!("/customers/{customer}/agreements"),
    ] {
        app.get(&path).await.partner_error(403, 900_329);
        app.as_user(&["AdminAgent"]).get(&path).await.is(200);
        app.as_user(&[]).get(&path).await.partner_error(403, 900_150);
    }
    let path = format!("/customers/{customer}/agreements");
    app.post(&path, &agreement()).await.partner_error(403, 900_329);
    app.as_user(&["BillingAdmin"]).post(&path, &agreement()).await.partner_error(403, 900_150);
    app.get("/agreements").await.is(200);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn providers_and_resellers_know_each_other(#[case] db: Db) {
    let world = World::new(db).await;
    let provider = world.partner("alder-finch").await.as_user(&["AdminAgent"]);
    let reseller = world.partner("nordpunkt").await.as_user(&["GlobalAdmin"]);
    let direct = world.partner("bluestem").await.as_user(&["GlobalAdmin"]);
    for asked in ["IsIndirectCloudSolutionProviderOf", "is_indirect_cloud_solution_provider_of"] {
        let listed =
            provider.get(&format!("/relationships?relationship_type={asked}")).await.is(200);
        assert_eq!(listed.at("/totalCount"), 2, "{listed}");
        let first = listed.at("/items/0");
        assert_eq!(first["mpnId"], "4847001", "{listed}");
        assert_eq!(first["name"], "Nordpunkt Systeme", "{listed}");
        assert_eq!(first["id"], world.sandbox.partners[1].tenant_id.as_str(), "{listed}");
        assert_eq!(first["relationshipType"], "is_indirect_cloud_solution_provider_of", "{listed}");
        assert_eq!(first["state"], "Active", "{listed}");
        assert_eq!(first["attributes"]["objectType"], "PartnerRelationship", "{listed}");
    }
    let path = "/relationships?relationship_type=IsIndirectResellerOf";
    let theirs = reseller.get(path).await.is(200);
    assert_eq!(theirs.at("/items/0/mpnId"), "4390001", "{theirs}");
    assert_eq!(theirs.at("/items/0/relationshipType"), "is_indirect_reseller_of", "{theirs}");
    for nobody in [provider.get(path).await, direct.get(path).await] {
        assert_eq!(nobody.is(200).at("/items"), json!([]));
    }
    for path in ["/relationships", "/relationships?relationship_type=IsFriendOf"] {
        provider.get(path).await.partner_error(400, 800_002);
    }
    let own = world.sandbox.customers[0].customer_id.clone();
    let none = provider.get(&format!("/customers/{own}/relationships")).await.is(200);
    assert_eq!(none.at("/items"), json!([]), "{none}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn whether_a_partner_has_signed_is_asked_by_partner_id_or_tenant(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("alder-finch").await.as_user(&["AdminAgent"]);
    let unsigned = &world.sandbox.partners[3];
    assert_eq!(unsigned.partner_id, "quillmark");
    let path = "/compliance/csp/agreementstatus";
    for (query, signed) in [
        ("mpnId=4847001".to_owned(), true),
        ("mpnid=4847002".to_owned(), false),
        (format!("tenantId={}", unsigned.tenant_id), false),
        (format!("tenantId={}", partner.app.tenant_id), true),
    ] {
        let answer = partner.get(&format!("{path}?{query}")).await.is(200);
        assert_eq!(answer.json(), json!({"isAgreementSigned": signed}), "{query}");
    }
    partner.get(path).await.partner_error(400, 800_002);
    partner.get(&format!("{path}?mpnId=1")).await.partner_error(404, 3_000);
    let nobodys = format!("{path}?tenantId={}", world.sandbox.customers[0].customer_id);
    for unknown in [format!("{path}?tenantId=x"), nobodys] {
        partner.get(&unknown).await.partner_error(404, 60_003);
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn that_a_customer_has_agreed_is_confirmed_and_kept_as_a_history(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await.as_user(&["SalesAgent"]);
    let template = partner.get("/agreements").await.is(200);
    assert_eq!(template.at("/items/0/agreementType"), "MicrosoftCustomerAgreement", "{template}");
    assert!(template.text_at("/items/0/agreementLink").starts_with("https://"), "{template}");
    assert_eq!(partner.get("/agreements?agreementType=*").await.is(200).at("/totalCount"), 1);
    assert_eq!(partner.get("/agreements?agreementType=Other").await.is(200).at("/totalCount"), 0);

    let path = format!("/customers/{}/agreements", world.sandbox.customers[3].customer_id);
    let before = partner.get(&path).await.is(200);
    assert_eq!(before.at("/totalCount"), 1, "the catalogue's customers have agreed: {before}");
    assert_eq!(before.at("/items/0/userId"), Value::Null, "{before}");
    let mut body = agreement();
    body["TemplateId"] = template.at("/items/0/templateId");
    let made = partner.post(&path, &body).await.is(201);
    assert_eq!(made.at("/userId"), "5f1d3c0a-7a7e-4a55-9a0f-0d2c0b9f7a01", "{made}");
    assert_eq!(made.at("/dateAgreed"), "2027-01-30T00:00:00Z", "{made}");
    assert_eq!(made.at("/primaryContact/email"), "tania@cedarridge.example", "{made}");
    assert_eq!(made.at("/type"), "MicrosoftCustomerAgreement", "{made}");
    partner.post(&path, &agreement()).await.is(201);
    let all =
        partner.get(&format!("{path}?agreementType=MicrosoftCustomerAgreement")).await.is(200);
    assert_eq!(all.at("/totalCount"), 3, "{all}");
    assert_eq!(all.at("/items/1"), made.json(), "{all}");
    assert_eq!(world.operator.events("agreementConfirmed").await.len(), 2);

    for (pointer, value) in [
        ("/type", json!("MicrosoftCloudAgreement")),
        ("/type", Value::Null),
        ("/templateId", json!("998b88de-aa99-4388-a42c-1b3517d49490")),
        ("/dateAgreed", json!("yesterday")),
        ("/dateAgreed", Value::Null),
        ("/dateAgreed", json!("2027-01-31T09:00:01Z")),
        ("/primaryContact", Value::Null),
        ("/primaryContact/firstName", json!(" ")),
        ("/primaryContact/lastName", json!("a\nb")),
        ("/primaryContact/email", json!("tania")),
        ("/primaryContact/phoneNumber", json!(5)),
    ] {
        let mut body = agreement();
        *body.pointer_mut(pointer).unwrap() = value;
        partner.post(&path, &body).await.partner_error(400, 800_002);
    }
    let mut now = agreement();
    now["dateAgreed"] = START.into();
    partner.post(&path, &now).await.is(201);
    assert_eq!(partner.get(&path).await.is(200).at("/totalCount"), 4);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p58_the_same_request_confirms_an_agreement_once(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await.as_user(&["SalesAgent"]);
    let path = format!("/customers/{}/agreements", world.sandbox.customers[3].customer_id);
    let post = async |id: &str, body: &Value| {
        let call = partner.call(Method::POST, &path).header("MS-RequestId", id).json(body);
        call.ask().await.is(201)
    };
    let (one, other) =
        ("655890ba-4d2b-4d09-a95f-4ea1348686a5", "655890ba-4d2b-4d09-a95f-4ea1348686a6");
    let first = post(one, &agreement()).await;
    let again = post(&one.to_uppercase(), &agreement()).await;
    assert_eq!(again.json(), first.json());
    let count = async || partner.get(&path).await.is(200).at("/totalCount");
    assert_eq!(count().await, 2, "the catalogue's own, and this one");
    assert_eq!(world.operator.events("agreementConfirmed").await.len(), 1);
    // Another body, or another id, is another confirmation.
    let mut later = agreement();
    later["dateAgreed"] = START.into();
    assert_ne!(post(one, &later).await.json(), first.json());
    post(other, &agreement()).await;
    assert_eq!(count().await, 4);
}
