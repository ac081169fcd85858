//! Calls of webhooks, by the Standard Webhooks specification
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use super::deliver::Outcome;
use super::public::{NotPublic, PublicOnly, is_public};
use super::{ReportError, client};
use crate::app::App;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::reports::{Delivery, Report};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use serde_json::json;
use sha2::Sha256;
use std::error::Error;
use std::fmt;
use std::time::Duration;
use url::{Host, Url};
use zeroize::Zeroizing;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a call may take, up to the head of its answer; the rest of that is never read.
const CALL: Duration = Duration::from_secs(15);

/// An endpoint that is called with a signature. Prints without path and secret: the path is often a secret, too.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) url: Url,
    secret: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.shown())
    }
}

impl Endpoint {
    /// Reads `https://…|whsec_<base64 of 24 to 64 bytes>`, or says what is wrong without showing it.
    pub(crate) fn parse(text: &str, allow_private: bool) -> Result<Self, &'static str> {
        let (url, secret) = text
            .rsplit_once('|')
            .ok_or("takes an address and a secret, https://…|whsec_…")?;
        let url = Url::parse(url).map_err(|_| "takes an address that begins with https://")?;
        let public = match url.host() {
            None => return Err("takes an address with a host"),
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(address)) => is_public(address.into()),
            Some(Host::Ipv6(address)) => is_public(address.into()),
        };
        let plain = url.scheme() == "http" && allow_private;
        if url.scheme() != "https" && !plain {
            return Err("takes an address that begins with https://");
        }
        if !public && !allow_private {
            return Err("takes no private address unless PRAVIS_WEBHOOKS_ALLOW_PRIVATE is true");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("takes an address without a user: the signature proves who calls");
        }
        let secret = secret
            .strip_prefix("whsec_")
            .and_then(|digits| BASE64_STANDARD.decode(digits).ok());
        let secret = secret.filter(|bytes| (24..=64).contains(&bytes.len()));
        let secret = secret.ok_or("takes whsec_ and 24 to 64 random bytes in base64 as a secret")?;
        Ok(Self {
            url,
            secret: Zeroizing::new(secret),
        })
    }

    /// What may be shown of it.
    pub(crate) fn shown(&self) -> String {
        format!("{}/…", self.url.origin().ascii_serialization())
    }
}

/// The value of `webhook-signature`: `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`, where the timestamp is in seconds
/// since 1970.
pub fn signature(secret: &[u8], id: &str, timestamp: i64, body: &[u8]) -> String {
    // A key of HMAC may have any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

/// Tells the endpoint that a report is ready. The id is that of the delivery, the same with each attempt.
pub(super) async fn call(app: &App, endpoint: &Endpoint, delivery: &Delivery, report: &Report) -> Outcome {
    let id = format!("msg_{}", delivery.id.simple());
    let (timestamp, body) = (app.now().as_second(), body(app, report));
    let signature = signature(&endpoint.secret, &id, timestamp, body.as_bytes());
    let client = match caller(app) {
        Ok(client) => client,
        Err(error) => return Outcome::failed(None, error.to_string()),
    };
    let call = client
        .post(endpoint.url.clone())
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signature)
        .body(body);
    match call.send().await {
        Ok(answer) => Outcome {
            rest: rest(answer.headers(), app.now()),
            ..judged(answer.status().as_u16())
        },
        Err(error) => unreached(&error),
    }
}

fn judged(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::taken(status),
        410 => Outcome::hopeless(Some(status), "the endpoint wants no more (410)"),
        300..=399 => Outcome::failed(
            Some(status),
            "the endpoint is elsewhere; redirects are not followed",
        ),
        _ => Outcome::failed(Some(status), format!("the endpoint answered {status}")),
    }
}

/// How long the endpoint wants to be left alone: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
fn rest(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(SignedDuration::from_secs(seconds.into()));
    }
    let until = rfc2822::parse(text).ok()?;
    Some(until.timestamp().duration_since(now))
}

