//! Client events, as many browsers send them: batches of 50 over a few connections.

use std::fmt::Write as _;

use jiff::{Timestamp, ToSpan};

use super::client::post_head;
use super::load::{self, Source};
use super::process::{Server, pravis};
use super::random::Random;
use super::report::Bound::AtLeast;
use super::report::Row;
use super::report::Unit::PerSecond;
use super::{Bench, api::Api, raw};
use crate::Outcome;

const BATCH: usize = 50;
const CONNECTIONS: u64 = 4;
/// Of ten events as they come in a shop, two lead to products and one into a cart.
const TYPES: [&str; 10] = [
    "page_view",
    "page_view",
    "page_view",
    "click",
    "click",
    "search",
    "assistant_open",
    "product_view",
    "product_view",
    "add_to_cart",
];

/// Loads an empty store with events, then checks that all that was acknowledged is there.
pub(super) fn measure(bench: &Bench) -> Outcome<Vec<Row>> {
    let data = bench.folder.join("events");
    let mut serve = pravis(&bench.binary, &data);
    serve.arg("serve").env("PRAVIS_EVENTS_PER_DAY", "0");
    let server = Server::start(&mut serve, &bench.runtime)?;
    let api = Api::new(&bench.runtime, &server, bench.key(&server, &data)?);
    bench.say("events in batches of 50, 4 connections");
    let sources = (0..CONNECTIONS).map(|seed| Events::new(3_000 + seed, &api.key));
    let load = load::run(api.address, sources.collect(), bench.scale.load(201));
    let load = bench.runtime.block_on(load)?;
    server.stop()?;
    let (acknowledged, stored) = (
        load.answered * BATCH,
        raw::count_of(&data.join("pravis.db"), "events")?,
    );
    std::fs::remove_dir_all(&data)?;
    let lost =
        (stored < acknowledged).then(|| format!("{acknowledged} were acknowledged, {stored} are stored"));
    let row = Row::new(
        "events in batches of 50, 4 connections, durable",
        PerSecond,
        Some(AtLeast(40_000.0)),
        load.per_second * BATCH as f64,
    );
    Ok(vec![
        row.spread(load.latencies.spread()).fault(load.fault.or(lost)),
    ])
}

/// An endless source of new batches.
struct Events {
    random: Random,
    key: String,
    body: String,
    request: Vec<u8>,
}

impl Events {
    fn new(seed: u64, key: &str) -> Self {
        Self {
            random: Random::new(seed),
            key: key.to_owned(),
            body: String::new(),
            request: Vec::new(),
        }
    }

    /// A dozen events of a visit each.
    fn push(&mut self, session: uuid::Uuid, at: Timestamp) {
        let (id, kind) = (self.random.time_ordered_id(), *self.random.pick(&TYPES));
        let product = self.random.below(20_000);
        let _ = write!(
            self.body,
            r#"{{"id":"{id}","type":"{kind}","occurred_at":"{at:.3}","session_id":"{session}","page":"/collections/summer","product_id":"sku-{product:05}","properties":{{"position":{}}}}}"#,
            product % 40
        );
    }
}

impl Source for Events {
    fn next(&mut self) -> &[u8] {
        self.body.clear();
        self.body.push_str("{\"items\":[");
        let mut session = self.random.id();
        let now = Timestamp::now();
        for index in 0..BATCH {
            if index > 0 {
                self.body.push(',');
            }
            if index % 12 == 11 {
                session = self.random.id();
            }
            let age = self.random.below(5_000) as i64;
            self.push(session, now - age.milliseconds());
        }
        self.body.push_str("]}");
        self.request = post_head("/api/v1/events", &self.key, self.body.len());
        self.request.extend_from_slice(self.body.as_bytes());
        &self.request
    }
}
