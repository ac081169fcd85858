//! What is measured on stores that are full already: start, idle memory, reads, numbers.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Bench;
use super::api::Api;
use super::latency::{Latencies, milliseconds};
use super::limits::Limits;
use super::memory::megabytes;
use super::process::{Server, output, pravis};
use super::report::Bound::AtMost;
use super::report::Row;
use super::report::Unit::{Megabytes, Milliseconds};
use super::report::thousands;
use super::{reads, stats};
use crate::Outcome;

/// The table's rows, and one row per filter.
pub(super) fn measure(bench: &Bench, limits: &Limits) -> Outcome<(Vec<Row>, Vec<Row>)> {
    let many = seed(bench, &bench.folder, "many", bench.scale.rows, 30)?;
    let few = seed(bench, &bench.folder, "few", bench.scale.few_rows, 30)?;
    // A key made now: a start that makes one would not be the start that is measured.
    let key = bench.new_key(&many)?;
    let few_key = bench.new_key(&few)?;

    bench.say("starting again and again");
    let mut rows = vec![starts(bench, &many, limits)?];
    let large = Server::start(pravis(&bench.binary, &many).arg("serve"), &bench.runtime)?;
    std::thread::sleep(bench.scale.rest);
    rows.push(idle(&large, limits));

    let small = Server::start(pravis(&bench.binary, &few).arg("serve"), &bench.runtime)?;
    let api = Api::new(&bench.runtime, &large, key);
    let (reads, details) = reads::measure(bench, &api, limits)?;
    rows.extend(reads);
    bench.say("numbers of 30 days");
    let few_api = Api::new(&bench.runtime, &small, few_key);
    rows.extend(stats::measure(bench, &api, &few_api, limits)?);
    if let Some(peak) = large.memory().peak {
        rows.push(Row::new(
            "memory under the reads above, peak",
            Megabytes,
            None,
            megabytes(peak),
        ));
    }
    small.stop()?;
    large.stop()?;
    Ok((rows, details))
}

/// A data folder below `folder`, with so many interactions in the last `days` days.
pub(super) fn seed(
    bench: &Bench,
    folder: &Path,
    name: &str,
    interactions: usize,
    days: u16,
) -> Outcome<PathBuf> {
    let number = thousands(interactions as u64);
    bench.say(&format!("seeding {number} interactions"));
    let data = folder.join(name);
    let start = Instant::now();
    let (count, days) = (interactions.to_string(), days.to_string());
    output(pravis(&bench.binary, &data).args(["seed", "--interactions", &count, "--days", &days]))?;
    bench.say(&format!(
        "seeded {number} in {:.1} s",
        start.elapsed().as_secs_f64()
    ));
    Ok(data)
}

fn starts(bench: &Bench, data: &Path, limits: &Limits) -> Outcome<Row> {
    let mut times = Vec::new();
    for _ in 0..bench.scale.starts {
        let server = Server::start(pravis(&bench.binary, data).arg("serve"), &bench.runtime)?;
        times.push(server.ready_after);
        server.stop()?;
        // Whatever it wrote on its way out must not slow the next one down.
        std::thread::sleep(Duration::from_millis(100));
    }
    let spread = Latencies::new(times).spread();
    let what = format!(
        "start to ready, {} rows, median",
        thousands(bench.scale.rows as u64)
    );
    Ok(Row::new(what, Milliseconds, Some(AtMost(100.0)), spread.p50)
        .spread(spread)
        .raw(format!(
            "axum {}",
            Milliseconds.write(milliseconds(limits.ready_after))
        )))
}

fn idle(server: &Server, limits: &Limits) -> Row {
    let raw = limits.idle.now.map_or_else(String::new, |now| {
        format!("axum {}", Megabytes.write(megabytes(now)))
    });
    Row {
        measured: server.memory().now.map(megabytes),
        ..Row::new("memory idle", Megabytes, Some(AtMost(40.0)), 0.0)
    }
    .raw(raw)
}
