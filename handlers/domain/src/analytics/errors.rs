//! What fails, and whether that grows.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Failed turns with the same type of error and model. The empty text stands for what is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    /// The kind of failure.
    pub error_type: String,
    /// The model's name.
    pub model: String,
    /// How many began in each bucket; those without any are left out.
    pub counts: BTreeMap<usize, i64>,
    /// Start of the first one in each bucket, and of the last.
    pub seen: BTreeMap<usize, (Timestamp, Timestamp)>,
}

/// Failures of one calendar day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DailyFailures {
    /// The day in the asked zone.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// How many.
    pub count: i64,
}

/// One kind of failure of one model.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ErrorFigures {
    /// The kind of failure; null where the turn names none.
    pub error_type: Option<String>,
    /// The model; null for turns that name none.
    pub model: Option<String>,
    /// Failed turns in the range.
    pub count: i64,
    /// These over all turns of the range, 0 to 1.
    pub share: Option<f64>,
    /// Start of the first in the range; null where there is none any more.
    pub first_seen: Option<Timestamp>,
    /// Start of the last in the range.
    pub last_seen: Option<Timestamp>,
    /// Failed turns in the range of the same length right before.
    pub count_before: i64,
    /// The change since then, as a share of `count_before`: 1 is twice as many, -1 none any more. Null where there were none.
    pub change: Option<f64>,
    /// By calendar day, every day of the range.
    pub by_day: Vec<DailyFailures>,
}

/// The answer of `get_errors`. Turns that retention removed are in `total` and `failed`, but their errors are forgotten.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Errors {
    /// First point in time of the range.
    pub from: Timestamp,
    /// First point in time after the range.
    pub to: Timestamp,
    /// The zone of the days.
    pub tz: String,
    /// All turns.
    pub total: i64,
    /// Failed turns.
    pub failed: i64,
    /// By type of error and model, most first; at most 100.
    pub errors: Vec<ErrorFigures>,
}

impl ErrorFigures {
    /// The figures of failures in buckets, of which the first is the range before and the others are `days`.
    pub fn of(failures: &Failures, days: &[Date], total: i64) -> Self {
        let count_in = |bucket| failures.counts.get(&bucket).copied().unwrap_or(0);
        let before = count_in(0);
        let by_day: Vec<_> = (1..)
            .zip(days)
            .map(|(bucket, day)| DailyFailures {
                day: *day,
                count: count_in(bucket),
            })
            .collect();
        let count = by_day.iter().map(|day| day.count).sum();
        let seen = || failures.seen.range(1..).map(|(_, seen)| seen);
        let known = |name: &String| Some(name.clone()).filter(|name| !name.is_empty());
        Self {
            error_type: known(&failures.error_type),
            model: known(&failures.model),
            count,
            share: (total > 0).then(|| count as f64 / total as f64),
            first_seen: seen().next().map(|(first, _)| *first),
            last_seen: seen().next_back().map(|(_, last)| *last),
            count_before: before,
            change: (before > 0).then(|| (count - before) as f64 / before as f64),
            by_day,
        }
    }
}
