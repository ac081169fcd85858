//! The dashboard's numbers: what they cost must not depend on how much there is to count.

use std::time::{Duration, Instant};

use super::Bench;
use super::api::Api;
use super::latency::{Latencies, milliseconds};
use super::limits::Limits;
use super::load::{Load, Plan};
use super::report::Bound::AtMost;
use super::report::Unit::{Milliseconds, Ratio};
use super::report::{Row, thousands};
use crate::Outcome;

const PATH: &str = "/api/v1/analytics/interactions?days=30";
/// The two stores take turns, so that whatever else the machine does meets both.
const ROUNDS: usize = 10;

/// Measures on both stores, with the rollups warm.
pub(super) fn measure(bench: &Bench, many: &Api<'_>, few: &Api<'_>, limits: &Limits) -> Outcome<Vec<Row>> {
    let (first, fault) = warm_up(many, bench.scale.rows)?;
    let (_, few_fault) = warm_up(few, bench.scale.few_rows)?;
    let plan = Plan {
        requests: bench.scale.requests / ROUNDS,
        ..bench.scale.one_by_one(200)
    };
    let (mut large, mut small) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        large.push(many.measure(&[PATH.to_owned()], plan)?);
        small.push(few.measure(&[PATH.to_owned()], plan)?);
    }
    let (large, fault) = together(large, fault);
    let (small, few_fault) = together(small, few_fault);
    let (large, small) = (large.spread(), small.spread());

    let rows = |count: usize| format!("{} rows", thousands(count as u64));
    let what = format!("stats over 30 days, {}, p95", rows(bench.scale.rows));
    Ok(vec![
        Row::new(what, Milliseconds, Some(AtMost(10.0)), large.p95)
            .spread(large)
            .raw(format!("axum p95 {}", Milliseconds.write(limits.get.p95)))
            .fault(fault),
        Row::new(
            format!("… to the same at {}", rows(bench.scale.few_rows)),
            Ratio,
            Some(AtMost(1.3)),
            large.p95 / small.p95,
        )
        .spread(small)
        .fault(few_fault),
        Row::new(
            "… the first of all, rollups cold",
            Milliseconds,
            None,
            milliseconds(first),
        ),
    ])
}

/// The first answer makes the rollups; it also tells whether the days hold what was seeded.
fn warm_up(api: &Api<'_>, seeded: usize) -> Outcome<(Duration, Option<String>)> {
    let start = Instant::now();
    let answer = api.get(PATH)?;
    let first = start.elapsed();
    let total = answer["total"].as_u64().unwrap_or(0);
    // The oldest hours of what was seeded may lie before the first of the 30 calendar days.
    let enough = total >= (seeded as u64) / 10 * 9;
    Ok((
        first,
        (!enough).then(|| format!("counts {total} of {seeded} seeded interactions")),
    ))
}

fn together(loads: Vec<Load>, fault: Option<String>) -> (Latencies, Option<String>) {
    let fault = fault.or_else(|| loads.iter().find_map(|load| load.fault.clone()));
    (
        Latencies::merge(loads.into_iter().map(|load| load.latencies)),
        fault,
    )
}
