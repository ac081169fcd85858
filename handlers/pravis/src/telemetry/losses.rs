//! Telemetry that could not be sent: counted, and told now and then.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often losses are logged.
const REST: Duration = Duration::from_secs(60);

/// What a loss is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Spans,
    Logs,
    Metrics,
    Facts,
}

impl Signal {
    const ALL: [Self; 4] = [Self::Spans, Self::Logs, Self::Metrics, Self::Facts];

    fn as_str(self) -> &'static str {
        match self {
            Self::Spans => "spans",
            Self::Logs => "logs",
            Self::Metrics => "metrics",
            Self::Facts => "facts",
        }
    }
}

/// Lost items of each signal.
pub(super) type Counts = [u64; Signal::ALL.len()];

/// What was lost.
pub(super) struct Losses {
    counter: Option<Counter<u64>>,
    untold: Mutex<Untold>,
}

#[derive(Default)]
struct Untold {
    /// Not in the metrics yet.
    uncounted: Counts,
    /// Not in the log yet.
    unlogged: u64,
    logged_at: Option<Instant>,
}

impl Losses {
    /// Counts by `counter`, if metrics are sent at all.
    pub(super) fn new(counter: Option<Counter<u64>>) -> Self {
        Self {
            counter,
            untold: Mutex::default(),
        }
    }

    fn untold(&self) -> MutexGuard<'_, Untold> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts lost items. Says so at most once a minute: what cannot be sent must not flood the log instead.
    pub(super) fn count(&self, signal: Signal, items: usize, reason: &str) {
        if items == 0 {
            return;
        }
        let mut untold = self.untold();
        untold.uncounted[signal as usize] += items as u64;
        untold.unlogged += items as u64;
        if untold.logged_at.is_none_or(|at| at.elapsed() >= REST) {
            untold.logged_at = Some(Instant::now());
            let items = std::mem::take(&mut untold.unlogged);
            drop(untold);
            tracing::warn!(items, signal = signal.as_str(), reason, "telemetry was lost");
        }
    }

    /// Logs what was not logged yet: the program ends.
    pub(super) fn log_rest(&self) {
        let items = std::mem::take(&mut self.untold().unlogged);
        if items > 0 {
            tracing::warn!(items, "telemetry was lost");
        }
    }

    /// Moves the counts into the metrics that are about to be collected.
    pub(super) fn pour(&self) -> Counts {
        let poured = std::mem::take(&mut self.untold().uncounted);
        if let Some(counter) = &self.counter {
            for (signal, items) in Signal::ALL.iter().zip(poured).filter(|(_, items)| *items > 0) {
                counter.add(items, &[KeyValue::new("signal", signal.as_str())]);
            }
        }
        poured
    }

    /// Takes counts back, whose metrics were lost themselves.
    pub(super) fn put_back(&self, poured: Counts) {
        let mut untold = self.untold();
        for (count, items) in untold.uncounted.iter_mut().zip(poured) {
            *count += items;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_told_is_told_later() {
        let losses = Losses::new(None);
        losses.count(Signal::Logs, 3, "test");
        losses.count(Signal::Facts, 0, "test");
        let poured = losses.pour();
        assert_eq!(poured, [0, 3, 0, 0]);
        losses.count(Signal::Spans, 1, "test");
        losses.put_back(poured);
        assert_eq!(losses.pour(), [1, 3, 0, 0]);
        assert_eq!(losses.pour(), [0; 4]);
    }
}
