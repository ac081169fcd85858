//! The contract for numbers.

use crate::StoreError;
use async_trait::async_trait;
use domain::analytics::errors::Failures;
use domain::analytics::series::{Buckets, Grouped};
use domain::analytics::{
    Dimension, Fact, FeedbackFact, FeedbackRollup, InteractionRollup, Part, Rollup, StatsFilter, TimeRange,
};
use domain::feedback::Feedback;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

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

/// What numbers over time are asked for.
#[derive(Debug, Clone)]
pub struct SeriesQuery {
    /// In order: bucket `i` is from `edges[i]`, included, to `edges[i + 1]`, excluded.
    pub edges: Vec<Timestamp>,
    /// About which turns.
    pub filter: StatsFilter,
    /// By what; all is one group where nothing is said.
    pub group_by: Option<Dimension>,
    /// What of the rollups is read beside the counts; the rest is left empty.
    pub parts: &'static [Part],
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
    /// The latest feedback with a comment, newest first, at most 10.
    pub latest_comments: Vec<Feedback>,
}

/// Numbers, read from rollups that are first brought up to date: they include every write that was durable before the call.
#[async_trait]
pub trait Analytics: Sync {
    /// What turns count in each bucket by `started_at`, group by group: an answer to each question, all of one moment. A
    /// question that no grouping answers ([`Fact::grouping_for`]) is an error.
    async fn interaction_series(
        &self,
        queries: Vec<SeriesQuery>,
    ) -> Result<Vec<Grouped<InteractionRollup>>, StoreError>;

    /// The same of feedback, by its own `created_at`.
    async fn feedback_series(
        &self,
        queries: Vec<SeriesQuery>,
    ) -> Result<Vec<Grouped<FeedbackRollup>>, StoreError>;

    /// Counts and sums of the turns whose `started_at` is in the range.
    async fn interaction_numbers(&self, query: NumbersQuery) -> Result<InteractionNumbers, StoreError> {
        let answers = self.interaction_series(query.of_interactions()).await?;
        Ok(InteractionNumbers::of(&query, answers))
    }

    /// Failed turns that pass the filter by `started_at`, by type of error, model and bucket. Turns that retention removed are
    /// forgotten. `group_by` and `parts` mean nothing here.
    async fn failures(&self, query: SeriesQuery) -> Result<Vec<Failures>, StoreError>;

    /// Counts of the feedback whose `created_at` is in the range.
    async fn feedback_numbers(&self, query: NumbersQuery) -> Result<FeedbackNumbers, StoreError>;
}

/// One question to the rollups of a kind, as both backends ask it.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) edges: Vec<Timestamp>,
    pub(crate) filter: StatsFilter,
    pub(crate) grouping: i64,
    pub(crate) parts: &'static [Part],
    by: Option<Dimension>,
}

impl Ask {
    /// The questions, each to the smallest grouping that answers it.
    pub(crate) fn all<F: Fact>(queries: Vec<SeriesQuery>) -> Result<Vec<Self>, StoreError> {
        queries.into_iter().map(Self::of::<F>).collect()
    }

    fn of<F: Fact>(query: SeriesQuery) -> Result<Self, StoreError> {
        let SeriesQuery {
            edges,
            filter,
            group_by: by,
            parts,
        } = query;
        let grouping = F::grouping_for(&filter, by);
        Ok(Self {
            grouping: grouping
                .ok_or_else(|| StoreError::Broken(format!("no grouping tells {by:?} with these filters")))?,
            edges,
            filter,
            parts,
            by,
        })
    }

    /// The stretch of time that all questions are about.
    pub(crate) fn range(asks: &[Self]) -> TimeRange {
        let first = asks.iter().filter_map(|ask| ask.edges.first()).min();
        let last = asks.iter().filter_map(|ask| ask.edges.last()).max();
        TimeRange {
            from: first.copied().unwrap_or(Timestamp::UNIX_EPOCH),
            to: last.copied().unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Adds what was counted from `at` on to its bucket of its group.
    pub(crate) fn add<F: Fact>(
        &self,
        groups: &mut Grouped<F::Rollup>,
        at: Timestamp,
        key: &F::Key,
        rollup: &F::Rollup,
    ) {
        self.entry::<F>(groups, at, key).add(rollup);
    }

    /// Counts one fact, if it passes the filter.
    pub(crate) fn count<F: Fact>(&self, groups: &mut Grouped<F::Rollup>, at: Timestamp, mut fact: F) {
        let key = fact.take_key();
        if F::passes(&key, &self.filter) {
            fact.count(self.entry::<F>(groups, at, &key));
        }
    }

    fn entry<'g, F: Fact>(
        &self,
        groups: &'g mut Grouped<F::Rollup>,
        at: Timestamp,
        key: &F::Key,
    ) -> &'g mut F::Rollup {
        let name = self.by.map_or("", |dimension| F::value(key, dimension));
        let bucket = self.edges.partition_point(|edge| *edge <= at).saturating_sub(1);
        let points = groups.entry(name.to_owned()).or_default();
        points.entry(bucket).or_default()
    }
}

