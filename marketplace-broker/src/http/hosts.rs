//! `Host` and `Origin`: pages and the control API answer only to the names the broker is known by, so that a web site
//! a person visits cannot reach them through that person's browser (architecture.md, Security rules).

use axum::http::{HeaderMap, Uri, header};

/// Names the broker is known by.
#[derive(Debug, Clone)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// Loopback names, and those that are given (the listening address, the public URL's, `--allowed-host`).
    pub fn new(more: impl IntoIterator<Item = String>) -> Self {
        let mut names: Vec<_> =
            ["localhost", "127.0.0.1", "[::1]"].into_iter().map(str::to_owned).collect();
        names.extend(more.into_iter().map(|name| name.to_ascii_lowercase()));
        Self(names)
    }

    /// Whether a request was meant for us: its `Host` is one of our names, and so is its `Origin`, if it has one.
    pub fn allow(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
        let Some(host) = host else { return false };
        if !self.knows(host) {
            return false;
        }
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let origin = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok());
        // The same place to the letter: another port on this machine is another site.
        origin.and_then(|uri| uri.authority().cloned()).is_some_and(|origin| origin == host)
    }

    fn knows(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        self.0.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        Hosts::new(["broker".to_owned()]).allow(&headers, &Uri::from_static("/"))
    }

    #[test]
    fn only_known_names_and_the_same_origin() {
        assert!(allowed("127.0.0.1:8700", None));
        assert!(allowed("LOCALHOST:8700", None));
        assert!(allowed("[::1]:8700", None));
        assert!(allowed("broker:8700", None));
        assert!(allowed("127.0.0.1:8700", Some("http://127.0.0.1:8700")));
        assert!(!allowed("evil.example", None));
        assert!(!allowed("evil.example:8700", None));
        assert!(!allowed("127.0.0.1.evil.example", None));
        assert!(!allowed("127.0.0.1:8700", Some("http://127.0.0.1:9999")));
        assert!(!allowed("127.0.0.1:8700", Some("http://evil.example")));
        assert!(!allowed("127.0.0.1:8700", Some("null")));
    }
}
