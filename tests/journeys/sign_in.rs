//! The landing page's sign-in with both services: whom a purchase opens to, who is asked again, and what somebody sees
//! who is not let in (fulfillment.md 1.14; checks LP-06 to LP-09, LP-14).

use reqwest::Method;
use rstest::rstest;

use crate::support::{
    Answer, Ask, Db, World,
    browser::Visitor,
    visitor::{choice, choices},
    world::{Bought, own, seats},
};

const LANDING: &str = "/s/rehearsal-1/contoso/landing";
const CHOOSE: &str = "/s/rehearsal-1/contoso/sign-in";

/// Follows a link as far as the sign-in; answers its address.
async fn sent_to_sign_in(visitor: &Visitor, purchase: &Bought) -> String {
    visitor.open(&purchase.link).await.is(303);
    visitor.get(LANDING).await.is(303).header("location").to_owned()
}

/// A page that says no more than that the purchase is not this person's.
#[track_caller]
fn is_refused(page: &Answer, purchase: &Bought, who: &str) {
    assert_eq!(page.status, 403, "{who}: {page}");
    assert!(page.text.contains("This purchase is not open to your account"), "{who}: {page}");
    assert!(page.text.contains(who), "{who}: {page}");
    let choose = format!("<a class=\"btn go\" href=\"{CHOOSE}\">");
    assert!(page.text.contains(&choose), "{who}: {page}");
    for told in [&*purchase.id, "Contoso Desk", "priya.nair@", "dana.whitlock@", "<form"] {
        assert!(!page.text.contains(told), "{who} reads {told}: {page}");
    }
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_page_opens_to_beneficiary_and_purchaser_and_to_nobody_else(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(false).await;
    let purchase = world.buy(2).await;
    for who in ["Priya Nair", "Dana Whitlock"] {
        let (page, _) = Visitor::new(&url).follow_as(&purchase.link, who).await;
        let page = page.is(200);
        assert!(page.text.contains(&format!("Signed in as {who}")), "{page}");
        assert!(page.text.contains(&purchase.id), "{page}");
    }
    // A colleague, somebody without mail, another customer, and somebody with a personal account.
    for who in ["Samuel Okafor", "Robin Keller", "Haeun Lee", "Alex Moreau"] {
        let (page, _) = Visitor::new(&url).follow_as(&purchase.link, who).await;
        is_refused(&page, &purchase, who);
    }
    // What the customer buys itself is not the partner's.
    let purchase = world.buy_as(&own(seats(2))).await;
    let (page, _) = Visitor::new(&url).follow_as(&purchase.link, "Priya Nair").await;
    page.is(200);
    let (page, _) = Visitor::new(&url).follow_as(&purchase.link, "Dana Whitlock").await;
    assert_eq!(page.status, 403, "{page}");
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn the_sign_in_is_of_every_tenant_hints_at_the_beneficiary_and_needs_no_admin(
    #[case] db: Db,
) {
    let mut world = World::new(db).await;
    let visitor = Visitor::new(&world.start_publisher(false).await);
    let purchase = world.buy(2).await;
    let authorize = sent_to_sign_in(&visitor, &purchase).await;
    assert!(authorize.starts_with(&format!("{}/common/oauth2/v2.0/authorize?", world.base)));
    let url = reqwest::Url::parse(&authorize).unwrap();
    let value = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    };
    assert_eq!(value("scope").as_deref(), Some("openid profile email"));
    assert_eq!(value("code_challenge_method").as_deref(), Some("S256"));
    let app = value("client_id").unwrap();
    assert_ne!(app, world.publisher.app.client_id, "an app of its own (LP-16)");
    let sandbox = world.operator.get("").await.is(200);
    assert_eq!(sandbox.at("/publisher/signIn/clientId"), app, "{sandbox}");

    let picker = visitor.open(&authorize).await.is(200);
    assert!(choices(&picker)[0].text.contains("Priya Nair"), "{picker}");
    let page = visitor.sign_in_at(&authorize, "").await.is(200);
    assert!(page.text.contains("Signed in as Priya Nair"), "{page}");
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn whoever_was_refused_chooses_another_account_and_submits_the_form(#[case] db: Db) {
    let mut world = World::new(db).await;
    let visitor = Visitor::new(&world.start_publisher(false).await);
    let purchase = world.buy(2).await;
    let (refused, path) = visitor.follow_as(&purchase.link, "Samuel Okafor").await;
    is_refused(&refused, &purchase, "Samuel Okafor");
    let form = [("site_address", "harborlane"), ("admin_name", "Samuel Okafor")];
    is_refused(&visitor.post(&path, &form).await, &purchase, "Samuel Okafor");

    // The account is remembered, and still the choice is asked for.
    let authorize = visitor.get(CHOOSE).await.is(303).header("location").to_owned();
    assert!(authorize.contains("prompt=select_account"), "{authorize}");
    let picker = visitor.open(&authorize).await.is(200);
    assert!(choices(&picker).len() > 8, "of several tenants: {picker}");
    let page = visitor.sign_in_at(&authorize, "Dana Whitlock").await.is(200);
    assert!(page.text.contains("Signed in as Dana Whitlock"), "{page}");
    let people = "a@harborlane.example\nb@harborlane.example";
    visitor.submit(&page, &path, people).await.is(303);
    let page = visitor.get(&path).await.is(200);
    assert!(page.text.contains("Information as submitted"), "{page}");
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_account_is_remembered_until_it_is_logged_out(#[case] db: Db) {
    let mut world = World::new(db).await;
    let visitor = Visitor::new(&world.start_publisher(false).await);
    let purchase = world.buy(2).await;
    let (page, _) = visitor.follow(&purchase.link).await;
    page.is(200);
    // Another publisher's page asks anew; whoever is remembered there is sent on at once.
    let other = serde_json::json!({"offerId": "fabrikam-insight", "planId": "team"});
    let other = world.buy_as(&other).await;
    visitor.open(&other.link).await.is(303);
    let authorize = visitor.get("/s/rehearsal-1/fabrikam/landing").await.is(303);
    let sent_on = visitor.open(authorize.header("location")).await.is(303);
    let page = visitor.come_back(sent_on.header("location")).await.is(200);
    assert!(page.text.contains("Signed in as Priya Nair"), "{page}");

    // The same question twice: before the logout it is answered, after it is asked.
    let anew = visitor.get(CHOOSE).await.is(303).header("location").to_owned();
    let asked = anew.replace("&prompt=select_account", "");
    assert_ne!(asked, anew);
    visitor.open(&asked).await.is(303);
    let logout = visitor.open(&format!("{}/common/oauth2/v2.0/logout", world.base)).await;
    assert!(logout.status < 400, "{logout}");
    let picker = visitor.open(&asked).await.is(200);
    assert!(!choices(&picker).is_empty(), "{picker}");
    // The publisher's own visit is its own: who signed in there stays.
    visitor.get(LANDING).await.is(200);
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn who_does_not_sign_in_or_may_not_is_told_what_to_do(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(false).await;
    let purchase = world.buy(2).await;
    let visitor = Visitor::new(&url);
    let authorize = sent_to_sign_in(&visitor, &purchase).await;
    let picker = visitor.open(&authorize).await.is(200);
    let back = visitor.press_at(&authorize, &picker, ("cancel", "1")).await.is(303);
    let back = back.header("location").to_owned();
    assert!(back.contains("error=access_denied"), "{back}");
    let page = visitor.come_back(&back).await.is(403);
    assert!(page.text.contains("You did not sign in") && page.text.contains(CHOOSE), "{page}");
    let again = visitor.come_back(&back).await.is(400);
    assert!(again.text.contains("This sign-in is over"), "{again}");

    let authorize = visitor.get(LANDING).await.is(303).header("location").to_owned();
    let picker = visitor.open(&authorize).await.is(200);
    let teresa = choice(&picker, "Teresa Lindqvist").id;
    let approval = visitor.press_at(&authorize, &picker, ("account", &teresa)).await.is(200);
    let back = visitor.press_at(&authorize, &approval, ("decline", "approval")).await.is(303);
    let page = visitor.come_back(back.header("location")).await.is(403);
    assert!(page.text.contains("Your administrator must approve this app first"), "{page}");
    assert!(!page.text.contains(&purchase.id) && page.text.contains(CHOOSE), "{page}");
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn an_answer_works_once_and_in_the_browser_that_asked(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(false).await;
    let purchase = world.buy(2).await;
    let visitor = Visitor::new(&url);
    let authorize = sent_to_sign_in(&visitor, &purchase).await;
    let picker = visitor.open(&authorize).await.is(200);
    let back = visitor.choose(&authorize, &picker, "Priya Nair").await;
    let thief = Visitor::new(&url);
    thief.open(&back).await.is(400);
    sent_to_sign_in(&thief, &purchase).await;
    let stolen = thief.open(&back).await.is(400);
    assert!(stolen.text.contains("This sign-in is over"), "{stolen}");
    thief.get(LANDING).await.is(303);
    visitor.open(&back.replace("state=", "state=x")).await.is(400);
    visitor.come_back(&back).await.is(200);
    let again = visitor.open(&back).await.is(400);
    assert!(again.text.contains("This sign-in is over"), "{again}");
    visitor.get(LANDING).await.is(200);
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn a_sign_in_survives_a_rotation_of_keys(#[case] db: Db) {
    let mut world = World::new(db).await;
    let url = world.start_publisher(false).await;
    let purchase = world.buy(2).await;
    let (page, _) = Visitor::new(&url).follow(&purchase.link).await;
    page.is(200);
    world.operator.call(Method::POST, "/signing-keys").ask().await.is(201);
    let (page, _) = Visitor::new(&url).follow(&purchase.link).await;
    page.is(200);
    world.stop().await;
}

#[rstest]
#[case::sqlite(Db::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Db::Postgres)]
#[tokio::test]
async fn off_loopback_the_way_to_the_page_leads_past_the_access_code(#[case] db: Db) {
    let mut world = World::with(db, |config| {
        config.listen = "0.0.0.0".parse().unwrap();
        config.allowed_hosts = vec!["0.0.0.0".to_owned()];
    })
    .await;
    let visitor = Visitor::new(&world.start_publisher(false).await);
    let purchase = world.buy(2).await;
    let authorize = sent_to_sign_in(&visitor, &purchase).await;
    let gate = visitor.open(&authorize).await.is(200);
    assert!(choices(&gate).is_empty() && !gate.text.contains("Priya"), "{gate}");
    visitor.press_at(&authorize, &gate, ("access_code", "guess")).await.is(403);
    visitor.get(LANDING).await.is(303);
    let code = std::fs::read_to_string(world.data_dir().join("access-code")).unwrap();
    let inside = visitor.press_at(&authorize, &gate, ("access_code", code.trim())).await.is(303);
    let here = authorize.strip_prefix(&world.base).unwrap();
    assert_eq!(inside.header("location"), here, "{inside}");
    let page = visitor.sign_in_at(&authorize, "Priya Nair").await.is(200);
    assert!(page.text.contains(&purchase.id), "{page}");
    world.stop().await;
}
