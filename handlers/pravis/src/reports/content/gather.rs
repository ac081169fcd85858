//! Reads what a report says.

use super::judged::{Taste, judged};
use domain::analytics::{StatsFilter, TimeRange};
use domain::reports::content::{
    Groups, Interval, Measured, Opinions, Part, Point, Quality, Report, SCHEMA, Series, headline, unpriced,
    zone_name,
};
use domain::reports::{Period, ReportKind};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use store::{FeedbackNumbers, InteractionNumbers, NumbersQuery, Store, StoreError};

/// Reads at a time: a report is not in a hurry, and shoppers' reads are.
const AT_ONCE: usize = 4;

/// Reads the report on `period`, which was made for `zone`.
pub async fn report(
    store: &dyn Store,
    period: &Period,
    zone: &TimeZone,
    revision: u32,
    generated_at: Timestamp,
) -> Result<Report, StoreError> {
    let source = Source { store, zone };
    let previous = period.previous(zone);
    let numbers = source.turns(period.range).await?;
    let now = source.measured(period, &numbers).await?;
    let before = source.turns(previous.range).await?;
    let before = source.measured(&previous, &before).await?;
    let unnamed = numbers.by_model.iter().find(|(model, _)| model.is_empty());
    let long_pending = source.long_pending(period.range, generated_at).await?;
    Ok(Report {
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
        models: Groups::of(&numbers.by_model, now.turns.total),
        types: Groups::of(&numbers.by_type, now.turns.total),
        unpriced: unpriced(&numbers.by_model),
        opinions: Opinions::from(&now.feedback),
        best: judged(store, period.range, Taste::Best).await?,
        worst: judged(store, period.range, Taste::Worst).await?,
        quality: Quality::of(
            &now.turns,
            &now.parts,
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

    async fn feedback(&self, range: TimeRange) -> Result<FeedbackNumbers, StoreError> {
        self.store.feedback_numbers(self.query(range)).await
    }

    /// What a period counts, whole and by its parts.
    async fn measured(&self, period: &Period, turns: &InteractionNumbers) -> Result<Measured, StoreError> {
        let parts = interval(period.kind).parts(period.range, self.zone);
        // Collected first: a stream of borrowing closures is too general for the compiler.
        let reads: Vec<_> = parts
            .into_iter()
            .map(|range| self.part(range, turns, period.kind))
            .collect();
        Ok(Measured {
            range: period.range,
            turns: turns.total.clone(),
            feedback: self.feedback(period.range).await?.total,
            parts: stream::iter(reads).buffered(AT_ONCE).try_collect().await?,
            active_users: None,
            sessions: None,
            orders: None,
        })
    }

    /// What a part counts; the days of the turns are known already.
    async fn part(
        &self,
        range: TimeRange,
        turns: &InteractionNumbers,
        kind: ReportKind,
    ) -> Result<Part, StoreError> {
        let turns = if interval(kind) == Interval::Day {
            let date = range.from.to_zoned(self.zone.clone()).date();
            let day = turns.by_day.iter().find(|(day, _)| *day == date);
            day.map(|(_, rollup)| rollup.clone()).unwrap_or_default()
        } else {
            self.turns(range).await?.total
        };
        let feedback = self.feedback(range).await?.total;
        Ok(Part {
            range,
            turns,
            feedback,
        })
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
