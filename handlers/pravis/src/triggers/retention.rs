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

/// Removes turns that are older than `PRAVIS_RETENTION_DAYS`; without that setting it keeps everything. Before, where comments
/// are refined, those that were left are. Without either setting it touches nothing.
pub(super) async fn timer_retention(app: App, invocation: Invocation) -> Result<Answer, TriggerError> {
    invocation.timer("timer")?;
    let calls = app.refiner().catch_up(&app, Instant::now() + REFINING).await;
    tracing::debug!(calls, "refined comments that were left");
    let Some(days) = app.config().retention_days else {
        return Ok(Answer::done().log("PRAVIS_RETENTION_DAYS is not set: everything is kept"));
    };
    let cutoff = cutoff(app.now(), days)?;
    let store = app.store().await.map_err(|error| error.to_string())?;
    let store = store.patient().unwrap_or(store);
    let removed = store.remove_interactions_before(cutoff).await?;
    tracing::info!(%cutoff, interactions = removed.interactions, feedback = removed.feedback, "retention");
    let (turns, feedback) = (removed.interactions, removed.feedback);
    Ok(Answer::done().log(format!(
        "removed {turns} turns from before {cutoff}, with {feedback} feedbacks"
    )))
}

fn cutoff(now: Timestamp, days: u16) -> Result<Timestamp, jiff::Error> {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
}
