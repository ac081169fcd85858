//! Leave to upload or read one blob without a key.

use crate::BlobError;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Of any grant.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What an upload may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadTerms {
    /// When the leave ends: within a day, in whole seconds.
    pub until: Timestamp,
}

impl UploadTerms {
    /// The end is ahead, and not beyond what the key that signs is good for.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), BlobError> {
        if self.until > now && self.until <= now + LONGEST {
            return Ok(());
        }
        Err(BlobError::Broken("a grant is for a day at most".to_owned()))
    }
}

/// A request that the holder may send until `until`: a user-delegation SAS in Azure, a signed URL of our own locally.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadGrant {
    /// The method, `PUT`.
    pub method: &'static str,
    /// Where to; holds the signature, so it is a secret.
    pub url: String,
    /// Headers that the request must have.
    pub headers: BTreeMap<String, String>,
    /// When it ends.
    pub until: Timestamp,
}

/// Prints without the address: it is a secret.
impl std::fmt::Debug for UploadGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadGrant")
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

/// A URL that gives the holder one blob until `until`: a user-delegation SAS.
#[derive(Clone, PartialEq, Eq)]
pub struct ReadGrant {
    /// Where it is; holds the signature, so it is a secret.
    pub url: String,
    /// When it ends.
    pub until: Timestamp,
}

/// Prints without the address: it is a secret.
impl std::fmt::Debug for ReadGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadGrant")
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}
