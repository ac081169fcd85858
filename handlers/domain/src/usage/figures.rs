//! From counts to the answer.

use super::answers::{ActiveUsers, Cohort, CohortWeek, MonthlyUsage, PeriodUsage, Usage};
use super::{COHORT_WEEKS, Period, PeriodCounts, SessionRollup};
use crate::analytics::{TimeRange, days_within};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeMap;

/// How long the last turn of a session may be pending before the session counts as abandoned.
pub const ABANDONED_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// Whole days of the shop's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageRange {
    /// First day.
    pub first: Date,
    /// First day after it.
    pub end: Date,
}

impl UsageRange {
    /// The days that a range of time touches.
    pub fn touching(range: TimeRange, zone: &TimeZone) -> Self {
        let last = crate::time::from_micros(range.to.as_microsecond() - 1);
        Self {
            first: range.from.to_zoned(zone.clone()).date(),
            end: last.to_zoned(zone.clone()).date().saturating_add(1.day()),
        }
    }

    /// From the start of the first day to the start of the day after the last.
    fn times(self, zone: &TimeZone) -> TimeRange {
        let start = |day: Date| {
            let start = day.to_zoned(zone.clone());
            start.map_or(Timestamp::MAX, |start| start.timestamp())
        };
        TimeRange {
            from: start(self.first),
            to: start(self.end),
        }
    }

    /// The days of which the counts are needed: those of all months that are touched, for the means of the months.
    pub fn counted_days(self) -> Self {
        let last = self.end.saturating_sub(1.day());
        Self {
            first: Period::Month.start_of(self.first),
            end: Period::Month.after(Period::Month.start_of(last)),
        }
    }
}

/// A range of time, by the whole days of the shop's zone that are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRange {
    /// What is before the first of the days; all of the range where it holds no whole day.
    pub before: TimeRange,
    /// The days, maybe none.
    pub days: UsageRange,
    /// What is after the last of them.
    pub after: TimeRange,
}

impl SessionRange {
    /// Cuts a range at the first and the last midnight in it.
    pub fn of(range: TimeRange, zone: &TimeZone) -> Self {
        let whole = days_within(range, zone).unwrap_or(TimeRange {
            from: range.to,
            to: range.to,
        });
        let date = |midnight: Timestamp| midnight.to_zoned(zone.clone()).date();
        Self {
            before: TimeRange {
                to: whole.from,
                ..range
            },
            days: UsageRange {
                first: date(whole.from),
                end: date(whole.to),
            },
            after: TimeRange {
                from: whole.to,
                ..range
            },
        }
    }
}

/// What a store counts for [`usage`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UsageNumbers {
    /// The periods that [`UsageRange::counted_days`] touch; those that count nothing may be missing.
    pub periods: BTreeMap<(Period, Date), PeriodCounts>,
    /// The sessions that began on days of the range.
    pub sessions: SessionRollup,
    /// Those of them whose last turn is pending and began after the moment that was asked for.
    pub open: i64,
    /// By week of the first day and weeks later, the users of the weeks that the range touches.
    pub cohorts: BTreeMap<(Date, i64), i64>,
}

/// The answer about `range`, days of `zone`, which is called `tz`, as seen from `now`.
pub fn usage(
    range: UsageRange,
    zone: &TimeZone,
    tz: String,
    numbers: &UsageNumbers,
    now: Timestamp,
) -> Usage {
    let today = now.to_zoned(zone.clone()).date();
    let times = range.times(zone);
    let of = |period: Period| {
        let starts = period.starts(range.first, range.end);
        starts
            .map(move |start| period_usage(start, numbers.counts(period, start)))
            .collect::<Vec<_>>()
    };
    let (by_day, by_week) = (of(Period::Day), of(Period::Week));
    let by_month: Vec<_> = of(Period::Month)
        .into_iter()
        .map(|usage| MonthlyUsage {
            stickiness: numbers.stickiness(usage.start, today),
            usage,
        })
        .collect();
    let latest = range.end.saturating_sub(1.day()).min(today).max(range.first);
    let users = |period: Period| numbers.counts(period, period.start_of(latest)).users;
    let days = by_day.iter().map(|day| numbers.counts(Period::Day, day.start));
    let (user_sessions, daily_users) = days.fold((0, 0), |(sessions, users), day| {
        (sessions + day.user_sessions, users + day.users)
    });
    let sessions = &numbers.sessions;
    let all = sessions.sessions;
    Usage {
        from: times.from,
        to: times.to,
        tz,
        active_users: ActiveUsers {
            dau: users(Period::Day),
            wau: users(Period::Week),
            mau: users(Period::Month),
            stickiness: numbers.stickiness(Period::Month.start_of(latest), today),
        },
        new_users: by_day.iter().map(|day| day.new_users).sum(),
        sessions: all,
        sessions_per_user: ratio(user_sessions, daily_users),
        turns_per_session: ratio(sessions.turns, all),
        session_length_ms: (&sessions.length).into(),
        follow_up_rate: ratio(sessions.followed_up, all),
        abandonment_rate: ratio(
            sessions.failed + sessions.pending - numbers.open,
            all - numbers.open,
        ),
        anonymous_share: ratio(all - sessions.user_sessions, all),
        by_day,
        by_week,
        by_month,
        retention: Period::Week
            .starts(range.first, range.end)
            .filter_map(|week| numbers.cohort(week, today))
            .collect(),
    }
}

/// The moment after which a pending turn is not yet given up.
pub fn open_since(now: Timestamp) -> Timestamp {
    now.saturating_sub(ABANDONED_AFTER).unwrap_or(now)
}

fn period_usage(start: Date, counts: PeriodCounts) -> PeriodUsage {
    PeriodUsage {
        start,
        users: counts.users,
        new_users: counts.new_users,
        returning_users: counts.users - counts.new_users,
        sessions: counts.sessions,
        sessions_per_user: ratio(counts.user_sessions, counts.users),
    }
}

/// Null where there is nothing to divide by.
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl UsageNumbers {
    fn counts(&self, period: Period, start: Date) -> PeriodCounts {
        self.periods.get(&(period, start)).copied().unwrap_or_default()
    }

    /// Mean daily users of a month, up to today, over its users.
    fn stickiness(&self, month: Date, today: Date) -> Option<f64> {
        let end = Period::Month.after(month).min(today.saturating_add(1.day()));
        let days = Period::Day.starts(month, end);
        let (days, users) = days.fold((0, 0), |(days, users), day| {
            (days + 1, users + self.counts(Period::Day, day).users)
        });
        let monthly = self.counts(Period::Month, month).users;
        let mean = ratio(users, days)?;
        (monthly > 0).then(|| mean / monthly as f64)
    }

    fn cohort(&self, week: Date, today: Date) -> Option<Cohort> {
        let users = |age| self.cohorts.get(&(week, age)).copied().unwrap_or_default();
        let size = users(0);
        let returned = (1..=COHORT_WEEKS).map(|age| {
            let begun = week.saturating_add(age.weeks()) <= today;
            let users = begun.then(|| users(age));
            CohortWeek {
                week: age,
                users,
                rate: users.and_then(|users| ratio(users, size)),
            }
        });
        (size > 0).then(|| Cohort {
            week,
            users: size,
            returned: returned.collect(),
        })
    }
}
