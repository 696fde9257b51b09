//! Where the broker may call: publishers' URLs are typed by people, so every address is looked at before anything is
//! sent to it (architecture.md, Security rules). Names are resolved once, and only addresses that pass are used.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

pub use crate::config::Outgoing;

/// The metadata service of one cloud has an address of its own beside the link-local one.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// Which addresses may be called.
#[derive(Debug, Clone)]
pub struct Addresses(Arc<Rules>);

#[derive(Debug)]
struct Rules {
    outgoing: Outgoing,
    allowed_hosts: Vec<String>,
}

/// An address that may not be called, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{address} is not called: {reason}")]
pub struct Forbidden {
    address: String,
    reason: &'static str,
}

impl Addresses {
    /// `allowed_hosts` are names that may be on private addresses although the broker is shared.
    #[must_use]
    pub fn new(outgoing: Outgoing, allowed_hosts: &[String]) -> Self {
        let allowed_hosts = allowed_hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        Self(Arc::new(Rules { outgoing, allowed_hosts }))
    }

    /// Looks at a URL whose host is an address; names are looked at when they are resolved.
    pub fn check_url(&self, url: &Url) -> Result<(), Forbidden> {
        match url.host() {
            Some(Host::Ipv4(address)) => self.check(IpAddr::V4(address), &address.to_string()),
            Some(Host::Ipv6(address)) => self.check(IpAddr::V6(address), &address.to_string()),
            Some(Host::Domain(_)) | None => Ok(()),
        }
    }

    fn check(&self, address: IpAddr, host: &str) -> Result<(), Forbidden> {
        let forbid = |reason| Err(Forbidden { address: address.to_string(), reason });
        let address = plain(address);
        if let Some(reason) = never(address) {
            return forbid(reason);
        }
        let allowed = || self.0.allowed_hosts.contains(&host.to_ascii_lowercase());
        match self.0.outgoing {
            Outgoing::Shared if is_private(address) && !allowed() => forbid(
                "it is on a private network, and this broker is shared; name its host with --allow-host",
            ),
            Outgoing::Local | Outgoing::Shared => Ok(()),
        }
    }
}

impl Resolve for Addresses {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let mut refused = None;
            let mut good: Vec<SocketAddr> = Vec::new();
            for address in found {
                match rules.check(address.ip(), name.as_str()) {
                    Ok(()) => good.push(address),
                    Err(forbidden) => refused = Some(forbidden),
                }
            }
            match (good.is_empty(), refused) {
                (true, Some(forbidden)) => Err(forbidden.into()),
                _ => Ok(Box::new(good.into_iter()) as Addrs),
            }
        })
    }
}

/// An IPv4 address in IPv6 clothes is that IPv4 address.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return IpAddr::V4(v4);
    }
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b, c, d, e, f) {
        (0x64, 0xff9b, 0, 0, 0, 0) => embedded(g, h),   // NAT64
        (0, 0, 0, 0, 0, 0) if g != 0 => embedded(g, h), // compatible, long out of use
        (0x2002, ..) => embedded(b, c),                 // 6to4
        _ => address,
    }
}

/// Addresses that are never called.
fn never(address: IpAddr) -> Option<&'static str> {
    let (unspecified, multicast, link_local) = match address {
        IpAddr::V4(v4) => {
            (v4.octets()[0] == 0, v4.is_multicast() || v4.is_broadcast(), v4.is_link_local())
        }
        IpAddr::V6(v6) => {
            let link_local = v6.segments()[0] & 0xffc0 == 0xfe80 || v6 == METADATA_V6;
            (v6.is_unspecified(), v6.is_multicast(), link_local)
        }
    };
    if unspecified {
        Some("it is no address of anybody")
    } else if multicast {
        Some("it is a multicast or broadcast address")
    } else if link_local {
        Some("it is a link-local or metadata address")
    } else {
        None
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_loopback()
                || v4.is_private()
                || (a == 100 && b & 0xc0 == 64)
                || (a == 198 && b & 0xfe == 18)
                || (a == 192 && b == 0)
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.segments()[0] & 0xfe00 == 0xfc00,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(outgoing: Outgoing, url: &str) -> bool {
        let addresses = Addresses::new(outgoing, &["127.0.0.9".to_owned()]);
        addresses.check_url(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn what_is_never_called() {
        for url in [
            "http://169.254.169.254/latest",
            "http://[::ffff:169.254.169.254]/",
            "http://2852039166/",
            "http://[fe80::1]/",
            "http://[fd00:ec2::254]/",
            "http://[64:ff9b::a9fe:a9fe]/",
            "http://[2002:a9fe:a9fe::1]/",
            "http://[::169.254.169.254]/",
            "http://0.0.0.0:8080/",
            "http://0.1.2.3/",
            "http://[::]/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[ff02::1]/",
        ] {
            assert!(!allows(Outgoing::Local, url), "{url}");
            assert!(!allows(Outgoing::Shared, url), "{url}");
        }
    }

    #[test]
    fn private_addresses_are_for_a_local_broker() {
        for url in [
            "http://127.0.0.1:8701/webhook",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://10.1.2.3/",
            "http://192.168.0.9/",
            "http://172.16.9.9/",
            "http://100.64.0.1/",
            "http://[fd12::1]/",
        ] {
            assert!(allows(Outgoing::Local, url), "{url}");
            assert!(!allows(Outgoing::Shared, url), "{url}");
        }
        assert!(allows(Outgoing::Shared, "http://127.0.0.9/"));
        assert!(allows(Outgoing::Shared, "https://20.1.2.3/"));
        assert!(allows(Outgoing::Shared, "https://[2603:1030::1]/"));
    }

    #[tokio::test]
    async fn a_name_is_looked_at_when_it_is_resolved() {
        let resolve = |outgoing| {
            let name: Name = "localhost".parse().unwrap();
            Addresses::new(outgoing, &[]).resolve(name)
        };
        assert!(resolve(Outgoing::Local).await.is_ok());
        let refused = resolve(Outgoing::Shared).await.err().unwrap();
        assert!(refused.to_string().contains("--allow-host"), "{refused}");
    }
}
