//! What is counted, and by what. A channel of none stands for all channels together, an empty one for turns that name none.

use crate::analytics::{Distribution, Rollup};
use crate::interactions::Status;
use crate::time::millis_between;
use crate::usage::{Period, SessionSummary};
use jiff::civil::Date;

/// Names a day on which a user was there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserDay {
    /// The shopper.
    pub user_id: String,
    /// A day of the shop's zone.
    pub day: Date,
    /// Where the shopper was; empty when that is not known.
    pub channel: String,
}

/// Names a period, in all or of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeriodKey {
    /// Day, week or month.
    pub period: Period,
    /// Its first day.
    pub start: Date,
    /// Of which channel.
    pub channel: Option<String>,
}

/// Who and what there was in a period, each counted once. Also the difference of two such counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeriodCounts {
    /// Users with a turn in it.
    pub users: i64,
    /// Those of them who were never there before it.
    pub new_users: i64,
    /// Sessions with a turn in it; a session is of the channel of its first turn.
    pub sessions: i64,
    /// Those of them that name a user.
    pub user_sessions: i64,
}

impl Rollup for PeriodCounts {
    fn merge(&mut self, other: &Self, sign: i64) {
        self.users += sign * other.users;
        self.new_users += sign * other.new_users;
        self.sessions += sign * other.sessions;
        self.user_sessions += sign * other.user_sessions;
    }
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Names the users who were there first in one week, as many weeks later.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CohortKey {
    /// The Monday of the week in which they were there for the first time.
    pub week: Date,
    /// Of which channel.
    pub channel: Option<String>,
    /// Weeks later: 0 counts the users of the cohort, the others those of them who were there again.
    pub age: i64,
}

/// Names the sessions that began on a day, in all or of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey {
    /// A day of the shop's zone.
    pub day: Date,
    /// Of which channel.
    pub channel: Option<String>,
}

/// Sums over whole sessions. Also the difference of two such sums.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionRollup {
    /// How many.
    pub sessions: i64,
    /// Those that name a user.
    pub user_sessions: i64,
    /// Turns in them.
    pub turns: i64,
    /// Those with a second turn.
    pub followed_up: i64,
    /// Those whose last turn failed.
    pub failed: i64,
    /// Those whose last turn is not finished.
    pub pending: i64,
    /// From the first start to the last end, where both are known to differ.
    pub length: Distribution,
}

impl SessionRollup {
    /// What one session counts.
    pub fn of(session: &SessionSummary) -> Self {
        let is = |holds: bool| i64::from(holds);
        let mut length = Distribution::default();
        // A session of which one moment is known has no length, as in the list of sessions.
        let millis = millis_between(session.started_at, session.ended_at);
        length.record(Some(millis).filter(|millis| *millis > 0.0));
        Self {
            sessions: 1,
            user_sessions: is(session.identified),
            turns: session.turns,
            followed_up: is(session.turns > 1),
            failed: is(session.last_status == Status::Failed),
            pending: is(session.last_status == Status::Pending),
            length,
        }
    }
}

impl Rollup for SessionRollup {
    fn merge(&mut self, other: &Self, sign: i64) {
        self.sessions += sign * other.sessions;
        self.user_sessions += sign * other.user_sessions;
        self.turns += sign * other.turns;
        self.followed_up += sign * other.followed_up;
        self.failed += sign * other.failed;
        self.pending += sign * other.pending;
        self.length.merge(&other.length, sign);
    }
    fn is_empty(&self) -> bool {
        self.sessions == 0
    }
}
