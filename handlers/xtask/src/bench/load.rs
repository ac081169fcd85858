//! The closed loop: each connection sends its next request when the answer to the last one is there.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::client::Connection;
use super::latency::Latencies;
use crate::Outcome;

/// What a connection sends next.
pub(super) trait Source: Send + 'static {
    /// The bytes of the next request.
    fn next(&mut self) -> &[u8];
}

/// The same requests, round and round.
pub(super) struct Cycle {
    requests: Vec<Vec<u8>>,
    at: usize,
}

impl Cycle {
    pub(super) fn new(requests: Vec<Vec<u8>>) -> Self {
        Self { requests, at: 0 }
    }
}

impl Source for Cycle {
    fn next(&mut self) -> &[u8] {
        self.at = (self.at + 1) % self.requests.len();
        &self.requests[self.at]
    }
}

/// When a load ends, and what answer it expects.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// Time before anything is measured.
    pub(super) warm_up: Duration,
    /// Time for which is measured.
    pub(super) duration: Duration,
    /// The most requests that each connection sends.
    pub(super) requests: usize,
    /// The status that counts as success.
    pub(super) expected: u16,
}

/// What came of a load.
#[derive(Debug)]
pub(super) struct Load {
    /// Requests that were answered as expected, those of the warm-up included.
    pub(super) answered: usize,
    /// Requests answered as expected per second, after the warm-up.
    pub(super) per_second: f64,
    pub(super) latencies: Latencies,
    /// The first answer that was not the expected one, and how many there were.
    pub(super) fault: Option<String>,
}

/// So many unexpected answers that the figures would mean nothing.
const ENOUGH_FAULTS: usize = 100;

/// Runs one connection for each source, on this thread alone: the other cores are the server's.
pub(super) async fn run<S: Source>(address: SocketAddr, sources: Vec<S>, plan: Plan) -> Outcome<Load> {
    let mut connections = JoinSet::new();
    let start = Instant::now();
    for source in sources {
        connections.spawn(drive(address, source, plan, start));
    }
    let mut times = Vec::new();
    let (mut answered, mut faults, mut first, mut last) = (0, 0, None, start + plan.warm_up);
    while let Some(driven) = connections.join_next().await {
        let driven = driven??;
        times.extend(driven.times);
        answered += driven.answered;
        faults += driven.faults;
        first = first.or(driven.first_fault);
        last = last.max(driven.ended);
    }
    let seconds = (last - start).saturating_sub(plan.warm_up).as_secs_f64();
    Ok(Load {
        answered,
        per_second: if seconds > 0.0 {
            times.len() as f64 / seconds
        } else {
            0.0
        },
        latencies: Latencies::new(times),
        fault: first.map(|first| format!("{faults} answers were not {}: {first}", plan.expected)),
    })
}

struct Driven {
    times: Vec<Duration>,
    answered: usize,
    faults: usize,
    first_fault: Option<String>,
    ended: Instant,
}

async fn drive<S: Source>(
    address: SocketAddr,
    mut source: S,
    plan: Plan,
    start: Instant,
) -> std::io::Result<Driven> {
    let mut connection = Connection::open(address).await?;
    let (measured_from, end) = (start + plan.warm_up, start + plan.warm_up + plan.duration);
    let mut driven = Driven {
        times: Vec::new(),
        answered: 0,
        faults: 0,
        first_fault: None,
        ended: start,
    };
    for _ in 0..plan.requests {
        let request = source.next();
        let sent = Instant::now();
        if sent >= end || driven.faults >= ENOUGH_FAULTS {
            break;
        }
        let answer = connection.send(request).await?;
        driven.ended = Instant::now();
        if answer.status == plan.expected {
            driven.answered += 1;
            // By its end, not its start: a request that is stuck from the warm-up on must not go missing.
            if driven.ended >= measured_from {
                driven.times.push(driven.ended - sent);
            }
        } else {
            driven.faults += 1;
            driven.first_fault.get_or_insert_with(|| {
                let text = String::from_utf8_lossy(answer.body);
                format!("{} {}", answer.status, text.chars().take(300).collect::<String>())
            });
        }
    }
    Ok(driven)
}

#[cfg(test)]
mod tests {
    use super::super::client::get;
    use super::super::raw_server;
    use super::super::workload::Turns;
    use super::*;

    fn plan(expected: u16) -> Plan {
        Plan {
            warm_up: Duration::ZERO,
            duration: Duration::from_secs(30),
            requests: 50,
            expected,
        }
    }

    #[test]
    fn every_connection_sends_its_requests_and_each_is_measured() {
        let address = raw_server::in_thread();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let sources = (0..4).map(|seed| Turns::batches(seed, "key", 100)).collect();
        let load = runtime.block_on(run(address, sources, plan(201))).unwrap();
        assert_eq!((load.answered, load.fault), (200, None));
        assert!(load.per_second > 0.0 && load.latencies.percentile(50.0) > Duration::ZERO);
    }

    #[test]
    fn an_unexpected_answer_is_told() {
        let address = raw_server::in_thread();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let source = Cycle::new(vec![
            get("/api/v1/interactions", "key"),
            get("/api/nowhere", "key"),
        ]);
        let load = runtime.block_on(run(address, vec![source], plan(200))).unwrap();
        assert_eq!(load.answered, 25);
        assert_eq!(load.fault.as_deref(), Some("25 answers were not 200: 404 "));
    }
}
