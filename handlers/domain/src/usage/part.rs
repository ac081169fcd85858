//! What a session has within one quarter of an hour.

use crate::analytics::quarter_of;
use crate::interactions::Status;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

/// What usage needs of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageTurn {
    /// The number of its session.
    pub session: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was done.
    pub completed_at: Option<Timestamp>,
    /// How it stands.
    pub status: Status,
    /// Where the shopper was; empty when that is not known.
    pub channel: String,
    /// The shopper, when named.
    pub user_id: Option<String>,
}

/// Names a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartKey {
    /// The number of the session.
    pub session: i64,
    /// Start of the quarter of an hour.
    pub bucket: Timestamp,
    /// Whether it is made of turns that retention removed: such a part stays as it is.
    pub removed: bool,
}

/// A session, or a part of one, without its users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSummary {
    /// The day of the shop's zone on which it began.
    pub day: Date,
    /// The channel of its first turn; empty when that is not known.
    pub channel: String,
    /// How many turns it has.
    pub turns: i64,
    /// Start of its first turn.
    pub started_at: Timestamp,
    /// The latest end of a turn; a turn without one ends as it begins.
    pub ended_at: Timestamp,
    /// Start of its last turn.
    pub last_at: Timestamp,
    /// How its last turn stands.
    pub last_status: Status,
    /// Whether any turn names the shopper.
    pub identified: bool,
}

impl SessionSummary {
    /// Adds what comes after this one in the order of turns; that only matters between turns of the same microsecond.
    pub fn merge(&mut self, other: &Self) {
        if other.started_at < self.started_at {
            self.started_at = other.started_at;
            self.day = other.day;
            self.channel.clone_from(&other.channel);
        }
        if other.last_at >= self.last_at {
            self.last_at = other.last_at;
            self.last_status = other.last_status;
        }
        self.ended_at = self.ended_at.max(other.ended_at);
        self.turns += other.turns;
        self.identified |= other.identified;
    }
}

/// A session's turns within one quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPart {
    /// What they are all together.
    pub summary: SessionSummary,
    /// The shoppers that they name, each after a channel: `(channel, user)`.
    pub users: BTreeSet<(String, String)>,
}

impl SessionPart {
    fn of(turn: UsageTurn, zone: &TimeZone) -> Self {
        Self {
            summary: SessionSummary {
                day: turn.started_at.to_zoned(zone.clone()).date(),
                channel: turn.channel.clone(),
                turns: 1,
                started_at: turn.started_at,
                ended_at: turn.completed_at.unwrap_or(turn.started_at).max(turn.started_at),
                last_at: turn.started_at,
                last_status: turn.status,
                identified: turn.user_id.is_some(),
            },
            users: turn
                .user_id
                .map(|user| (turn.channel, user))
                .into_iter()
                .collect(),
        }
    }

    /// Adds what comes after it.
    pub fn merge(&mut self, other: Self) {
        self.summary.merge(&other.summary);
        self.users.extend(other.users);
    }
}

/// The parts that turns make, by the days of `zone`. Turns come in the order of their start, then of their id.
pub fn parts(turns: impl IntoIterator<Item = UsageTurn>, zone: &TimeZone) -> HashMap<PartKey, SessionPart> {
    let mut parts: HashMap<PartKey, SessionPart> = HashMap::new();
    for turn in turns {
        let key = PartKey {
            session: turn.session,
            bucket: quarter_of(turn.started_at),
            removed: false,
        };
        let part = SessionPart::of(turn, zone);
        match parts.entry(key) {
            Entry::Occupied(mut known) => known.get_mut().merge(part),
            Entry::Vacant(new) => {
                new.insert(part);
            }
        }
    }
    parts
}

/// The parts of a quarter after some of its turns are removed: what is left, and what stays counted. `counted` are its parts
/// as they are counted, those of turns that were removed before among them.
pub fn sealed(
    counted: &HashMap<PartKey, SessionPart>,
    gone: HashMap<PartKey, SessionPart>,
    left: HashMap<PartKey, SessionPart>,
) -> HashMap<PartKey, SessionPart> {
    let before = counted.iter().filter(|(key, _)| key.removed);
    let mut parts = left;
    parts.extend(before.map(|(key, part)| (*key, part.clone())));
    for (key, part) in gone {
        let key = PartKey { removed: true, ..key };
        match parts.entry(key) {
            Entry::Occupied(mut removed) => removed.get_mut().merge(part),
            Entry::Vacant(new) => {
                new.insert(part);
            }
        }
    }
    parts
}
