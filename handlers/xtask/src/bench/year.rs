//! The owner's questions over a year, on ten million interactions and on a hundred times fewer: what they cost must not depend
//! on how much there is to count.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use super::Bench;
use super::api::Api;
use super::latency::milliseconds;
use super::load::{self, Plan};
use super::memory::megabytes;
use super::process::{Server, pravis};
use super::reads::worst;
use super::report::Bound::AtMost;
use super::report::Unit::{Megabytes, Milliseconds, Ratio};
use super::report::{Row, thousands};
use super::seeded::seed;
use super::workload::Turns;
use crate::Outcome;

const DAYS: u16 = 365;
/// Turns of one batch of a rush.
const BATCH: usize = 500;

/// Questions that are read from days of the shop's zone, which is UTC here.
const IN_SHOP_ZONE: &[&str] = &[
    "interactions?days=365",
    "interactions?days=365&type=chat&channel=web",
    "timeseries?metric=interactions&interval=day&days=365",
    "timeseries?metric=p95_ms&interval=day&group_by=model&days=365",
    "timeseries?metric=cost&interval=week&group_by=type&days=365",
    "timeseries?metric=success_rate&interval=month&group_by=prompt_version&days=365",
    "timeseries?metric=active_users&interval=day&days=365",
    "timeseries?metric=rating&interval=week&group_by=model&days=365",
    "costs?days=365",
    "usage?days=365",
];
/// The same in zones whose days are made of whole hours, and of quarters of an hour.
const ELSEWHERE: &[&str] = &[
    "interactions?days=365&tz=America/New_York",
    "interactions?days=365&tz=Asia/Kathmandu",
    "timeseries?metric=p95_ms&interval=day&group_by=model&days=365&tz=America/New_York",
    "timeseries?metric=p95_ms&interval=day&group_by=model&days=365&tz=Asia/Kathmandu",
    "timeseries?metric=interactions&interval=day&days=365&tz=Asia/Kolkata",
    "costs?days=365&tz=America/New_York",
];
const FUNNEL_AND_RETENTION: &[&str] = &[
    "funnel?days=90",
    "funnel?days=90&touch=first&group_by=model",
    "usage?days=90",
];

/// The table's rows, and one row per question.
pub(super) fn measure(bench: &Bench) -> Outcome<(Vec<Row>, Vec<Row>)> {
    let large = seeded_year(bench, "year", bench.scale.year)?;
    let small = seeded_year(bench, "small-year", bench.scale.small_year)?;
    let (large_key, small_key) = (bench.new_key(&large)?, bench.new_key(&small)?);
    let report = weekly_report(bench, &large, &large_key)?;
    let large = Server::start(pravis(&bench.binary, &large).arg("serve"), &bench.runtime)?;
    let small = Server::start(pravis(&bench.binary, &small).arg("serve"), &bench.runtime)?;
    let api = Api::new(&bench.runtime, &large, large_key);
    let few = Api::new(&bench.runtime, &small, small_key);

    bench.say("questions over a year");
    let shop = each(bench, &api, IN_SHOP_ZONE, 50.0)?;
    let growth = growth(&shop, &each(bench, &few, IN_SHOP_ZONE, 50.0)?);
    let elsewhere = each(bench, &api, ELSEWHERE, 250.0)?;
    let funnel = each(bench, &api, FUNNEL_AND_RETENTION, 500.0)?;
    // A folder that was kept may hold another number than this run would make.
    let (many, less) = (turns(&api)?, turns(&few)?);
    let mut table = vec![
        worst(&format!("year of {many} turns, shop's zone"), &shop),
        worst(&format!("… to the same at {less}"), &growth),
        worst("… in other zones", &elsewhere),
        worst("funnel and retention, 90 days", &funnel),
        rush(bench, &api)?,
    ];
    table.extend(report);
    small.stop()?;
    large.stop()?;
    Ok((table, [shop, growth, elsewhere, funnel].concat()))
}

/// How many turns the year holds.
fn turns(api: &Api<'_>) -> Outcome<String> {
    let year = api.get(&format!("/api/v1/analytics/interactions?days={DAYS}"))?;
    Ok(thousands(year["total"].as_u64().unwrap_or_default()))
}

