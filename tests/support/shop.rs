//! A partner that buys for a customer: its app, the customer, and what the catalogue calls the things it buys. Called by
//! the tests of the partner face.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Ask, World, partner::PartnerApp};

/// A partner's app and one of its customers.
#[derive(Clone)]
pub struct Shop {
    pub app: PartnerApp,
    pub customer: String,
    pub country: String,
}

/// Contoso Desk, Silver: 1 to 500 licenses.
pub const SILVER: (usize, usize) = (1, 1);
/// Contoso Desk, Gold: 2 to 1,000 licenses.
pub const GOLD: (usize, usize) = (1, 2);
/// Contoso Archive, Standard: a flat rate.
pub const ARCHIVE: (usize, usize) = (2, 1);

impl World {
    /// The provider Alder & Finch, buying for Harbor Lane (US). It has the reseller 4847001.
    pub async fn provider(&self) -> Shop {
        self.shop("alder-finch", "US").await
    }

    /// Bluestem, which is billed directly, buying for Cedar Ridge (US).
    pub async fn direct(&self) -> Shop {
        self.shop("bluestem", "US").await
    }

    /// Bluestem's account in an integration sandbox, with a test tenant (US).
    pub async fn lab(&self) -> Shop {
        self.shop("bluestem-lab", "US").await
    }

    /// A partner buying for its first customer in a country.
    pub async fn shop(&self, partner: &str, country: &str) -> Shop {
        let found = self.sandbox.customers.iter();
        let mut found = found.filter(|one| one.partner_id == partner && one.country == country);
        let customer = found.next().expect("a customer").customer_id.clone();
        Shop { app: self.partner(partner).await, customer, country: country.to_owned() }
    }
}

impl Shop {
    /// The same app with another customer's id in its paths.
    pub fn for_customer(&self, customer: &str) -> Self {
        Self { customer: customer.to_owned(), ..self.clone() }
    }

    /// A path below the customer.
    pub fn path(&self, rest: &str) -> String {
        format!("/customers/{}{rest}", self.customer)
    }

    /// A catalog item as the catalogue has it at first: product and SKU by their places, from 1.
    pub fn item(&self, (product, sku): (usize, usize)) -> String {
        format!("DZH9S{product:07}:{sku:04}:DZ{}{sku:04}0001", self.country)
    }

    /// A line of a cart: by the month, for a month.
    pub fn line(&self, item: (usize, usize), quantity: i64) -> Value {
        json!({
            "id": 0, "catalogItemId": self.item(item), "quantity": quantity,
            "billingCycle": "monthly", "termDuration": "P1M",
        })
    }

    pub async fn get(&self, rest: &str) -> Answer {
        self.app.get(&self.path(rest)).await
    }

    pub async fn post(&self, rest: &str, body: &Value) -> Answer {
        self.app.post(&self.path(rest), body).await
    }

    pub async fn put(&self, rest: &str, body: &Value) -> Answer {
        self.app.put(&self.path(rest), body).await
    }

    pub async fn patch(&self, rest: &str, body: &Value) -> Answer {
        self.app.patch(&self.path(rest), body).await
    }

    /// Fills a cart, attested.
    pub async fn fill(&self, lines: &[Value]) -> Answer {
        let body = json!({"partnerOnRecordAttestationAccepted": true, "lineItems": lines});
        self.post("/carts", &body).await
    }

    /// Checks a cart out.
    pub async fn check_out(&self, cart: &str) -> Answer {
        let path = self.path(&format!("/carts/{cart}/checkout"));
        self.app.call(Method::POST, &path).ask().await
    }

    /// Buys lines by a cart, which must work; the result of its check-out.
    pub async fn buy(&self, lines: &[Value]) -> Answer {
        let cart = self.fill(lines).await.is(201).text_at("/id");
        self.check_out(&cart).await.is(201)
    }

    /// The activation links below a path, which must be there: line numbers and addresses.
    pub async fn links(&self, rest: &str) -> Vec<(i64, String)> {
        let answer = self.get(&format!("{rest}/activationlinks")).await.is(200);
        let items = answer.at("/items").as_array().expect("a list").clone();
        let link = |item: &Value| {
            let line = item["lineItemNumber"].as_i64().expect("a number");
            (line, item["link"]["uri"].as_str().expect("an address").to_owned())
        };
        items.iter().map(link).collect()
    }

    /// Ids of the customer's orders.
    pub async fn order_ids(&self) -> Vec<String> {
        let answer = self.get("/orders").await.is(200);
        let items = answer.at("/items").as_array().expect("a list").clone();
        items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
    }
}

/// The purchase token in an activation link.
pub fn token_of(link: &str) -> String {
    let url = reqwest::Url::parse(link).expect("an absolute link");
    let token = url.query_pairs().find(|(name, _)| name == "token");
    token.expect("a token").1.into_owned()
}
