//! What was read of a period, before it is told.

use super::significance::{self, Counted, Kind, Moments};
use super::{Figure, Metric, Unit};
use crate::analytics::{FeedbackFigures, FeedbackRollup, Figures, InteractionRollup, OrderRollup, TimeRange};
use crate::usage::PeriodCounts;
use std::collections::BTreeMap;

/// The counts of a period, whole and by its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The period.
    pub range: TimeRange,
    /// Its turns.
    pub turns: InteractionRollup,
    /// Its feedback.
    pub feedback: FeedbackRollup,
    /// Its days, or the hours of a single day, in order and without gaps.
    pub parts: Vec<Part>,
    /// Different shoppers, and conversations, each counted once.
    pub people: PeriodCounts,
    /// Orders and their worth; none when the shop sends no events.
    pub orders: Option<Orders>,
}

/// The counts of a part of a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The part.
    pub range: TimeRange,
    /// Its turns.
    pub turns: InteractionRollup,
    /// Its feedback.
    pub feedback: FeedbackRollup,
    /// Different shoppers, and conversations; only of whole days.
    pub people: Option<PeriodCounts>,
    /// Orders; none when the shop sends no events.
    pub orders: Option<Orders>,
}

/// Orders, and what they were worth.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Orders {
    /// By ISO 4217 code; the empty text stands for orders whose value is not known.
    pub by_currency: BTreeMap<String, OrderRollup>,
}

impl Orders {
    /// How many.
    pub fn count(&self) -> i64 {
        self.by_currency.values().map(|orders| orders.total).sum()
    }

    /// How many of those have no known value.
    pub fn unvalued(&self) -> i64 {
        self.by_currency.get("").map_or(0, |orders| orders.total)
    }

    /// What the others were worth: millionths by currency.
    pub fn revenue(&self) -> BTreeMap<String, i64> {
        let valued = self
            .by_currency
            .iter()
            .filter(|(currency, _)| !currency.is_empty());
        valued
            .map(|(currency, orders)| (currency.clone(), orders.value_micros))
            .collect()
    }

    fn of(&self, currency: &str) -> OrderRollup {
        self.by_currency.get(currency).copied().unwrap_or_default()
    }
}

impl Measured {
    /// Different shoppers; none where there are turns and all of them are anonymous.
    fn active_users(&self) -> Option<i64> {
        users(&self.people, self.turns.total)
    }

    /// Of a shop that sends no events nothing is known of orders.
    pub fn forget_orders(&mut self) {
        self.orders = None;
        self.parts.iter_mut().for_each(|part| part.orders = None);
    }

    fn hours(&self) -> f64 {
        self.range.to.duration_since(self.range.from).as_secs_f64() / 3600.0
    }

    fn parts(&self, value: impl Fn(&Part) -> i64) -> Vec<f64> {
        self.parts.iter().map(|part| value(part) as f64).collect()
    }

    fn revenue(&self, currency: &str) -> Option<f64> {
        let orders = self.orders.as_ref()?;
        // A shop whose orders tell nothing in this currency has sold for nothing in it.
        Some(orders.of(currency).value_micros as f64)
    }
}

/// The p value of a change in a sum over the parts of two periods.
fn rates(kind: Kind, now: &Measured, before: &Measured, value: impl Fn(&Part) -> i64) -> Option<f64> {
    let [parts, parts_before] = [now, before].map(|measured| measured.parts(&value));
    let counted = |measured: &Measured, parts| Counted {
        total: parts_total(parts),
        hours: measured.hours(),
        parts,
    };
    significance::rates(kind, counted(now, &parts), counted(before, &parts_before))
}

/// How many shoppers there were; not known where nobody who used the assistant was named.
pub(super) fn users(people: &PeriodCounts, turns: i64) -> Option<i64> {
    (people.users > 0 || turns == 0).then_some(people.users)
}

fn parts_total(parts: &[f64]) -> f64 {
    parts.iter().sum()
}

/// Who was there on a day. Shoppers and conversations of a period are judged by those of its days.
fn people(part: &Part) -> PeriodCounts {
    part.people.unwrap_or_default()
}

