//! What is kept of a client's network address: nothing, or a hash that is of no use tomorrow.

use crate::app::App;
use axum::http::HeaderMap;
use futures::FutureExt as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::tz::TimeZone;
use sha2::Sha256;
use std::net::{IpAddr, SocketAddr};

/// The hash of the address that a request came from, when the settings ask for it and the key is known; nobody waits for it.
pub(crate) fn ip_hash(app: &App, headers: &HeaderMap) -> Option<[u8; 16]> {
    let setting = app.config().events.ip_hash.as_ref()?;
    let address = client_of(headers)?;
    let secret = app.access().secrets.of(setting);
    let secret = secret.current().now_or_never()?.ok()?;
    let day = app.now().to_zoned(TimeZone::UTC).date().to_string();
    hash(secret.expose().as_bytes(), &day, address)
}

/// The first half of HMAC-SHA-256 of the address, under the HMAC-SHA-256 of the day: all instances have the same key, and
/// the key of one day tells nothing of those of others.
fn hash(secret: &[u8], day: &str, address: IpAddr) -> Option<[u8; 16]> {
    let key = mac(secret, format!("events of {day}").as_bytes())?;
    mac(&key, address.to_string().as_bytes())?.first_chunk().copied()
}

fn mac(key: &[u8], text: &[u8]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text);
    Some(mac.finalize().into_bytes().into())
}

/// The last address of `X-Forwarded-For`, which the platform's own front adds; those before it may be invented. Some fronts
/// add the port.
fn client_of(headers: &HeaderMap) -> Option<IpAddr> {
    let value = headers.get_all("x-forwarded-for").iter().next_back()?;
    let last = value.to_str().ok()?.rsplit(',').next()?.trim();
    let address = last.parse::<SocketAddr>().map(|address| address.ip());
    address.or_else(|_| last.parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_address_counts_with_or_without_its_port() {
        for (header, address) in [
            ("203.0.113.7", Some("203.0.113.7")),
            ("10.0.0.1, 203.0.113.7:51234", Some("203.0.113.7")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("203.0.113.7, unknown", None),
            ("", None),
        ] {
            let headers =
                HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), header.parse().unwrap())]);
            let expected = address.map(|address| address.parse().unwrap());
            assert_eq!(client_of(&headers), expected, "{header}");
        }
        assert_eq!(client_of(&HeaderMap::new()), None);
    }

    #[test]
    fn tomorrow_it_is_another_hash() {
        let address = "203.0.113.7".parse().unwrap();
        let today = hash(b"secret", "2026-11-02", address);
        assert!(today.is_some());
        assert_eq!(today, hash(b"secret", "2026-11-02", address));
        assert_ne!(today, hash(b"secret", "2026-11-03", address));
        assert_ne!(today, hash(b"Secret", "2026-11-02", address));
        assert_ne!(
            today,
            hash(b"secret", "2026-11-02", "203.0.113.8".parse().unwrap())
        );
    }
}
