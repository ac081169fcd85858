//! Addresses that a webhook may go to: none that only this machine, this network or the platform can reach.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A name that leads to an address which is not public.
#[derive(Debug, thiserror::Error)]
#[error("its name leads to a private address")]
pub(super) struct NotPublic;

/// Resolves names to public addresses. A connection goes to the very addresses that are checked here: a name that leads elsewhere a
/// moment later changes nothing.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(checked(found)?)
        })
    }
}

/// The addresses, if all of them are public: a name with one private address is meant to mislead.
fn checked(found: Vec<SocketAddr>) -> Result<Addrs, NotPublic> {
    if found.iter().all(|address| is_public(address.ip())) {
        Ok(Box::new(found.into_iter()))
    } else {
        Err(NotPublic)
    }
}

/// Whether an address is one of the public internet: by the special-purpose registries of IANA (RFC 6890 and what came after), and
/// not Azure's own 168.63.129.16, by which a virtual machine reaches its platform.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    let within = |network: [u8; 4], length: u32| {
        let network = Ipv4Addr::from(network).to_bits();
        bits >> (32 - length) == network >> (32 - length)
    };
    let special = within([0, 0, 0, 0], 8)
        || within([10, 0, 0, 0], 8)
        || within([100, 64, 0, 0], 10)
        || within([127, 0, 0, 0], 8)
        || within([169, 254, 0, 0], 16)
        || within([172, 16, 0, 0], 12)
        || within([192, 0, 0, 0], 24)
        || within([192, 0, 2, 0], 24)
        || within([192, 88, 99, 0], 24)
        || within([192, 168, 0, 0], 16)
        || within([198, 18, 0, 0], 15)
        || within([198, 51, 100, 0], 24)
        || within([203, 0, 113, 0], 24)
        // Multicast, reserved, broadcast.
        || within([224, 0, 0, 0], 3)
        || within([168, 63, 129, 16], 32);
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let within = |network: [u16; 2], length: u32| {
        let [a, b] = network;
        let network = Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0).to_bits();
        bits >> (128 - length) == network >> (128 - length)
    };
    // All that is public is in 2000::/3. In there: protocols and Teredo, documentation, 6to4, which carries any IPv4 address.
    within([0x2000, 0], 3)
        && !within([0x2001, 0], 23)
        && !within([0x2001, 0x0db8], 32)
        && !within([0x2002, 0], 16)
        && !within([0x3fff, 0], 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn public(address: &str) -> bool {
        is_public(address.parse().unwrap())
    }

    #[test]
    fn nothing_private_is_public() {
        for address in [
            "0.0.0.0",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "100::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::1",
            "3fff::1",
            "5f00::1",
            "4000::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn the_internet_is_public() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "168.63.129.15",
            "::ffff:1.1.1.1",
            "2606:4700::1111",
            "2a00::1",
            "2001:4860:4860::8888",
            "2003::1",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn a_name_with_one_private_address_is_refused() {
        let at = |address: &str| SocketAddr::new(address.parse().unwrap(), 0);
        assert!(checked(vec![at("1.1.1.1"), at("2606:4700::1111")]).is_ok());
        assert!(checked(vec![at("1.1.1.1"), at("10.0.0.1")]).is_err());
        assert!(checked(vec![at("::ffff:127.0.0.1")]).is_err());
    }

    #[tokio::test]
    async fn localhost_is_not_resolved() {
        let resolved = PublicOnly.resolve("localhost".parse().unwrap()).await;
        assert!(resolved.err().unwrap().is::<NotPublic>());
    }

    proptest! {
        /// The standard library knows some of the networks, too.
        #[test]
        fn what_the_library_calls_private_is_not_public(bits: u32, wide: u128) {
            let four = Ipv4Addr::from(bits);
            if four.is_private() || four.is_loopback() || four.is_link_local() || four.is_multicast() || four.is_broadcast()
                || four.is_documentation() || four.is_unspecified()
            {
                prop_assert!(!is_public(four.into()));
            }
            prop_assert_eq!(is_public(four.to_ipv6_mapped().into()), is_public(four.into()));
            let six = Ipv6Addr::from(wide);
            if six.is_loopback() || six.is_multicast() || six.is_unique_local() || six.is_unicast_link_local() {
                prop_assert!(!is_public(six.into()));
            }
        }
    }
}
