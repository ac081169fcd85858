//! Users and sessions by plain loops over plain vectors.

use domain::analytics::TimeRange;
use domain::interactions::{Interaction, Status};
use domain::time::millis_between;
use domain::usage::{COHORT_WEEKS, Period, PeriodCounts, SessionRollup, UsageNumbers};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use store::{Channels, PeriodQuery, PeriodRow, UsageQuery};

/// Every turn that was ever stored, as it was when it was removed, if it was.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) turn: Interaction,
    /// How often its session had been forgotten when it was stored.
    pub(crate) generation: usize,
    pub(crate) removed: bool,
}

fn channel(turn: &Interaction) -> String {
    turn.channel.clone().unwrap_or_default()
}

fn day(turn: &Interaction, zone: &TimeZone) -> Date {
    turn.started_at.to_zoned(zone.clone()).date()
}

/// The days of each user, with those of one channel only where one is asked for.
fn users(told: &[Told], zone: &TimeZone, asked: Option<&String>) -> BTreeMap<String, BTreeSet<Date>> {
    let mut users: BTreeMap<String, BTreeSet<Date>> = BTreeMap::new();
    for Told { turn, .. } in told {
        if let Some(user) = &turn.user_id
            && asked.is_none_or(|asked| *asked == channel(turn))
        {
            users.entry(user.clone()).or_default().insert(day(turn, zone));
        }
    }
    users
}

/// The turns of each session, in order, with those of one channel only where one is asked for.
fn sessions<'a>(told: &'a [Told], asked: Option<&String>) -> Vec<Vec<&'a Interaction>> {
    let mut sessions: BTreeMap<_, Vec<&Interaction>> = BTreeMap::new();
    for own in told {
        let turns = sessions
            .entry((&own.turn.session_id, own.generation))
            .or_default();
        turns.push(&own.turn);
    }
    let mut sessions: Vec<_> = sessions.into_values().collect();
    for turns in &mut sessions {
        turns.sort_by_key(|turn| (turn.started_at, turn.id));
    }
    sessions.retain(|turns| asked.is_none_or(|asked| *asked == channel(turns[0])));
    sessions
}

fn periods(told: &[Told], zone: &TimeZone, asked: Option<&String>) -> BTreeMap<(Period, Date), PeriodCounts> {
    let mut counts: BTreeMap<(Period, Date), PeriodCounts> = BTreeMap::new();
    for period in Period::ALL.iter().copied() {
        for days in users(told, zone, asked).values() {
            let starts: BTreeSet<_> = days.iter().map(|day| period.start_of(*day)).collect();
            for (nth, start) in starts.into_iter().enumerate() {
                let own = counts.entry((period, start)).or_default();
                own.users += 1;
                own.new_users += i64::from(nth == 0);
            }
        }
        for turns in sessions(told, asked) {
            let starts: BTreeSet<_> = turns
                .iter()
                .map(|turn| period.start_of(day(turn, zone)))
                .collect();
            for start in starts {
                let own = counts.entry((period, start)).or_default();
                own.sessions += 1;
                own.user_sessions += i64::from(turns.iter().any(|turn| turn.user_id.is_some()));
            }
        }
    }
    counts
}

pub(crate) fn period_counts(told: &[Told], zone: &TimeZone, query: &PeriodQuery) -> Vec<PeriodRow> {
    let names: BTreeSet<_> = told.iter().map(|told| channel(&told.turn)).collect();
    let asked: Vec<Option<String>> = match &query.channels {
        Channels::Together => vec![None],
        Channels::Each => names.into_iter().map(Some).collect(),
        Channels::One(name) => vec![Some(name.clone())],
    };
    let mut rows = Vec::new();
    for channel in asked {
        for ((period, start), counts) in periods(told, zone, channel.as_ref()) {
            let first = period.start_of(query.range.first);
            if period == query.period && first <= start && start < query.range.end {
                rows.push(PeriodRow {
                    start,
                    channel: channel.clone(),
                    counts,
                });
            }
        }
    }
    rows.sort_by(|a, b| (a.start, &a.channel).cmp(&(b.start, &b.channel)));
    rows
}

/// How many sessions began in the range.
pub(crate) fn began(told: &[Told], range: TimeRange) -> i64 {
    let sessions = sessions(told, None).into_iter();
    sessions
        .filter(|turns| range.from <= turns[0].started_at && turns[0].started_at < range.to)
        .count() as i64
}

pub(crate) fn numbers(told: &[Told], zone: &TimeZone, query: &UsageQuery) -> UsageNumbers {
    let asked = query.channel.as_ref();
    let counted = query.range.counted_days();
    let mut numbers = UsageNumbers {
        periods: periods(told, zone, asked),
        ..UsageNumbers::default()
    };
    numbers
        .periods
        .retain(|(period, start), _| period.start_of(counted.first) <= *start && *start < counted.end);
    for turns in sessions(told, asked) {
        let began = day(turns[0], zone);
        if query.range.first <= began && began < query.range.end {
            let last = turns[turns.len() - 1];
            count(&turns, &mut numbers.sessions);
            numbers.open += i64::from(last.status == Status::Pending && last.started_at > query.open_since);
        }
    }
    for days in users(told, zone, asked).values() {
        let weeks: BTreeSet<_> = days.iter().map(|day| Period::Week.start_of(*day)).collect();
        let first = *weeks.first().unwrap();
        if Period::Week.start_of(query.range.first) <= first && first < query.range.end {
            for week in weeks {
                let age = i64::from(first.until(week).unwrap().get_days() / 7);
                if age <= COHORT_WEEKS {
                    *numbers.cohorts.entry((first, age)).or_default() += 1;
                }
            }
        }
    }
    numbers
}

fn count(turns: &[&Interaction], sums: &mut SessionRollup) {
    let last = turns[turns.len() - 1];
    let ends = turns
        .iter()
        .map(|turn| turn.completed_at.unwrap_or(turn.started_at).max(turn.started_at));
    let length = millis_between(turns[0].started_at, ends.max().unwrap());
    sums.sessions += 1;
    sums.user_sessions += i64::from(turns.iter().any(|turn| turn.user_id.is_some()));
    sums.turns += turns.len() as i64;
    sums.followed_up += i64::from(turns.len() > 1);
    sums.failed += i64::from(last.status == Status::Failed);
    sums.pending += i64::from(last.status == Status::Pending);
    sums.length.record(Some(length).filter(|length| *length > 0.0));
}
