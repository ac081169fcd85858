//! Forgetting what is old.

use super::TriggerError;
use crate::app::App;
use crate::delivery::remove::remove;
use crate::host::answer::Answer;
use crate::host::envelope::Invocation;
use blobs::{BlobName, Container};
use domain::media::{Kind, Media, MediaFilter, Status};
use domain::page::{PageRequest, Positioned};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use store::Store;
use tokio::time::Instant;

/// For how long comments are refined that somebody left.
const REFINING: Duration = Duration::from_secs(2 * 60);
/// How long a declared upload waits for its bytes.
const PENDING: SignedDuration = SignedDuration::from_hours(24);

/// Removes turns, client events and recordings that are older than the settings say, and uploads that were declared more than a day
/// ago and never sent; without a setting it keeps what that is for. Before, where comments are refined, those that were left are.
pub(super) async fn timer_retention(app: App, invocation: Invocation) -> Result<Answer, TriggerError> {
    invocation.timer("timer")?;
    let calls = app.refiner().catch_up(&app, Instant::now() + REFINING).await;
    tracing::debug!(calls, "refined comments that were left");
    let days = app.config().retention;
    let store = app.store().await.map_err(|error| error.to_string())?;
    let store = store.patient().unwrap_or(store);
    let uploads = remove_unsent(&app, &*store).await?;
    let recordings = remove_recordings(&app, &*store).await?;
    let mut answer = Answer::done().log(format!(
        "removed {uploads} uploads that were never sent, and {recordings} recordings"
    ));
    if days.interactions.is_none() && days.events.is_none() {
        answer = answer.log("PRAVIS_RETENTION_DAYS is not set: every turn is kept");
    }
    if let Some(days) = days.interactions {
        let cutoff = cutoff(app.now(), days)?;
        let removed = store.remove_interactions_before(cutoff).await?;
        let (turns, feedback) = (removed.interactions, removed.feedback);
        tracing::info!(%cutoff, interactions = turns, feedback, "retention");
        answer = answer.log(format!(
            "removed {turns} turns from before {cutoff}, with {feedback} feedbacks"
        ));
    }
    if let Some(days) = days.events {
        let cutoff = cutoff(app.now(), days)?;
        let events = store.remove_events_before(cutoff).await?;
        tracing::info!(%cutoff, events, "retention of events");
        answer = answer.log(format!("removed {events} client events from before {cutoff}"));
    }
    Ok(answer)
}

/// Removes recordings that are too old, with their blobs.
async fn remove_recordings(app: &App, store: &dyn Store) -> Result<usize, TriggerError> {
    let Some(days) = app.config().retention.voice else {
        return Ok(0);
    };
    let old = MediaFilter {
        kind: Some(Kind::VoiceRecording),
        to: Some(cutoff(app.now(), days)?),
        ..MediaFilter::default()
    };
    remove_all(app, store, old).await
}

/// Removes declarations whose bytes never came.
async fn remove_unsent(app: &App, store: &dyn Store) -> Result<usize, TriggerError> {
    let old = MediaFilter {
        status: Some(Status::Pending),
        to: Some(app.now().checked_sub(PENDING)?),
        ..MediaFilter::default()
    };
    remove_all(app, store, old).await
}

/// Removes uploads that pass the filter, with their blobs; tells how many.
async fn remove_all(app: &App, store: &dyn Store, filter: MediaFilter) -> Result<usize, TriggerError> {
    let (mut removed, mut page) = (0, PageRequest::default());
    loop {
        let mut some = store.list_media(filter.clone(), page.clone()).await?;
        let more = some.len() > page.limit;
        some.truncate(page.limit);
        page.after = some.last().map(Positioned::position);
        for media in some {
            if waits(app, &media).await? {
                tracing::error!(target: "pravis::alert", event = "media_untaken", media = %media.id, "an upload came long ago and nobody took it in");
            } else {
                remove(app, store, media).await?;
                removed += 1;
            }
        }
        if !more {
            return Ok(removed);
        }
    }
}

/// Whether the bytes came and nobody looked at them: something else went wrong, and they are not to be lost by it.
async fn waits(app: &App, media: &Media) -> Result<bool, TriggerError> {
    if media.status != Status::Pending {
        return Ok(false);
    }
    let name = BlobName::new(media.incoming.as_str())?;
    let storage = app.storage().await?;
    Ok(storage.head(Container::Incoming, &name).await?.is_some())
}

fn cutoff(now: Timestamp, days: u16) -> Result<Timestamp, jiff::Error> {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
}
