//! What all resources have in common: links, attributes, collections, errors (partner-center.md 3.0).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where something is found. Relative, without `/v1`, but for activation links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// The address.
    pub uri: String,
    /// The HTTP method.
    pub method: String,
    /// Headers to send along.
    pub headers: Vec<Header>,
}

/// A header of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Header {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl Link {
    /// A link that is read.
    #[must_use]
    pub fn get(uri: impl Into<String>) -> Self {
        Self { uri: uri.into(), method: "GET".to_owned(), headers: Vec::new() }
    }
}

/// What a resource is, and the state it was read in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartnerCenterAttributes)]
pub struct Attributes {
    /// For `If-Match`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The kind of resource.
    pub object_type: String,
}

impl Attributes {
    /// Of a resource without an etag.
    #[must_use]
    pub fn of(object_type: &str) -> Self {
        Self { etag: None, object_type: object_type.to_owned() }
    }
}

/// A page of resources.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartnerCenterCollection)]
pub struct Collection<T> {
    /// Items in this page, as the SDK counts them.
    pub total_count: usize,
    /// The items.
    pub items: Vec<T>,
    /// This page, and the next if there is one.
    pub links: CollectionLinks,
    /// Always `Collection`.
    pub attributes: Attributes,
}

/// Where pages are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CollectionLinks {
    /// This page.
    #[serde(rename = "self")]
    pub own: Link,
    /// The next page; its header `MS-ContinuationToken` must be sent along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Link>,
}

impl<T> Collection<T> {
    /// All there is, at this address.
    #[must_use]
    pub fn whole(items: Vec<T>, own: impl Into<String>) -> Self {
        Self {
            total_count: items.len(),
            items,
            links: CollectionLinks { own: Link::get(own), next: None },
            attributes: Attributes::of("Collection"),
        }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PartnerCenterError)]
pub struct Error {
    /// What is wrong (partner-center.md 3.12).
    pub code: u32,
    /// The same in words; never empty, 1,024 characters at most.
    pub description: String,
    /// Nothing.
    pub data: Vec<String>,
    /// Who refuses.
    pub source: String,
}

/// The other refusal: too many requests (P60).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimited {
    /// 429.
    pub status_code: u16,
    /// When to come back, in words.
    pub message: String,
}