/// Whether a column is read where these parts of the rollups are asked for.
pub(crate) fn is_read(column: &str, parts: &[Part]) -> bool {
    let part = |part: &&Part| column.starts_with(prefix(**part));
    Part::ALL
        .iter()
        .find(part)
        .is_none_or(|part| parts.contains(part))
}

/// What the columns of a part begin with.
fn prefix(part: Part) -> &'static str {
    match part {
        Part::Duration => "duration_",
        Part::TimeToFirstToken => "time_to_first_token_",
        Part::TokensInput => "tokens_input",
        Part::TokensOutput => "tokens_output",
        Part::TokensCached => "tokens_cached",
        Part::Cost => "cost_",
    }
}

impl NumbersQuery {
    /// One question about these turns, all parts of it.
    pub fn by(&self, edges: Vec<Timestamp>, group_by: Option<Dimension>) -> SeriesQuery {
        SeriesQuery {
            edges,
            filter: self.filter.clone(),
            group_by,
            parts: Part::ALL,
        }
    }

    /// The range as one bucket.
    pub fn whole(&self) -> Vec<Timestamp> {
        vec![self.range.from, self.range.to]
    }

    /// The questions that [`InteractionNumbers::of`] takes the answers of.
    fn of_interactions(&self) -> Vec<SeriesQuery> {
        vec![
            self.by(Buckets::days(self.range, &self.zone).edges, None),
            self.by(self.whole(), Some(Dimension::Type)),
            self.by(self.whole(), Some(Dimension::Model)),
        ]
    }

    /// The questions that [`FeedbackNumbers::of`] takes the answers of.
    pub(crate) fn of_feedback(&self) -> Result<Vec<Ask>, StoreError> {
        let dimensions = [
            None,
            Some(Dimension::Category),
            Some(Dimension::Type),
            Some(Dimension::Model),
        ];
        let queries = dimensions.map(|group_by| self.by(self.whole(), group_by));
        Ask::all::<FeedbackFact>(queries.into())
    }
}

impl InteractionNumbers {
    /// Made of the answers by day, by type and by model.
    fn of(query: &NumbersQuery, answers: Vec<Grouped<InteractionRollup>>) -> Self {
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let days = next().remove("").unwrap_or_default();
        let starts = Buckets::days(query.range, &query.zone).starts;
        let date = |bucket: usize| Some(starts.get(bucket)?.to_zoned(query.zone.clone()).date());
        let mut total = InteractionRollup::default();
        days.values().for_each(|day| total.add(day));
        let by_day = days.into_iter();
        Self {
            total,
            by_type: most_first(next(), |rollup| rollup.total),
            by_model: most_first(next(), |rollup| rollup.total),
            by_day: by_day
                .filter_map(|(bucket, rollup)| Some((date(bucket)?, rollup)))
                .collect(),
        }
    }
}

impl FeedbackNumbers {
    /// Made of the answers in all, by category, by type and by model.
    pub(crate) fn of(answers: Vec<Grouped<FeedbackRollup>>, latest_comments: Vec<Feedback>) -> Self {
        let mut answers = answers.into_iter();
        let mut next = || {
            let groups = answers.next().unwrap_or_default();
            most_first(groups, |rollup: &FeedbackRollup| rollup.total)
        };
        Self {
            total: next().pop().unwrap_or_default().1,
            by_category: next(),
            by_type: next(),
            by_model: next(),
            latest_comments,
        }
    }
}

/// What each group counts in all, by count descending, then by name, so that the order is always the same.
pub fn most_first<R: Rollup>(groups: Grouped<R>, count: impl Fn(&R) -> i64) -> Vec<(String, R)> {
    let mut groups: Vec<_> = groups
        .into_iter()
        .map(|(name, points)| {
            let mut sum = R::default();
            points.values().for_each(|rollup| sum.add(rollup));
            (name, sum)
        })
        .collect();
    groups.sort_by(|(a_name, a), (b_name, b)| count(b).cmp(&count(a)).then_with(|| a_name.cmp(b_name)));
    groups
}

/// Gathers failures that were counted bucket by bucket.
#[derive(Default)]
pub(crate) struct FailureCounts(BTreeMap<(String, String), Failures>);

impl FailureCounts {
    pub(crate) fn add(
        &mut self,
        bucket: usize,
        (error_type, model): (String, String),
        count: i64,
        seen: (Timestamp, Timestamp),
    ) {
        let place = (error_type.clone(), model.clone());
        let failures = self.0.entry(place).or_insert_with(|| Failures {
            error_type,
            model,
            counts: BTreeMap::new(),
            seen: BTreeMap::new(),
        });
        failures.counts.insert(bucket, count);
        failures.seen.insert(bucket, seen);
    }

    pub(crate) fn into_vec(self) -> Vec<Failures> {
        self.0.into_values().collect()
    }
}
