//! The catalogue as a caller looks at it: in a country that the query names, or as one of its customers sees it, of one
//! segment or of all (partner-center.md 3.3). One reading for products, SKUs and availabilities, with a customer in the
//! path and without.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, request::Parts},
    response::Response,
};
use serde::Deserialize;
use shared::partner_center::Collection;
use utoipa::IntoParams;

use super::{
    caller::PartnerCaller,
    collection::{continuation, own_address, page, place_after},
    customer_path::CustomerOf,
    market::{Market, check_view},
    params::Params,
    problem::Problem,
};
use crate::{
    app::App,
    domain::{access::Errand, refusal::Refusal},
    http::notes::Notes,
    queries::{self, Listed, Shelf},
    store::Failure,
};

/// Products of a page, unless its request says how many.
const PAGE: usize = 100;
/// Products of a page at most.
const PAGE_MAX: usize = 500;

/// What a path under the catalogue names, as it was sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// The product.
    pub product_id: String,
    /// The SKU, where the path goes so far.
    #[serde(default)]
    pub sku_id: String,
    /// The availability, likewise.
    #[serde(default)]
    pub availability_id: String,
}

/// Where the catalogue is looked at without a customer.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "says what `Market` reads, for /openapi.json")]
pub struct InCountry {
    /// Two letters
    country: String,
}

/// A part of the catalogue.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "says what `Market` reads, for /openapi.json")]
pub struct InSegment {
    /// commercial, education, government, nonprofit
    target_segment: Option<String>,
}

/// A page of the catalogue.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "says what `Catalogue::page` reads, for /openapi.json")]
pub struct InPages {
    /// MarketplaceSaaS, or Azure, which contains it
    target_view: String,
    /// 1 to 500; 100 if absent
    size: Option<usize>,
    /// Next, with the header MS-ContinuationToken
    seek_operation: Option<String>,
}

/// The catalogue, by somebody who may look at it.
pub struct Catalogue {
    /// Who looks.
    pub caller: PartnerCaller,
    /// Where.
    pub market: Market,
    params: Params,
    uri: Uri,
    headers: HeaderMap,
}

impl FromRequestParts<App> for Catalogue {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        // A customer's id that cannot be read is one that is unknown, and not none.
        let (caller, customer) = if parts.uri.path().starts_with("/v1/customers/") {
            let CustomerOf(caller, customer) = CustomerOf::from_request_parts(parts, app).await?;
            (caller, Some(customer))
        } else {
            (PartnerCaller::from_request_parts(parts, app).await?, None)
        };
        let read = || {
            caller.may(Errand::ReadCatalogue)?;
            let params = Params::of(&parts.uri)?;
            let market = match &customer {
                Some(customer) => Market::of(customer, &params)?,
                None => Market::named(&params)?,
            };
            Ok::<_, Refusal>((market, params))
        };
        match read() {
            Ok((market, params)) => {
                let (uri, headers) = (parts.uri.clone(), parts.headers.clone());
                Ok(Self { caller, market, params, uri, headers })
            }
            Err(refusal) => {
                let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
                Err(Problem::from(refusal).noted(&notes))
            }
        }
    }
}

impl Catalogue {
    fn shelf(&self) -> Shelf<'_> {
        let Market { country, segment, .. } = &self.market;
        Shelf { sandbox: &self.caller.sandbox, country, segment: *segment }
    }

    /// One of its products.
    pub async fn product(&self, app: &App, named: &Named) -> Result<Listed, Failure> {
        queries::product(&app.store, &self.shelf(), named.product_id.parse()?).await
    }

    /// The page that the request asks for, each product as `wire` shows it.
    pub async fn page<T>(
        &self,
        app: &App,
        wire: impl Fn(&Listed, &Market) -> T,
    ) -> Result<Collection<T>, Failure> {
        check_view(&self.params)?;
        let size = self.params.number("size", PAGE_MAX)?.filter(|size| *size > 0).unwrap_or(PAGE);
        let after = place_after(continuation(&self.headers))?.unwrap_or(-1);
        let found = queries::products(&app.store, &self.shelf(), (after, size)).await?;
        let items = found.products.iter().map(|listed| wire(listed, &self.market)).collect();
        Ok(page(items, &self.uri, found.next_after.map(|place| place.to_string())))
    }

    /// All there is under the address of the request.
    pub fn whole<T>(&self, items: Vec<T>) -> Collection<T> {
        Collection::whole(items, own_address(&self.uri))
    }
}
