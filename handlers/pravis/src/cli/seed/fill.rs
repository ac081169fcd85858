//! From made-up turns to stored ones: one thread makes them, the store writes some units of work while others are made.

use super::warm::warm;
use crate::app::App;
use crate::cli::CommandError;
use crate::ingest::events::quota;
use domain::demo::{Demo, DemoTurn};
use domain::events::{Clock, Event};
use domain::feedback::Feedback;
use domain::interactions::Interaction;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::ProgressBar;
use std::sync::Arc;
use store::{EventQuota, Store, StoreError};
use tokio::sync::mpsc;
use uuid::Uuid;

/// Turns of one unit of work.
const BATCH: usize = 500;
/// Units of work that are being written: the next is ready when the store has committed one.
const WRITTEN_AT_ONCE: usize = 3;
/// Opinions that are written at once: enough for the store to commit them in groups.
const OPINIONS_AT_ONCE: usize = 64;

/// What was stored.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filled {
    pub(super) turns: u64,
    pub(super) feedback: u64,
    pub(super) events: u64,
}

/// One unit of work, what was said of its turns, and what shoppers did around them.
#[derive(Default)]
struct Batch {
    turns: Vec<Interaction>,
    feedback: Vec<Feedback>,
    events: Vec<Event>,
}

/// Stores the whole demonstration, and makes its rollups.
pub(super) async fn fill(
    app: &App,
    store: &Arc<dyn Store>,
    demo: &Demo,
    progress: &ProgressBar,
) -> Result<Filled, CommandError> {
    progress.set_message("turns");
    let quota = quota(app, Uuid::nil(), app.now());
    let quota = EventQuota { most: None, ..quota };
    // Begun in order, so that the same demonstration makes the same database.
    let written = batches(demo.clone())
        .map(|batch| written(store, batch, quota))
        .buffered(WRITTEN_AT_ONCE);
    let total = written.try_fold(Filled::default(), async |total, more| {
        progress.inc(more.turns);
        Ok(Filled {
            turns: total.turns + more.turns,
            feedback: total.feedback + more.feedback,
            events: total.events + more.events,
        })
    });
    let filled = total.await.map_err(CommandError::failed)?;
    progress.set_message("rollups");
    warm(app, store, demo.days).await?;
    Ok(filled)
}

/// The units of work, made ahead of the store on a thread of their own.
fn batches(demo: Demo) -> impl futures::Stream<Item = Batch> {
    let (made, waiting) = mpsc::channel(WRITTEN_AT_ONCE);
    tokio::task::spawn_blocking(move || {
        let mut turns = demo.turns();
        loop {
            let mut batch = Batch::default();
            turns.by_ref().take(BATCH).for_each(|turn| batch.push(turn));
            // It ends with the turns, or when nobody waits any more.
            if batch.turns.is_empty() || made.blocking_send(batch).is_err() {
                break;
            }
        }
    });
    stream::unfold(waiting, async |mut waiting| {
        Some((waiting.recv().await?, waiting))
    })
}

async fn written(store: &Arc<dyn Store>, batch: Batch, quota: EventQuota) -> Result<Filled, StoreError> {
    let filled = Filled {
        turns: batch.turns.len() as u64,
        feedback: batch.feedback.len() as u64,
        events: batch.events.len() as u64,
    };
    store.create_interactions(batch.turns).await?;
    store.create_events(batch.events, quota).await?;
    stream::iter(batch.feedback)
        .map(|opinion| store.create_feedback(opinion))
        .buffer_unordered(OPINIONS_AT_ONCE)
        .try_for_each(async |_| Ok(()))
        .await?;
    Ok(filled)
}

impl Batch {
    /// Adds the records, as if each had been stored when it happened.
    fn push(&mut self, made: DemoTurn) {
        let turn = made.interaction;
        let at = turn.started_at.unwrap_or(made.feedback_at);
        let id = turn.id.unwrap_or_default();
        self.turns.push(turn.into_interaction(id, at));
        self.feedback.extend(made.feedback.map(|opinion| {
            let id = opinion.id.unwrap_or_default();
            opinion.into_feedback(id, made.feedback_at)
        }));
        self.events.extend(made.events.into_iter().map(|event| {
            let clock = Clock::new(event.occurred_at.unwrap_or(at), None);
            let id = event.id.unwrap_or_default();
            event.into_event(id, &clock, Uuid::nil())
        }));
    }
}
