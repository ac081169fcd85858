//! The period, part by part.

use super::measured::{Orders, Part, users};
use crate::analytics::{FeedbackFigures, Figures, TimeRange};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How long the parts of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = report::Interval)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// An hour.
    Hour,
    /// A calendar day of the report's zone, which may have 23 or 25 hours.
    Day,
}

impl Interval {
    /// The parts of a range, in order and without gaps; the last ends with the range.
    pub fn parts(self, range: TimeRange, zone: &TimeZone) -> Vec<TimeRange> {
        let mut parts = Vec::new();
        let mut from = range.from;
        while from < range.to {
            let to = self.after(from, zone).min(range.to);
            parts.push(TimeRange { from, to });
            from = to;
        }
        parts
    }

    fn after(self, from: Timestamp, zone: &TimeZone) -> Timestamp {
        let next = match self {
            Self::Hour => from.checked_add(1.hour()).ok(),
            Self::Day => {
                let tomorrow = from.to_zoned(zone.clone()).date().tomorrow();
                tomorrow
                    .and_then(|date| date.to_zoned(zone.clone()))
                    .map(|start| start.timestamp())
                    .ok()
            }
        };
        next.unwrap_or(Timestamp::MAX)
    }
}

/// One part of the period.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Point)]
pub struct Point {
    /// When it begins.
    pub from: Timestamp,
    /// Turns that began in it.
    pub interactions: i64,
    /// Those that failed.
    pub failures: i64,
    /// Succeeded over finished; null when none is finished.
    pub success_rate: Option<f64>,
    /// 95 of 100 turns took at most so many milliseconds; null when none knows.
    pub p95_ms: Option<f64>,
    /// What those with a known price cost; null when none has one.
    pub cost_micros: Option<i64>,
    /// Feedback given in it.
    pub feedback: i64,
    /// Mean of its ratings; null when there is none.
    pub rating: Option<f64>,
    /// Different shoppers with a turn in it; null for hours, and where all turns are anonymous.
    pub active_users: Option<i64>,
    /// Conversations with a turn in it; null for hours.
    pub sessions: Option<i64>,
    /// Orders made in it, with or without the assistant; null where the shop sends no events.
    pub orders: Option<i64>,
    /// What they were worth, in millionths by ISO 4217 code.
    #[schema(value_type = Option<std::collections::HashMap<String, i64>>)]
    pub revenue: Option<BTreeMap<String, i64>>,
}

/// The period, part by part.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Series)]
pub struct Series {
    /// How long the parts are.
    pub interval: Interval,
    /// All parts, in order.
    pub points: Vec<Point>,
}

impl From<&Part> for Point {
    fn from(part: &Part) -> Self {
        let turns = Figures::from(&part.turns);
        Self {
            from: part.range.from,
            interactions: turns.total,
            failures: turns.failed,
            success_rate: turns.success_rate,
            p95_ms: turns.duration_ms.p95,
            cost_micros: turns.cost.micros,
            feedback: part.feedback.total,
            rating: FeedbackFigures::from(&part.feedback).average_rating,
            active_users: part.people.and_then(|people| users(&people, part.turns.total)),
            sessions: part.people.map(|people| people.sessions),
            orders: part.orders.as_ref().map(Orders::count),
            revenue: part.orders.as_ref().map(Orders::revenue),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(date: &str, zone: &TimeZone) -> TimeRange {
        let date: jiff::civil::Date = date.parse().unwrap();
        let start = |date: jiff::civil::Date| date.to_zoned(zone.clone()).unwrap().timestamp();
        TimeRange {
            from: start(date),
            to: start(date.tomorrow().unwrap()),
        }
    }

    #[test]
    fn days_around_a_change_of_the_clock_have_23_and_25_hours() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        for (date, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-22", 24)] {
            let day = day(date, &paris);
            assert_eq!(Interval::Hour.parts(day, &paris).len(), hours);
            assert_eq!(Interval::Day.parts(day, &paris), [day]);
        }
    }

    proptest! {
        #[test]
        fn the_parts_make_the_range(days in 0i32..700, length in 1i32..32, zone in prop::sample::select(vec![
            "UTC", "Asia/Kathmandu", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Cairo", "America/Los_Angeles",
        ])) {
            let zone = TimeZone::get(zone).unwrap();
            let first = jiff::civil::date(2025, 12, 1) + days.days();
            let start = |date: jiff::civil::Date| date.to_zoned(zone.clone()).unwrap().timestamp();
            let range = TimeRange { from: start(first), to: start(first + length.days()) };
            let parts = Interval::Day.parts(range, &zone);
            prop_assert_eq!(parts.len() as i32, length);
            for (parts, longest) in [(parts, 25), (Interval::Hour.parts(range, &zone), 1)] {
                prop_assert_eq!(parts[0].from, range.from);
                prop_assert_eq!(parts[parts.len() - 1].to, range.to);
                prop_assert!(parts.windows(2).all(|pair| pair[0].to == pair[1].from));
                prop_assert!(parts.iter().all(|part| part.from < part.to && part.to.duration_since(part.from).as_hours() <= longest));
            }
        }
    }
}
