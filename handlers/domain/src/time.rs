//! Points in time: UTC, whole microseconds, so that both databases hold exactly what the caller was told.

use jiff::Timestamp;

/// Cuts what is finer than a microsecond.
pub fn truncated(at: Timestamp) -> Timestamp {
    from_micros(at.as_microsecond())
}

/// The point in time that is `micros` microseconds after the Unix epoch; what lies outside the calendar is moved to
/// its nearest end.
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// Milliseconds from `start` to `end`; negative when `end` is earlier.
pub fn millis_between(start: Timestamp, end: Timestamp) -> f64 {
    (end.as_microsecond() - start.as_microsecond()) as f64 / 1000.0
}
