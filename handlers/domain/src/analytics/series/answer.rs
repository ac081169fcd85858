//! A time series as it is shown.

use super::{Buckets, Group, Interval, Metric};
use crate::analytics::{Dimension, Fact, StatsFilter, TimeRange};
use crate::fault::{Fault, Faults};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A figure: counts are whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
#[allow(missing_docs)]
pub enum Reading {
    Count(i64),
    Measure(f64),
}

/// The figure of one bucket.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Point {
    /// Where the bucket begins by the calendar and the clock of the zone.
    pub start: Timestamp,
    /// The figure; where nothing happened 0 for counts, null for everything else.
    #[schema(value_type = Option<f64>)]
    pub value: Option<Reading>,
    /// Whether only a part of the bucket is in the range, and counted; left out where the whole is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// The points of one group.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Series {
    /// The dimension and the value that the group shares, null where it is unknown; empty without `group_by`.
    pub key: BTreeMap<&'static str, Option<String>>,
    /// Whether this is the rest, beside the groups of most weight; its key says `other`.
    pub other: bool,
    /// A point for every bucket of the range.
    pub points: Vec<Point>,
}

/// The answer of `get_timeseries`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TimeSeries {
    /// What is shown.
    pub metric: Metric,
    /// How long the buckets are.
    pub interval: Interval,
    /// First point in time of the range.
    pub from: Timestamp,
    /// First point in time after the range.
    pub to: Timestamp,
    /// The zone whose hours, days, weeks or months the buckets are.
    pub tz: String,
    /// What the series are grouped by.
    pub group_by: Option<Dimension>,
    /// One for each group, those of most weight first: weight is the metric's sum, or the number of turns where it has none.
    pub series: Vec<Series>,
}

impl TimeSeries {
    /// Shows groups of any kind of rollup; `value` is what the metric makes of one. Without `group_by` there is one group.
    pub fn of<R>(
        question: Question,
        range: TimeRange,
        buckets: &Buckets,
        tz: String,
        mut groups: Vec<Group<R>>,
        value: impl Fn(&R) -> Option<Reading>,
    ) -> Self {
        if question.group_by.is_none() && groups.is_empty() {
            groups.push(Group {
                name: String::new(),
                other: false,
                points: BTreeMap::new(),
            });
        }
        let Question {
            metric,
            interval,
            group_by,
        } = question;
        let series = groups.into_iter().map(|group| Series {
            points: points(buckets, &group, metric, &value),
            key: key(group_by, group.name),
            other: group.other,
        });
        Self {
            metric,
            interval,
            from: range.from,
            to: range.to,
            tz,
            group_by,
            series: series.collect(),
        }
    }
}

fn points<R>(
    buckets: &Buckets,
    group: &Group<R>,
    metric: Metric,
    value: impl Fn(&R) -> Option<Reading>,
) -> Vec<Point> {
    let starts = buckets.starts.iter().enumerate();
    let points = starts.map(|(bucket, start)| Point {
        start: *start,
        value: match group.points.get(&bucket) {
            Some(rollup) => value(rollup),
            None => metric.of_nothing(),
        },
        partial: buckets.is_partial(bucket),
    });
    points.collect()
}

fn key(group_by: Option<Dimension>, name: String) -> BTreeMap<&'static str, Option<String>> {
    let known = Some(name).filter(|name| !name.is_empty());
    group_by
        .map(|dimension| (dimension.as_str(), known))
        .into_iter()
        .collect()
}

/// What is asked for over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// What is shown.
    pub metric: Metric,
    /// How long the buckets are.
    pub interval: Interval,
    /// By what it is grouped.
    pub group_by: Option<Dimension>,
}

impl Question {
    /// The grouping of `F` that answers it; a fault that names what is offered where none does.
    pub fn grouping<F: Fact>(&self, filter: &StatsFilter) -> Result<i64, Faults> {
        F::grouping_for(filter, self.group_by).ok_or_else(|| {
            let offered = Dimension::ALL.iter().copied();
            let offered: Vec<_> = offered
                .filter(|dimension| F::grouping_for(filter, Some(*dimension)).is_some())
                .collect();
            let metric = self.metric.as_str();
            let filters = if filter.is_empty() {
                ""
            } else {
                " with these filters"
            };
            let detail = format!(
                "{metric}{filters} can be grouped by {}",
                super::metric::listed(&offered)
            );
            Fault::query("group_by", detail).into()
        })
    }
}