/// A data folder of a year; one that a former run left where `--year` says is used again.
fn seeded_year(bench: &Bench, name: &str, interactions: usize) -> Outcome<PathBuf> {
    match &bench.year {
        Some(kept) if kept.join(name).exists() => Ok(kept.join(name)),
        Some(kept) => seed(bench, kept, name, interactions, DAYS),
        None => seed(bench, &bench.folder, name, interactions, DAYS),
    }
}

fn each(bench: &Bench, api: &Api<'_>, questions: &[&str], most: f64) -> Outcome<Vec<Row>> {
    questions
        .iter()
        .map(|question| {
            let path = format!("/api/v1/analytics/{question}");
            let row = Row::new(*question, Milliseconds, Some(AtMost(most)), 0.0);
            // The first answer brings the rollups up to date, and an operation that is refused must not stop the others.
            if let Err(fault) = api.get(&path) {
                return Ok(Row {
                    measured: None,
                    ..row
                }
                .fault(Some(fault.to_string())));
            }
            let plan = Plan {
                requests: bench.scale.requests.min(100),
                ..bench.scale.one_by_one(200)
            };
            let load = api.measure(&[path], plan)?;
            let spread = load.latencies.spread();
            let measured = Some(spread.p95);
            Ok(Row { measured, ..row }.spread(spread).fault(load.fault))
        })
        .collect()
}

/// How much slower each question is on the large database.
fn growth(large: &[Row], small: &[Row]) -> Vec<Row> {
    let ratio = |large: Option<f64>, small: Option<f64>| Some(large? / small?);
    large
        .iter()
        .zip(small)
        .map(|(large, small)| Row {
            measured: ratio(large.measured, small.measured),
            ..Row::new(format!("growth of {}", large.what), Ratio, Some(AtMost(1.5)), 0.0)
                .fault(large.fault.clone().or(small.fault.clone()))
        })
        .collect()
}

/// The first read after many turns that began within one quarter of an hour.
fn rush(bench: &Bench, api: &Api<'_>) -> Outcome<Row> {
    bench.say("a rush of turns");
    let plan = Plan {
        warm_up: Duration::ZERO,
        duration: Duration::from_secs(120),
        requests: bench.scale.rush / BATCH,
        expected: 201,
    };
    let source = Turns::batches(3_000, &api.key, BATCH);
    let load = bench
        .runtime
        .block_on(load::run(api.address, vec![source], plan))?;
    let start = Instant::now();
    let answered = api.get("/api/v1/analytics/interactions?days=1");
    let first = milliseconds(start.elapsed());
    let what = format!(
        "first read after {} turns",
        thousands((load.answered * BATCH) as u64)
    );
    Ok(Row::new(what, Milliseconds, Some(AtMost(300.0)), first)
        .fault(load.fault.or(answered.err().map(|fault| fault.to_string()))))
}

/// A weekly report made by a program that was just started: how long it takes, and what memory.
fn weekly_report(bench: &Bench, data: &Path, key: &str) -> Outcome<[Row; 2]> {
    bench.say("a weekly report");
    let server = Server::start(pravis(&bench.binary, data).arg("serve"), &bench.runtime)?;
    let api = Api::new(&bench.runtime, &server, key.to_owned());
    let start = Instant::now();
    let made = api.post("/api/v1/reports", &json!({"kind": "weekly"}));
    let took = milliseconds(start.elapsed());
    let peak = server.memory().peak.map(megabytes);
    server.stop()?;
    let fault = match &made {
        Ok(report) if report["status"] == "ready" => None,
        Ok(report) => Some(format!("not ready: {report}")),
        Err(fault) => Some(fault.to_string()),
    };
    Ok([
        Row::new("weekly report", Milliseconds, Some(AtMost(5_000.0)), took).fault(fault),
        Row {
            measured: peak,
            ..Row::new(
                "… memory of the program, peak",
                Megabytes,
                Some(AtMost(150.0)),
                0.0,
            )
        },
    ])
}
