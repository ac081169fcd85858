//! The stretch of time that a report is about: a day, an ISO week or a month of the shop's zone.

use crate::analytics::TimeRange;
use crate::interactions::names;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much time one report covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// A day.
    Daily,
    /// An ISO week, Monday to Sunday.
    Weekly,
    /// A month.
    Monthly,
}

names!(ReportKind {
    Daily = "daily",
    Weekly = "weekly",
    Monthly = "monthly",
});

impl ReportKind {
    /// How the name of a period looks.
    pub fn example(self) -> &'static str {
        match self {
            Self::Daily => "2026-11-22",
            Self::Weekly => "2026-W46",
            Self::Monthly => "2026-11",
        }
    }

    /// From the first day of one period to that of the next.
    fn length(self) -> Span {
        match self {
            Self::Daily => 1.day(),
            Self::Weekly => 1.week(),
            Self::Monthly => 1.month(),
        }
    }

    /// The first day of the period that `day` is in.
    fn first_day(self, day: Date) -> Date {
        match self {
            Self::Daily => day,
            Self::Weekly => day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days()),
            Self::Monthly => day.first_of_month(),
        }
    }
}

/// A text that names no period of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("takes the name of a {kind} period such as {example}", kind = .0.as_str(), example = .0.example())]
pub struct InvalidPeriod(pub ReportKind);

/// A whole day, ISO week or month of one time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Day, week or month.
    pub kind: ReportKind,
    /// Its first day.
    pub first: Date,
    /// From the start of its first day to the start of the day after its last, in the zone that it was made for: across a change
    /// of the clocks a day has 23 or 25 hours.
    pub range: TimeRange,
}

impl Period {
    /// The period that `day` is in.
    pub fn of(kind: ReportKind, day: Date, zone: &TimeZone) -> Self {
        let first = kind.first_day(day);
        let range = TimeRange {
            from: at(first, 0, zone),
            to: at(first.saturating_add(kind.length()), 0, zone),
        };
        Self { kind, first, range }
    }

    /// The period of this name: `2026-11-22`, `2026-W46` (ISO 8601, by the year of the week) or `2026-11`.
    pub fn parse(kind: ReportKind, name: &str, zone: &TimeZone) -> Result<Self, InvalidPeriod> {
        let period = first_of(kind, name).map(|first| Self::of(kind, first, zone));
        // jiff reads more forms than there are names.
        period
            .filter(|period| period.name() == name)
            .ok_or(InvalidPeriod(kind))
    }

    /// The last period that is over at `now`.
    pub fn last_full(kind: ReportKind, now: Timestamp, zone: &TimeZone) -> Self {
        let today = now.to_zoned(zone.clone()).date();
        Self::of(kind, today, zone).previous(zone)
    }

    /// The last period for which it was `hour` o'clock on the day after it, at or before `now`.
    pub fn last_due(kind: ReportKind, hour: i8, now: Timestamp, zone: &TimeZone) -> Self {
        let period = Self::last_full(kind, now, zone);
        if period.due_at(hour, zone) <= now {
            period
        } else {
            period.previous(zone)
        }
    }

    /// The period before, in the same zone.
    #[must_use]
    pub fn previous(&self, zone: &TimeZone) -> Self {
        Self::of(self.kind, self.first.saturating_sub(1.day()), zone)
    }

    /// When it is `hour` o'clock in the zone on the day after the period; an hour that the clocks skip is the next one.
    pub fn due_at(&self, hour: i8, zone: &TimeZone) -> Timestamp {
        at(self.first.saturating_add(self.kind.length()), hour, zone)
    }

