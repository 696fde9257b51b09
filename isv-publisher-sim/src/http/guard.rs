//! What holds for every page: under which name it may be asked for, whose forms it takes, which headers it carries.
//! Laid round the pages by the router.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::failure::Failure;
use crate::app::{App, Site};

const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a host that is not ours (a name somebody else has pointed at this machine), and a form another site sent.
pub(super) async fn same_site(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    match check(&app.site, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// Whether a request asks for us by a name of ours and, if it may change something, was not sent by another site.
pub(super) fn check(site: &Site, method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !is_ours(site, host) {
        Err(Failure::ForeignHost)
    } else if !method.is_safe() && !is_own_form(site, host, headers) {
        Err(Failure::ForeignOrigin)
    } else {
        Ok(())
    }
}

/// Adds the headers every answer carries; an answer may have set its own caching.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The host without its port.
fn name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_ours(site: &Site, host: &str) -> bool {
    let name = name(host);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let public = site.public_url.as_ref().and_then(url::Url::host_str);
    name.eq_ignore_ascii_case("localhost")
        || address.is_some_and(|address| address.is_loopback() || address == site.listen)
        || public.is_some_and(|public| public.eq_ignore_ascii_case(name))
}

/// A browser that was told to send no referrer says `Origin: null` for our own forms too; then `Sec-Fetch-Site`
/// decides. Whoever sends neither is no browser, and the form's own token decides alone.
fn is_own_form(site: &Site, host: &str, headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let fetched_here = match text(&SEC_FETCH_SITE) {
        None | Some("same-origin" | "none") => true,
        Some(_) => false,
    };
    let from_here = match text(&ORIGIN) {
        None | Some("null") => true,
        Some(origin) => {
            let public = site.public_url.as_ref().map(|url| url.origin().ascii_serialization());
            let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
            authority.eq_ignore_ascii_case(host) || public.as_deref() == Some(origin)
        }
    };
    fetched_here && from_here
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site {
            listen: "192.0.2.7".parse().unwrap(),
            public_url: Some("https://publisher.example:8443/".parse().unwrap()),
            tls: false,
        }
    }

    #[test]
    fn only_our_own_names_are_answered() {
        for host in
            ["localhost:8701", "127.0.0.1", "[::1]:8701", "192.0.2.7:1", "Publisher.example"]
        {
            assert!(is_ours(&site(), host), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "192.0.2.8", "127.0.0.1.evil"] {
            assert!(!is_ours(&site(), host), "{host}");
        }
    }

    #[test]
    fn a_form_of_another_site_is_told_from_our_own() {
        let check = |origin: Option<&str>, fetched: Option<&str>| {
            let mut headers = HeaderMap::new();
            let mut set = |name, value: Option<&str>| {
                value.map(|value| headers.insert(name, value.parse().unwrap()))
            };
            set(ORIGIN, origin);
            set(SEC_FETCH_SITE, fetched);
            is_own_form(&site(), "localhost:8701", &headers)
        };
        assert!(check(None, None));
        assert!(check(Some("http://localhost:8701"), Some("same-origin")));
        assert!(check(Some("https://publisher.example:8443"), None));
        assert!(check(Some("null"), Some("same-origin")));
        assert!(!check(Some("null"), Some("cross-site")));
        assert!(!check(Some("http://localhost:8700"), Some("same-site")));
        assert!(!check(Some("http://evil.example"), None));
        assert!(!check(None, Some("cross-site")));
    }
}
