//! Reads what a report says.

use super::judged::{Taste, judged};
use super::measure::{Source, interval};
use super::month::month;
use domain::reports::Period;
use domain::reports::content::{
    Content, Funnel, Groups, Measured, Opinions, Point, Quality, SCHEMA, Series, failures, headline,
    unpriced, zone_name,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{FunnelNumbers, Store, StoreError};

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
    let mut now = source.measured(period).await?;
    let mut before = source.measured(&previous).await?;
    let common = store.feedback_numbers(source.query(period.range)).await?.common;
    let failed = store.failures(source.compared(period, &previous)).await?;
    let funnel = funnel(
        &source,
        [period, &previous],
        [&mut now, &mut before],
        generated_at,
    )
    .await?;
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
        month: month(store, period, zone, generated_at).await?,
        opinions: Opinions::of(&now.feedback, common),
        errors: failures(failed),
        queries: source.queries(period.range).await?,
        funnel,
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

/// What the turns of a period and of the one before led to. A shop of which no event was told in either sends none: then
/// nothing is known of orders, which is not the same as that there were none.
async fn funnel(
    source: &Source<'_>,
    [period, previous]: [&Period; 2],
    [now, before]: [&mut Measured; 2],
    generated_at: Timestamp,
) -> Result<Option<Funnel>, StoreError> {
    // One after the other: both would credit the same events.
    let led_to = source.led_to(period.range).await?;
    let led_to_before = source.led_to(previous.range).await?;
    let ordered = |measured: &Measured| measured.orders.as_ref().is_some_and(|orders| orders.count() > 0);
    let told = [&led_to, &led_to_before].into_iter().any(leads_anywhere);
    if !told && !ordered(now) && !ordered(before) {
        now.forget_orders();
        before.forget_orders();
        return Ok(None);
    }
    let window = Funnel::WINDOW.length();
    let over = period.range.to.checked_add(window).unwrap_or(Timestamp::MAX);
    Ok(Some(Funnel::of(
        &led_to.total,
        &led_to_before.total,
        over <= generated_at,
    )))
}

fn leads_anywhere(numbers: &FunnelNumbers) -> bool {
    let total = &numbers.total;
    let steps = [total.viewed, total.carted, total.ordered];
    steps.iter().flatten().any(|turns| *turns > 0)
}
