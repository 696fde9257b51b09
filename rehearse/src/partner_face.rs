//! The partner face as a typed client: a partner's app, signed in by itself. Called by `load`.

use reqwest::{Client, RequestBuilder};
use shared::{
    headers::MS_CONTINUATION_TOKEN,
    identity::PARTNER_CENTER_RESOURCE,
    partner_center::{Collection, Error, Product, Subscription},
    rehearsal::Partner,
};

use crate::signed_in::{App, SignedIn};

/// A partner's app, signed in.
#[derive(Debug, Clone)]
pub struct PartnerFace(SignedIn);

impl PartnerFace {
    /// Signs in with the partner's credentials.
    pub async fn sign_in(http: Client, base: &str, app: &Partner) -> anyhow::Result<Self> {
        let app = App {
            tenant_id: &app.tenant_id,
            client_id: &app.client_id,
            client_secret: &app.client_secret,
            resource: PARTNER_CENTER_RESOURCE,
        };
        Ok(Self(SignedIn::new(http, base, &app).await?))
    }

    /// All subscriptions of a customer.
    pub async fn subscriptions(&self, customer: &str) -> anyhow::Result<Collection<Subscription>> {
        let url = format!("{}/v1/customers/{customer}/subscriptions", self.0.base);
        self.0.read(&self.ask(self.0.http.get(url)).await?)
    }

    /// The same, thrown away as it arrives.
    pub async fn drain_subscriptions(&self, customer: &str) -> anyhow::Result<()> {
        self.drain(&format!("{}/v1/customers/{customer}/subscriptions", self.0.base)).await
    }

    /// One subscription, thrown away as it arrives.
    pub async fn drain_subscription(&self, customer: &str, id: &str) -> anyhow::Result<()> {
        self.drain(&format!("{}/v1/customers/{customer}/subscriptions/{id}", self.0.base)).await
    }

    /// A page of the catalogue: the first one, or where `next`, the token of the page before, leads.
    pub async fn products(
        &self,
        country: &str,
        next: Option<&str>,
    ) -> anyhow::Result<Collection<Product>> {
        let asked = [("country", country), ("targetView", "MarketplaceSaaS")];
        let mut request = self.0.http.get(format!("{}/v1/products", self.0.base)).query(&asked);
        if let Some(next) = next {
            request = request.query(&[("seekOperation", "Next")]);
            request = request.header(MS_CONTINUATION_TOKEN, next);
        }
        self.0.read(&self.ask(request).await?)
    }

    /// Whatever is there, thrown away as it arrives. Only for addresses of this run.
    pub async fn drain(&self, url: &str) -> anyhow::Result<()> {
        self.ask(self.0.http.get(url)).await.map(drop)
    }

    async fn ask(&self, request: RequestBuilder) -> anyhow::Result<Vec<u8>> {
        let said = |body: &[u8]| Some(serde_json::from_slice::<Error>(body).ok()?.description);
        self.0.ask(request, ("partner-refused", said)).await
    }
}
