//! Cursors: where a page ended, as an opaque text.
//!
//! Base64url (no padding) of `version (1 byte) · microseconds (8 bytes, big endian) · key · seal (8 bytes)`. The seal
//! is the head of a SHA-256 over the list's name, its filters and the rest, so that a cursor that was changed, or was
//! taken from another list, is told apart. It is no secret: a forged cursor shows nothing that the key may not read.

use crate::time::from_micros;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const VERSION: u8 = 1;
const SEAL: usize = 8;

/// The place of an entry in a list that is ordered by time, then by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position<K = Uuid> {
    /// `started_at` of the entry, or `created_at` where a list is ordered by it.
    pub at: Timestamp,
    /// Its id.
    pub key: K,
}

/// A text that is no cursor of the list it was given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that this list gave")]
pub struct InvalidCursor;

/// What a list can be ordered by, after time.
pub trait CursorKey: Sized {
    /// The key as bytes.
    fn to_bytes(&self) -> Vec<u8>;
    /// The key that [`CursorKey::to_bytes`] made these bytes of.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

impl CursorKey for Uuid {
    fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_slice(bytes).ok()
    }
}

impl CursorKey for String {
    fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_utf8(bytes.to_vec()).ok()
    }
}

impl<K: CursorKey> Position<K> {
    /// The cursor of this position in the list that `list` names (the operation and its filters).
    pub fn to_cursor(&self, list: &str) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.at.as_microsecond().to_be_bytes());
        bytes.extend(self.key.to_bytes());
        bytes.extend(seal(list, &bytes));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor that [`Position::to_cursor`] made for the same list.
    pub fn from_cursor(cursor: &str, list: &str) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| InvalidCursor)?;
        let (body, sealed) = bytes.split_last_chunk::<SEAL>().ok_or(InvalidCursor)?;
        let (head, key) = body.split_first_chunk::<9>().ok_or(InvalidCursor)?;
        let [version, micros @ ..] = head;
        if *version != VERSION || seal(list, body) != *sealed {
            return Err(InvalidCursor);
        }
        let key = K::from_bytes(key).ok_or(InvalidCursor)?;
        Ok(Self {
            at: from_micros(i64::from_be_bytes(*micros)),
            key,
        })
    }
}

fn seal(list: &str, body: &[u8]) -> [u8; SEAL] {
    let digest = Sha256::new()
        .chain_update(list)
        .chain_update([0])
        .chain_update(body)
        .finalize();
    std::array::from_fn(|index| digest[index])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn comes_back_as_it_went(micros in -2_000_000_000_000_000i64..4_000_000_000_000_000, id: u128, name in ".{1,128}") {
            let position = Position { at: from_micros(micros), key: Uuid::from_u128(id) };
            prop_assert_eq!(Position::from_cursor(&position.to_cursor("a"), "a"), Ok(position));
            let named = Position { at: from_micros(micros), key: name };
            prop_assert_eq!(Position::from_cursor(&named.to_cursor("a"), "a"), Ok(named.clone()));
            prop_assert!(Position::<Uuid>::from_cursor(&position.to_cursor("a"), "b").is_err());
        }

        #[test]
        fn one_changed_character_is_seen(id: u128, place: prop::sample::Index, other in "[A-Za-z0-9_-]") {
            let cursor = Position { at: from_micros(1), key: Uuid::from_u128(id) }.to_cursor("a");
            let place = place.index(cursor.len());
            let mut changed = cursor.clone();
            changed.replace_range(place..=place, &other);
            prop_assume!(changed != cursor);
            prop_assert_eq!(Position::<Uuid>::from_cursor(&changed, "a"), Err(InvalidCursor));
        }

        #[test]
        fn any_text_is_answered(text in ".*") {
            let _ = Position::<Uuid>::from_cursor(&text, "a");
        }
    }
}
