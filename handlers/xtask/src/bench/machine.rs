//! What the figures were measured on. A figure without its machine says nothing.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::latency::{Latencies, Spread};
use crate::Outcome;

/// The machine, and how the run used it.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    pub(super) cores: usize,
    pub(super) processor: String,
    /// Time to make 4 KiB durable: no commit can be quicker.
    pub(super) sync_ms: Spread,
}

impl Machine {
    /// Looks at the machine, and at the disk below `folder`.
    pub(super) fn look(folder: &Path) -> Outcome<Self> {
        let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        Ok(Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: model_name(&cpus).unwrap_or("unknown processor").to_owned(),
            sync_ms: sync_times(folder)?.spread(),
        })
    }

    /// The lines above the table.
    pub(super) fn describe(&self) -> String {
        let Spread { p50, p95, p99 } = self.sync_ms;
        format!(
            "{} cores ({}), shared by server and client.\n\
             Disk: 4 KiB written and synced in {p50:.2} / {p95:.2} / {p99:.2} ms (p50 / p95 / p99).",
            self.cores, self.processor
        )
    }
}

fn model_name(cpus: &str) -> Option<&str> {
    let line = cpus.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim())
}

fn sync_times(folder: &Path) -> Outcome<Latencies> {
    const SYNCS: usize = 200;
    let path = folder.join("sync");
    let mut file = File::create(&path)?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let start = Instant::now();
        file.write_all(&[7; 4_096])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    std::fs::remove_file(path)?;
    Ok(Latencies::new(times))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_has_a_name() {
        assert_eq!(
            model_name("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n"),
            Some("Some CPU @ 2 GHz")
        );
        assert_eq!(model_name(""), None);
    }
}
