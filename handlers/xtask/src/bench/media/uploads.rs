//! Five hundred photos at once, beside a shop that goes on: every page and every turn is as quick as before.

use std::cell::Cell;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;
use uuid::Uuid;

use super::super::Bench;
use super::super::api::Api;
use super::super::client::{self, Connection};
use super::super::latency::Latencies;
use super::super::load::Source;
use super::super::process::{Server, pravis};
use super::super::report::Bound::AtMost;
use super::super::report::Unit::{Milliseconds, PerSecond};
use super::super::report::{Row, thousands};
use super::super::workload::Turns;
use super::{content, declaration, files};
use crate::Outcome;

const UPLOADERS: usize = 8;
/// Each asks so often.
const VISITORS: u64 = 4;
const PAUSE: Duration = Duration::from_millis(20);
/// For all of them.
const READY_WITHIN: Duration = Duration::from_secs(600);

/// Sends them, and visits the shop until all are ready.
pub(super) fn measure(bench: &Bench) -> Outcome<Vec<Row>> {
    let count = bench.scale.uploads;
    bench.say(&format!("{count} photos at once"));
    let data = bench.folder.join("uploads");
    let server = Server::start(pravis(&bench.binary, &data).arg("serve"), &bench.runtime)?;
    let api = Api::new(&bench.runtime, &server, bench.key(&server, &data)?);
    let photo: Rc<[u8]> = files::photo(1_600, 1_200)?.into();
    let mut waiting = Vec::new();
    for number in 0..count {
        let id = Uuid::now_v7();
        let mut new = declaration(id, "product_photo", "image/jpeg", photo.len());
        new["product_id"] = format!("sku-{number}").into();
        api.post("/api/v1/media/uploads", &new)?;
        waiting.push(id);
    }
    let began = Instant::now();
    let visits = LocalSet::new().block_on(&bench.runtime, all(api.address, &api.key, &waiting, &photo))?;
    let took = began.elapsed();
    let lost = shortage(&api, count)?;
    server.stop()?;
    std::fs::remove_dir_all(&data)?;
    let spread = visits.times.spread();
    let photos = format!("{} photos of 2 megapixels at once", thousands(count as u64));
    Ok(vec![
        Row::new(
            format!("API during {photos}, p99"),
            Milliseconds,
            Some(AtMost(100.0)),
            spread.p99,
        )
        .spread(spread)
        .fault(visits.fault),
        Row::new(
            format!("… {photos}, until all are ready"),
            PerSecond,
            None,
            count as f64 / took.as_secs_f64(),
        )
        .fault(lost),
    ])
}

/// What the visitors met.
struct Visits {
    times: Latencies,
    fault: Option<String>,
}

async fn all(address: SocketAddr, key: &str, waiting: &[Uuid], photo: &Rc<[u8]>) -> Outcome<Visits> {
    let over = Rc::new(Cell::new(false));
    let visitors: Vec<_> = (0..VISITORS)
        .map(|seed| tokio::task::spawn_local(visit(address, key.to_owned(), seed, Rc::clone(&over))))
        .collect();
    let share = waiting.len().div_ceil(UPLOADERS).max(1);
    let uploaders: Vec<_> = waiting
        .chunks(share)
        .map(|part| {
            tokio::task::spawn_local(upload(address, key.to_owned(), part.to_vec(), Rc::clone(photo)))
        })
        .collect();
    for uploader in uploaders {
        uploader.await??;
    }
    none_waits(address, key).await?;
    over.set(true);
    let (mut times, mut fault) = (Vec::new(), None);
    for visitor in visitors {
        let (own, failed) = visitor.await??;
        times.extend(own);
        fault = fault.or(failed);
    }
    Ok(Visits {
        times: Latencies::new(times),
        fault,
    })
}

async fn upload(address: SocketAddr, key: String, ids: Vec<Uuid>, photo: Rc<[u8]>) -> std::io::Result<()> {
    let mut connection = Connection::open(address).await?;
    for id in ids {
        let request = client::put(&content(id), &key, "image/jpeg", &photo);
        let answer = connection.send(&request).await?;
        if answer.status != 202 {
            let told = String::from_utf8_lossy(answer.body).into_owned();
            return Err(std::io::Error::other(format!("{}: {told}", answer.status)));
        }
    }
    Ok(())
}

/// Writes a turn and reads the newest ones, in turns; an answer that takes longer than the pause delays only itself.
async fn visit(
    address: SocketAddr,
    key: String,
    seed: u64,
    over: Rc<Cell<bool>>,
) -> std::io::Result<(Vec<Duration>, Option<String>)> {
    let mut connection = Connection::open(address).await?;
    let mut turns = Turns::single(7_000 + seed, &key);
    let list = client::get("/api/v1/interactions?limit=20", &key);
    let (mut times, mut fault, mut writes) = (Vec::new(), None, false);
    while !over.get() {
        writes = !writes;
        let (request, expected) = if writes {
            (turns.next(), 201)
        } else {
            (&*list, 200)
        };
        let sent = Instant::now();
        let answer = connection.send(request).await?;
        times.push(sent.elapsed());
        if answer.status != expected {
            fault.get_or_insert_with(|| format!("an answer was {}", answer.status));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok((times, fault))
}

/// Waits until no upload is on its way.
async fn none_waits(address: SocketAddr, key: &str) -> Outcome<()> {
    let mut connection = Connection::open(address).await?;
    let began = Instant::now();
    for status in ["pending", "processing"] {
        let list = client::get(&format!("/api/v1/media?status={status}&limit=1"), key);
        loop {
            let answer: serde_json::Value = serde_json::from_slice(connection.send(&list).await?.body)?;
            if answer["items"].as_array().is_some_and(Vec::is_empty) {
                break;
            }
            if began.elapsed() > READY_WITHIN {
                return Err(format!("uploads were still {status} after {READY_WITHIN:?}").into());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    Ok(())
}

/// Whether all are ready, each once, with all its files.
fn shortage(api: &Api<'_>, count: usize) -> Outcome<Option<String>> {
    let (mut ready, mut cursor) = (HashSet::new(), String::new());
    loop {
        let page = api.get(&format!("/api/v1/media?status=ready&limit=100{cursor}"))?;
        for item in page["items"].as_array().into_iter().flatten() {
            let files = item["variants"].as_array().map_or(0, Vec::len);
            if files < 8 || !ready.insert(item["id"].to_string()) {
                return Ok(Some(format!(
                    "{} has {files} files, or is there twice",
                    item["id"]
                )));
            }
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", client::encode(next)),
            None => break,
        }
    }
    Ok((ready.len() != count).then(|| format!("{} of {count} are ready", ready.len())))
}
