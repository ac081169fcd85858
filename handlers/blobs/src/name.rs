//! Where a blob is.

use crate::BlobError;
use std::fmt;

/// A container of the account. There are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Container {
    /// What was uploaded and waits to be processed.
    Incoming,
    /// What anyone may see: photos, ready to serve.
    Media,
    /// What only keys may see: voice, attachments.
    Private,
    /// What was refused, for people to look at.
    Quarantine,
    /// What was acknowledged while the database was away.
    Spill,
    /// Reports as they were sent.
    Reports,
}

impl Container {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Incoming,
        Self::Media,
        Self::Private,
        Self::Quarantine,
        Self::Spill,
        Self::Reports,
    ];

    /// The container of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|container| container.as_str() == name)
    }

    /// Its name in the account, and of its folder.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Media => "media",
            Self::Private => "private",
            Self::Quarantine => "quarantine",
            Self::Spill => "spill",
            Self::Reports => "reports",
        }
    }
}

/// A name that is the same blob on every backend: parts of `A-Z a-z 0-9 . _ ~ -` between single slashes, at most 512 bytes;
/// no part is empty, longer than 100 bytes, begins with a dot or ends with one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobName(String);

/// Longest name in bytes; Azure takes 1024 characters.
const LONGEST: usize = 512;
/// Longest part in bytes: file systems take 255, of which the local folder needs some for itself.
const LONGEST_PART: usize = 100;
/// Azure takes 254.
const MOST_PARTS: usize = 254;

impl BlobName {
    /// Takes a name that keeps the rules.
    pub fn new(name: impl Into<String>) -> Result<Self, BlobError> {
        let name = name.into();
        let fits = |part: &str| {
            (1..=LONGEST_PART).contains(&part.len())
                && !part.starts_with('.')
                && !part.ends_with('.')
                && part.bytes().all(is_letter)
        };
        if name.len() <= LONGEST && name.split('/').count() <= MOST_PARTS && name.split('/').all(fits) {
            Ok(Self(name))
        } else {
            Err(BlobError::Broken(format!("{name:?} is no name for a blob")))
        }
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a name may begin with this; what else is in a prefix, Azure might stumble over.
    pub(crate) fn may_begin_with(prefix: &str) -> bool {
        prefix.bytes().all(|byte| byte == b'/' || is_letter(byte))
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._~-".contains(&byte)
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
