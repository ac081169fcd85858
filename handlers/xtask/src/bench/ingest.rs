//! Writing: batches and single turns, and the memory that takes.

use std::path::Path;

use super::latency::Spread;
use super::load::{self, Load, Source};
use super::memory::megabytes;
use super::process::{Server, pravis};
use super::raw;
use super::report::Bound::{AtLeast, AtMost};
use super::report::Row;
use super::report::Unit::{Megabytes, Milliseconds, PerSecond, Ratio};
use super::workload::Turns;
use super::{Bench, api::Api, limits::Limits, report};
use crate::Outcome;

const BATCH: usize = 100;

/// Loads an empty store with both, then checks that all that was acknowledged is there.
pub(super) fn measure(bench: &Bench, limits: &Limits) -> Outcome<Vec<Row>> {
    let data = bench.folder.join("ingest");
    let server = Server::start(pravis(&bench.binary, &data).arg("serve"), &bench.runtime)?;
    let api = Api::new(&bench.runtime, &server, bench.key(&server, &data)?);

    bench.say("batches of 100, 4 connections");
    let sources = (0..4)
        .map(|seed| Turns::batches(1_000 + seed, &api.key, BATCH))
        .collect();
    let batches = press(bench, &api, sources)?;
    bench.say("single turns, 64 connections");
    let sources = (0..64)
        .map(|seed| Turns::single(2_000 + seed, &api.key))
        .collect();
    let singles = press(bench, &api, sources)?;
    let memory = server.memory();
    server.stop()?;

    let database = data.join("pravis.db");
    let lost = lost(&database, batches.answered * BATCH + singles.answered)?;
    bench.say("plain SQLite inserts the same rows");
    let raw = raw::insert(&database, &bench.folder, bench.scale.raw_rows)?;
    std::fs::remove_dir_all(&data)?;

    let turns = batches.per_second * BATCH as f64;
    let raw_text = format!(
        "SQLite {}, {} to a transaction",
        PerSecond.write(raw.rows_per_second),
        raw.transaction
    );
    let axum = |figure: f64| format!("axum {}", PerSecond.write(figure));
    let Spread { p99, .. } = singles.latencies.spread();
    Ok(vec![
        Row::new(
            "batch of 100, 4 connections, durable",
            PerSecond,
            Some(AtLeast(30_000.0)),
            turns,
        )
        .spread(batches.latencies.spread())
        .raw(axum(limits.batched_turns))
        .fault(batches.fault.or(lost)),
        Row::new(
            "… to plain SQLite, same rows and indexes",
            Ratio,
            Some(AtLeast(0.5)),
            turns / raw.rows_per_second,
        )
        .raw(raw_text),
        Row::new(
            "single POST, 64 connections, durable",
            PerSecond,
            Some(AtLeast(8_000.0)),
            singles.per_second,
        )
        .spread(singles.latencies.spread())
        .raw(axum(limits.single_turns))
        .fault(singles.fault),
        Row::new("… its p99", Milliseconds, Some(AtMost(20.0)), p99)
            .raw(format!("axum {}", Milliseconds.write(limits.single_spread.p99))),
        Row {
            measured: memory.peak.map(megabytes),
            ..Row::new(
                "memory under the loads above, peak",
                Megabytes,
                Some(AtMost(200.0)),
                0.0,
            )
        }
        .raw(limits.loaded.peak.map_or_else(String::new, |peak| {
            format!("axum {}", Megabytes.write(megabytes(peak)))
        })),
    ])
}

fn press<S: Source>(bench: &Bench, api: &Api<'_>, sources: Vec<S>) -> Outcome<Load> {
    bench
        .runtime
        .block_on(load::run(api.address, sources, bench.scale.load(201)))
}

/// Durable means that it is there afterwards; more than was acknowledged may be, less may not.
fn lost(database: &Path, acknowledged: usize) -> Outcome<Option<String>> {
    let stored = raw::count(database)?;
    let number = |count: usize| report::thousands(count as u64);
    Ok((stored < acknowledged).then(|| {
        format!(
            "{} were acknowledged, {} are stored",
            number(acknowledged),
            number(stored)
        )
    }))
}
