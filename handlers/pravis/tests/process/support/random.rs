//! Chance that can be repeated.

use std::ops::Range;

/// SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From `PRAVIS_TEST_SEED`, or from chance; prints which, so that a failure can be repeated.
    pub(crate) fn seeded() -> Self {
        let set = std::env::var("PRAVIS_TEST_SEED").ok();
        let seed = set
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| uuid::Uuid::now_v7().as_u64_pair().1);
        eprintln!("PRAVIS_TEST_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }
}
