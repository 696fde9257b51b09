//! Where codes may be sent: a registered redirect URI to the letter; on loopback any port will do, because a program on
//! this machine takes the port that is free (RFC 8252 7.3).

use url::{Host, Url};

/// Whether `asked` is one of the registered URIs.
#[must_use]
pub fn is_registered(asked: &str, registered: &[String]) -> bool {
    registered.iter().any(|known| known == asked || differs_in_port_only(asked, known))
}

fn differs_in_port_only(asked: &str, known: &str) -> bool {
    let (Some(asked_rest), Some(known_rest)) = (without_port(asked), without_port(known)) else {
        return false;
    };
    asked_rest == known_rest
}

/// A loopback URI around its port, as it is written. `None` if it is none, or written in another way than it is read.
fn without_port(text: &str) -> Option<(&str, &str)> {
    let url = Url::parse(text).ok()?;
    let loopback = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    if url.scheme() != "http" || !loopback || !url.username().is_empty() || url.password().is_some()
    {
        return None;
    }
    let host = url.host_str()?;
    let rest = text.strip_prefix("http://")?.strip_prefix(host)?;
    let after = match rest.strip_prefix(':') {
        Some(port) => port.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let begins_well = after.is_empty() || after.starts_with(['/', '?', '#']);
    let host_end = "http://".len() + host.len();
    begins_well.then(|| (&text[..host_end], after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_fits_to_the_letter_and_on_loopback_with_any_port() {
        let registered: Vec<_> = [
            "https://app.example/signin-oidc?a=1",
            "http://localhost:5000/back",
            "http://127.0.0.1/back",
            "http://[::1]:1/back",
            "http://app.example:5000/back",
        ]
        .into_iter()
        .map(str::to_owned)
        .collect();
        for asked in [
            "https://app.example/signin-oidc?a=1",
            "http://localhost:5000/back",
            "http://localhost:49152/back",
            "http://localhost/back",
            "http://127.0.0.1:8701/back",
            "http://[::1]:2/back",
        ] {
            assert!(is_registered(asked, &registered), "{asked}");
        }
        for asked in [
            "",
            "https://app.example/signin-oidc?a=2",
            "https://app.example/signin-oidc",
            "https://app.example/signin-oidc?a=1&b",
            "https://app.example:443/signin-oidc?a=1",
            "https://APP.example/signin-oidc?a=1",
            "http://app.example/signin-oidc?a=1",
            "https://app.example.evil.example/signin-oidc?a=1",
            "http://app.example:5001/back",
            "https://localhost:5000/back",
            "http://localhost:5000/back/",
            "http://localhost:5000/Back",
            "http://localhost:5000/back?x",
            "http://LOCALHOST:5000/back",
            "http://localhost:5000@evil.example/back",
            "http://localhost.evil.example:5000/back",
            "http://user@localhost:5000/back",
            "http://localhost:5000\\@evil.example/back",
            "http://127.0.0.2/back",
            "http://localhost:99999/back",
        ] {
            assert!(!is_registered(asked, &registered), "{asked}");
        }
    }
}
