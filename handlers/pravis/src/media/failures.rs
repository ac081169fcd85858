//! How often a blob failed in this process, for a door whose messages do not tell.

use blobs::BlobName;
use std::collections::HashMap;
use std::sync::Mutex;

/// Blobs that failed and are still there.
#[derive(Default)]
pub(super) struct Failures(Mutex<HashMap<BlobName, u64>>);

impl Failures {
    pub(super) fn of(&self, name: &BlobName) -> u64 {
        self.0
            .lock()
            .map_or(0, |counts| counts.get(name).copied().unwrap_or_default())
    }

    pub(super) fn note(&self, name: &BlobName) {
        if let Ok(mut counts) = self.0.lock() {
            *counts.entry(name.clone()).or_default() += 1;
        }
    }

    pub(super) fn forget(&self, name: &BlobName) {
        if let Ok(mut counts) = self.0.lock() {
            counts.remove(name);
        }
    }
}
