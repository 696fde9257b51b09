//! Paths of the publisher and the partner face as clients write them: with a slash at the end or without, literals in any
//! case (fulfillment.md 1.1, partner-center.md 3.0). Mounted outside the routes, in `http/mod.rs`.

use axum::{
    extract::Request,
    http::{Uri, uri::PathAndQuery},
    middleware::Next,
    response::Response,
};

/// What stands for itself in paths of the publisher face.
const LITERALS: [&str; 14] = [
    "api",
    "saas",
    "subscriptions",
    "resolve",
    "activate",
    "listAvailablePlans",
    "operations",
    "licenseAssignments",
    "publisherSteps",
    "done",
    "setup",
    "usageEvent",
    "batchUsageEvent",
    "usageEvents",
];

/// The same in paths of the partner face: the real service writes them in lower case.
const PARTNER_LITERALS: [&str; 27] = [
    "v1",
    "customers",
    "products",
    "skus",
    "availabilities",
    "carts",
    "checkout",
    "orders",
    "lineitems",
    "activationlinks",
    "provisioningstatus",
    "subscriptions",
    "activate",
    "duties",
    "urlsent",
    "agreements",
    "relationships",
    "profiles",
    "mpn",
    "company",
    "billing",
    "compliance",
    "csp",
    "agreementstatus",
    "v3",
    "generatetoken",
    "invoices",
];

/// The middleware.
pub async fn as_routed(mut request: Request, next: Next) -> Response {
    if let Some(uri) = routed(request.uri()) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

/// The path as the routes have it; `None` if it is so already, or none of the publisher face's.
fn routed(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let literals: &[&str] = if path.get(..5)?.eq_ignore_ascii_case("/api/") {
        &LITERALS
    } else if path.get(..4)?.eq_ignore_ascii_case("/v1/") {
        &PARTNER_LITERALS
    } else {
        return None;
    };
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.strip_suffix('/').unwrap_or(path).split('/') {
        let literal = literals.iter().find(|name| name.eq_ignore_ascii_case(segment));
        // A step is called as its publisher likes.
        let is_name = segments.last() == Some(&"publisherSteps");
        segments.push(literal.filter(|_| !is_name).copied().unwrap_or(segment));
    }
    let path = segments.join("/");
    if path == uri.path() {
        return None;
    }
    let whole = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(whole.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_cases() {
        let read = |text: &str| routed(&text.parse().unwrap()).map(|uri| uri.to_string());
        for (sent, path) in [
            (
                "/api/saas/subscriptions/?api-version=1",
                Some("/api/saas/subscriptions?api-version=1"),
            ),
            (
                "/API/SaaS/Subscriptions/x/LISTAVAILABLEPLANS",
                Some("/api/saas/subscriptions/x/listAvailablePlans"),
            ),
            (
                "/api/saas/subscriptions/X/operations/Y/",
                Some("/api/saas/subscriptions/X/operations/Y"),
            ),
            ("/api/USAGEEVENT/?api-version=1", Some("/api/usageEvent?api-version=1")),
            ("/Api/BatchUsageEvent", Some("/api/batchUsageEvent")),
            (
                "/api/saas/subscriptions/X/PublisherSteps/Done/DONE/",
                Some("/api/saas/subscriptions/X/publisherSteps/Done/done"),
            ),
            ("/api/usageEvents", None),
            ("/api/saas/subscriptions", None),
            ("/V1/Customers/X/lineItems/", Some("/v1/customers/X/lineitems")),
            ("/v1/customers", None),
            ("/rehearsal/v1/sandboxes/", None),
            ("/", None),
        ] {
            assert_eq!(read(sent).as_deref(), path, "{sent}");
        }
    }
}
