//! The two tiers of rollups, and which part of a range is read from which.
//!
//! The base tier has quarters of an hour in UTC: the offsets of all time zones in use since 2000 are multiples of 15
//! minutes, so that days of every zone are made of whole quarters. The second tier has days of the shop's zone.

use super::TimeRange;
use crate::time::from_micros;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

/// Length of a base bucket in microseconds: a quarter of an hour.
pub const QUARTER: i64 = 15 * 60 * 1_000_000;

/// The start of the quarter that `at` is in.
pub fn quarter_of(at: Timestamp) -> Timestamp {
    from_micros(at.as_microsecond().div_euclid(QUARTER) * QUARTER)
}

/// The start of the calendar day of `zone` that `at` is in.
pub fn day_of(at: Timestamp, zone: &TimeZone) -> Timestamp {
    at.to_zoned(zone.clone())
        .start_of_day()
        .map_or(at, |start| start.timestamp())
}

/// The start of the calendar day after the one that `at` is in.
pub fn day_after(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let next = at.to_zoned(zone.clone()).date().saturating_add(1.day());
    next.to_zoned(zone.clone()).map_or(at, |start| start.timestamp())
}

/// Which part of a range is read from what. The parts are disjoint and together make the range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Whole days of the shop's zone: from the day tier.
    pub days: Vec<TimeRange>,
    /// Whole quarters: from the base tier.
    pub quarters: Vec<TimeRange>,
    /// Parts of quarters: from the turns themselves.
    pub raw: Vec<TimeRange>,
}

/// Splits `range`. Without a zone (the question is about days of another one) the day tier is not used.
pub fn plan(range: TimeRange, days_of: Option<&TimeZone>) -> Plan {
    let mut plan = Plan::default();
    let first_quarter = ceil(range.from);
    let last_quarter = quarter_of(range.to);
    if first_quarter >= last_quarter {
        push(&mut plan.raw, range.from, range.to);
        return plan;
    }
    push(&mut plan.raw, range.from, first_quarter);
    push(&mut plan.raw, last_quarter, range.to);
    let days = days_of.map(|zone| {
        let start = day_of(first_quarter, zone);
        let first = if start == first_quarter {
            start
        } else {
            day_after(first_quarter, zone)
        };
        (first, day_of(last_quarter, zone))
    });
    match days {
        Some((first, last)) if first < last => {
            push(&mut plan.quarters, first_quarter, first);
            push(&mut plan.days, first, last);
            push(&mut plan.quarters, last, last_quarter);
        }
        _ => push(&mut plan.quarters, first_quarter, last_quarter),
    }
    plan
}

fn ceil(at: Timestamp) -> Timestamp {
    let start = quarter_of(at);
    if start == at {
        at
    } else {
        from_micros(start.as_microsecond() + QUARTER)
    }
}

fn push(ranges: &mut Vec<TimeRange>, from: Timestamp, to: Timestamp) {
    if from < to {
        ranges.push(TimeRange { from, to });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_parts_make_the_range(
            from in 946_684_800_000_000i64..1_900_000_000_000_000,
            length in 1i64..40_000_000_000_000,
            zone in prop::sample::select(vec!["UTC", "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Cairo"]),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let range = TimeRange { from: from_micros(from), to: from_micros(from + length) };
            let plan = plan(range, Some(&zone));
            let mut parts: Vec<_> = plan.days.iter().chain(&plan.quarters).chain(&plan.raw).collect();
            parts.sort_by_key(|part| part.from);
            prop_assert_eq!(parts[0].from, range.from);
            prop_assert_eq!(parts[parts.len() - 1].to, range.to);
            for pair in parts.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
            }
            for day in &plan.days {
                prop_assert_eq!((day_of(day.from, &zone), day_of(day.to, &zone)), (day.from, day.to));
                prop_assert_eq!(quarter_of(day.from), day.from, "days begin with a quarter");
            }
            for quarters in &plan.quarters {
                prop_assert_eq!((quarter_of(quarters.from), quarter_of(quarters.to)), (quarters.from, quarters.to));
            }
        }
    }
}
