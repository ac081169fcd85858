//! What went wrong, and what shoppers looked for.

use crate::analytics::errors::Failures;
use crate::analytics::queries::QueryCounts;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Most kinds of failures that a report names.
const MOST: usize = 20;

/// A kind of failure.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Failure)]
pub struct Failure {
    /// The kind; null for failures that name none.
    pub error_type: Option<String>,
    /// The model; null for turns that name none.
    pub model: Option<String>,
    /// How many turns.
    pub count: i64,
    /// How many in the period before.
    pub previous: i64,
    /// Start of the first turn; null where there is none any more.
    pub first_seen: Option<Timestamp>,
    /// Start of the last turn.
    pub last_seen: Option<Timestamp>,
}

/// Failures in two buckets, the period before and the period, most first. Those that have gone are the last.
pub fn failures(found: Vec<Failures>) -> Vec<Failure> {
    let mut failures: Vec<_> = found.into_iter().map(failure).collect();
    let name = |failure: &Failure| (failure.error_type.clone(), failure.model.clone());
    failures.sort_by(|a, b| {
        let counts = (b.count, b.previous).cmp(&(a.count, a.previous));
        counts.then_with(|| name(a).cmp(&name(b)))
    });
    failures.truncate(MOST);
    failures
}

fn failure(found: Failures) -> Failure {
    let count = |bucket| found.counts.get(&bucket).copied().unwrap_or(0);
    let seen = found.seen.get(&1);
    Failure {
        count: count(1),
        previous: count(0),
        first_seen: seen.map(|(first, _)| *first),
        last_seen: seen.map(|(_, last)| *last),
        error_type: Some(found.error_type).filter(|name| !name.is_empty()),
        model: Some(found.model).filter(|name| !name.is_empty()),
    }
}

/// What shoppers asked for, normalised and without what points at a person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Query)]
pub struct Query {
    /// The words.
    pub text: String,
    /// How often.
    pub count: i64,
    /// How often it failed, or nothing was found.
    pub failed: i64,
}

impl Query {
    /// What a normalised text counts.
    pub fn of((text, counts): (String, QueryCounts)) -> Self {
        Self {
            text,
            count: counts.total,
            failed: counts.failed + counts.without_results,
        }
    }
}
