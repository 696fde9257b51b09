//! Wire types of the partner face: the Partner Center REST API (partner-center.md 3), a file a resource. Written by the
//! broker's `http/partner_center`, read by tests and the command line. Members are omitted where they are absent.

mod common;

pub use common::{Attributes, Collection, CollectionLinks, Error, Header, Link, RateLimited};
