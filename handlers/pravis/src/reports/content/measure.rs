//! Reads what a period counts, whole and by its parts.

use domain::analytics::series::Grouped;
use domain::analytics::{Dimension, OrderRollup, Part as Stored, Rollup, StatsFilter, TimeRange};
use domain::interactions::InteractionType;
use domain::reports::content::{Interval, Measured, Orders, Part, Query};
use domain::reports::{Period, ReportKind};
use domain::usage::{self, PeriodCounts, UsageRange};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeMap;
use store::{
    Channels, FunnelNumbers, InteractionNumbers, NumbersQuery, PeriodQuery, PeriodRow, QueriesQuery,
    SeriesQuery, Store, StoreError,
};

/// Most searches that a report names.
const QUERIES: usize = 15;

/// How long the parts of a period are.
pub(super) fn interval(kind: ReportKind) -> Interval {
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

/// The orders of some of the parts.
fn orders_in(orders: &Grouped<OrderRollup>, wanted: impl Fn(usize) -> bool) -> Orders {
    let mut by_currency = BTreeMap::new();
    for (currency, points) in orders {
        let mut sum = OrderRollup::default();
        let points = points.iter().filter(|(bucket, _)| wanted(**bucket));
        points.for_each(|(_, rollup)| sum.add(rollup));
        if !sum.is_empty() {
            by_currency.insert(currency.clone(), sum);
        }
    }
    Orders { by_currency }
}

/// Where the figures come from, and whose days they are of.
pub(super) struct Source<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) zone: &'a TimeZone,
}

impl Source<'_> {
    /// All turns of a range.
    pub(super) fn query(&self, range: TimeRange) -> NumbersQuery {
        NumbersQuery {
            range,
            zone: self.zone.clone(),
            filter: StatsFilter::default(),
        }
    }

    /// What they count, in all and by group.
    pub(super) async fn turns(&self, range: TimeRange) -> Result<InteractionNumbers, StoreError> {
        self.store.interaction_numbers(self.query(range)).await
    }

    /// The period before and the period as two buckets.
    pub(super) fn compared(&self, period: &Period, previous: &Period) -> SeriesQuery {
        let edges = vec![previous.range.from, period.range.from, period.range.to];
        self.query(period.range).by(edges, None)
    }

    /// What shoppers searched for most in vain.
    pub(super) async fn queries(&self, range: TimeRange) -> Result<Vec<Query>, StoreError> {
        let asked = QueriesQuery {
            range,
            kind: InteractionType::Search,
            channel: None,
            limit: QUERIES,
        };
        let queries = self.store.top_queries(asked).await?;
        Ok(queries.into_iter().map(Query::of).collect())
    }

    /// What the turns of a range led to.
    pub(super) async fn led_to(&self, range: TimeRange) -> Result<FunnelNumbers, StoreError> {
        self.store.funnel_numbers(self.query(range)).await
    }

    /// What a period counts, whole and by its parts: three reads at once, and one more.
    pub(super) async fn measured(&self, period: &Period) -> Result<Measured, StoreError> {
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
            self.store.feedback_series(vec![query.clone()]),
            self.people(period),
        )?;
        let (turns, feedback) = (alone(turns), alone(feedback));
        let (people, days) = people;
        let orders = self.store.order_series(SeriesQuery {
            group_by: Some(Dimension::Currency),
            ..query
        });
        let orders = orders.await?;
        let parts = ranges.iter().enumerate().map(|(place, range)| Part {
            range: *range,
            turns: turns.get(&place).cloned().unwrap_or_default(),
            feedback: feedback.get(&place).copied().unwrap_or_default(),
            people: days.as_ref().map(|days| self.on(range, days)),
            orders: Some(orders_in(&orders, |bucket| bucket == place)),
        });
        Ok(Measured {
            range: period.range,
            parts: parts.collect(),
            orders: Some(orders_in(&orders, |_| true)),
            turns: total(&turns),
            feedback: total(&feedback),
            people,
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
    pub(super) async fn long_pending(&self, range: TimeRange, now: Timestamp) -> Result<i64, StoreError> {
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
