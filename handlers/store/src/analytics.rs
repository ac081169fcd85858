//! The contract for numbers.

use crate::StoreError;
use async_trait::async_trait;
use domain::analytics::series::{Buckets, Grouped};
use domain::analytics::{
    Dimension, Fact, FeedbackFact, FeedbackRollup, InteractionFact, InteractionRollup, Part, Rollup,
    StatsFilter, TimeRange,
};
use domain::feedback::Feedback;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

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
pub trait Analytics {
    /// Counts and sums of the turns whose `started_at` is in the range.
    async fn interaction_numbers(&self, query: NumbersQuery) -> Result<InteractionNumbers, StoreError>;

    /// Counts of the feedback whose `created_at` is in the range.
    async fn feedback_numbers(&self, query: NumbersQuery) -> Result<FeedbackNumbers, StoreError>;

    /// What the turns count in each bucket by `started_at`, group by group, all of one moment. Where no grouping is held that
    /// tells `group_by` of what passes the filter ([`Fact::grouping_for`]), the answer is an error.
    async fn interaction_series(&self, query: SeriesQuery) -> Result<Grouped<InteractionRollup>, StoreError>;

    /// The same of feedback, by its own `created_at`.
    async fn feedback_series(&self, query: SeriesQuery) -> Result<Grouped<FeedbackRollup>, StoreError>;
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
    /// The question to the smallest grouping that answers it.
    pub(crate) fn of<F: Fact>(query: SeriesQuery) -> Result<Self, StoreError> {
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

    /// The stretch of time that all buckets make.
    pub(crate) fn range(&self) -> TimeRange {
        let (first, last) = (self.edges.first().copied(), self.edges.last().copied());
        TimeRange {
            from: first.unwrap_or(Timestamp::UNIX_EPOCH),
            to: last.unwrap_or(Timestamp::UNIX_EPOCH),
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
    fn asks<F: Fact, const N: usize>(
        &self,
        edges: &[Vec<Timestamp>; N],
        by: [Option<Dimension>; N],
    ) -> Result<[Ask; N], StoreError> {
        let asks: Result<Vec<_>, _> = edges
            .iter()
            .zip(by)
            .map(|(edges, group_by)| {
                Ask::of::<F>(SeriesQuery {
                    edges: edges.clone(),
                    filter: self.filter.clone(),
                    group_by,
                    parts: Part::ALL,
                })
            })
            .collect();
        asks?
            .try_into()
            .map_err(|_| StoreError::Broken("as many questions as groupings".to_owned()))
    }

    fn whole(&self) -> Vec<Timestamp> {
        vec![self.range.from, self.range.to]
    }

    /// The questions that [`InteractionNumbers::of`] takes the answers of.
    pub(crate) fn of_interactions(&self) -> Result<[Ask; 3], StoreError> {
        let days = Buckets::days(self.range, &self.zone).edges;
        self.asks::<InteractionFact, 3>(
            &[days, self.whole(), self.whole()],
            [None, Some(Dimension::Type), Some(Dimension::Model)],
        )
    }

    /// The questions that [`FeedbackNumbers::of`] takes the answers of.
    pub(crate) fn of_feedback(&self) -> Result<[Ask; 4], StoreError> {
        let by = [
            None,
            Some(Dimension::Category),
            Some(Dimension::Type),
            Some(Dimension::Model),
        ];
        self.asks::<FeedbackFact, 4>(&std::array::from_fn(|_| self.whole()), by)
    }
}

impl InteractionNumbers {
    /// Made of the answers by day, by type and by model.
    pub(crate) fn of(query: &NumbersQuery, answers: [Grouped<InteractionRollup>; 3]) -> Self {
        let [mut days, types, models] = answers;
        let starts = Buckets::days(query.range, &query.zone).starts;
        let date = |bucket: usize| {
            starts
                .get(bucket)
                .map(|at| at.to_zoned(query.zone.clone()).date())
        };
        let by_day: Vec<_> = days
            .remove("")
            .into_iter()
            .flatten()
            .filter_map(|(bucket, rollup)| Some((date(bucket)?, rollup)))
            .collect();
        let mut total = InteractionRollup::default();
        by_day.iter().for_each(|(_, day)| total.add(day));
        Self {
            total,
            by_type: most_first(types, |rollup| rollup.total),
            by_model: most_first(models, |rollup| rollup.total),
            by_day,
        }
    }
}

impl FeedbackNumbers {
    /// Made of the answers in all, by category, by type and by model.
    pub(crate) fn of(answers: [Grouped<FeedbackRollup>; 4], latest_comments: Vec<Feedback>) -> Self {
        let [total, categories, types, models] = answers;
        let by = |groups| most_first(groups, |rollup: &FeedbackRollup| rollup.total);
        Self {
            total: by(total).pop().unwrap_or_default().1,
            by_category: by(categories),
            by_type: by(types),
            by_model: by(models),
            latest_comments,
        }
    }
}

/// What each group counts in all, by count descending, then by name, so that the order is always the same.
fn most_first<R: Rollup>(groups: Grouped<R>, count: impl Fn(&R) -> i64) -> Vec<(String, R)> {
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