fn float(number: i64) -> f64 {
    number as f64
}

/// The headline figures of a period beside the one before, in the order in which they are shown.
pub fn headline(now: &Measured, before: &Measured) -> Vec<Figure> {
    let both = [now, before];
    let figure = |metric, unit, values: [Option<f64>; 2]| Figure::new(metric, unit, values[0], values[1]);
    let count = |metric, values: [Option<i64>; 2]| figure(metric, Unit::Count, values.map(|v| v.map(float)));
    let figures = both.map(|measured| Figures::from(&measured.turns));
    let opinions = both.map(|measured| FeedbackFigures::from(&measured.feedback));
    let durations = both.map(|measured| &measured.turns.duration.histogram);
    let quantile = |metric, q| {
        let values = durations.map(|histogram| histogram.quantile(q));
        figure(metric, Unit::Milliseconds, values).judged(significance::quantiles(
            durations[0],
            durations[1],
            q,
        ))
    };
    let finished = both.map(|measured| {
        let turns = &measured.turns;
        (turns.succeeded, turns.succeeded + turns.failed)
    });
    let moments = both.map(|measured| Moments::of_ratings(&measured.feedback.ratings));
    let mut all = vec![
        count(
            Metric::Interactions,
            both.map(|measured| Some(measured.turns.total)),
        )
        .judged(rates(Kind::Count, now, before, |part| part.turns.total)),
        figure(
            Metric::SuccessRate,
            Unit::Ratio,
            figures.each_ref().map(|figures| figures.success_rate),
        )
        .judged(significance::shares(finished[0], finished[1])),
        quantile(Metric::P50Ms, 0.5),
        quantile(Metric::P95Ms, 0.95),
        figure(
            Metric::Cost,
            Unit::Micros,
            figures.each_ref().map(|figures| figures.cost.micros.map(float)),
        )
        .of("USD")
        .judged(rates(Kind::Amount, now, before, |part| {
            part.turns.cost_micros.sum
        })),
        figure(
            Metric::Rating,
            Unit::Points,
            opinions.each_ref().map(|opinions| opinions.average_rating),
        )
        .judged(significance::means(moments[0], moments[1])),
        count(
            Metric::Feedback,
            both.map(|measured| Some(measured.feedback.total)),
        )
        .judged(rates(Kind::Count, now, before, |part| part.feedback.total)),
        count(Metric::ActiveUsers, both.map(Measured::active_users)).judged(rates(
            Kind::Count,
            now,
            before,
            |part| people(part).users,
        )),
        count(
            Metric::Sessions,
            both.map(|measured| Some(measured.people.sessions)),
        )
        .judged(rates(Kind::Count, now, before, |part| people(part).sessions)),
        count(
            Metric::Orders,
            both.map(|measured| measured.orders.as_ref().map(Orders::count)),
        )
        .judged(rates(Kind::Count, now, before, |part| {
            part.orders.as_ref().map_or(0, Orders::count)
        })),
    ];
    all.extend(revenue(now, before));
    all
}

/// A figure per currency, that of most orders first. A few large baskets move a revenue so much that the days of one period
/// do not tell what is chance: its change is not judged.
fn revenue(now: &Measured, before: &Measured) -> Vec<Figure> {
    let orders = || now.orders.iter().chain(&before.orders);
    let mut currencies: Vec<_> = orders().flat_map(|orders| orders.by_currency.keys()).collect();
    currencies.retain(|currency| !currency.is_empty());
    let many = |currency: &str| orders().map(|orders| orders.of(currency).total).sum::<i64>();
    currencies.sort_unstable_by_key(|currency| (std::cmp::Reverse(many(currency)), *currency));
    currencies.dedup();
    let figure = |values: [Option<f64>; 2]| Figure::new(Metric::Revenue, Unit::Micros, values[0], values[1]);
    if currencies.is_empty() {
        return vec![figure([None, None])];
    }
    let values = |currency: &str| [now, before].map(|measured| measured.revenue(currency));
    let figures = currencies.into_iter();
    figures
        .map(|currency| figure(values(currency)).of(currency))
        .collect()
}
