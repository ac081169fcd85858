//! The tries of one call: how long to wait between them, and when to stop.

use super::error::SqlError;
use super::retry::{self, Phase, Verdict};
use super::tuning::Tuning;
use std::time::{Duration, Instant};

/// The tries of one call within its budget.
pub(super) struct Tries<'a> {
    budget: Duration,
    tuning: &'a Tuning,
    begun: Instant,
    waited: Duration,
    failed: u32,
    last: Option<SqlError>,
}

impl<'a> Tries<'a> {
    pub(super) fn new(budget: Duration, tuning: &'a Tuning) -> Self {
        Self {
            budget,
            tuning,
            begun: Instant::now(),
            waited: Duration::ZERO,
            failed: 0,
            last: None,
        }
    }

    /// What is left of the budget.
    pub(super) fn left(&self) -> Duration {
        // Waits count as long as they were meant to be, also where a test does not really wait.
        let spent = self.begun.elapsed().max(self.waited);
        self.budget.saturating_sub(spent)
    }

    /// Waits until the next try, or gives the error back when there must be none.
    pub(super) async fn after(&mut self, error: SqlError, repeatable: bool) -> Result<(), SqlError> {
        let Some(wait) = self
            .next_wait(&error)
            .filter(|wait| repeatable && *wait < self.left())
        else {
            return Err(error);
        };
        tracing::debug!(%error, wait_ms = wait.as_millis(), "trying the database again");
        self.failed += 1;
        self.waited += wait;
        self.last = Some(error);
        (self.tuning.sleep)(wait).await;
        Ok(())
    }

    /// The budget is spent: what went wrong before says more than that.
    pub(super) fn out_of_time(self) -> SqlError {
        self.last.unwrap_or(SqlError::Deadline)
    }

    fn next_wait(&self, error: &SqlError) -> Option<Duration> {
        let SqlError::Failed { phase, cause, .. } = error else {
            return None;
        };
        let at_least = match retry::classify(*phase, *cause) {
            Verdict::Never => return None,
            Verdict::Retry | Verdict::RetryIfSafe => Duration::ZERO,
            Verdict::RetryNoEarlierThan(wait) => wait,
        };
        Some(at_least + backoff(*phase, self.failed))
    }
}

/// Twice as long after each try, up to a bound, and between one half and the whole of that, so that many callers do not
/// come back at once. A server that wakes or moves takes seconds; a deadlock is over at once.
fn backoff(phase: Phase, failed: u32) -> Duration {
    let (first, longest) = match phase {
        Phase::Connect => (Duration::from_millis(500), Duration::from_secs(8)),
        Phase::Statement => (Duration::from_millis(50), Duration::from_secs(2)),
    };
    let wait = first.saturating_mul(1 << failed.min(10)).min(longest);
    wait.mul_f64(0.5 + random() / 2.0)
}

/// A number from 0 to 1; without randomness the callers just come back together.
fn random() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}
