//! How much is measured: all of it, or just enough to see that everything runs.

use std::time::Duration;

use super::load::Plan;

/// The sizes of a run.
pub(super) struct Scale {
    /// Interactions in the large database.
    pub(super) rows: usize,
    /// Interactions in the small one, for the ratio.
    pub(super) few_rows: usize,
    /// Interactions of a year in the largest database, and in the small one beside it.
    pub(super) year: usize,
    pub(super) small_year: usize,
    /// Turns that arrive within a quarter of an hour.
    pub(super) rush: usize,
    /// Photos that come at once.
    pub(super) uploads: usize,
    /// How long each load lasts.
    pub(super) load: Duration,
    /// How long, at most, one kind of request is measured one by one.
    pub(super) one_by_one: Duration,
    /// Requests of one kind that are measured one by one.
    pub(super) requests: usize,
    /// Starts that are measured.
    pub(super) starts: usize,
    /// Rows that plain SQLite inserts.
    pub(super) raw_rows: usize,
    /// How long a server is left alone before it counts as idle.
    pub(super) rest: Duration,
}

impl Scale {
    pub(super) fn full() -> Self {
        Self {
            rows: 1_000_000,
            few_rows: 10_000,
            year: 10_000_000,
            small_year: 100_000,
            rush: 100_000,
            uploads: 500,
            load: Duration::from_secs(15),
            one_by_one: Duration::from_secs(4),
            requests: 500,
            starts: 9,
            raw_rows: 100_000,
            rest: Duration::from_secs(3),
        }
    }

    /// A smoke run: its figures are no proof of anything.
    pub(super) fn quick() -> Self {
        Self {
            rows: 100_000,
            year: 100_000,
            small_year: 10_000,
            rush: 10_000,
            uploads: 20,
            load: Duration::from_secs(3),
            one_by_one: Duration::from_secs(1),
            requests: 100,
            starts: 3,
            raw_rows: 20_000,
            rest: Duration::from_secs(1),
            ..Self::full()
        }
    }

    /// A load that presses as hard as it can.
    pub(super) fn load(&self, expected: u16) -> Plan {
        Plan {
            warm_up: self.load / 6,
            duration: self.load,
            requests: usize::MAX,
            expected,
        }
    }

    /// One request after the other, without a warm-up.
    pub(super) fn one_by_one(&self, expected: u16) -> Plan {
        Plan {
            warm_up: Duration::ZERO,
            duration: self.one_by_one,
            requests: self.requests,
            expected,
        }
    }
}
