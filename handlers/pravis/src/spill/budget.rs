//! How long a write may take.

use std::time::Duration;
use tokio::time::Instant;

/// How long key and store may take together, before the write is spilled.
const STORE: Duration = Duration::from_secs(3);
/// How long all may take, the spill included.
const WHOLE: Duration = Duration::from_millis(3_800);

/// The time that one write has; the arrival of its body does not count.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    began: Instant,
}

impl Budget {
    /// A budget of which `spent` is gone.
    pub fn after(spent: Duration) -> Self {
        let now = Instant::now();
        Self {
            began: now.checked_sub(spent).unwrap_or(now),
        }
    }

    /// When to stop waiting for the store.
    pub(crate) fn store(self) -> Instant {
        self.began + STORE
    }

    /// When to have answered.
    pub(crate) fn whole(self) -> Instant {
        self.began + WHOLE
    }
}
