//! Pages of resources (partner-center.md 3.0): relative links without `/v1`, and where the next page begins. Called by
//! handlers of lists.

use axum::http::{HeaderMap, Uri};
use shared::{
    headers::MS_CONTINUATION_TOKEN,
    partner_center::{Collection, Header, Link},
};

use crate::domain::refusal::Refusal;

/// The address of a request as links have it: without `/v1`.
pub fn own_address(uri: &Uri) -> String {
    let whole = uri.path_and_query().map_or("/", |whole| whole.as_str());
    whole.strip_prefix("/v1").unwrap_or(whole).to_owned()
}

/// Where the page begins that a request asks for: what the page before gave, if it is sent back.
pub fn continuation(headers: &HeaderMap) -> Option<&str> {
    headers.get(MS_CONTINUATION_TOKEN)?.to_str().ok().filter(|token| !token.is_empty())
}

/// The place after which a page begins, as the page before named it.
pub fn place_after(token: Option<&str>) -> Result<Option<i64>, Refusal> {
    let Some(token) = token else { return Ok(None) };
    let place = token.parse().ok().filter(|place: &i64| *place >= 0);
    let reason = "send it as the page before gave it, in the header of its next link";
    place.map(Some).ok_or_else(|| Refusal::field("MS-ContinuationToken", reason))
}

/// A page; `next`: where the next one begins, to be sent back as it is.
pub fn page<T>(items: Vec<T>, uri: &Uri, next: Option<String>) -> Collection<T> {
    let own = own_address(uri);
    let mut page = Collection::whole(items, own.clone());
    page.links.next = next.map(|token| {
        let seeks = own.to_ascii_lowercase().contains("seekoperation=next");
        let separator = if own.contains('?') { '&' } else { '?' };
        let uri = if seeks { own } else { format!("{own}{separator}seekOperation=Next") };
        let key = "MS-ContinuationToken".to_owned();
        Link { headers: vec![Header { key, value: token }], ..Link::get(uri) }
    });
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_relative_and_the_next_page_has_its_token() {
        let uri: Uri = "/v1/customers?size=2".parse().unwrap();
        let first = page(vec![1, 2], &uri, Some("abc".to_owned()));
        assert_eq!(first.total_count, 2);
        assert_eq!(first.links.own.uri, "/customers?size=2");
        let next = first.links.next.unwrap();
        assert_eq!(next.uri, "/customers?size=2&seekOperation=Next");
        assert_eq!(next.headers[0].value, "abc");
        let uri: Uri = "/v1/customers?size=2&seekOperation=Next".parse().unwrap();
        let last = page(vec![3], &uri, None);
        assert_eq!(last.links.own.uri, "/customers?size=2&seekOperation=Next");
        assert_eq!(last.links.next, None);
    }
}
