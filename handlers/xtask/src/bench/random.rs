//! Randomness that is cheap and the same in every run.

use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

/// SplitMix64.
#[derive(Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which must not be zero.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A version 7 id of now: what a careful client sends, and what an index likes.
    pub(super) fn time_ordered_id(&mut self) -> Uuid {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.next().to_le_bytes());
        bytes[8..].copy_from_slice(&self.next().to_le_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(now.as_millis() as u64, &bytes).into_uuid()
    }

    /// A version 4 id, as most clients make for their sessions.
    pub(super) fn id(&mut self) -> Uuid {
        let wide = u128::from(self.next()) << 64 | u128::from(self.next());
        uuid::Builder::from_random_bytes(wide.to_be_bytes()).into_uuid()
    }
}
