//! What shoppers ask for, and what they do not find.
//!
//! Texts hardly repeat within a quarter of an hour, so they are counted by whole days of the shop's zone only, and what a range
//! has beside those is read from the turns.

mod text;

pub use text::{LONGEST_QUERY, normalised};

use super::{TimeRange, day_after, days_within};
use crate::interactions::{InteractionType, Status};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// What queries are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueryKey {
    /// What the assistant did.
    pub kind: InteractionType,
    /// Where the shopper was; the empty text for turns that do not say.
    pub channel: String,
    /// What was asked, [`normalised`].
    pub text: String,
}

/// How often something was asked, and how that went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryCounts {
    /// Turns.
    pub total: i64,
    /// Those that failed.
    pub failed: i64,
    /// Those that succeeded and showed no product; 0 where none is expected.
    pub without_results: i64,
    /// Start of the last one.
    pub last_seen: Timestamp,
}

impl QueryCounts {
    /// Adds other turns.
    pub fn add(&mut self, other: &Self) {
        self.total += other.total;
        self.failed += other.failed;
        self.without_results += other.without_results;
        self.last_seen = self.last_seen.max(other.last_seen);
    }
}

/// One turn that has a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryFact {
    /// When it began.
    pub started_at: Timestamp,
    /// What the assistant did.
    pub kind: InteractionType,
    /// Where the shopper was; the empty text where the turn does not say.
    pub channel: String,
    /// How it stands.
    pub status: Status,
    /// Whether it showed a product.
    pub shown: bool,
    /// What was asked, as it was.
    pub text: String,
}

/// Turns, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(pub HashMap<QueryKey, QueryCounts>);

impl Tally {
    /// Counts a turn, unless its text says nothing.
    pub fn count(&mut self, fact: QueryFact) {
        let Some(text) = normalised(&fact.text) else {
            return;
        };
        let empty_handed = shows_products(fact.kind) && fact.status == Status::Succeeded && !fact.shown;
        let one = QueryCounts {
            total: 1,
            failed: i64::from(fact.status == Status::Failed),
            without_results: i64::from(empty_handed),
            last_seen: fact.started_at,
        };
        let key = QueryKey {
            kind: fact.kind,
            channel: fact.channel,
            text,
        };
        self.0
            .entry(key)
            .and_modify(|counts| counts.add(&one))
            .or_insert(one);
    }
}

/// Whether turns of this type are there to show products.
pub fn shows_products(kind: InteractionType) -> bool {
    matches!(kind, InteractionType::Search | InteractionType::Recommendation)
}

/// The whole days of the shop's zone in a range, in order, and what the range has beside them.
pub fn days_and_rests(range: TimeRange, shop: &TimeZone) -> (Vec<TimeRange>, Vec<TimeRange>) {
    let Some(whole) = days_within(range, shop) else {
        return (Vec::new(), vec![range]);
    };
    let starts = std::iter::successors(Some(whole.from), |day| Some(day_after(*day, shop)));
    let days = starts.take_while(|day| *day < whole.to).map(|from| TimeRange {
        from,
        to: day_after(from, shop),
    });
    let rests = [(range.from, whole.from), (whole.to, range.to)].map(|(from, to)| TimeRange { from, to });
    let rests = rests.into_iter().filter(|rest| !rest.is_empty());
    (days.collect(), rests.collect())
}

/// Something that shoppers ask for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QueryFigures {
    /// In small letters, on one line, at most 120 characters; `…` stands for addresses and long numbers.
    pub text: String,
    /// Turns of the range that asked it.
    pub count: i64,
    /// Those that failed.
    pub failed: i64,
    /// Those that succeeded and showed no product; null for types of turns that need not show any.
    pub without_results: Option<i64>,
    /// `failed` and `without_results` over `count`, 0 to 1.
    pub unsuccessful_share: f64,
    /// Start of the last one in the range.
    pub last_seen: Timestamp,
}

impl QueryFigures {
    /// The figures of a text of turns of one type.
    pub fn of(kind: InteractionType, text: String, counts: &QueryCounts) -> Self {
        Self {
            text,
            count: counts.total,
            failed: counts.failed,
            without_results: shows_products(kind).then_some(counts.without_results),
            unsuccessful_share: (counts.failed + counts.without_results) as f64 / counts.total.max(1) as f64,
            last_seen: counts.last_seen,
        }
    }
}

/// The answer of `get_top_queries`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TopQueries {
    /// First point in time of the range.
    pub from: Timestamp,
    /// First point in time after the range.
    pub to: Timestamp,
    /// The zone of the days.
    pub tz: String,
    /// The type of the turns.
    #[serde(rename = "type")]
    pub kind: InteractionType,
    /// Most unsuccessful turns first, then most turns.
    pub queries: Vec<QueryFigures>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_micros;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn days_and_rests_make_the_range(
            from in 946_684_800_000_000i64..1_900_000_000_000_000,
            length in 1i64..4_000_000_000_000,
            zone in prop::sample::select(&["UTC", "Europe/Paris", "Australia/Lord_Howe", "America/Sao_Paulo"][..]),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let range = TimeRange { from: from_micros(from), to: from_micros(from + length) };
            let (days, rests) = days_and_rests(range, &zone);
            for day in &days {
                prop_assert_eq!(day.to, day_after(day.from, &zone));
                prop_assert_eq!(day.from, crate::analytics::day_of(day.from, &zone));
            }
            let mut parts: Vec<_> = days.into_iter().chain(rests).collect();
            parts.sort_by_key(|part| part.from);
            prop_assert_eq!((parts[0].from, parts[parts.len() - 1].to), (range.from, range.to));
            for pair in parts.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
            }
        }
    }
}
