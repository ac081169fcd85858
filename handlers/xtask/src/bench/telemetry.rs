//! What telemetry costs: single turns with it and without, one server after the other, on fresh data each.

use std::net::SocketAddr;
use std::process::Command;

use super::load::{self, Load};
use super::process::{Server, pravis};
use super::report::Bound::AtLeast;
use super::report::Row;
use super::report::Unit::{PerSecond, Ratio};
use super::workload::Turns;
use super::{Bench, api::Api};
use crate::Outcome;

/// How often each is measured; in turns, so that the machine's moods meet both.
const ROUNDS: u64 = 3;

/// Measures with the default sampling, to an endpoint that takes everything and looks at nothing.
pub(super) fn measure(bench: &Bench) -> Outcome<Vec<Row>> {
    let sink = Server::start(
        Command::new(std::env::current_exe()?).arg("raw-server"),
        &bench.runtime,
    )?;
    let (mut off, mut on) = (Vec::new(), Vec::new());
    let mut fault = None;
    for round in 0..ROUNDS {
        for (endpoint, rates) in [(None, &mut off), (Some(sink.address), &mut on)] {
            bench.say(&format!(
                "single turns, telemetry {}",
                if endpoint.is_some() { "on" } else { "off" }
            ));
            let load = singles(bench, round, endpoint)?;
            rates.push(load.per_second);
            fault = fault.or(load.fault);
        }
    }
    sink.stop()?;
    let (off, on) = (median(off), median(on));
    Ok(vec![
        Row::new(
            "single POST, telemetry on, to off",
            Ratio,
            Some(AtLeast(0.85)),
            on / off,
        )
        .raw(format!("{} to {}", PerSecond.write(on), PerSecond.write(off)))
        .fault(fault),
    ])
}

fn singles(bench: &Bench, round: u64, endpoint: Option<SocketAddr>) -> Outcome<Load> {
    let data = bench.folder.join("telemetry");
    let mut command = pravis(&bench.binary, &data);
    if let Some(address) = endpoint {
        let key = "00000000-0000-0000-0000-000000000000";
        let connection = format!("InstrumentationKey={key};IngestionEndpoint=http://{address}/");
        command.env("APPLICATIONINSIGHTS_CONNECTION_STRING", connection);
    }
    let server = Server::start(command.arg("serve"), &bench.runtime)?;
    let api = Api::new(&bench.runtime, &server, bench.key(&server, &data)?);
    let sources = (0..64)
        .map(|seed| Turns::single(3_000 + 100 * round + seed, &api.key))
        .collect();
    let load = bench
        .runtime
        .block_on(load::run(api.address, sources, bench.scale.load(201)))?;
    server.stop()?;
    std::fs::remove_dir_all(&data)?;
    Ok(load)
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
