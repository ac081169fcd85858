//! The contract for numbers.

use crate::StoreError;
use async_trait::async_trait;
use domain::analytics::{CommonTerms, FeedbackRollup, InteractionRollup, StatsFilter, TimeRange};
use domain::feedback::Feedback;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// What numbers are asked for.
#[derive(Debug, Clone)]
pub struct NumbersQuery {
    /// Over which stretch of time.
    pub range: TimeRange,
    /// By whose calendar days.
    pub zone: TimeZone,
    /// About which turns.
    pub filter: StatsFilter,
}

/// Counts and sums of turns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InteractionNumbers {
    /// All together.
    pub total: InteractionRollup,
    /// By type, most turns first.
    pub by_type: Vec<(String, InteractionRollup)>,
    /// By model, most turns first; the empty text stands for none.
    pub by_model: Vec<(String, InteractionRollup)>,
    /// By calendar day, in order; days without turns are left out.
    pub by_day: Vec<(Date, InteractionRollup)>,
}

/// Counts of feedback.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeedbackNumbers {
    /// All together.
    pub total: FeedbackRollup,
    /// By category, most first; the empty text stands for none.
    pub by_category: Vec<(String, FeedbackRollup)>,
    /// By type of the turn, most first.
    pub by_type: Vec<(String, FeedbackRollup)>,
    /// By model of the turn, most first; the empty text stands for none.
    pub by_model: Vec<(String, FeedbackRollup)>,
    /// Its tags and key phrases.
    pub common: CommonTerms,
    /// The latest feedback with a comment, newest first, at most 10.
    pub latest_comments: Vec<Feedback>,
}

/// Numbers, read from rollups that are first brought up to date: they include every write that was durable before the call.
#[async_trait]
pub trait Analytics {
    /// Counts and sums of the turns whose `started_at` is in the range.
    async fn interaction_numbers(&self, query: NumbersQuery) -> Result<InteractionNumbers, StoreError>;

    /// Counts of the feedback whose `created_at` is in the range.
    async fn feedback_numbers(&self, query: NumbersQuery) -> Result<FeedbackNumbers, StoreError>;
}

/// By count descending, then by name, so that the order is always the same.
pub(crate) fn most_first<R>(groups: HashMap<String, R>, count: impl Fn(&R) -> i64) -> Vec<(String, R)> {
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|(a_name, a), (b_name, b)| count(b).cmp(&count(a)).then_with(|| a_name.cmp(b_name)));
    groups
}
