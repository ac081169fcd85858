//! What can be asked for over time.

use super::Reading;
use crate::analytics::{Dimension, FeedbackFigures, FeedbackRollup, InteractionRollup, Part};
use crate::interactions::names;
use crate::usage::PeriodCounts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A figure over time. Tokens and cost are sums over the turns that know them, and `cost` is in micro-dollars; latencies are in
/// milliseconds, within 2 %; `rating` is the mean, 1 to 5; `revenue` is in millionths of its currency.
/// `active_users` and `sessions` count each user and session with a turn in a whole day, week or month of the shop's zone once, in
/// all or by channel; the users of the channels beyond `top` are left out, since a user may be in several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Metric {
    Interactions,
    Failures,
    SuccessRate,
    P50Ms,
    P95Ms,
    TtftP95Ms,
    TokensInput,
    TokensOutput,
    Cost,
    Rating,
    Feedback,
    ActiveUsers,
    Sessions,
    Orders,
    Revenue,
}

names!(Metric {
    Interactions = "interactions",
    Failures = "failures",
    SuccessRate = "success_rate",
    P50Ms = "p50_ms",
    P95Ms = "p95_ms",
    TtftP95Ms = "ttft_p95_ms",
    TokensInput = "tokens_input",
    TokensOutput = "tokens_output",
    Cost = "cost",
    Rating = "rating",
    Feedback = "feedback",
    ActiveUsers = "active_users",
    Sessions = "sessions",
    Orders = "orders",
    Revenue = "revenue",
});

/// What a metric is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Turns, by `started_at`.
    Interactions,
    /// Feedback, by its own `created_at`.
    Feedback,
    /// Distinct shoppers and sessions.
    Usage,
    /// Client events.
    Events,
}

impl Metric {
    /// What it is counted from.
    pub fn source(self) -> Source {
        match self {
            Self::Rating | Self::Feedback => Source::Feedback,
            Self::ActiveUsers | Self::Sessions => Source::Usage,
            Self::Orders | Self::Revenue => Source::Events,
            _ => Source::Interactions,
        }
    }

    /// The parts of a rollup of turns that it is made of, beside the counts.
    pub fn parts(self) -> &'static [Part] {
        match self {
            Self::P50Ms | Self::P95Ms => &[Part::Duration],
            Self::TtftP95Ms => &[Part::TimeToFirstToken],
            Self::TokensInput => &[Part::TokensInput],
            Self::TokensOutput => &[Part::TokensOutput],
            Self::Cost => &[Part::Cost],
            _ => &[],
        }
    }

    /// What it shows where nothing happened: counts 0, everything else nothing.
    pub fn of_nothing(self) -> Option<Reading> {
        let counts = [
            Self::Interactions,
            Self::Failures,
            Self::Feedback,
            Self::ActiveUsers,
            Self::Sessions,
            Self::Orders,
        ];
        counts.contains(&self).then_some(Reading::Count(0))
    }

    /// The figure of turns; none where no turn knows it.
    pub fn of_turns(self, rollup: &InteractionRollup) -> Option<Reading> {
        let finished = rollup.succeeded + rollup.failed;
        match self {
            Self::Interactions => Some(Reading::Count(rollup.total)),
            Self::Failures => Some(Reading::Count(rollup.failed)),
            Self::SuccessRate => {
                (finished > 0).then(|| Reading::Measure(rollup.succeeded as f64 / finished as f64))
            }
            Self::P50Ms => rollup.duration.histogram.quantile(0.5).map(Reading::Measure),
            Self::P95Ms => rollup.duration.histogram.quantile(0.95).map(Reading::Measure),
            Self::TtftP95Ms => {
                let histogram = &rollup.time_to_first_token.histogram;
                histogram.quantile(0.95).map(Reading::Measure)
            }
            Self::TokensInput => rollup.tokens_input.known().map(Reading::Count),
            Self::TokensOutput => rollup.tokens_output.known().map(Reading::Count),
            Self::Cost => rollup.cost_micros.known().map(Reading::Count),
            _ => None,
        }
    }

    /// How much a group of turns matters: its sum where the metric is one, else how many turns it has.
    pub fn weight_of_turns(self, rollup: &InteractionRollup) -> i64 {
        match self {
            Self::Failures => rollup.failed,
            Self::TokensInput => rollup.tokens_input.sum,
            Self::TokensOutput => rollup.tokens_output.sum,
            Self::Cost => rollup.cost_micros.sum,
            _ => rollup.total,
        }
    }

    /// The figure of feedback; none where no feedback knows it.
    pub fn of_feedback(self, rollup: &FeedbackRollup) -> Option<Reading> {
        match self {
            Self::Feedback => Some(Reading::Count(rollup.total)),
            Self::Rating => FeedbackFigures::from(rollup).average_rating.map(Reading::Measure),
            _ => None,
        }
    }

    /// The figure of users and sessions, and how much a group of them matters.
    pub fn of_usage(self, counts: &PeriodCounts) -> i64 {
        match self {
            Self::ActiveUsers => counts.users,
            _ => counts.sessions,
        }
    }

    /// How much a group of feedback matters: how many have a rating, or how many there are.
    pub fn weight_of_feedback(self, rollup: &FeedbackRollup) -> i64 {
        match self {
            Self::Rating => rollup.ratings.iter().sum(),
            _ => rollup.total,
        }
    }
}

/// The dimensions, as a fault lists them.
pub(super) fn listed(dimensions: &[Dimension]) -> String {
    let names: Vec<_> = dimensions.iter().map(|dimension| dimension.as_str()).collect();
    names.join(", ")
}
