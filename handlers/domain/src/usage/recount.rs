//! A recount: from the parts of some quarters as they were counted, and as they are, to what changes in the counts.
//!
//! It is fed in steps, since each step tells what has to be read for the next: parts, then the sessions that they belong
//! to, then the users that they name.

use super::users::{Days, count_user};
use super::{
    CohortKey, PartKey, Period, PeriodCounts, PeriodKey, SessionKey, SessionPart, SessionRollup,
    SessionSummary, UserDay,
};
use crate::analytics::Rollup;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a recount changes.
#[derive(Debug, Clone, Default)]
pub struct Recount {
    /// The parts that are others now; none for those that are gone.
    pub parts: BTreeMap<PartKey, Option<SessionPart>>,
    /// How many parts make a user's day: the difference first, after [`Recount::count_users`] the count.
    pub user_days: BTreeMap<UserDay, i64>,
    /// Differences of counts.
    pub periods: HashMap<PeriodKey, PeriodCounts>,
    /// Differences of counts.
    pub cohorts: HashMap<CohortKey, i64>,
    /// The difference first, after [`Recount::count_rollups`] the sums.
    pub sessions: HashMap<SessionKey, SessionRollup>,
}

impl Recount {
    /// Compares the parts that are counted with those that are: all parts of the same quarters.
    pub fn new(mut counted: HashMap<PartKey, SessionPart>, found: HashMap<PartKey, SessionPart>) -> Self {
        let mut recount = Self::default();
        for (key, part) in found {
            let before = counted.remove(&key);
            if before.as_ref() != Some(&part) {
                recount.change(key, before.as_ref(), Some(part));
            }
        }
        for (key, part) in counted {
            recount.change(key, Some(&part), None);
        }
        recount.user_days.retain(|_, parts| *parts != 0);
        recount
    }

    fn change(&mut self, key: PartKey, before: Option<&SessionPart>, after: Option<SessionPart>) {
        for (part, sign) in [(before, -1), (after.as_ref(), 1)] {
            for (channel, user_id) in part.iter().flat_map(|part| &part.users) {
                let day = UserDay {
                    user_id: user_id.clone(),
                    day: part.map_or(Date::MIN, |part| part.summary.day),
                    channel: channel.clone(),
                };
                *self.user_days.entry(day).or_default() += sign;
            }
        }
        self.parts.insert(key, after);
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The sessions of which [`Recount::count_sessions`] needs all parts.
    pub fn touched(&self) -> BTreeSet<i64> {
        self.parts.keys().map(|key| key.session).collect()
    }

    /// Counts the sessions anew; `stored` are all their parts, as they were counted.
    pub fn count_sessions(&mut self, stored: impl IntoIterator<Item = (PartKey, SessionSummary)>) {
        let mut sessions: HashMap<i64, BTreeMap<PartKey, SessionSummary>> = HashMap::new();
        for (key, part) in stored {
            sessions.entry(key.session).or_default().insert(key, part);
        }
        for session in self.touched() {
            let before = sessions.remove(&session).unwrap_or_default();
            let mut after = before.clone();
            let first = PartKey {
                session,
                bucket: jiff::Timestamp::MIN,
                removed: false,
            };
            let own = self
                .parts
                .range(first..)
                .take_while(|(key, _)| key.session == session);
            for (key, part) in own {
                match part {
                    Some(part) => after.insert(*key, part.summary.clone()),
                    None => after.remove(key),
                };
            }
            for (parts, sign) in [(before, -1), (after, 1)] {
                self.count_session(parts, sign);
            }
        }
        self.periods
            .retain(|_, counts| *counts != PeriodCounts::default());
        self.sessions.retain(|_, sums| *sums != SessionRollup::default());
    }

    fn count_session(&mut self, parts: BTreeMap<PartKey, SessionSummary>, sign: i64) {
        let days: BTreeSet<Date> = parts.values().map(|part| part.day).collect();
        // What was removed comes first: it is older, but for turns whose feedback kept them.
        let (removed, live): (Vec<_>, Vec<_>) = parts.into_iter().partition(|(key, _)| key.removed);
        let merged = removed
            .into_iter()
            .chain(live)
            .map(|(_, part)| part)
            .reduce(|mut sum, part| {
                sum.merge(&part);
                sum
            });
        let Some(session) = merged else { return };
        let counts = PeriodCounts {
            sessions: 1,
            user_sessions: i64::from(session.identified),
            ..PeriodCounts::default()
        };
        let sums = SessionRollup::of(&session);
        for channel in [None, Some(session.channel.clone())] {
            for period in Period::ALL {
                let starts: BTreeSet<Date> = days.iter().map(|day| period.start_of(*day)).collect();
                for start in starts {
                    let key = PeriodKey {
                        period: *period,
                        start,
                        channel: channel.clone(),
                    };
                    self.periods.entry(key).or_default().merge(&counts, sign);
                }
            }
            let own = self
                .sessions
                .entry(SessionKey {
                    day: session.day,
                    channel,
                })
                .or_default();
            if sign > 0 {
                own.add(&sums)
            } else {
                own.subtract(&sums)
            }
        }
    }

    /// The users of whom [`Recount::count_users`] needs all days.
    pub fn users(&self) -> BTreeSet<&str> {
        self.user_days.keys().map(|day| day.user_id.as_str()).collect()
    }

    /// Counts the users anew; `stored` are all their days, as they were counted.
    pub fn count_users(&mut self, stored: impl IntoIterator<Item = (UserDay, i64)>) {
        let mut held: HashMap<String, Days> = HashMap::new();
        for (
            UserDay {
                user_id,
                day,
                channel,
            },
            parts,
        ) in stored
        {
            held.entry(user_id).or_default().insert((day, channel), parts);
        }
        let mut differences: BTreeMap<String, Days> = BTreeMap::new();
        for (
            UserDay {
                user_id,
                day,
                channel,
            },
            parts,
        ) in std::mem::take(&mut self.user_days)
        {
            differences
                .entry(user_id)
                .or_default()
                .insert((day, channel), parts);
        }
        for (user_id, differences) in differences {
            let held = held.remove(&user_id).unwrap_or_default();
            count_user(&held, &differences, &mut self.periods, &mut self.cohorts);
            for ((day, channel), parts) in differences {
                let before = held.get(&(day, channel.clone())).copied().unwrap_or_default();
                let key = UserDay {
                    user_id: user_id.clone(),
                    day,
                    channel,
                };
                self.user_days.insert(key, before + parts);
            }
        }
        self.periods
            .retain(|_, counts| *counts != PeriodCounts::default());
        self.cohorts.retain(|_, users| *users != 0);
    }

    /// The days of which [`Recount::count_rollups`] needs the sums.
    pub fn days(&self) -> BTreeSet<Date> {
        self.sessions.keys().map(|key| key.day).collect()
    }

    /// Makes sums of the differences; `stored` are the sums of the days, as they were.
    pub fn count_rollups(&mut self, stored: impl IntoIterator<Item = (SessionKey, SessionRollup)>) {
        for (key, before) in stored {
            if let Some(sums) = self.sessions.get_mut(&key) {
                sums.add(&before);
            }
        }
    }
}
