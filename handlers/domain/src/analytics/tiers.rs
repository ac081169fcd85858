//! The tiers of rollups, and which part of a range is read from which.
//!
//! The base tier has quarters of an hour in UTC: the offsets of all time zones in use since 2000 are multiples of 15
//! minutes, so that days of every zone are made of whole quarters. Two tiers are sums of it: hours in UTC, which days of any
//! zone consist of but for their edges, and days of the shop's zone.

use super::TimeRange;
use crate::time::from_micros;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

/// Length of a base bucket in microseconds: a quarter of an hour.
pub const QUARTER: i64 = 15 * 60 * 1_000_000;
/// Length of an hour in microseconds.
pub const HOUR: i64 = 4 * QUARTER;

/// The start of the quarter that `at` is in.
pub fn quarter_of(at: Timestamp) -> Timestamp {
    floor(at, QUARTER)
}

/// The start of the hour in UTC that `at` is in.
pub fn hour_of(at: Timestamp) -> Timestamp {
    floor(at, HOUR)
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
    /// Whole hours in UTC: from the hour tier.
    pub hours: Vec<TimeRange>,
    /// Whole quarters: from the base tier.
    pub quarters: Vec<TimeRange>,
    /// Parts of quarters: from the records themselves.
    pub raw: Vec<TimeRange>,
}

/// Cuts the range from the first of `edges` to the last, so that no part reaches over an edge with a rollup of it: what is read
/// can be told apart by the buckets that the edges make. Without a zone no days are used.
pub fn plan(edges: &[Timestamp], shop: Option<&TimeZone>) -> Plan {
    let mut plan = Plan::default();
    for pair in edges.windows(2) {
        plan.cover(pair[0], pair[1], shop);
    }
    plan
}

impl Plan {
    /// Covers one bucket with the largest rollups that fit into it.
    fn cover(&mut self, from: Timestamp, to: Timestamp, shop: Option<&TimeZone>) {
        let (first, last) = (ceil(from, QUARTER), quarter_of(to));
        if first >= last {
            push(&mut self.raw, from, to);
            return;
        }
        push(&mut self.raw, from, first);
        match shop.and_then(|zone| whole_days(first, last, zone)) {
            None => self.cover_hours(first, last),
            Some((begin, end)) => {
                self.cover_hours(first, begin);
                push(&mut self.days, begin, end);
                self.cover_hours(end, last);
            }
        }
        push(&mut self.raw, last, to);
    }

    fn cover_hours(&mut self, from: Timestamp, to: Timestamp) {
        let (first, last) = (ceil(from, HOUR), hour_of(to));
        if first >= last {
            push(&mut self.quarters, from, to);
        } else {
            push(&mut self.quarters, from, first);
            push(&mut self.hours, first, last);
            push(&mut self.quarters, last, to);
        }
    }
}

/// From the first to the last midnight of the shop's zone in a range; none where no whole day is between them.
pub fn days_within(range: TimeRange, shop: &TimeZone) -> Option<TimeRange> {
    plan(&[range.from, range.to], Some(shop)).days.first().copied()
}

/// The whole days of `zone` between two quarters, where there are any.
fn whole_days(from: Timestamp, to: Timestamp, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    // The shortest day has 23 hours, or 22 in a polar station; the calendar is not asked about hours.
    if to.as_microsecond() - from.as_microsecond() < 20 * HOUR {
        return None;
    }
    let start = day_of(from, zone);
    let first = if start == from {
        start
    } else {
        day_after(from, zone)
    };
    let last = day_of(to, zone);
    (first < last).then_some((first, last))
}

fn floor(at: Timestamp, length: i64) -> Timestamp {
    from_micros(at.as_microsecond().div_euclid(length) * length)
}

fn ceil(at: Timestamp, length: i64) -> Timestamp {
    floor(from_micros(at.as_microsecond() + length - 1), length)
}

