//! Reads what a report says.

use super::judged::{Taste, judged};
use domain::analytics::series::Grouped;
use domain::analytics::{Part as Stored, Rollup, StatsFilter, TimeRange};
use domain::reports::content::{
    Content, Groups, Interval, Measured, Opinions, Part, Point, Quality, SCHEMA, Series, headline, unpriced,
    zone_name,
};
use domain::reports::{Period, ReportKind};
use domain::usage::{self, PeriodCounts, UsageRange};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeMap;
use store::{
    Channels, InteractionNumbers, NumbersQuery, PeriodQuery, PeriodRow, SeriesQuery, Store, StoreError,
};

/// Reads the report on `period`, which was made for `zone`.
pub async fn content(
    store: &dyn Store,
    period: &Period,
    zone: &TimeZone,
    revision: u32,
    generated_at: Timestamp,
) -> Result<Content, StoreError> {
    let source = Source { store, zone };
    let previous = period.previous(zone);
    let numbers = source.turns(period.range).await?;
    let now = source.measured(period).await?;
    let before = source.measured(&previous).await?;
    let unnamed = numbers.by_model.iter().find(|(model, _)| model.is_empty());
    let long_pending = source.long_pending(period.range, generated_at).await?;
    Ok(Content {
        schema: SCHEMA,
        kind: period.kind,
        period: period.into(),
        previous: (&previous).into(),
        time_zone: zone_name(zone, period.range.from),
        generated_at,
        revision,
        headline: headline(&now, &before),
        series: Series {
            interval: interval(period.kind),
            points: now.parts.iter().map(Point::from).collect(),
        },
        models: Groups::of(&numbers.by_model, numbers.total.total),
        types: Groups::of(&numbers.by_type, numbers.total.total),
        unpriced: unpriced(&numbers.by_model),
        opinions: Opinions::from(&now.feedback),
        errors: None,
        queries: None,
        funnel: None,
        best: judged(store, period.range, Taste::Best).await?,
        worst: judged(store, period.range, Taste::Worst).await?,
        quality: Quality::of(
            &now,
            unnamed.map_or(0, |(_, rollup)| rollup.total),
            long_pending,
            period.range.to <= generated_at,
        ),
    })
}

fn interval(kind: ReportKind) -> Interval {
    match kind {
        ReportKind::Daily => Interval::Hour,
        ReportKind::Weekly | ReportKind::Monthly => Interval::Day,
    }
}

/// The only group of the only answer.
fn alone<R>(answers: Vec<Grouped<R>>) -> BTreeMap<usize, R> {
    let answer = answers.into_iter().next();
    answer
        .and_then(|mut groups| groups.remove(""))
        .unwrap_or_default()
}

fn total<R: Rollup>(parts: &BTreeMap<usize, R>) -> R {
    parts.values().fold(R::default(), |mut total, part| {
        total.add(part);
        total
    })
}

/// Where the figures come from, and whose days they are of.
struct Source<'a> {
    store: &'a dyn Store,
    zone: &'a TimeZone,
}

impl Source<'_> {
    fn query(&self, range: TimeRange) -> NumbersQuery {
        NumbersQuery {
            range,
            zone: self.zone.clone(),
            filter: StatsFilter::default(),
        }
    }

    async fn turns(&self, range: TimeRange) -> Result<InteractionNumbers, StoreError> {
        self.store.interaction_numbers(self.query(range)).await
    }

    /// What a period counts, whole and by its parts: three reads at once.
    async fn measured(&self, period: &Period) -> Result<Measured, StoreError> {
        let ranges = interval(period.kind).parts(period.range, self.zone);
        let edges = ranges.iter().map(|part| part.from).chain([period.range.to]);
        let query = SeriesQuery {
            edges: edges.collect(),
            filter: StatsFilter::default(),
            group_by: None,
            parts: Stored::ALL,
        };
        let (turns, feedback, people) = futures::try_join!(
            self.store.interaction_series(vec![query.clone()]),
            self.store.feedback_series(vec![query]),
            self.people(period),
        )?;
        let (turns, feedback) = (alone(turns), alone(feedback));
        let (people, days) = people;
        let parts = ranges.iter().enumerate().map(|(place, range)| Part {
            range: *range,
            turns: turns.get(&place).cloned().unwrap_or_default(),
            feedback: feedback.get(&place).copied().unwrap_or_default(),
            people: days.as_ref().map(|days| self.on(range, days)),
        });
        Ok(Measured {
            range: period.range,
            parts: parts.collect(),
            turns: total(&turns),
            feedback: total(&feedback),
            people,
            orders: None,
        })
    }

    /// Who was there, in the whole period and, where that has days, on each that anybody was.
    async fn people(&self, period: &Period) -> Result<(PeriodCounts, Option<Vec<PeriodRow>>), StoreError> {
        let counts = |each| {
            self.store.period_counts(PeriodQuery {
                period: each,
                range: UsageRange::touching(period.range, self.zone),
                channels: Channels::Together,
            })
        };
        let (each, has_days) = match period.kind {
            ReportKind::Daily => (usage::Period::Day, false),
            ReportKind::Weekly => (usage::Period::Week, true),
            ReportKind::Monthly => (usage::Period::Month, true),
        };
        let whole = counts(each).await?;
        let whole = whole.first().map(|row| row.counts).unwrap_or_default();
        let days = if has_days {
            Some(counts(usage::Period::Day).await?)
        } else {
            None
        };
        Ok((whole, days))
    }

    /// Who was there on the day that is `range`.
    fn on(&self, range: &TimeRange, days: &[PeriodRow]) -> PeriodCounts {
        let date = range.from.to_zoned(self.zone.clone()).date();
        let day = days.iter().find(|row| row.start == date);
        day.map(|row| row.counts).unwrap_or_default()
    }

    /// Turns of a range that were still not finished a day after they began.
    async fn long_pending(&self, range: TimeRange, now: Timestamp) -> Result<i64, StoreError> {
        let a_day_ago = now.saturating_sub(24.hours()).unwrap_or(Timestamp::MIN);
        let old = TimeRange {
            from: range.from,
            to: range.to.min(a_day_ago),
        };
        if old.is_empty() {
            return Ok(0);
        }
        Ok(self.turns(old).await?.total.pending)
    }
}
