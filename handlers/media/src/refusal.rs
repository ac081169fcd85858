//! Why nothing is made of an upload.

use std::fmt;

/// An upload that cannot become something the shop can show or play.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct Refusal {
    /// Why, in a word.
    pub reason: Reason,
    /// The same for a person. Quotes nothing of the upload.
    pub detail: String,
}

impl Refusal {
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}

/// Why, in a word that does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// There are no bytes.
    Empty,
    /// The bytes are of no kind that is known.
    UnknownFormat,
    /// The bytes are of a known kind that this program cannot read.
    UnsupportedFormat,
    /// The bytes are of another kind than was declared, or of two kinds at once.
    Mismatch,
    /// The file ends early, or contradicts itself.
    Broken,
    /// More bytes than are taken.
    TooLarge,
    /// More pixels than are taken, whatever the size of the file.
    TooManyPixels,
    /// A longer recording than is taken.
    TooLong,
}

impl Reason {
    /// As it is stored and shown, in snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnknownFormat => "unknown_format",
            Self::UnsupportedFormat => "unsupported_format",
            Self::Mismatch => "mismatch",
            Self::Broken => "broken",
            Self::TooLarge => "too_large",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooLong => "too_long",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