/// Adds a range, as one with the last where they touch.
fn push(ranges: &mut Vec<TimeRange>, from: Timestamp, to: Timestamp) {
    if from >= to {
        return;
    }
    match ranges.last_mut() {
        Some(last) if last.to == from => last.to = to,
        _ => ranges.push(TimeRange { from, to }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ZONES: [&str; 6] = [
        "UTC",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "America/Sao_Paulo",
        "Australia/Lord_Howe",
        "Africa/Cairo",
    ];

    fn parts(plan: &Plan) -> Vec<TimeRange> {
        let parts = plan
            .days
            .iter()
            .chain(&plan.hours)
            .chain(&plan.quarters)
            .chain(&plan.raw);
        let mut parts: Vec<_> = parts.copied().collect();
        parts.sort_by_key(|part| part.from);
        parts
    }

    /// Starts of the rollups in a part, when they are as long as `next` tells.
    fn starts(part: &TimeRange, next: impl Fn(Timestamp) -> Timestamp) -> Vec<Timestamp> {
        let all = std::iter::successors(Some(part.from), |at| Some(next(*at)));
        all.take_while(|at| *at < part.to).collect()
    }

    proptest! {
        #[test]
        fn the_parts_make_the_range(
            from in 946_684_800_000_000i64..1_900_000_000_000_000,
            lengths in prop::collection::vec(1i64..4_000_000_000_000, 1..12),
            aligned: bool,
            zone in prop::sample::select(&ZONES[..]),
            known: bool,
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let mut edges = vec![from_micros(from)];
            for length in lengths {
                let next = from_micros(edges[edges.len() - 1].as_microsecond() + length);
                edges.push(next);
            }
            if aligned {
                edges = edges.iter().map(|edge| day_of(*edge, &zone)).collect();
                edges.dedup();
                prop_assume!(edges.len() > 1);
            }
            let plan = plan(&edges, known.then_some(&zone));
            let parts = parts(&plan);
            prop_assert_eq!(parts[0].from, edges[0]);
            prop_assert_eq!(parts[parts.len() - 1].to, edges[edges.len() - 1]);
            for pair in parts.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
            }
            let inside = |from: Timestamp, to: Timestamp| edges.windows(2).any(|b| b[0] <= from && to <= b[1]);
            for days in &plan.days {
                prop_assert_eq!((day_of(days.from, &zone), day_of(days.to, &zone)), (days.from, days.to));
                for day in starts(days, |at| day_after(at, &zone)) {
                    prop_assert_eq!(quarter_of(day), day, "days begin with a quarter");
                    prop_assert!(inside(day, day_after(day, &zone)));
                }
            }
            for hours in &plan.hours {
                prop_assert_eq!((hour_of(hours.from), hour_of(hours.to)), (hours.from, hours.to));
                for hour in starts(hours, |at| from_micros(at.as_microsecond() + HOUR)) {
                    prop_assert!(inside(hour, from_micros(hour.as_microsecond() + HOUR)));
                }
            }
            for quarters in &plan.quarters {
                prop_assert_eq!((quarter_of(quarters.from), quarter_of(quarters.to)), (quarters.from, quarters.to));
            }
            prop_assert!(known || plan.days.is_empty());
        }
    }

    #[test]
    fn days_of_another_zone_are_read_as_hours_and_a_few_quarters() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let edges = [
            at("2026-11-01T18:15:00Z"),
            at("2026-11-02T18:15:00Z"),
            at("2026-11-03T18:15:00Z"),
        ];
        let plan = plan(&edges, Some(&TimeZone::UTC));
        assert_eq!((plan.days.len(), plan.raw.len()), (0, 0));
        let hours: i64 = plan
            .hours
            .iter()
            .map(|h| h.to.duration_since(h.from).as_hours())
            .sum();
        assert_eq!(
            hours, 46,
            "the hours in which Kathmandu's days change are quarters"
        );
    }
}
