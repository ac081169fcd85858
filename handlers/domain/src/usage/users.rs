//! What the days of one user count.

use super::{CohortKey, Period, PeriodCounts, PeriodKey};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Weeks after the first in which it is counted who came back.
pub const COHORT_WEEKS: i64 = 12;

/// By day and channel, how many parts say that the user was there.
pub(super) type Days = BTreeMap<(Date, String), i64>;

/// Adds what it makes of the counts that the days of a user change by `differences`.
pub(super) fn count_user(
    held: &Days,
    differences: &Days,
    periods: &mut HashMap<PeriodKey, PeriodCounts>,
    cohorts: &mut HashMap<CohortKey, i64>,
) {
    let mut after = held.clone();
    let mut channels = BTreeSet::new();
    for (day, difference) in differences {
        let parts = after.entry(day.clone()).or_default();
        let was = *parts > 0;
        *parts += difference;
        if was != (*parts > 0) {
            channels.insert(&day.1);
        }
    }
    if channels.is_empty() {
        return;
    }
    for channel in std::iter::once(None).chain(channels.into_iter().map(Some)) {
        let of = |days: &Days| {
            let own = days
                .iter()
                .filter(|((_, own), parts)| **parts > 0 && channel.is_none_or(|it| it == own));
            let mut days: Vec<Date> = own.map(|((day, _), _)| *day).collect();
            days.dedup();
            days
        };
        let change = Change {
            channel: channel.cloned(),
            before: of(held),
            after: of(&after),
        };
        change.count(periods, cohorts);
    }
}

/// The days of a user, in order, before and after.
struct Change {
    channel: Option<String>,
    before: Vec<Date>,
    after: Vec<Date>,
}

impl Change {
    fn count(&self, periods: &mut HashMap<PeriodKey, PeriodCounts>, cohorts: &mut HashMap<CohortKey, i64>) {
        let changed = changed(&self.before, &self.after);
        for period in Period::ALL.iter().copied() {
            let starts: BTreeSet<Date> = changed.iter().map(|day| period.start_of(*day)).collect();
            for start in starts {
                let users = i64::from(within(&self.after, period, start))
                    - i64::from(within(&self.before, period, start));
                if users != 0 {
                    periods.entry(self.key(period, start)).or_default().users += users;
                }
            }
        }
        if self.before.first() == self.after.first() {
            self.count_returns(&changed, cohorts);
            return;
        }
        for (days, sign) in [(&self.before, -1), (&self.after, 1)] {
            let Some(first) = days.first() else { continue };
            for period in Period::ALL.iter().copied() {
                let key = self.key(period, period.start_of(*first));
                periods.entry(key).or_default().new_users += sign;
            }
            let weeks: BTreeSet<Date> = days.iter().map(|day| Period::Week.start_of(*day)).collect();
            for week in weeks {
                self.count_week(*first, week, sign, cohorts);
            }
        }
    }

    /// The first day is the same: only weeks in which the user is there now, or is no more.
    fn count_returns(&self, changed: &[Date], cohorts: &mut HashMap<CohortKey, i64>) {
        let Some(first) = self.after.first() else { return };
        let weeks: BTreeSet<Date> = changed.iter().map(|day| Period::Week.start_of(*day)).collect();
        for week in weeks {
            let (was, is) = (
                within(&self.before, Period::Week, week),
                within(&self.after, Period::Week, week),
            );
            if was != is {
                self.count_week(*first, week, if is { 1 } else { -1 }, cohorts);
            }
        }
    }

    fn count_week(&self, first: Date, week: Date, sign: i64, cohorts: &mut HashMap<CohortKey, i64>) {
        let first = Period::Week.start_of(first);
        let age = week.duration_since(first).as_hours() / (24 * 7);
        if age <= COHORT_WEEKS {
            let key = CohortKey {
                week: first,
                channel: self.channel.clone(),
                age,
            };
            *cohorts.entry(key).or_default() += sign;
        }
    }

    fn key(&self, period: Period, start: Date) -> PeriodKey {
        PeriodKey {
            period,
            start,
            channel: self.channel.clone(),
        }
    }
}

/// The days that only one of two ordered lists has.
fn changed(before: &[Date], after: &[Date]) -> Vec<Date> {
    let only = |own: &[Date], other: &[Date]| {
        let own = own.iter().filter(|day| other.binary_search(day).is_err());
        own.copied().collect::<Vec<_>>()
    };
    let mut changed = only(before, after);
    changed.extend(only(after, before));
    changed
}

/// Whether one of the ordered days is in the period that begins with `start`.
fn within(days: &[Date], period: Period, start: Date) -> bool {
    let next = days.partition_point(|day| *day < start);
    days.get(next).is_some_and(|day| period.start_of(*day) == start)
}