/// Why there was no answer, without the address, which may be a secret.
fn unreached(error: &reqwest::Error) -> Outcome {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<NotPublic>() {
            return Outcome::hopeless(None, NotPublic.to_string());
        }
        cause = error.source();
    }
    let reason = if error.is_timeout() {
        "the endpoint did not answer in time"
    } else if error.is_connect() {
        "the endpoint cannot be reached"
    } else {
        "the endpoint broke off"
    };
    Outcome::failed(None, reason)
}

/// The client of all webhooks. Proxies are not used: one would resolve the names itself.
fn caller(app: &App) -> Result<reqwest::Client, ReportError> {
    let allow_private = app.config().reports.allow_private;
    client(&app.reports().webhooks, || {
        let builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(CALL)
            .pool_max_idle_per_host(0)
            .https_only(!allow_private);
        if allow_private {
            builder
        } else {
            builder.dns_resolver(PublicOnly)
        }
    })
}

/// What the endpoint is told: the report's record and where its documents are.
fn body(app: &App, report: &Report) -> String {
    json!({
        "type": "report.ready",
        "timestamp": report.generated_at,
        "data": {
            "report": report,
            "links": super::links(app, report),
        }
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the test vector in the reference libraries of Standard Webhooks.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_signature_is_that_of_the_reference_libraries() {
        let endpoint = Endpoint::parse(&format!("https://shop.example/hook|{SECRET}"), false).unwrap();
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", br#"{"test": 2432232314}"#);
        let signature = signature(&endpoint.secret, id, 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn the_signature_is_that_of_the_specification() {
        // Its example has a shorter secret than it allows.
        let secret = BASE64_STANDARD.decode("plJ3nmyCDGBKInavdOK15jsl").unwrap();
        let body = br#"{"event_type":"ping","data":{"success":true}}"#;
        let signature = signature(&secret, "msg_loFOjxBNrRLzqYUf", 1_731_705_121, body);
        assert_eq!(signature, "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
    }

    #[test]
    fn what_is_no_endpoint_is_told_without_showing_it() {
        for url in [
            "http://shop.example/s3cret",
            "https://s3cret:x@shop.example/",
            "https://10.0.0.1/s3cret",
            "https://[::1]/s3cret",
            "https://[::ffff:169.254.169.254]/s3cret",
            "https://0x7f.1/s3cret",
            "https://2130706433/s3cret",
            "ftp://shop.example/s3cret",
            "s3cret",
            "",
        ] {
            let error = Endpoint::parse(&format!("{url}|{SECRET}"), false).unwrap_err();
            assert!(!error.contains("s3cret"), "{error}");
        }
        for secret in [
            "whsec_",
            "whsec_c2hvcnQ=",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_?",
        ] {
            assert!(Endpoint::parse(&format!("https://shop.example/|{secret}"), false).is_err());
        }
        assert!(Endpoint::parse("https://shop.example/", false).is_err());
        assert!(Endpoint::parse(&format!("http://127.0.0.1:8080/hook|{SECRET}"), true).is_ok());
    }

    #[test]
    fn a_rest_is_read_in_both_forms() {
        let now = "2026-11-02T10:00:00Z".parse().unwrap();
        let rest = |text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            rest(&headers, now).map(|rest| rest.as_secs())
        };
        assert_eq!(rest("120"), Some(120));
        assert_eq!(rest("Mon, 02 Nov 2026 10:05:00 GMT"), Some(300));
        for nothing in ["", "soon", "-5", "1.5", "99999999999"] {
            assert_eq!(rest(nothing), None, "{nothing}");
        }
        assert_eq!(super::rest(&HeaderMap::new(), now), None);
    }

    #[test]
    fn nothing_prints_path_or_secret() {
        let endpoint =
            Endpoint::parse(&format!("https://shop.example:8443/s3cret?k=v|{SECRET}"), false).unwrap();
        assert_eq!(format!("{endpoint:?}"), "Endpoint(https://shop.example:8443/…)");
    }
}
