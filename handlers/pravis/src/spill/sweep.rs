//! Finds spilled writes whose message was lost or given up, and stores them.

use super::container;
use super::record::{Record, arrival};
use super::replay::{ReplayError, Replayed, Wait, replay_and_tell};
use crate::app::App;
use blobs::{BlobError, BlobName};
use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::sync::Mutex;
use tokio::time::Instant;

/// Names that are listed at once.
const PAGE: usize = 100;
/// Writes that are stored at once.
const AT_ONCE: usize = 8;
/// Writes that are remembered for a second attempt.
const SECOND: usize = 10_000;

/// Which writes, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Sweep {
    /// Younger ones are left to their messages.
    pub least_age: SignedDuration,
    /// When to stop; the next sweep goes on.
    pub until: Option<Instant>,
}

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Writes that are stored.
    pub stored: u64,
    /// Writes that can never be stored and are kept, whole or in part.
    pub dead: u64,
    /// Writes that wait for others.
    pub waiting: u64,
    /// Writes that could not be looked after.
    pub failed: u64,
    /// Whether all were looked at: not when the store is away, or time is up.
    pub complete: bool,
    /// Age of the oldest write that still waits, in seconds.
    pub oldest_s: Option<i64>,
}

/// A write that waits.
#[derive(Debug, Clone, Serialize)]
pub struct Waiting {
    /// Its blob.
    pub blob: String,
    /// `turns`, `update`, `feedback` or `events`; none when it cannot be read.
    pub kind: Option<&'static str>,
    /// How many of them.
    pub items: usize,
    /// When it arrived.
    pub arrived_at: Option<Timestamp>,
}

/// Who is told what became of a write.
pub type Told<'t> = &'t (dyn Fn(&BlobName, &Result<Replayed, ReplayError>) + Sync);

/// Stores the writes that wait, oldest first, and tells of each.
pub async fn sweep(app: &App, sweep: Sweep, tell: Told<'_>) -> Result<Swept, BlobError> {
    let storage = app.storage().await?;
    let swept = Mutex::new(Swept::default());
    let note = |name: &BlobName, replayed: &Result<Replayed, ReplayError>| {
        if let Ok(mut swept) = swept.lock() {
            swept.count(replayed);
        }
        tell(name, replayed);
    };
    let done = |name: &BlobName, replayed: Replayed| note(name, &Ok(replayed));
    let in_time = || sweep.until.is_none_or(|until| Instant::now() < until);

    let (mut again, mut after) = (Vec::new(), None);
    let mut complete = loop {
        let page = container::page(&*storage, after.as_ref(), PAGE).await?;
        let Some(last) = page.last().cloned() else {
            break true;
        };
        after = Some(last);
        let due = |name: &BlobName| {
            let age = arrival(name).map(|at| app.now().duration_since(at));
            age.is_none_or(|age| age >= sweep.least_age)
        };
        let attempts = page.into_iter().filter(due).map(async |name| {
            let replayed = replay_and_tell(app, &name, false, &done).await;
            (name, replayed)
        });
        let mut attempts = futures::stream::iter(attempts).buffer_unordered(AT_ONCE);
        let mut away = false;
        while let Some((name, replayed)) = attempts.next().await {
            match &replayed {
                Ok(Replayed::Stored | Replayed::Gone | Replayed::Dead(_)) => {}
                // Its turn may be in a blob that comes after it.
                Ok(Replayed::Waits(Wait::Interaction | Wait::Predecessor)) if again.len() < SECOND => {
                    again.push(name);
                }
                waits_or_failed => {
                    away |= matches!(waits_or_failed, Ok(Replayed::Waits(Wait::Store | Wait::Storage)));
                    note(&name, &replayed);
                }
            }
        }
        if away || !in_time() {
            break false;
        }
    };
    for name in again {
        // All others were tried: what is missing now and has waited for a day is given up.
        let replayed = if complete && in_time() {
            replay_and_tell(app, &name, true, &done).await
        } else {
            complete = false;
            Ok(Replayed::Waits(Wait::Interaction))
        };
        if let Ok(Replayed::Waits(_)) | Err(_) = replayed {
            note(&name, &replayed);
        }
    }
    let mut swept = swept.into_inner().unwrap_or_default();
    let oldest = container::page(&*storage, None, 1).await?;
    let oldest = oldest.first().and_then(arrival);
    swept.oldest_s = oldest.map(|at| app.now().duration_since(at).as_secs());
    swept.complete = complete;
    Ok(swept)
}

impl Swept {
    fn count(&mut self, replayed: &Result<Replayed, ReplayError>) {
        let counter = match replayed {
            Ok(Replayed::Stored) => &mut self.stored,
            Ok(Replayed::Gone) => return,
            Ok(Replayed::Dead(_)) => &mut self.dead,
            Ok(Replayed::Waits(_)) => &mut self.waiting,
            Err(_) => &mut self.failed,
        };
        *counter += 1;
    }
}

/// Tells of each write that waits, oldest first, and changes nothing.
pub async fn look(app: &App, mut tell: impl FnMut(Waiting) + Send) -> Result<(), BlobError> {
    let storage = app.storage().await?;
    let mut after = None;
    loop {
        let page = container::page(&*storage, after.as_ref(), PAGE).await?;
        let Some(last) = page.last().cloned() else {
            return Ok(());
        };
        for name in page {
            let Some((bytes, _)) = container::read(&*storage, &name).await? else {
                continue;
            };
            let record = Record::decode(&bytes).ok();
            tell(Waiting {
                blob: name.to_string(),
                kind: record.as_ref().map(|record| record.write.kind()),
                items: record.as_ref().map_or(0, |record| record.write.ids().len()),
                arrived_at: record.map(|record| record.arrived_at).or(arrival(&name)),
            });
        }
        after = Some(last);
    }
}
