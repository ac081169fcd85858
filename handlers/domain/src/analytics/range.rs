//! Which stretch of time a question is about.

use crate::fault::{Fault, Faults};
use crate::time::truncated;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Most days that `days` takes.
const MOST_DAYS: i64 = 400;
/// Days when nothing is said.
const DEFAULT_DAYS: i64 = 30;
/// Longest range between `from` and `to`, in days: ten years.
const LONGEST: i64 = 3660;

/// From a point in time, included, to another, excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// First point in time of the range.
    pub from: Timestamp,
    /// First point in time after the range.
    pub to: Timestamp,
}

impl TimeRange {
    /// Whether the range holds no time at all.
    pub fn is_empty(&self) -> bool {
        self.from >= self.to
    }
}

/// The range as a caller asks for it: `from` and `to`, or a number of days that end today.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RangeRequest {
    /// First point in time.
    pub from: Option<Timestamp>,
    /// First point in time after it; now if only `from` is given.
    pub to: Option<Timestamp>,
    /// Calendar days, today included.
    pub days: Option<i64>,
}

/// The time zone of an IANA name.
pub fn zone(name: &str) -> Result<TimeZone, Faults> {
    TimeZone::get(name).map_err(|_| {
        Fault::query(
            "tz",
            format!("takes an IANA time zone such as Europe/Paris, not `{name}`"),
        )
        .into()
    })
}

/// The range that is asked for, seen from `now` in `zone`; 30 days when nothing is said.
pub fn resolve_range(request: RangeRequest, zone: &TimeZone, now: Timestamp) -> Result<TimeRange, Faults> {
    if request.days.is_some() && (request.from.is_some() || request.to.is_some()) {
        return Err(Fault::query("days", "cannot be given together with from or to").into());
    }
    let range = match (request.from, request.to) {
        (Some(from), to) => TimeRange {
            from: truncated(from),
            to: truncated(to.unwrap_or(now)),
        },
        (None, Some(_)) => return Err(Fault::query("from", "is required where to is given").into()),
        (None, None) => return last_days(request.days.unwrap_or(DEFAULT_DAYS), zone, now),
    };
    if range.is_empty() {
        return Err(Fault::query("to", format!("must be later than from ({})", range.from)).into());
    }
    if range.to.duration_since(range.from).as_hours() > LONGEST * 24 {
        return Err(Fault::query("from", format!("the range takes at most {LONGEST} days")).into());
    }
    Ok(range)
}

/// The calendar days of `zone` that a range touches, in order.
pub fn days_of(range: TimeRange, zone: &TimeZone) -> impl Iterator<Item = Date> {
    let last = crate::time::from_micros(range.to.as_microsecond() - 1)
        .to_zoned(zone.clone())
        .date();
    let first = range.from.to_zoned(zone.clone()).date();
    first.series(1.day()).take_while(move |day| *day <= last)
}

/// The last `days` calendar days of `zone`, today included.
fn last_days(days: i64, zone: &TimeZone, now: Timestamp) -> Result<TimeRange, Faults> {
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Fault::query("days", format!("takes 1 to {MOST_DAYS}, not {days}")).into());
    }
    let today = now.to_zoned(zone.clone()).date();
    let start = |date: Date| {
        date.to_zoned(zone.clone())
            .map(|start| start.timestamp())
            .map_err(|error| Fault::query("days", error.to_string()))
    };
    let first = today.saturating_sub((days - 1).days());
    let after = today.saturating_add(1.days());
    Ok(TimeRange {
        from: start(first)?,
        to: start(after)?,
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZoneDatabase;

    /// An empty container has no zones; and a shop's days must not depend on what a machine knows.
    #[test]
    fn zones_are_known_where_the_machine_has_none() {
        let brought_along = TimeZoneDatabase::bundled();
        for zone in ["UTC", "Europe/Paris", "Asia/Kathmandu"] {
            assert!(brought_along.get(zone).is_ok(), "{zone}");
        }
    }
}
