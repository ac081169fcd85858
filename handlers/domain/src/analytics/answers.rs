//! The answers, as they are shown. What is not known is null, never 0.

use super::{CommonTerms, Distribution, FeedbackRollup, InteractionRollup};
use crate::feedback::{Category, Feedback, SentimentLabel};
use crate::interactions::InteractionType;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How long something took, in milliseconds; percentiles are within 2 %.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct LatencyFigures {
    pub mean: Option<f64>,
    pub p50: Option<f64>,
    pub p90: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
}

/// Tokens of the turns that know them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct TokenFigures {
    pub input: Option<i64>,
    pub output: Option<i64>,
    pub cached: Option<i64>,
    pub input_mean: Option<f64>,
    pub output_mean: Option<f64>,
}

/// What the turns cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct CostFigures {
    /// In micro-dollars, over the turns whose cost is known; null when none is.
    pub micros: Option<i64>,
    /// Turns whose cost is not known.
    pub unpriced: i64,
}

/// The figures of a set of turns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Figures {
    /// How many turns.
    pub total: i64,
    /// How many succeeded.
    pub succeeded: i64,
    /// How many failed.
    pub failed: i64,
    /// How many are not finished.
    pub pending: i64,
    /// Succeeded over finished, 0 to 1; null when none is finished.
    pub success_rate: Option<f64>,
    /// From start to finish.
    pub duration_ms: LatencyFigures,
    /// From start to the first token.
    pub time_to_first_token_ms: LatencyFigures,
    /// Tokens.
    pub tokens: TokenFigures,
    /// Cost.
    pub cost: CostFigures,
}

/// Figures of one type.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TypeStats {
    /// The type.
    #[serde(rename = "type")]
    pub kind: InteractionType,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub figures: Figures,
}

/// Figures of one model.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ModelStats {
    /// The model; null for turns that name none.
    pub model: Option<String>,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub figures: Figures,
}

/// Figures of one calendar day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DailyStats {
    /// The day in the asked zone, `2026-11-22`.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub figures: Figures,
}

/// The answer of `get_interaction_stats`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InteractionStats {
    /// First point in time of the range.
    pub from: Timestamp,
    /// First point in time after the range.
    pub to: Timestamp,
    /// The zone of the days.
    pub tz: String,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub figures: Figures,
    /// By type, most turns first.
    pub by_type: Vec<TypeStats>,
    /// By model, most turns first.
    pub by_model: Vec<ModelStats>,
    /// By calendar day, every day of the range.
    pub by_day: Vec<DailyStats>,
}

impl From<&Distribution> for LatencyFigures {
    fn from(distribution: &Distribution) -> Self {
        let quantile = |q| distribution.histogram.quantile(q);
        Self {
            mean: distribution.micros.mean().map(|micros| micros / 1000.0),
            p50: quantile(0.5),
            p90: quantile(0.9),
            p95: quantile(0.95),
            p99: quantile(0.99),
        }
    }
}

impl From<&InteractionRollup> for Figures {
    fn from(rollup: &InteractionRollup) -> Self {
        let finished = rollup.succeeded + rollup.failed;
        Self {
            total: rollup.total,
            succeeded: rollup.succeeded,
            failed: rollup.failed,
            pending: rollup.pending,
            success_rate: (finished > 0).then(|| rollup.succeeded as f64 / finished as f64),
            duration_ms: (&rollup.duration).into(),
            time_to_first_token_ms: (&rollup.time_to_first_token).into(),
            tokens: TokenFigures {
                input: rollup.tokens_input.known(),
                output: rollup.tokens_output.known(),
                cached: rollup.tokens_cached.known(),
                input_mean: rollup.tokens_input.mean(),
                output_mean: rollup.tokens_output.mean(),
            },
            cost: CostFigures {
                micros: rollup.cost_micros.known(),
                unpriced: rollup.total - rollup.cost_micros.count,
            },
        }
    }
}

/// The figures of a set of feedback.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FeedbackFigures {
    /// How many.
    pub total: i64,
    /// How many have a rating.
    pub rated: i64,
    /// Mean rating, 1 to 5; null when none has one.
    pub average_rating: Option<f64>,
    /// How many of each rating.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    pub ratings: BTreeMap<usize, i64>,
    /// How many thumbs up and down.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    pub thumbs: BTreeMap<&'static str, i64>,
    /// How many comments of each tone, of those whose tone was looked at.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    pub sentiment: BTreeMap<&'static str, i64>,
}

/// Figures of one category.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CategoryFeedback {
    /// The category; null for feedback without one.
    pub category: Option<Category>,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub figures: FeedbackFigures,
}

/// Figures of one type of turn.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TypeFeedback {
    /// The type.
    #[serde(rename = "type")]
    pub kind: InteractionType,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub figures: FeedbackFigures,
}

/// Figures of one model.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ModelFeedback {
    /// The model; null for turns that name none.
    pub model: Option<String>,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub figures: FeedbackFigures,
}

/// The answer of `get_feedback_summary`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FeedbackSummary {
    /// First point in time of the range.
    pub from: Timestamp,
    /// First point in time after the range.
    pub to: Timestamp,
    /// The zone in which `days` was counted.
    pub tz: String,
    #[serde(flatten)]
    #[allow(missing_docs)]
    pub figures: FeedbackFigures,
    /// By category, most first.
    pub by_category: Vec<CategoryFeedback>,
    /// By type of the turn, most first.
    pub by_type: Vec<TypeFeedback>,
    /// By model of the turn, most first.
    pub by_model: Vec<ModelFeedback>,
    /// What it is about.
    pub common: CommonTerms,
    /// The latest feedback with a comment, newest first, at most 10.
    pub latest_comments: Vec<Feedback>,
}

impl From<&FeedbackRollup> for FeedbackFigures {
    fn from(rollup: &FeedbackRollup) -> Self {
        let rated: i64 = rollup.ratings.iter().sum();
        let points: i64 = (1..)
            .zip(rollup.ratings)
            .map(|(rating, count)| rating * count)
            .sum();
        Self {
            total: rollup.total,
            rated,
            average_rating: (rated > 0).then(|| points as f64 / rated as f64),
            ratings: (1..).zip(rollup.ratings).collect(),
            thumbs: [("up", rollup.thumbs_up), ("down", rollup.thumbs_down)].into(),
            sentiment: SentimentLabel::ALL
                .iter()
                .map(|label| label.as_str())
                .zip(rollup.sentiment)
                .collect(),
        }
    }
}
