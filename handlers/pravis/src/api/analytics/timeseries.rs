//! Numbers over time.

use super::StatsQuery;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Authorized, Query, Read};
use axum::Json;
use axum::extract::State;
use domain::analytics::series::{Buckets, Interval, Metric, Question, Source, TimeSeries, groups_of, top};
use domain::analytics::{Dimension, FeedbackFact, InteractionFact, Part};
use domain::fault::Fault;
use domain::interactions::InteractionType;
use jiff::Timestamp;
use serde::Deserialize;
use store::{NumbersQuery, SeriesQuery};
use utoipa::IntoParams;

/// What is shown over time, and about which turns.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimeSeriesQuery {
    /// What is shown; default `interactions`.
    #[param(inline)]
    metric: Option<Metric>,
    /// How long the buckets are, in `tz`; default `day`.
    #[param(inline)]
    interval: Option<Interval>,
    /// A series for each value of this property.
    #[param(inline)]
    group_by: Option<Dimension>,
    /// How many values are told apart, 1 to 50, default 10; the rest is one series. At most 10,000 points are given: buckets
    /// times one more than these.
    top: Option<usize>,
    /// First point in time.
    from: Option<Timestamp>,
    /// First point in time after the range; now if only `from` is given.
    to: Option<Timestamp>,
    /// The last so many calendar days of `tz`, today included: 1 to 400, default 30.
    days: Option<i64>,
    /// IANA time zone of the buckets; default: the shop's.
    tz: Option<String>,
    /// Only turns of this type.
    #[serde(rename = "type")]
    #[param(inline)]
    kind: Option<InteractionType>,
    /// Only turns of this model.
    model: Option<String>,
    /// Only turns of this channel.
    channel: Option<String>,
}

impl TimeSeriesQuery {
    fn question(&self) -> Question {
        Question {
            metric: self.metric.unwrap_or(Metric::Interactions),
            interval: self.interval.unwrap_or(Interval::Day),
            group_by: self.group_by,
        }
    }

    fn stats(self) -> StatsQuery {
        StatsQuery {
            from: self.from,
            to: self.to,
            days: self.days,
            tz: self.tz,
            kind: self.kind,
            model: self.model,
            channel: self.channel,
        }
    }
}

/// One metric in hours, days, weeks or months of a zone, in all or group by group. Every bucket of the range is there.
#[utoipa::path(get, path = "/v1/analytics/timeseries", tag = "analytics", security(("key" = ["read"])),
    params(TimeSeriesQuery), responses((status = 200, body = TimeSeries)))]
pub async fn get_timeseries(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<TimeSeriesQuery>,
) -> Result<Json<TimeSeries>, ApiError> {
    let (question, most) = (query.question(), groups_of(query.top)?);
    let (about, tz) = query.stats().question(&app)?;
    Ok(Json(timeseries(&app, question, most, about, tz).await?))
}

/// The series of `question`, with at most `most` groups and the rest; also what reports show.
pub async fn timeseries(
    app: &App,
    question: Question,
    most: usize,
    about: NumbersQuery,
    tz: String,
) -> Result<TimeSeries, ApiError> {
    let Question {
        metric,
        interval,
        group_by,
    } = question;
    let NumbersQuery { range, zone, filter } = about.clone();
    let groups = if group_by.is_some() { most + 1 } else { 1 };
    let buckets = Buckets::of(range, interval, &zone, groups)?;
    let asked = |parts: &'static [Part]| SeriesQuery {
        edges: buckets.edges.clone(),
        filter: filter.clone(),
        group_by,
        parts,
    };
    match metric.source() {
        Source::Interactions => {
            question.grouping::<InteractionFact>(&filter)?;
            let asked = vec![asked(metric.parts())];
            let mut counted = app.store().await?.interaction_series(asked).await?;
            let counted = counted.pop().unwrap_or_default();
            let groups = top(counted, most, |rollup| metric.weight_of_turns(rollup));
            Ok(TimeSeries::of(question, range, &buckets, tz, groups, |rollup| {
                metric.of_turns(rollup)
            }))
        }
        Source::Feedback => {
            question.grouping::<FeedbackFact>(&filter)?;
            let mut counted = app.store().await?.feedback_series(vec![asked(&[])]).await?;
            let counted = counted.pop().unwrap_or_default();
            let groups = top(counted, most, |rollup| metric.weight_of_feedback(rollup));
            Ok(TimeSeries::of(question, range, &buckets, tz, groups, |rollup| {
                metric.of_feedback(rollup)
            }))
        }
        Source::Usage => super::usage::series(app, question, most, &buckets, about, tz).await,
        Source::Events => Err(not_yet(metric).into()),
    }
}

fn not_yet(metric: Metric) -> Fault {
    Fault::query(
        "metric",
        format!("{} is not counted by this version", metric.as_str()),
    )
}
