//! Stretches of a zone's calendar: hours, days, weeks and months.

use super::MOST_POINTS;
use crate::analytics::TimeRange;
use crate::fault::{Fault, Faults};
use crate::interactions::names;
use crate::time::from_micros;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long a bucket is, by the calendar and the clock of the asked zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Between two full hours of the clock.
    Hour,
    /// A calendar day, also one of 23 or 25 hours.
    Day,
    /// An ISO 8601 week: from Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
}

names!(Interval { Hour = "hour", Day = "day", Week = "week", Month = "month" });

/// The buckets that a range touches, in order. They leave no gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    /// Where each begins by the calendar: the first may begin before the range.
    pub starts: Vec<Timestamp>,
    /// Where the last ends by the calendar: perhaps after the range.
    pub end: Timestamp,
    /// What of them is in the range: bucket `i` is counted from `edges[i]` to `edges[i + 1]`.
    pub edges: Vec<Timestamp>,
}

impl Buckets {
    /// The buckets of `zone` that `range` touches; a fault where these are more than `most`, for `groups` of each.
    pub fn of(range: TimeRange, interval: Interval, zone: &TimeZone, groups: usize) -> Result<Self, Faults> {
        let most = MOST_POINTS / groups.max(1);
        let mut starts = vec![interval.start(range.from, zone)];
        let end = loop {
            let last = starts.last().copied().unwrap_or(range.from);
            let next = interval.next(last, zone);
            if next >= range.to || next <= last {
                break next;
            }
            if starts.len() == most {
                return Err(too_many(interval, groups, most));
            }
            starts.push(next);
        };
        Ok(Self {
            edges: clipped(&starts, range),
            starts,
            end,
        })
    }

    /// The calendar days of `zone` that the range touches, however many.
    pub fn days(range: TimeRange, zone: &TimeZone) -> Self {
        let mut starts = Vec::new();
        let mut next = Interval::Day.start(range.from, zone);
        while !range.is_empty() && next < range.to && starts.last().is_none_or(|last| *last < next) {
            starts.push(next);
            next = Interval::Day.next(next, zone);
        }
        Self {
            edges: clipped(&starts, range),
            starts,
            end: next,
        }
    }

    /// The whole range as one bucket.
    pub fn whole(range: TimeRange) -> Self {
        Self {
            starts: vec![range.from],
            end: range.to,
            edges: vec![range.from, range.to],
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Whether a part of the bucket lies outside the range.
    pub fn is_partial(&self, bucket: usize) -> bool {
        let end = self.starts.get(bucket + 1).unwrap_or(&self.end);
        self.starts.get(bucket) != self.edges.get(bucket) || self.edges.get(bucket + 1) != Some(end)
    }
}

fn clipped(starts: &[Timestamp], range: TimeRange) -> Vec<Timestamp> {
    let inner = starts.iter().map(|start| (*start).max(range.from));
    inner.chain([range.to]).collect()
}

fn too_many(interval: Interval, groups: usize, most: usize) -> Faults {
    let (name, each) = (
        interval.as_str(),
        if groups > 1 {
            format!(" of {groups} groups")
        } else {
            String::new()
        },
    );
    let detail = format!(
        "the range has more than {most} buckets of one {name}{each}: ask for at most {MOST_POINTS} points, by a longer interval, \
         a shorter range or a smaller top"
    );
    Fault::query("interval", detail).into()
}

impl Interval {
    /// Where the bucket that `at` is in begins.
    fn start(self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        let local = at.to_zoned(zone.clone()).date();
        match self {
            Self::Hour => hour_start(at, zone),
            Self::Day => day_start(local, zone, at),
            Self::Week => day_start(
                local.saturating_sub(i64::from(local.weekday().to_monday_zero_offset()).days()),
                zone,
                at,
            ),
            Self::Month => day_start(local.first_of_month(), zone, at),
        }
    }

    /// Where the bucket ends that begins at `start`.
    fn next(self, start: Timestamp, zone: &TimeZone) -> Timestamp {
        let day = start.to_zoned(zone.clone()).date();
        let mut after = match self {
            Self::Hour => return hour_end(start, zone),
            Self::Day => day.saturating_add(1.day()),
            Self::Week => day.saturating_add(1.week()),
            Self::Month => day.first_of_month().saturating_add(1.month()),
        };
        // A day that a zone left out (Samoa's 30 December 2011) begins where the next one does, and is none.
        while day_start(after, zone, start) <= start && after < Date::MAX {
            after = after.saturating_add(1.day());
        }
        day_start(after, zone, start)
    }
}

/// The first moment of a day; `otherwise` at the ends of the calendar.
fn day_start(day: Date, zone: &TimeZone, otherwise: Timestamp) -> Timestamp {
    day.to_zoned(zone.clone())
        .map_or(otherwise, |start| start.timestamp())
}

fn from_second(second: i64) -> Timestamp {
    from_micros(second.saturating_mul(1_000_000))
}

/// Seconds since the last full hour of the clock at `at`.
fn past_hour(at: Timestamp, zone: &TimeZone) -> i64 {
    let local = at.as_microsecond().div_euclid(1_000_000) + i64::from(zone.to_offset(at).seconds());
    local.rem_euclid(3600)
}

/// The last full hour of the clock, or, where the clock was changed since by a part of an hour, that change.
fn hour_start(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let start = from_second(at.as_microsecond().div_euclid(1_000_000) - past_hour(at, zone));
    let odd = |at| past_hour(at, zone) != 0;
    let changed = zone
        .preceding(at)
        .next()
        .map(|change| change.timestamp())
        .filter(|change| start < *change && odd(start));
    changed.unwrap_or(start)
}

/// The next full hour of the clock, or a change of it by a part of an hour before that.
fn hour_end(start: Timestamp, zone: &TimeZone) -> Timestamp {
    let end = from_second(start.as_second() + 3600 - past_hour(start, zone));
    if past_hour(end, zone) == 0 {
        return end;
    }
    let change = zone.following(start).next();
    change.map_or(end, |change| change.timestamp()).min(end)
}

#[cfg(test)]
mod tests;
