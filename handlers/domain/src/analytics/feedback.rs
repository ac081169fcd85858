//! What is counted of feedback, and by what.

use super::{Fact, Rollup, StatsFilter};
use crate::feedback::{SentimentLabel, Thumb};

/// What a rollup needs of a feedback, and of the turn that it is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeedbackFact {
    /// The dimensions, grouped by [`FeedbackKey::ALL`].
    pub key: FeedbackKey,
    /// 1 to 5.
    pub rating: Option<u8>,
    /// A quick opinion.
    pub thumb: Option<Thumb>,
    /// Tone of the comment.
    pub sentiment: Option<SentimentLabel>,
}

/// A key of the feedback rollups. A dimension that is unknown, or that the grouping does not keep, is the empty text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct FeedbackKey {
    /// One of the constants of this type.
    pub grouping: i64,
    pub category: String,
    pub kind: String,
    pub model: String,
    pub channel: String,
}

impl FeedbackKey {
    /// No dimension: everything together.
    pub const TOTAL: i64 = 0;
    /// By category.
    pub const CATEGORY: i64 = 1;
    /// By type of the turn.
    pub const TYPE: i64 = 2;
    /// By model of the turn.
    pub const MODEL: i64 = 3;
    /// By category, type, model and channel together: answers every filter.
    pub const ALL: i64 = 4;

    /// Whether what is counted under this key passes the filter.
    pub fn passes(&self, filter: &StatsFilter) -> bool {
        filter.kind.is_none_or(|kind| kind.as_str() == self.kind)
            && filter.model.as_ref().is_none_or(|model| *model == self.model)
            && filter
                .channel
                .as_ref()
                .is_none_or(|channel| *channel == self.channel)
    }
}

/// Counts over feedback.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FeedbackRollup {
    /// How many.
    pub total: i64,
    /// How many of each rating, 1 to 5.
    pub ratings: [i64; 5],
    /// Thumbs up.
    pub thumbs_up: i64,
    /// Thumbs down.
    pub thumbs_down: i64,
    /// How many of each tone, in the order of [`SentimentLabel::ALL`].
    pub sentiment: [i64; 4],
}

impl FeedbackRollup {
    fn merge(&mut self, other: &Self, sign: i64) {
        self.total += sign * other.total;
        self.thumbs_up += sign * other.thumbs_up;
        self.thumbs_down += sign * other.thumbs_down;
        self.ratings
            .iter_mut()
            .zip(other.ratings)
            .for_each(|(own, other)| *own += sign * other);
        self.sentiment
            .iter_mut()
            .zip(other.sentiment)
            .for_each(|(own, other)| *own += sign * other);
    }
}

impl Rollup for FeedbackRollup {
    fn add(&mut self, other: &Self) {
        self.merge(other, 1);
    }
    fn subtract(&mut self, other: &Self) {
        self.merge(other, -1);
    }
    fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl Fact for FeedbackFact {
    type Key = FeedbackKey;
    type Rollup = FeedbackRollup;

    fn take_key(&mut self) -> FeedbackKey {
        std::mem::take(&mut self.key)
    }

    fn count(&self, into: &mut FeedbackRollup) {
        into.total += 1;
        if let Some(own) = self
            .rating
            .and_then(|rating| into.ratings.get_mut(usize::from(rating).wrapping_sub(1)))
        {
            *own += 1;
        }
        match self.thumb {
            Some(Thumb::Up) => into.thumbs_up += 1,
            Some(Thumb::Down) => into.thumbs_down += 1,
            None => {}
        }
        if let Some(place) = self
            .sentiment
            .and_then(|own| SentimentLabel::ALL.iter().position(|l| *l == own))
        {
            into.sentiment[place] += 1;
        }
    }

    fn groupings(all: &FeedbackKey) -> Vec<FeedbackKey> {
        let none = FeedbackKey::default();
        vec![
            FeedbackKey {
                grouping: FeedbackKey::TOTAL,
                ..none.clone()
            },
            FeedbackKey {
                grouping: FeedbackKey::CATEGORY,
                category: all.category.clone(),
                ..none.clone()
            },
            FeedbackKey {
                grouping: FeedbackKey::TYPE,
                kind: all.kind.clone(),
                ..none.clone()
            },
            FeedbackKey {
                grouping: FeedbackKey::MODEL,
                model: all.model.clone(),
                ..none
            },
            FeedbackKey {
                grouping: FeedbackKey::ALL,
                ..all.clone()
            },
        ]
    }
}
