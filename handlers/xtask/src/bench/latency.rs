//! Percentiles, by sorting all that was measured: nothing is estimated.

use std::time::Duration;

use serde::Serialize;

/// Measured times, sorted.
#[derive(Debug, Default)]
pub(super) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(super) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    pub(super) fn merge(all: impl Iterator<Item = Self>) -> Self {
        Self::new(all.flat_map(|latencies| latencies.0).collect())
    }

    /// The smallest time that at least `percent` of all times do not exceed (nearest rank); zero when there is none.
    pub(super) fn percentile(&self, percent: f64) -> Duration {
        let rank = (percent / 100.0 * self.0.len() as f64).ceil() as usize;
        self.0.get(rank.max(1) - 1).copied().unwrap_or_default()
    }

    pub(super) fn spread(&self) -> Spread {
        let at = |percent| milliseconds(self.percentile(percent));
        Spread {
            p50: at(50.0),
            p95: at(95.0),
            p99: at(99.0),
        }
    }
}

/// The three percentiles that are printed, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Spread {
    pub(super) p50: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
}

pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: impl IntoIterator<Item = u64>) -> Latencies {
        Latencies::new(numbers.into_iter().map(Duration::from_millis).collect())
    }

    #[test]
    fn nearest_rank() {
        let hundred = of((1..=100).rev());
        assert_eq!(
            hundred.spread(),
            Spread {
                p50: 50.0,
                p95: 95.0,
                p99: 99.0
            }
        );
        assert_eq!(
            of([7, 3]).spread(),
            Spread {
                p50: 3.0,
                p95: 7.0,
                p99: 7.0
            }
        );
        assert_eq!(of([5]).percentile(0.0), Duration::from_millis(5));
        assert_eq!(of([]).spread(), Spread::default());
    }
}
