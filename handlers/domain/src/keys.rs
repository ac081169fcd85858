//! API keys: what they look like, what they allow.
//!
//! `pravis_` + 43 base-62 digits (32 random bytes) + 6 base-62 digits (CRC-32 of what stands before). The checksum lets
//! a mistyped key be refused, and a leaked one be found by scanners, without a database.

use crate::interactions::names;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;
use uuid::Uuid;

const PREFIX: &str = "pravis_";
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_DIGITS: usize = 43;
const CHECK_DIGITS: usize = 6;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Write and change interactions.
    Ingest,
    /// Read everything but keys.
    Read,
    /// Give feedback.
    Feedback,
    /// Triage feedback.
    Review,
    /// Write client events.
    Events,
    /// Upload media.
    Media,
    /// Everything, keys included.
    Admin,
}

names!(Scope {
    Ingest = "ingest",
    Read = "read",
    Feedback = "feedback",
    Review = "review",
    Events = "events",
    Media = "media",
    Admin = "admin",
});

/// A key in the clear: shown once, never stored. Prints as stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl Secret {
    /// The key that these random bytes make.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        let mut text = format!("{PREFIX}{}", base62(&bytes, SECRET_DIGITS));
        let check = base62(&crc32fast::hash(text.as_bytes()).to_be_bytes(), CHECK_DIGITS);
        text.push_str(&check);
        Self(text)
    }

    /// Reads a key from a header; none when its form or checksum is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        if digits.len() != SECRET_DIGITS + CHECK_DIGITS || !digits.bytes().all(|b| b.is_ascii_alphanumeric())
        {
            return None;
        }
        let (body, check) = text.split_at(text.len() - CHECK_DIGITS);
        let right = base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECK_DIGITS);
        (check == right).then(|| Self(text.to_owned()))
    }

    /// The key in the clear.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored instead of the key.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(&self.0).into())
    }
}

/// SHA-256 of a key. The key has 256 random bits, so a slow hash would protect nothing more.
#[derive(Debug, Clone, Copy)]
pub struct SecretHash(pub [u8; 32]);

impl PartialEq for SecretHash {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

/// Big-endian base 62, padded with zeros to `width` digits.
fn base62(bytes: &[u8], width: usize) -> String {
    let mut number = bytes.to_vec();
    let mut digits = vec![DIGITS[0]; width];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0u32;
        for byte in &mut number {
            let value = rest * 256 + u32::from(*byte);
            *byte = (value / 62) as u8;
            rest = value % 62;
        }
        *digit = DIGITS[rest as usize];
    }
    digits.into_iter().map(char::from).collect()
}

/// A key as it is stored and shown: never the key itself.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ApiKey {
    /// Identifies the key, for listing and revoking.
    pub id: Uuid,
    /// What the key is for, in the owner's words.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Origins (`https://shop.example`) from which a browser may use it; empty: not bound to any.
    pub allowed_origins: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; null: never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked; null: it was not.
    pub revoked_at: Option<Timestamp>,
    /// About when it was last used (written at most once an hour).
    pub last_used_at: Option<Timestamp>,
    /// What the secret is compared with.
    #[serde(skip)]
    pub hash: SecretHash,
}

impl ApiKey {
    /// Whether the key works at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expires| now < expires)
    }

    /// Whether the key may do what needs `scope`; admin may do everything.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes
            .iter()
            .any(|own| *own == scope || *own == Scope::Admin)
    }

    /// Whether the key can do nothing but write what browsers write: such a key may stand in a URL, which gets into logs.
    pub fn is_for_browsers(&self) -> bool {
        let harmless = [Scope::Feedback, Scope::Events, Scope::Media];
        self.scopes.iter().all(|own| harmless.contains(own))
    }

    /// Whether the key may be used by a page of `origin` (none: not a browser).
    pub fn allows_origin(&self, origin: Option<&str>) -> bool {
        self.allowed_origins.is_empty()
            || origin.is_some_and(|origin| {
                self.allowed_origins
                    .iter()
                    .any(|own| own.eq_ignore_ascii_case(origin))
            })
    }
}

/// What is said of a key that is to be made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewApiKey {
    /// What the key is for, 1 to 128 characters.
    #[schema(required = true, nullable = false)]
    pub name: Option<String>,
    /// What it may do; at least one.
    #[schema(required = true, nullable = false)]
    pub scopes: Option<Vec<Scope>>,
    /// Origins from which a browser may use it.
    pub allowed_origins: Option<Vec<String>>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

impl NewApiKey {
    /// Checks every field.
    pub fn validate(&self, now: Timestamp) -> Result<(), crate::Faults> {
        let mut check = crate::validate::Check::default();
        check.required("name", &self.name);
        check.name("name", self.name.as_deref(), crate::validate::NAME);
        check.required("scopes", &self.scopes);
        if self.scopes.as_ref().is_some_and(Vec::is_empty) {
            check.invalid("scopes", "takes at least one scope");
        }
        let origins = self.allowed_origins.as_deref().unwrap_or_default();
        check.names("allowed_origins", Some(origins), 50);
        for (index, origin) in origins.iter().enumerate() {
            if !is_origin(origin) {
                check.invalid(
                    &format!("allowed_origins/{index}"),
                    "takes an origin such as https://shop.example",
                );
            }
        }
        if self.expires_at.is_some_and(|expires| expires <= now) {
            check.invalid("expires_at", "must be in the future");
        }
        check.done()
    }

    /// The key that this valid description becomes.
    pub fn into_key(self, id: Uuid, secret: &Secret, now: Timestamp) -> ApiKey {
        let mut scopes = self.scopes.unwrap_or_default();
        scopes.sort();
        scopes.dedup();
        ApiKey {
            id,
            name: self.name.unwrap_or_default(),
            scopes,
            allowed_origins: self.allowed_origins.unwrap_or_default(),
            created_at: crate::time::truncated(now),
            expires_at: self.expires_at.map(crate::time::truncated),
            revoked_at: None,
            last_used_at: None,
            hash: secret.hash(),
        }
    }
}

/// Scheme and authority, nothing after (RFC 6454, section 6.2).
fn is_origin(text: &str) -> bool {
    let authority = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    authority.is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_is_read_back_and_a_mistyped_one_is_not(bytes: [u8; 32], place in 7usize..56, digit in "[0-9A-Za-z]") {
            let secret = Secret::from_random(bytes);
            prop_assert_eq!(secret.expose().len(), 7 + 43 + 6);
            prop_assert_eq!(Secret::parse(secret.expose()), Some(secret.clone()));
            let mut typo = secret.expose().to_owned();
            typo.replace_range(place..=place, &digit);
            prop_assert!(typo == secret.expose() || Secret::parse(&typo).is_none());
        }
    }

    #[test]
    fn nothing_prints_a_secret() {
        assert_eq!(format!("{:?}", Secret::from_random([7; 32])), "Secret(***)");
    }

    #[test]
    fn origins_have_no_path() {
        assert!(is_origin("https://shop.example") && is_origin("http://127.0.0.1:8080"));
        assert!(!is_origin("https://shop.example/") && !is_origin("shop.example") && !is_origin("https://"));
    }
}
