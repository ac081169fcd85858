//! Made-up data of a boutique: a month that an owner would recognise, or a million turns to measure with.
//!
//! The same [`Demo`] gives the same turns on every machine. Numbers come from one seeded generator, and nothing is computed
//! with functions whose last digit depends on the platform (logarithms, powers).

mod browsing;
mod catalogue;
mod failures;
mod models;
mod opinions;
mod outcome;
mod random;
mod talk;
#[cfg(test)]
mod tests;
mod texts;
mod traffic;
mod turn;
mod turns;
mod visit;

pub use turns::Turns;

use crate::events::NewEvent;
use crate::feedback::NewFeedback;
use crate::interactions::NewInteraction;
use jiff::Timestamp;

/// What data to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demo {
    /// Another seed makes another shop.
    pub seed: u64,
    /// How many turns; exactly so many are made.
    pub interactions: u64,
    /// How many shoppers there are to draw from; some come more often than others. A quarter of the visits is anonymous.
    pub users: u32,
    /// Over how many days of 24 hours before `end` the turns are spread; at least one.
    pub days: u16,
    /// The end, excluded: no turn begins, completes or is rated at or after it.
    pub end: Timestamp,
}

/// One turn, and what was said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoTurn {
    /// The turn, as a client would send it; id and start are always there.
    pub interaction: NewInteraction,
    /// Feedback on the turn, with its own id.
    pub feedback: Option<NewFeedback>,
    /// When the feedback was given: after the turn, and where there is no feedback, the turn's start.
    pub feedback_at: Timestamp,
    /// What the shopper's browser told around the turn, three events on average; with ids, none at or after the end.
    pub events: Vec<NewEvent>,
}

impl Demo {
    /// So many turns over so many days before `end`, of a fitting number of shoppers.
    pub fn new(interactions: u64, days: u16, end: Timestamp) -> Self {
        Self {
            seed: 7,
            interactions,
            users: u32::try_from(interactions / 20).map_or(50_000, |users| users.clamp(10, 50_000)),
            days,
            end,
        }
    }

    /// The turns by `started_at`. What it holds in memory depends on how many visits overlap, not on how many there are.
    pub fn turns(&self) -> Turns {
        Turns::new(self)
    }
}
