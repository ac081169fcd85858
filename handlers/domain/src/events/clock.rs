//! The clocks of browsers, which nobody sets.

use crate::time::truncated;
use jiff::{SignedDuration, Timestamp};

/// How far a client's clock may be off before its events count as skewed.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// What is older than this when it arrives is late.
pub const LATE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What is older than this when it arrives is refused.
pub(super) const OLDEST: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Translates the times of a client's clock into those of the server's.
///
/// A client that says when it sent its batch tells how far its clock is off: what lies between that and the arrival is
/// added to each of its times (the way through the network counts as part of it, which is short). A time that is still
/// more than [`TOLERANCE`] ahead is no time of any event: the arrival stands in its place.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// When the batch arrived.
    pub received_at: Timestamp,
    /// How far the client's clock is behind.
    behind: SignedDuration,
}

impl Clock {
    /// The clock of a client that sent a batch at `sent_at`, as it says, which arrived at `received_at`.
    pub fn new(received_at: Timestamp, sent_at: Option<Timestamp>) -> Self {
        let behind = sent_at.map_or(SignedDuration::ZERO, |sent| received_at.duration_since(sent));
        Self {
            received_at: truncated(received_at),
            behind,
        }
    }

    /// When something happened by the server's clock, and whether the client's was too wrong to be believed.
    pub fn place(&self, occurred_at: Timestamp) -> (Timestamp, bool) {
        let moved = occurred_at.saturating_add(self.behind).unwrap_or(occurred_at);
        let off = self.behind.abs() > TOLERANCE;
        if moved.duration_since(self.received_at) > TOLERANCE {
            (self.received_at, true)
        } else {
            (truncated(moved), off)
        }
    }

    /// Whether something at this place is too old to be taken.
    pub fn is_too_old(&self, placed: Timestamp) -> bool {
        self.received_at.duration_since(placed) > OLDEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-02T{text}Z").parse().unwrap()
    }

    #[test]
    fn a_clock_that_is_right_changes_nothing() {
        let clock = Clock::new(at("10:00:00"), None);
        assert_eq!(clock.place(at("09:59:00")), (at("09:59:00"), false));
        assert_eq!(
            clock.place(at("10:05:00")),
            (at("10:05:00"), false),
            "within tolerance"
        );
        assert_eq!(clock.place(at("10:05:01")), (at("10:00:00"), true));
    }

    #[test]
    fn the_time_of_sending_tells_how_far_it_is_off() {
        let slow = Clock::new(at("10:00:00"), Some(at("09:00:00")));
        assert_eq!(slow.place(at("08:59:30")), (at("09:59:30"), true));
        let fast = Clock::new(at("10:00:00"), Some(at("10:00:30")));
        assert_eq!(
            fast.place(at("10:00:20")),
            (at("09:59:50"), false),
            "half a minute is no skew"
        );
        assert_eq!(
            fast.place(at("10:06:00")),
            (at("10:00:00"), true),
            "later than it was sent"
        );
    }

    proptest! {
        #[test]
        fn no_event_is_placed_in_the_future(sent: Option<i32>, occurred: i32) {
            let received = at("10:00:00");
            let second = |n: i32| Timestamp::from_second(i64::from(n)).unwrap();
            let clock = Clock::new(received, sent.map(second));
            let (placed, _) = clock.place(second(occurred));
            prop_assert!(placed.duration_since(received) <= TOLERANCE);
        }
    }
}
