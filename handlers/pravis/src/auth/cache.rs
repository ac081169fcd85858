//! Keys in memory, each for a while.

use domain::keys::{ApiKey, SecretHash};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// How long what is known of keys is trusted before it is read again; what another process revokes works no longer than this.
pub(super) const TRUST: SignedDuration = SignedDuration::from_secs(30);
/// How often the use of a key is noted.
const NOTE_USE: SignedDuration = SignedDuration::from_hours(1);
/// Keys in memory; when there are more, all are read again.
const MOST_KEYS: usize = 10_000;

/// Keys that were read, by hash.
#[derive(Default)]
pub(super) struct KeyCache(Mutex<HashMap<[u8; 32], Known>>);

struct Known {
    key: Arc<ApiKey>,
    read_at: Timestamp,
    noted_at: Option<Timestamp>,
}

impl KeyCache {
    pub(super) fn get(&self, hash: SecretHash, now: Timestamp) -> Option<Arc<ApiKey>> {
        let known = self.0.lock().ok()?;
        let known = known
            .get(&hash.0)
            .filter(|known| now.duration_since(known.read_at) < TRUST)?;
        Some(Arc::clone(&known.key))
    }

    pub(super) fn put(&self, key: ApiKey, now: Timestamp) -> Arc<ApiKey> {
        let key = Arc::new(key);
        if let Ok(mut keys) = self.0.lock() {
            if keys.len() >= MOST_KEYS {
                keys.clear();
            }
            let noted_at = keys
                .get(&key.hash.0)
                .and_then(|known| known.noted_at)
                .or(key.last_used_at);
            keys.insert(
                key.hash.0,
                Known {
                    key: Arc::clone(&key),
                    read_at: now,
                    noted_at,
                },
            );
        }
        key
    }

    /// Forgets what was read, so that a change works at once.
    pub(super) fn forget(&self) {
        if let Ok(mut keys) = self.0.lock() {
            keys.clear();
        }
    }

    /// Whether the use of the key is to be noted now; true once an hour.
    pub(super) fn claim_note(&self, hash: SecretHash, now: Timestamp) -> bool {
        let Ok(mut keys) = self.0.lock() else { return false };
        let Some(known) = keys.get_mut(&hash.0) else {
            return false;
        };
        let due = known
            .noted_at
            .is_none_or(|noted| now.duration_since(noted) >= NOTE_USE);
        if due {
            known.noted_at = Some(now);
        }
        due
    }
}
