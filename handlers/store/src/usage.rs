//! The contract for users and sessions.

use crate::StoreError;
use async_trait::async_trait;
use domain::usage::{Period, PeriodCounts, SessionRange, UsageNumbers, UsageRange};
use jiff::Timestamp;
use jiff::civil::Date;

/// Which users and sessions are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuery {
    /// Days of the shop's zone.
    pub range: UsageRange,
    /// Only turns and sessions of this channel.
    pub channel: Option<String>,
    /// A pending turn that began after this is not given up yet.
    pub open_since: Timestamp,
}

/// Which periods are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodQuery {
    /// Days, weeks or months of the shop's zone.
    pub period: Period,
    /// Whole periods: those that these days touch.
    pub range: UsageRange,
    /// In all, one by one, or one of them.
    pub channels: Channels,
}

/// Of which channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Channels {
    /// All together: each user counts once.
    Together,
    /// Each for itself: a user counts once in each.
    Each,
    /// This one; the empty text for turns that name none.
    One(String),
}

/// What a period counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodRow {
    /// Its first day.
    pub start: Date,
    /// Of which channel: none for all together, the empty text for turns that name none.
    pub channel: Option<String>,
    /// Users and sessions.
    pub counts: PeriodCounts,
}

/// Users and sessions, by days of the shop's zone. Like other numbers they include every write that was durable before the
/// call. What retention removed stays counted, with the days of the zone that the shop had then.
#[async_trait]
pub trait Usage {
    /// What [`domain::usage::usage`] makes the answer of.
    async fn usage_numbers(&self, query: UsageQuery) -> Result<UsageNumbers, StoreError>;

    /// Exact distinct users and sessions of whole periods, in the order of their start, then of the channel; periods
    /// that count nothing are left out.
    async fn period_counts(&self, query: PeriodQuery) -> Result<Vec<PeriodRow>, StoreError>;

    /// How many sessions began in the range, by the start of their first turn. What is not of whole days is counted one by one.
    async fn count_sessions(&self, range: SessionRange) -> Result<i64, StoreError>;
}

impl Channels {
    /// As groupings and channels stand in tables: `grouping_id`, and the channel if it is one.
    pub(crate) fn grouping(&self) -> (i64, Option<&str>) {
        match self {
            Self::Together => (TOGETHER, None),
            Self::Each => (BY_CHANNEL, None),
            Self::One(channel) => (BY_CHANNEL, Some(channel)),
        }
    }

    /// One, where one is asked for.
    pub(crate) fn of(channel: Option<&String>) -> Self {
        channel.map_or(Self::Together, |channel| Self::One(channel.clone()))
    }
}

/// The grouping of all channels together.
pub(crate) const TOGETHER: i64 = 0;
/// The grouping by channel.
pub(crate) const BY_CHANNEL: i64 = 1;

/// The grouping and the channel of a key.
pub(crate) fn scope(channel: Option<&String>) -> (i64, &str) {
    channel.map_or((TOGETHER, ""), |channel| (BY_CHANNEL, channel))
}

/// The channel of a key, from its grouping.
pub(crate) fn channel_of(grouping: i64, channel: String) -> Option<String> {
    (grouping == BY_CHANNEL).then_some(channel)
}

/// A day as it stands in a column: midnight in UTC of the same date.
pub(crate) fn midnight(day: Date) -> Timestamp {
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC);
    midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// The day that stands in a column.
pub(crate) fn day_at(midnight: Timestamp) -> Date {
    midnight.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The number of the next recount.
pub(crate) fn next_recount(number: &str) -> String {
    number
        .parse::<u64>()
        .map_or(1, |number| number.wrapping_add(1))
        .to_string()
}