    /// Its name, by which people ask for it.
    pub fn name(&self) -> String {
        match self.kind {
            ReportKind::Daily => self.first.to_string(),
            ReportKind::Weekly => {
                let week = self.first.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            ReportKind::Monthly => format!("{:04}-{:02}", self.first.year(), self.first.month()),
        }
    }
}

/// The first day of the period of this name.
fn first_of(kind: ReportKind, name: &str) -> Option<Date> {
    match kind {
        ReportKind::Daily => name.parse().ok(),
        ReportKind::Weekly => {
            let (year, week) = name.split_once("-W")?;
            let (year, week) = (year.parse().ok()?, week.parse().ok()?);
            ISOWeekDate::new(year, week, Weekday::Monday)
                .ok()
                .map(ISOWeekDate::date)
        }
        ReportKind::Monthly => {
            let (year, month) = name.split_once('-')?;
            Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
        }
    }
}

/// The point in time at `hour` o'clock; outside the calendar its nearest end.
fn at(day: Date, hour: i8, zone: &TimeZone) -> Timestamp {
    let time = day.at(hour.clamp(0, 23), 0, 0, 0).to_zoned(zone.clone());
    time.map_or_else(
        |_| {
            if day.year() > 0 {
                Timestamp::MAX
            } else {
                Timestamp::MIN
            }
        },
        |time| time.timestamp(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ZONES: [&str; 7] = [
        "UTC",
        "Europe/Paris",
        "America/Los_Angeles",
        "Asia/Kathmandu",
        "Asia/Kolkata",
        // Here the clocks skip midnight itself.
        "America/Santiago",
        // Half an hour of summer time.
        "Australia/Lord_Howe",
    ];

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn parse(kind: ReportKind, name: &str, tz: &str) -> (String, String) {
        let period = Period::parse(kind, name, &zone(tz)).unwrap();
        (period.range.from.to_string(), period.range.to.to_string())
    }

    fn pair(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn a_day_has_23_or_25_hours_where_the_clocks_change() {
        let hours = |day: &str, tz: &str| {
            let range = Period::parse(ReportKind::Daily, day, &zone(tz)).unwrap().range;
            range.to.duration_since(range.from).as_mins()
        };
        assert_eq!(hours("2026-03-29", "Europe/Paris"), 23 * 60);
        assert_eq!(hours("2026-10-25", "Europe/Paris"), 25 * 60);
        assert_eq!(hours("2026-10-04", "Australia/Lord_Howe"), 23 * 60 + 30);
        assert_eq!(hours("2026-09-06", "America/Santiago"), 23 * 60);
        assert_eq!(hours("2026-11-22", "Asia/Kathmandu"), 24 * 60);
    }

    #[test]
    fn periods_begin_and_end_at_midnight_of_the_zone() {
        assert_eq!(
            parse(ReportKind::Weekly, "2026-W46", "America/Los_Angeles"),
            pair("2026-11-09T08:00:00Z", "2026-11-16T08:00:00Z")
        );
        assert_eq!(
            parse(ReportKind::Weekly, "2026-W44", "America/Los_Angeles"),
            pair("2026-10-26T07:00:00Z", "2026-11-02T08:00:00Z")
        );
        assert_eq!(
            parse(ReportKind::Monthly, "2026-02", "Asia/Kathmandu"),
            pair("2026-01-31T18:15:00Z", "2026-02-28T18:15:00Z")
        );
    }

    #[test]
    fn weeks_are_named_by_their_own_year() {
        // 2020 has 53 weeks; its last one ends in January of 2021.
        let last = Period::parse(ReportKind::Weekly, "2020-W53", &TimeZone::UTC).unwrap();
        assert_eq!(last.first.to_string(), "2020-12-28");
        let first = Period::of(ReportKind::Weekly, "2024-12-31".parse().unwrap(), &TimeZone::UTC);
        assert_eq!(
            (first.name().as_str(), first.first.to_string().as_str()),
            ("2025-W01", "2024-12-30")
        );
        assert!(Period::parse(ReportKind::Weekly, "2021-W53", &TimeZone::UTC).is_err());
    }

    #[test]
    fn other_names_are_refused() {
        let wrong = [
            "",
            "2026",
            "2026-W46",
            "2026-11",
            "2026-11-22",
            "2026-W00",
            "2026-W54",
            "2026-W6",
            "2026-w46",
            "2026-13",
            "2026-1",
            "2026-02-30",
            "2026-11-22T00:00",
            "20261122",
            "+2026-11",
            "-001-11",
            "2026-W+6",
            "latest",
        ];
        for kind in ReportKind::ALL {
            for name in wrong.iter().filter(|name| **name != kind.example()) {
                assert_eq!(
                    Period::parse(*kind, name, &TimeZone::UTC),
                    Err(InvalidPeriod(*kind)),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn a_shop_in_the_west_gets_its_whole_sunday() {
        let pacific = zone("America/Los_Angeles");
        let week = |now: &str| Period::last_due(ReportKind::Weekly, 6, now.parse().unwrap(), &pacific).name();
        assert_eq!(
            week("2026-11-16T07:59:59Z"),
            "2026-W45",
            "there it is still Sunday"
        );
        assert_eq!(
            week("2026-11-16T13:59:59Z"),
            "2026-W45",
            "not yet six o'clock on Monday"
        );
        assert_eq!(week("2026-11-16T14:00:00Z"), "2026-W46");
    }

    proptest! {
        #[test]
        fn periods_follow_each_other_without_gaps(day in 0i32..40_000, kind in 0usize..3, tz in 0..ZONES.len()) {
            let (kind, zone) = (ReportKind::ALL[kind], zone(ZONES[tz]));
            let day = Date::constant(1990, 1, 1).saturating_add(day.days());
            let period = Period::of(kind, day, &zone);
            let before = period.previous(&zone);
            prop_assert_eq!(before.range.to, period.range.from);
            prop_assert!(!period.range.is_empty());
            let noon = at(day, 12, &zone);
            prop_assert!(period.range.from <= noon && noon < period.range.to);
            prop_assert_eq!(Period::parse(kind, &period.name(), &zone), Ok(period));
            let start = period.range.from.to_zoned(zone.clone());
            prop_assert_eq!(start.date(), period.first);
            // Each later second of the day has an earlier one before it: this is the first.
            let eve = Timestamp::from_second(period.range.from.as_second() - 1).unwrap();
            prop_assert!(eve.to_zoned(zone).date() < period.first);
        }

        #[test]
        fn what_is_due_is_over_and_what_is_over_becomes_due(
            second in 600_000_000i64..4_000_000_000, hour in 0i8..24, kind in 0usize..3, tz in 0..ZONES.len()
        ) {
            let (kind, zone) = (ReportKind::ALL[kind], zone(ZONES[tz]));
            let now = Timestamp::from_second(second).unwrap();
            let full = Period::last_full(kind, now, &zone);
            prop_assert!(full.range.to <= now);
            let current = Period::of(kind, now.to_zoned(zone.clone()).date(), &zone);
            prop_assert!(current.range.from <= now && now < current.range.to);
            prop_assert_eq!(full, current.previous(&zone));
            let due = Period::last_due(kind, hour, now, &zone);
            prop_assert!(due.due_at(hour, &zone) <= now);
            prop_assert!(due == full || full.due_at(hour, &zone) > now);
        }

        #[test]
        fn any_name_is_answered(name in ".{0,16}", kind in 0usize..3) {
            let _ = Period::parse(ReportKind::ALL[kind], &name, &TimeZone::UTC);
        }
    }
}
