//! /v1/customers: whose customers a partner sees, how it makes one and lets one go (partner-center.md 3.2).

use std::collections::BTreeSet;

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Answer, Ask, Db, World, partner::PartnerApp};

/// The least that makes a customer, as the .NET SDK writes it: PascalCase, with nulls.
fn new_customer(domain: &str) -> Value {
    json!({
        "Id": null, "CommerceId": null, "RelationshipToPartner": "None", "AllowDelegatedAccess": null,
        "CompanyProfile": {"TenantId": null, "Domain": domain, "CompanyName": null, "Links": null},
        "BillingProfile": {
            "Culture": "EN-US", "Email": "ada@relecloud.example", "Language": "En", "CompanyName": "Relecloud",
            "DefaultAddress": {"FirstName": "Ada", "LastName": "Marsh", "AddressLine1": "One Main Street",
                "AddressLine2": null, "City": "Redmond", "State": "WA", "Country": "US", "PostalCode": "98052",
                "PhoneNumber": ""}},
        "UserCredentials": null, "AssociatedPartnerId": null, "Attributes": {"ObjectType": "Customer"}
    })
}

/// The same with one member of its profiles set.
fn with(mut customer: Value, pointer: &str, value: impl Into<Value>) -> Value {
    *customer.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value.into();
    customer
}

fn names(listed: &Answer) -> Vec<String> {
    let items = listed.at("/items");
    let names = items.as_array().expect("items").iter();
    names.map(|item| item["companyProfile"]["companyName"].as_str().unwrap().to_owned()).collect()
}

