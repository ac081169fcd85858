//! Forgetting what is old.

use super::TriggerError;
use crate::app::App;
use crate::host::answer::Answer;
use crate::host::envelope::Invocation;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

/// For how long comments are refined that somebody left.
const REFINING: Duration = Duration::from_secs(2 * 60);

/// Removes turns and client events that are older than the settings say; without those it keeps everything. Before, where
/// comments are refined, those that were left are. Without any of these settings it touches nothing.
pub(super) async fn timer_retention(app: App, invocation: Invocation) -> Result<Answer, TriggerError> {
    invocation.timer("timer")?;
    let calls = app.refiner().catch_up(&app, Instant::now() + REFINING).await;
    tracing::debug!(calls, "refined comments that were left");
    let days = app.config().retention;
    if days.interactions.is_none() && days.events.is_none() {
        return Ok(Answer::done().log("PRAVIS_RETENTION_DAYS is not set: everything is kept"));
    }
    let store = app.store().await.map_err(|error| error.to_string())?;
    let store = store.patient().unwrap_or(store);
    let mut answer = Answer::done();
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

fn cutoff(now: Timestamp, days: u16) -> Result<Timestamp, jiff::Error> {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
}
