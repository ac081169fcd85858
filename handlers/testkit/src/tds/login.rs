//! What a client says of itself: LOGIN7 (2.2.6.4).

use super::bytes::{Reader, utf16};

/// A login.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// The user's name; empty where a token logs in.
    pub user: String,
    /// In clear text.
    pub password: String,
    /// The access token, where one logs in.
    pub token: Option<String>,
    /// The database that is asked for.
    pub database: String,
    /// What the client calls itself.
    pub application: String,
    /// Whether a read-only replica will do (`ApplicationIntent=ReadOnly`).
    pub read_only: bool,
}

impl Login {
    pub(super) fn parse(message: &[u8]) -> Self {
        Self {
            user: utf16(field(message, 40)),
            password: utf16(&revealed(field(message, 44))),
            token: token(message),
            database: utf16(field(message, 68)),
            application: utf16(field(message, 48)),
            // TypeFlags.
            read_only: message[26] & 0x20 != 0,
        }
    }
}

/// A variable field: at `place` stand its offset, and its length in characters.
fn field(message: &[u8], place: usize) -> &[u8] {
    let mut place = Reader(&message[place..]);
    let (offset, length) = (usize::from(place.u16()), usize::from(place.u16()));
    &message[offset..offset + 2 * length]
}

/// A password has the halves of its bytes swapped, and some bits turned.
fn revealed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| (byte ^ 0xa5).rotate_left(4)).collect()
}

/// The token of the feature FEDAUTH, where the client has extensions.
fn token(message: &[u8]) -> Option<String> {
    // OptionFlags3, fExtension; the offset of the offset of the features.
    if message[27] & 0x10 == 0 {
        return None;
    }
    let offset = usize::from(Reader(&message[56..]).u16());
    let features = Reader(&message[offset..]).u32() as usize;
    let mut features = Reader(&message[features..]);
    loop {
        let (feature, length) = match features.u8() {
            0xff => return None,
            feature => (feature, features.u32() as usize),
        };
        let mut data = Reader(features.take(length));
        if feature == 0x02 {
            data.u8();
            let length = data.u32() as usize;
            return Some(utf16(data.take(length)));
        }
    }
}
