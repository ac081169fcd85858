//! The queue message that names a spilled write.

use blobs::BlobName;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Pause before a message is looked at again; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Says which blob is to be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its name in the container `spill`.
    pub blob: String,
    /// How often it had to wait, for whatever reason.
    #[serde(default)]
    pub attempt: u32,
    /// How often it had to wait for another write, although the store was there.
    #[serde(default)]
    pub waits: u32,
}

impl Message {
    pub(super) fn new(blob: &BlobName) -> Self {
        Self {
            blob: blob.to_string(),
            attempt: 0,
            waits: 0,
        }
    }

    /// As it travels.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // Plain data: this cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The same message for the next time, and how long to wait for that.
    pub(super) fn again(&self, for_another_write: bool) -> (Self, Duration) {
        let pause = FIRST * 2_u32.saturating_pow(self.attempt.min(16));
        let again = Self {
            blob: self.blob.clone(),
            attempt: self.attempt.saturating_add(1),
            waits: self.waits.saturating_add(for_another_write.into()),
        };
        (again, pause.min(LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_grow_to_five_minutes() {
        let mut message = Message {
            blob: "2026/11/02/10/x.json.gz".to_owned(),
            attempt: 0,
            waits: 0,
        };
        let mut pauses = Vec::new();
        for attempt in 0..40 {
            let (next, pause) = message.again(attempt % 2 == 0);
            pauses.push(pause.as_secs());
            message = next;
        }
        assert_eq!(pauses[..8], [5, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!((pauses[39], message.attempt, message.waits), (300, 40, 20));
    }
}
