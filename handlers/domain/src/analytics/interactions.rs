//! What is counted of interactions, and by what.

use super::{Dimension, Distribution, Fact, Rollup, Sum};
use crate::interactions::{InteractionType, Status};

/// What a rollup needs of an interaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InteractionFact {
    /// The dimensions, `grouping` left at [`InteractionKey::ALL`].
    pub key: InteractionKey,
    /// How it stands.
    pub status: Option<Status>,
    /// In milliseconds.
    pub duration_ms: Option<f64>,
    /// In milliseconds.
    pub time_to_first_token_ms: Option<f64>,
    /// Tokens sent.
    pub tokens_input: Option<i64>,
    /// Tokens got.
    pub tokens_output: Option<i64>,
    /// Tokens from a cache.
    pub tokens_cached: Option<i64>,
    /// In micro-dollars.
    pub cost_micros: Option<i64>,
}

/// A key of the interaction rollups: a grouping, and the values of the dimensions that it keeps. A dimension that is
/// unknown, or that the grouping does not keep, is the empty text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct InteractionKey {
    /// One of the constants of this type.
    pub grouping: i64,
    pub kind: String,
    pub provider: String,
    pub model: String,
    pub channel: String,
    pub locale: String,
    pub prompt_version: String,
}

impl InteractionKey {
    /// No dimension: everything together.
    pub const TOTAL: i64 = 0;
    /// By type.
    pub const TYPE: i64 = 1;
    /// By provider.
    pub const PROVIDER: i64 = 2;
    /// By model.
    pub const MODEL: i64 = 3;
    /// By channel.
    pub const CHANNEL: i64 = 4;
    /// By locale.
    pub const LOCALE: i64 = 5;
    /// By prompt version.
    pub const PROMPT_VERSION: i64 = 6;
    /// By type, model and channel together: answers every filter of the stats.
    pub const TYPE_MODEL_CHANNEL: i64 = 7;
    /// By type and provider.
    pub const TYPE_PROVIDER: i64 = 8;
    /// By type and locale.
    pub const TYPE_LOCALE: i64 = 9;
    /// By type and prompt version.
    pub const TYPE_PROMPT_VERSION: i64 = 10;
    /// By every dimension: only while counting, never stored.
    pub const ALL: i64 = -1;

    /// The type, where the key holds one.
    pub fn interaction_type(&self) -> Option<InteractionType> {
        self.kind.parse().ok()
    }
}

/// What a rollup of interactions holds beside its counts, and what a question may leave unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Part {
    Duration,
    TimeToFirstToken,
    TokensInput,
    TokensOutput,
    TokensCached,
    Cost,
}

impl Part {
    /// Every part.
    pub const ALL: &'static [Self] = &[
        Self::Duration,
        Self::TimeToFirstToken,
        Self::TokensInput,
        Self::TokensOutput,
        Self::TokensCached,
        Self::Cost,
    ];
}

/// Counts and sums over interactions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InteractionRollup {
    /// How many.
    pub total: i64,
    /// How many succeeded.
    pub succeeded: i64,
    /// How many failed.
    pub failed: i64,
    /// How many are not finished.
    pub pending: i64,
    /// From start to finish.
    pub duration: Distribution,
    /// From start to the first token.
    pub time_to_first_token: Distribution,
    /// Tokens sent.
    pub tokens_input: Sum,
    /// Tokens got.
    pub tokens_output: Sum,
    /// Tokens from a cache.
    pub tokens_cached: Sum,
    /// In micro-dollars.
    pub cost_micros: Sum,
}

impl Rollup for InteractionRollup {
    fn merge(&mut self, other: &Self, sign: i64) {
        self.total += sign * other.total;
        self.succeeded += sign * other.succeeded;
        self.failed += sign * other.failed;
        self.pending += sign * other.pending;
        self.duration.merge(&other.duration, sign);
        self.time_to_first_token.merge(&other.time_to_first_token, sign);
        self.tokens_input.merge(&other.tokens_input, sign);
        self.tokens_output.merge(&other.tokens_output, sign);
        self.tokens_cached.merge(&other.tokens_cached, sign);
        self.cost_micros.merge(&other.cost_micros, sign);
    }
    fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl Fact for InteractionFact {
    type Key = InteractionKey;
    type Rollup = InteractionRollup;
    const GROUPINGS: &'static [(i64, &'static [Dimension])] = &[
        (InteractionKey::TOTAL, &[]),
        (InteractionKey::TYPE, &[Dimension::Type]),
        (InteractionKey::PROVIDER, &[Dimension::Provider]),
        (InteractionKey::MODEL, &[Dimension::Model]),
        (InteractionKey::CHANNEL, &[Dimension::Channel]),
        (InteractionKey::LOCALE, &[Dimension::Locale]),
        (InteractionKey::PROMPT_VERSION, &[Dimension::PromptVersion]),
        (
            InteractionKey::TYPE_PROVIDER,
            &[Dimension::Type, Dimension::Provider],
        ),
        (InteractionKey::TYPE_LOCALE, &[Dimension::Type, Dimension::Locale]),
        (
            InteractionKey::TYPE_PROMPT_VERSION,
            &[Dimension::Type, Dimension::PromptVersion],
        ),
        (
            InteractionKey::TYPE_MODEL_CHANNEL,
            &[Dimension::Type, Dimension::Model, Dimension::Channel],
        ),
    ];

    fn take_key(&mut self) -> InteractionKey {
        std::mem::take(&mut self.key)
    }

    fn count(&self, into: &mut InteractionRollup) {
        into.total += 1;
        match self.status {
            Some(Status::Succeeded) => into.succeeded += 1,
            Some(Status::Failed) => into.failed += 1,
            Some(Status::Pending) | None => into.pending += 1,
        }
        into.duration.record(self.duration_ms);
        into.time_to_first_token.record(self.time_to_first_token_ms);
        into.tokens_input.record(self.tokens_input);
        into.tokens_output.record(self.tokens_output);
        into.tokens_cached.record(self.tokens_cached);
        into.cost_micros.record(self.cost_micros);
    }

    fn kept(key: &InteractionKey, grouping: i64, dimensions: &[Dimension]) -> InteractionKey {
        let kept = |dimension| Self::kept_value(key, dimension, dimensions);
        InteractionKey {
            grouping,
            kind: kept(Dimension::Type),
            provider: kept(Dimension::Provider),
            model: kept(Dimension::Model),
            channel: kept(Dimension::Channel),
            locale: kept(Dimension::Locale),
            prompt_version: kept(Dimension::PromptVersion),
        }
    }

    fn grouping_of(key: &InteractionKey) -> i64 {
        key.grouping
    }

    fn value(key: &InteractionKey, dimension: Dimension) -> &str {
        match dimension {
            Dimension::Type => &key.kind,
            Dimension::Provider => &key.provider,
            Dimension::Model => &key.model,
            Dimension::Channel => &key.channel,
            Dimension::Locale => &key.locale,
            Dimension::PromptVersion => &key.prompt_version,
            Dimension::Category | Dimension::Currency => "",
        }
    }
}
