//! What is counted of feedback, and by what.

use super::{Dimension, Fact, Rollup};
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
    pub provider: String,
    pub locale: String,
    pub prompt_version: String,
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
    /// By type and provider of the turn.
    pub const TYPE_PROVIDER: i64 = 5;
    /// By type and locale of the turn.
    pub const TYPE_LOCALE: i64 = 6;
    /// By type and prompt version of the turn.
    pub const TYPE_PROMPT_VERSION: i64 = 7;
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

impl Rollup for FeedbackRollup {
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
    fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl Fact for FeedbackFact {
    type Key = FeedbackKey;
    type Rollup = FeedbackRollup;
    const GROUPINGS: &'static [(i64, &'static [Dimension])] = &[
        (FeedbackKey::TOTAL, &[]),
        (FeedbackKey::CATEGORY, &[Dimension::Category]),
        (FeedbackKey::TYPE, &[Dimension::Type]),
        (FeedbackKey::MODEL, &[Dimension::Model]),
        (
            FeedbackKey::TYPE_PROVIDER,
            &[Dimension::Type, Dimension::Provider],
        ),
        (FeedbackKey::TYPE_LOCALE, &[Dimension::Type, Dimension::Locale]),
        (
            FeedbackKey::TYPE_PROMPT_VERSION,
            &[Dimension::Type, Dimension::PromptVersion],
        ),
        (
            FeedbackKey::ALL,
            &[
                Dimension::Category,
                Dimension::Type,
                Dimension::Model,
                Dimension::Channel,
            ],
        ),
    ];

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

    fn kept(key: &FeedbackKey, grouping: i64, dimensions: &[Dimension]) -> FeedbackKey {
        let kept = |dimension| Self::kept_value(key, dimension, dimensions);
        FeedbackKey {
            grouping,
            category: kept(Dimension::Category),
            kind: kept(Dimension::Type),
            model: kept(Dimension::Model),
            channel: kept(Dimension::Channel),
            provider: kept(Dimension::Provider),
            locale: kept(Dimension::Locale),
            prompt_version: kept(Dimension::PromptVersion),
        }
    }

    fn grouping_of(key: &FeedbackKey) -> i64 {
        key.grouping
    }

    fn value(key: &FeedbackKey, dimension: Dimension) -> &str {
        match dimension {
            Dimension::Category => &key.category,
            Dimension::Type => &key.kind,
            Dimension::Model => &key.model,
            Dimension::Channel => &key.channel,
            Dimension::Provider => &key.provider,
            Dimension::Locale => &key.locale,
            Dimension::PromptVersion => &key.prompt_version,
            Dimension::Currency => "",
        }
    }
}
