//! What the bare axum server reaches with the same client: the limits of machine, loopback and client together.

use std::process::Command;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::api::Api;
use super::latency::Spread;
use super::load::{self, Plan};
use super::memory::Memory;
use super::process::Server;
use super::scale::Scale;
use super::workload::Turns;
use crate::Outcome;

/// The bare server's figures.
pub(super) struct Limits {
    /// Turns in batches of 100 over 4 connections, per second: received, not even parsed.
    pub(super) batched_turns: f64,
    /// Single turns over 64 connections, per second.
    pub(super) single_turns: f64,
    pub(super) single_spread: Spread,
    /// One GET at a time.
    pub(super) get: Spread,
    pub(super) ready_after: Duration,
    pub(super) idle: Memory,
    pub(super) loaded: Memory,
}

/// Measures them on this program itself, started as `raw-server`.
pub(super) fn measure(runtime: &Runtime, scale: &Scale) -> Outcome<Limits> {
    let server = Server::start(Command::new(std::env::current_exe()?).arg("raw-server"), runtime)?;
    let (address, ready_after, idle) = (server.address, server.ready_after, server.memory());

    let api = Api::new(runtime, &server, String::new());
    let get = api.measure(&["/api/v1/interactions".to_owned()], scale.one_by_one(200))?;
    let plan = Plan {
        duration: scale.load.min(Duration::from_secs(5)),
        ..scale.load(201)
    };
    let batches = (0..4).map(|seed| Turns::batches(seed, "", 100)).collect();
    let batches = runtime.block_on(load::run(address, batches, plan))?;
    let singles = (0..64).map(|seed| Turns::single(seed, "")).collect();
    let singles = runtime.block_on(load::run(address, singles, plan))?;
    let loaded = server.memory();
    server.stop()?;
    for load in [&get, &batches, &singles] {
        if let Some(fault) = &load.fault {
            return Err(format!("raw server: {fault}").into());
        }
    }
    Ok(Limits {
        batched_turns: batches.per_second * 100.0,
        single_turns: singles.per_second,
        single_spread: singles.latencies.spread(),
        get: get.latencies.spread(),
        ready_after,
        idle,
        loaded,
    })
}
