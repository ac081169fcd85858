//! Uploads: what a photo and a recording cost a core, and what the API notices of five hundred of them at once.

mod files;
mod uploads;
mod vips;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use super::Bench;
use super::api::Api;
use super::latency::milliseconds;
use super::memory::megabytes;
use super::process::{Server, pravis};
use super::report::Bound::{AtLeast, AtMost};
use super::report::Row;
use super::report::Unit::{Megabytes, Milliseconds, Ratio};
use crate::Outcome;

/// How often each file is worked on.
const ROUNDS: u32 = 5;
/// How long one may take.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// Length of the recording.
const MINUTES: u32 = 10;

/// Measures each on a server of its own, which has nothing else to do.
pub(super) fn measure(bench: &Bench) -> Outcome<Vec<Row>> {
    bench.say("a photo of 12 megapixels");
    let photo = files::photo(4_000, 3_000)?;
    let mut rows = photos(bench, &photo)?;
    bench.say("a recording of 10 minutes");
    rows.push(recordings(bench)?);
    rows.extend(uploads::measure(bench)?);
    Ok(rows)
}

fn photos(bench: &Bench, photo: &[u8]) -> Outcome<Vec<Row>> {
    let worked = work(bench, "product_photo", "image/jpeg", photo)?;
    let megabyte = photo.len() as f64 / 1e6;
    let mut rows = vec![
        Row::new(
            format!("12-megapixel JPEG ({megabyte:.1} MB) to all its variants, CPU"),
            Milliseconds,
            Some(AtMost(900.0)),
            milliseconds(worked.cpu),
        ),
        Row {
            measured: worked.peak,
            ..Row::new(
                "… peak memory of the program",
                Megabytes,
                Some(AtMost(200.0)),
                0.0,
            )
        },
    ];
    rows.push(match vips::measure(&bench.folder, photo, ROUNDS)? {
        Some(vips) => Row::new(
            "… libvips's time for the same set, to it",
            Ratio,
            Some(AtLeast(0.6)),
            vips.cpu.as_secs_f64() / worked.cpu.as_secs_f64(),
        )
        .raw(format!(
            "libvips {} CPU {}",
            vips.version,
            Milliseconds.write(milliseconds(vips.cpu))
        )),
        None => Row {
            measured: None,
            ..Row::new("… libvips is not here: python3 has no pyvips", Ratio, None, 0.0)
        },
    });
    Ok(rows)
}

fn recordings(bench: &Bench) -> Outcome<Row> {
    let length = Duration::from_secs(u64::from(MINUTES) * 60);
    let worked = work(bench, "voice_recording", "audio/mpeg", &files::recording(length))?;
    Ok(Row::new(
        format!("{MINUTES} min of voice (MP3, 44.1 kHz, mono), its length to the CPU time"),
        Ratio,
        Some(AtLeast(60.0)),
        length.as_secs_f64() / worked.cpu.as_secs_f64(),
    )
    .raw(format!("CPU {}", Milliseconds.write(milliseconds(worked.cpu)))))
}

struct Worked {
    /// Of the whole program, for one upload.
    cpu: Duration,
    /// In megabytes.
    peak: Option<f64>,
}

/// Sends the same file several times, each when the one before is ready.
fn work(bench: &Bench, kind: &str, content_type: &str, file: &[u8]) -> Outcome<Worked> {
    let data = bench.folder.join(kind);
    let server = Server::start(pravis(&bench.binary, &data).arg("serve"), &bench.runtime)?;
    let api = Api::new(&bench.runtime, &server, bench.key(&server, &data)?);
    let before = server.cpu()?;
    for _ in 0..ROUNDS {
        let id = send(&api, kind, content_type, file)?;
        let path = format!("/api/v1/media/{id}");
        let sent = Instant::now();
        while !is_ready(&api.get(&path)?)? {
            if sent.elapsed() > READY_WITHIN {
                return Err(format!("{kind} {id} was not ready within {READY_WITHIN:?}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let worked = Worked {
        cpu: (server.cpu()? - before) / ROUNDS,
        peak: server.memory().peak.map(megabytes),
    };
    server.stop()?;
    std::fs::remove_dir_all(&data)?;
    Ok(worked)
}

fn send(api: &Api<'_>, kind: &str, content_type: &str, file: &[u8]) -> Outcome<Uuid> {
    let id = Uuid::now_v7();
    api.post(
        "/api/v1/media/uploads",
        &declaration(id, kind, content_type, file.len()),
    )?;
    api.put(&content(id), content_type, file)?;
    Ok(id)
}

fn declaration(id: Uuid, kind: &str, content_type: &str, size: usize) -> Value {
    let mut new = json!({"id": id, "kind": kind, "name": "file", "content_type": content_type, "size": size});
    if kind == "product_photo" {
        new["product_id"] = json!("sku-1");
    }
    new
}

fn content(id: Uuid) -> String {
    format!("/api/v1/media/uploads/{id}/content")
}

/// Whether it is; an end that is another is an error.
fn is_ready(media: &Value) -> Outcome<bool> {
    match media["status"].as_str() {
        Some("ready") => Ok(true),
        Some("pending" | "processing") => Ok(false),
        _ => Err(format!("the upload came to another end: {media}").into()),
    }
}