fn customer_of(world: &World, name: &str) -> String {
    let found = world.sandbox.customers.iter().find(|customer| customer.name == name);
    found.unwrap_or_else(|| panic!("no customer {name}")).customer_id.clone()
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p06_a_partner_sees_its_own_customers_and_anothers_are_refused(#[case] db: Db) {
    let world = World::new(db).await;
    let provider = world.partner("alder-finch").await;
    let direct = world.partner("bluestem").await;
    let listed = direct.get("/customers?size=40").await.is(200);
    assert_eq!(names(&listed), ["Cedar Ridge School District"], "{listed}");
    assert_eq!(listed.at("/totalCount"), 1, "{listed}");
    assert_eq!(listed.at("/attributes/objectType"), "Collection", "{listed}");
    assert_eq!(listed.at("/links/self/uri"), "/customers?size=40", "{listed}");
    assert_eq!(listed.at("/links/next"), Value::Null, "{listed}");
    assert_eq!(listed.at("/items/0/relationshipToPartner"), "reseller", "{listed}");
    assert_eq!(listed.at("/items/0/billingProfile"), Value::Null, "a list has less: {listed}");
    let theirs = names(&provider.get("/customers").await.is(200));
    assert_eq!(theirs.len(), 3, "{theirs:?}");

    let id = customer_of(&world, "Cedar Ridge School District");
    let own = direct.get(&format!("/customers/{}", id.to_uppercase())).await.is(200);
    assert_eq!(own.at("/id"), id.as_str(), "{own}");
    assert_eq!(own.at("/companyProfile/tenantId"), id.as_str(), "{own}");
    assert_eq!(own.at("/companyProfile/domain"), "cedarridge.example", "{own}");
    assert_eq!(own.at("/billingProfile/defaultAddress/country"), "US", "{own}");
    assert_eq!(own.at("/billingProfile/culture"), "en-US", "{own}");
    assert!(own.at("/billingProfile/attributes/etag").is_string(), "{own}");
    assert!(own.at("/commerceId").is_string(), "{own}");
    let user = direct.as_user(&["BillingAdmin"]);
    for (part, profile) in [("company", "companyProfile"), ("billing", "billingProfile")] {
        let alone = user.get(&format!("/customers/{id}/profiles/{part}")).await.is(200);
        assert_eq!(alone.json(), own.at(&format!("/{profile}")), "{alone}");
    }
    let (elsewhere, _) = world.another_sandbox("elsewhere").await;
    let foreign = elsewhere.get("").await.is(200).text_at("/customers/3/customerId");
    for path in [
        format!("/customers/{id}"),
        format!("/customers/{id}/products?targetView=Azure"),
        format!("/customers/{id}/relationships"),
        format!("/customers/{foreign}"),
        "/customers/7c0f3d52-6a4e-4f0a-9a53-1e1f7a1b0001".to_owned(),
        "/customers/nobody/agreements".to_owned(),
    ] {
        let refused = provider.as_user(&["AdminAgent"]).get(&path).await;
        refused.partner_error(403, 20_002);
    }
    provider
        .call(Method::DELETE, &format!("/customers/{id}"))
        .ask()
        .await
        .partner_error(403, 20_002);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p57_answers_give_back_the_ids_of_their_requests(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let (request, correlation) =
        ("94E4E214-6b06-4fb7-96d1-94d559f9b47f", "ab993325-1605-4cf4-bac4-fb584142a31b");
    for (path, status) in [("/customers", 200), ("/customers/nobody", 403), ("/products", 400)] {
        let call = partner.call(Method::GET, path).header("MS-RequestId", request);
        let call = call.header("MS-CorrelationId", correlation).header("X-Locale", "ko-KR");
        let answer = call.ask().await.is(status);
        assert_eq!(answer.header("ms-requestid"), request, "{answer}");
        assert_eq!(answer.header("ms-correlationid"), correlation, "{answer}");
        assert_eq!(answer.header("x-locale"), "ko-KR", "{answer}");
        let made = partner.get(path).await.is(status);
        for name in ["ms-requestid", "ms-correlationid"] {
            made.header(name).parse::<uuid::Uuid>().unwrap_or_else(|_| panic!("{name}: {made}"));
        }
        assert!(
            !made.header("ms-cv").is_empty() && !made.header("ms-serverid").is_empty(),
            "{made}"
        );
        assert_eq!(made.header("content-type"), "application/json; charset=utf-8", "{made}");
    }
    let anonymous = world.anon.call(Method::GET, "/v1/customers");
    let refused = anonymous.header("MS-RequestId", request).ask().await.is(401);
    assert_eq!(refused.header("ms-requestid"), request, "{refused}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_customer_is_made_with_a_password_that_is_told_once(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let body = new_customer("Relecloud.onmicrosoft.example");
    let post = |id: &str, body: &Value| {
        partner.call(Method::POST, "/customers").header("MS-RequestId", id).json(body)
    };
    let first = post("655890ba-4d2b-4d09-a95f-4ea1348686a5", &body).ask().await.is(201);
    assert_eq!(first.at("/relationshipToPartner"), "none", "{first}");
    assert_eq!(first.at("/userCredentials/userName"), "admin", "{first}");
    let password = first.text_at("/userCredentials/password");
    assert!(password.len() >= 16, "{first}");
    assert_eq!(first.at("/companyProfile/domain"), "relecloud.onmicrosoft.example", "{first}");
    assert_eq!(first.at("/billingProfile/culture"), "en-US", "{first}");
    assert_eq!(first.at("/billingProfile/language"), "en", "{first}");
    assert_eq!(first.at("/billingProfile/defaultAddress/firstName"), "Ada", "{first}");
    assert_eq!(first.at("/billingProfile/defaultAddress/phoneNumber"), Value::Null, "{first}");

    // The SDK repeats what got no answer.
    let again = post("655890BA-4d2b-4d09-a95f-4ea1348686a5", &body).ask().await.is(201);
    assert_eq!(again.at("/id"), first.at("/id"), "{again}");
    assert_eq!(again.at("/userCredentials"), Value::Null, "told once: {again}");
    // Another request wants another customer, and the domain is taken.
    post("4f0a9a53-6a4e-4f0a-9a53-1e1f7a1b0001", &body).ask().await.partner_error(409, 800_060);
    // Another partner's request of the same id is its own.
    let other = world.partner("alder-finch").await;
    let same_id = other.call(Method::POST, "/customers");
    let same_id = same_id.header("MS-RequestId", "655890ba-4d2b-4d09-a95f-4ea1348686a5");
    let body = new_customer("other.onmicrosoft.example");
    let theirs = same_id.json(&body).ask().await.is(201);
    assert_ne!(theirs.at("/id"), first.at("/id"), "{theirs}");

    let id = first.text_at("/id");
    let read = partner.get(&format!("/customers/{id}")).await.is(200);
    assert_eq!(read.at("/relationshipToPartner"), "reseller", "{read}");
    assert_eq!(read.at("/userCredentials"), Value::Null, "{read}");
    assert_eq!(names(&partner.get("/customers").await).last().unwrap(), "Relecloud");
    // It has agreed to nothing, and its administrator is known to the authority.
    let agreed =
        partner.as_user(&["GlobalAdmin"]).get(&format!("/customers/{id}/agreements")).await;
    assert_eq!(agreed.is(200).at("/items"), json!([]));
    let metadata = format!("/{id}/v2.0/.well-known/openid-configuration");
    world.anon.get(&metadata).await.is(200);
    let sandbox = world.operator.get("").await.is(200);
    assert!(sandbox.text.contains(&id), "{sandbox}");
    assert!(!sandbox.text.contains(&password), "{sandbox}");
    let journal = serde_json::to_string(&world.operator.journal().await).unwrap();
    assert!(journal.contains("customerCreated") && !journal.contains(&password));
    assert_eq!(world.operator.events("customerCreated").await.len(), 2);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_customer_that_cannot_be_made_is_refused_by_name(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let domain = "x.onmicrosoft.example";
    let of = |pointer: &str, value: Value| with(new_customer(domain), pointer, value);
    for (pointer, value, code, named) in [
        ("/CompanyProfile/Domain", Value::Null, 800_002, "companyProfile.domain"),
        ("/CompanyProfile/Domain", json!("no domain"), 800_002, "companyProfile.domain"),
        ("/CompanyProfile/Domain", json!(7), 800_002, "companyprofile.domain"),
        ("/BillingProfile/CompanyName", json!(""), 800_002, "billingProfile.companyName"),
        ("/BillingProfile/Email", json!("ada"), 800_002, "billingProfile.email"),
        ("/BillingProfile/DefaultAddress/City", Value::Null, 800_002, "defaultAddress.city"),
        ("/BillingProfile/DefaultAddress/Country", json!("XX"), 800_070, "XX"),
        ("/BillingProfile/DefaultAddress", Value::Null, 800_002, "defaultAddress.country"),
        ("/BillingProfile", Value::Null, 800_002, "billingProfile.companyName"),
        ("/AssociatedPartnerId", json!("4847001"), 900_329, "App+User"),
    ] {
        let refused = partner.post("/customers", &of(pointer, value)).await;
        let status = if code == 900_329 { 403 } else { 400 };
        let refused = refused.partner_error(status, code);
        assert!(refused.text_at("/description").contains(named), "{pointer}: {refused}");
    }
    for body in ["", "[]", "{", "null"] {
        let call = partner.call(Method::POST, "/customers").body(body);
        call.ask().await.partner_error(400, 800_002);
    }
    partner
        .post("/customers", &new_customer("harborlane.example"))
        .await
        .partner_error(409, 800_060);
    assert_eq!(names(&partner.get("/customers").await).len(), 1, "nothing was made");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn countries_that_register_companies_want_number_and_telephone(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let of = |country: &str, number: &str, phone: &str| {
        let mut body = new_customer("numbered.onmicrosoft.example");
        body["CompanyProfile"]["OrganizationRegistrationNumber"] = number.into();
        body["BillingProfile"]["DefaultAddress"]["Country"] = country.into();
        body["BillingProfile"]["DefaultAddress"]["PhoneNumber"] = phone.into();
        body
    };
    for (body, code) in [
        (of("UA", "", "+380 44 1"), 600_049),
        (of("UA", "12", "+380 44 1"), 600_050),
        (of("UA", "12345678", ""), 600_051),
        (of("US", "12345678", "1"), 600_002),
    ] {
        partner.post("/customers", &body).await.partner_error(400, code);
    }
    let made = partner.post("/customers", &of("UA", "12345678", "+380 44 1")).await.is(201);
    assert_eq!(made.at("/companyProfile/organizationRegistrationNumber"), "12345678", "{made}");
    assert_eq!(made.at("/billingProfile/defaultAddress/phoneNumber"), "+380 44 1", "{made}");
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn p04_a_provider_makes_customers_for_its_resellers_and_a_reseller_makes_none(
    #[case] db: Db,
) {
    let world = World::new(db).await;
    let provider = world.partner("alder-finch").await.as_user(&["AdminAgent"]);
    let reseller = world.partner("nordpunkt").await;
    assert_eq!(names(&reseller.get("/customers").await.is(200)), [""; 0]);
    let of = |domain: &str, mpn: &str| with(new_customer(domain), "/AssociatedPartnerId", mpn);
    for (mpn, status, code) in [
        ("0000000", 404, 800_015),
        ("4512006", 400, 800_016),
        ("4390001", 404, 2_072),
        ("4847002", 403, 900_123),
    ] {
        let refused = provider.post("/customers", &of("r.onmicrosoft.example", mpn)).await;
        refused.partner_error(status, code);
    }
    let direct = world.partner("bluestem").await.as_user(&["AdminAgent"]);
    let refused = direct.post("/customers", &of("r.onmicrosoft.example", "4847001")).await;
    let refused = refused.partner_error(400, 800_002);
    assert!(refused.text_at("/description").contains("associatedPartnerId"), "{refused}");
    let made = provider.post("/customers", &of("r.onmicrosoft.example", "4847001")).await.is(201);
    assert_eq!(made.at("/associatedPartnerId"), "4847001", "{made}");
    // The reseller sees it, and no other of the provider's; its provider would order for it.
    assert_eq!(names(&reseller.get("/customers").await.is(200)), ["Relecloud"]);
    let refused = reseller.post("/customers", &new_customer("s.onmicrosoft.example")).await;
    let refused = refused.partner_error(403, 900_308);
    assert!(refused.text_at("/description").contains("alder-finch"), "{refused}");

    let path = format!("/customers/{}/relationships", made.text_at("/id"));
    let resellers = provider.get(&path).await.is(200);
    assert_eq!(resellers.at("/items/0/mpnId"), "4847001", "{resellers}");
    assert_eq!(resellers.at("/totalCount"), 1, "{resellers}");
    let tenant = resellers.text_at("/items/0/id");
    for (value, found) in [(tenant.as_str(), 1), ("4847001", 1), ("4847002", 0)] {
        let filter =
            json!({"Field": "IndirectReseller", "Value": value, "Operator": "starts_with"});
        let listed = filtered(&provider, "size=0", &filter).await.is(200);
        assert_eq!(listed.at("/totalCount"), found, "{listed}");
    }
}

async fn filtered(partner: &PartnerApp, query: &str, filter: &Value) -> Answer {
    let call = partner.call(Method::GET, &format!("/customers?{query}"));
    call.query(&[("filter", filter.to_string())]).ask().await
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn customers_are_looked_through_page_by_page_while_others_are_made(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem-lab").await;
    let make = async |number: usize| {
        let body = new_customer(&format!("c{number}.onmicrosoft.example"));
        let name = format!("Überall {number:02}");
        partner.post("/customers", &with(body, "/BillingProfile/CompanyName", name)).await
    };
    for number in 1..=14 {
        make(number).await.is(201);
    }
    let mut seen = Vec::new();
    let mut next: Option<(String, String)> = None;
    loop {
        let page = match &next {
            None => partner.get("/customers?size=4").await.is(200),
            Some((uri, token)) => {
                let call = partner.call(Method::GET, uri);
                call.header("MS-ContinuationToken", token).ask().await.is(200)
            }
        };
        let found = names(&page);
        assert!(found.len() <= 4, "{page}");
        seen.extend(found);
        make(20 + seen.len()).await.is(201);
        let Value::String(uri) = page.at("/links/next/uri") else { break };
        assert!(uri.contains("seekOperation=Next"), "{page}");
        assert_eq!(page.at("/links/next/headers/0/key"), "MS-ContinuationToken", "{page}");
        next = Some((uri, page.text_at("/links/next/headers/0/value")));
        if seen.len() > 60 {
            panic!("it does not end: {seen:?}");
        }
    }
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "none twice: {seen:?}");
    assert!(seen.len() >= 15, "none lost: {seen:?}");
    let skipped = partner.get("/customers?size=2&offset=3").await.is(200);
    assert_eq!(names(&skipped), seen[3..5], "{skipped}");
    let all = partner.get("/customers?size=0").await.is(200);
    assert_eq!(names(&all).len(), seen.len() + 1, "{all}");
    assert_eq!(all.at("/links/next"), Value::Null, "{all}");

    let starts = |field: &str, value: &str| json!({"field": field, "value": value, "operator": "Starts_With"});
    for (field, value, count) in [
        ("CompanyName", "üBERALL 0", 9),
        ("companyname", "lake", 1),
        ("Domain", "C1", 6),
        ("Domain", "nowhere", 0),
    ] {
        let listed = filtered(&partner, "size=0", &starts(field, value)).await.is(200);
        assert_eq!(listed.at("/totalCount"), count, "{field} {value}: {listed}");
    }
    let two = filtered(&partner, "size=2", &starts("CompanyName", "über")).await.is(200);
    let call = partner.call(Method::GET, &two.text_at("/links/next/uri"));
    let token = two.text_at("/links/next/headers/0/value");
    let third = call.header("MS-ContinuationToken", token).ask().await.is(200);
    assert_eq!(names(&third)[0], "Überall 03", "{third}");
    for query in ["size=501", "size=x", "offset=-1", "filter=%7B", "filter=%7B%7D"] {
        partner.get(&format!("/customers?{query}")).await.partner_error(400, 800_002);
    }
    let call = partner.call(Method::GET, "/customers?seekOperation=Next");
    call.header("MS-ContinuationToken", "x").ask().await.partner_error(400, 800_002);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn only_an_integration_sandbox_lets_customers_go_and_has_room_for_75(#[case] db: Db) {
    let world = World::new(db).await;
    let lab = world.partner("bluestem-lab").await;
    let mut last = String::new();
    for number in 2..=75 {
        let made = lab.post("/customers", &new_customer(&format!("c{number}.x.example"))).await;
        last = made.is(201).text_at("/id");
    }
    lab.post("/customers", &new_customer("full.x.example")).await.partner_error(400, 800_018);
    let delete = |app: &PartnerApp, id: &str| app.call(Method::DELETE, &format!("/customers/{id}"));
    let gone = delete(&lab, &last).ask().await.is(204);
    assert!(gone.text.is_empty(), "{gone}");
    delete(&lab, &last).ask().await.partner_error(403, 20_002);
    lab.get(&format!("/customers/{last}")).await.partner_error(403, 20_002);
    let purchase = json!({"offerId": "contoso-archive", "planId": "standard", "customerId": last});
    world.operator.purchase(&purchase).await.problem(400, Some("customerId"));
    lab.post("/customers", &new_customer("room.x.example")).await.is(201);
    lab.post("/customers", &new_customer("c75.x.example")).await.partner_error(400, 800_018);

    // One that something is sold to stays.
    let customer = customer_of(&world, "Lakeview Test Tenant");
    let purchase =
        json!({"offerId": "contoso-archive", "planId": "standard", "customerId": customer});
    let bought = world.buy_as(&purchase).await;
    delete(&lab, &customer).ask().await.partner_error(400, 800_002);
    world.operator.unsubscribe(&bought.id).await;
    delete(&lab, &customer).ask().await.is(204);
    assert!(!world.operator.get("").await.is(200).text.contains(&customer));
    // In production customers stay.
    let production = world.partner("bluestem").await;
    let customer = customer_of(&world, "Cedar Ridge School District");
    delete(&production, &customer).ask().await.partner_error(400, 900_127);
    production.get(&format!("/customers/{customer}")).await.is(200);
    delete(&production.as_user(&["SalesAgent"]), &customer).ask().await.partner_error(403, 900_150);
    assert_eq!(world.operator.events("customerRemoved").await.len(), 2);
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn customers_that_are_made_at_once_get_places_and_domains_of_their_own(#[case] db: Db) {
    let world = World::new(db).await;
    let partner = world.partner("bluestem").await;
    let mut calls = JoinSet::new();
    for number in 0..24 {
        let partner = partner.clone();
        // Each domain is wanted twice.
        let body = new_customer(&format!("c{}.x.example", number / 2));
        calls.spawn(async move { partner.post("/customers", &body).await.status });
    }
    let statuses = calls.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 12, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 12, "{statuses:?}");
    let listed = partner.get("/customers?size=500").await.is(200);
    assert_eq!(listed.at("/totalCount"), 13, "{listed}");

    // One request that is sent many times makes one, and tells its password once.
    let mut calls = JoinSet::new();
    for _ in 0..16 {
        let call = partner.call(Method::POST, "/customers").json(&new_customer("same.x.example"));
        let call = call.header("MS-RequestId", "655890ba-4d2b-4d09-a95f-4ea1348686a5");
        calls.spawn(call.ask());
    }
    let made: Vec<_> = calls.join_all().await.into_iter().map(|answer| answer.is(201)).collect();
    let ids: BTreeSet<_> = made.iter().map(|answer| answer.text_at("/id")).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let told = made.iter().filter(|answer| answer.at("/userCredentials").is_object());
    assert_eq!(told.count(), 1);
}
