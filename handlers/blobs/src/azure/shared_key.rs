//! Shared keys, as Azurite takes them over http. The official clients know none.
//!
//! Sources: "Authorize with Shared Key" and "Create a service SAS" in the REST reference of Azure Storage.

use crate::{BlobError, BlobName, Container};
use async_trait::async_trait;
use azure_core::http::headers::{AUTHORIZATION, HeaderName, Headers};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request, Url};
use azure_core::time::{OffsetDateTime, to_rfc7231};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use url::form_urlencoded;

/// Version of the service SAS whose text to sign is below.
const SAS_VERSION: &str = "2020-12-06";

/// An account and its key. Prints without the key.
#[derive(Clone)]
pub(super) struct AccountKey {
    account: String,
    key: Vec<u8>,
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountKey")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl AccountKey {
    pub(super) fn new(account: &str, base64: &str) -> Result<Self, BlobError> {
        let key = STANDARD.decode(base64);
        Ok(Self {
            account: account.to_owned(),
            key: key.map_err(|_| BlobError::Broken("an account key is base64".to_owned()))?,
        })
    }

    fn sign(&self, text: &str) -> String {
        // A key of any length is taken.
        let mac = Hmac::<Sha256>::new_from_slice(&self.key).map(|mac| mac.chain_update(text));
        mac.map_or_else(
            |_| String::new(),
            |mac| STANDARD.encode(mac.finalize().into_bytes()),
        )
    }

    /// The query of a URL that may do with this blob what the letters of `permissions` say, until then.
    pub(super) fn blob_query(
        &self,
        container: Container,
        name: &BlobName,
        permissions: &str,
        until: Timestamp,
    ) -> String {
        let until = until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let resource = format!("/blob/{}/{}/{name}", self.account, container.as_str());
        // Permissions, start, expiry, resource, policy, address, protocol, version, kind, snapshot, encryption scope, and
        // five headers of answers.
        let text = format!("{permissions}\n\n{until}\n{resource}\n\n\n\n{SAS_VERSION}\nb\n\n\n\n\n\n\n");
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("sv", SAS_VERSION),
                ("sr", "b"),
                ("sp", permissions),
                ("se", &until),
            ])
            .append_pair("sig", &self.sign(&text))
            .finish()
    }

    fn text_to_sign(&self, request: &Request) -> String {
        let headers = request.headers();
        let header = |name: &'static str| {
            headers
                .get_optional_str(&HeaderName::from_static(name))
                .unwrap_or_default()
        };
        let length = request.body().len().unwrap_or_default();
        let length = if length == 0 {
            String::new()
        } else {
            length.to_string()
        };
        let standard = [
            request.method().as_str(),
            header("content-encoding"),
            header("content-language"),
            &length,
            header("content-md5"),
            header("content-type"),
            // The date is in `x-ms-date`.
            "",
            header("if-modified-since"),
            header("if-match"),
            header("if-none-match"),
            header("if-unmodified-since"),
            header("range"),
        ];
        format!(
            "{}\n{}/{}{}",
            standard.join("\n"),
            own_headers(headers),
            self.account,
            resource(request.url())
        )
    }
}

/// `x-ms-…` headers in the order of their names, a line each.
fn own_headers(headers: &Headers) -> String {
    let own: BTreeMap<_, _> = headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("x-ms-"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    own.iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect()
}

/// The path as it is sent, and the query's parameters in the order of their names, which are in small letters.
fn resource(url: &Url) -> String {
    let parameters = url
        .query_pairs()
        .map(|(name, value)| (name.to_lowercase(), value));
    let parameters: BTreeMap<_, _> = parameters.collect();
    let lines = parameters.iter().map(|(name, value)| format!("\n{name}:{value}"));
    format!("{}{}", url.path(), lines.collect::<String>())
}

/// Signs each attempt, for each has its own date.
#[async_trait]
#[allow(
    elided_lifetimes_in_paths,
    reason = "the trait elides it, and async_trait asks for the same"
)]
impl Policy for AccountKey {
    async fn send(&self, context: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        request.insert_header("x-ms-date", to_rfc7231(&OffsetDateTime::now_utc()));
        let signature = self.sign(&self.text_to_sign(request));
        request.insert_header(AUTHORIZATION, format!("SharedKey {}:{signature}", self.account));
        next[0].send(context, request, &next[1..]).await
    }
}
