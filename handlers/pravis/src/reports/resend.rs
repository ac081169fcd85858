//! Sends a report once more to those for whom it was given up.

use super::message::Message;
use super::place::{self, Unfinished};
use super::{ReportError, unfinished};
use crate::app::App;
use domain::time::truncated;
use std::time::Duration;
use store::Store;
use uuid::Uuid;

/// Begins the dead deliveries of a report anew, and gives how many there were; none where there is no such report. The running
/// program then sends them, under the ids that they have. Whoever got the report does not get it again, and a second call
/// finds nothing dead, but sees to the messages that a first one may not have sent.
pub async fn resend(app: &App, store: &dyn Store, report: Uuid) -> Result<Option<u64>, ReportError> {
    let storage = app.storage().await?;
    if store.get_report(report).await?.is_none() {
        return Ok(None);
    }
    // Whoever is killed from here on leaves a mark that the next timer finds.
    place::note_unfinished(&*storage, report, Unfinished { deliver: true }).await?;
    let revived = store.revive_deliveries(report, truncated(app.now())).await?;
    let open = unfinished::open(store, report).await?;
    if open.is_empty() {
        place::note_finished(&*storage, report).await?;
    }
    // What was tried has a message of its own.
    for delivery in open.iter().filter(|delivery| delivery.attempts == 0) {
        let message = Message::new(report, delivery.id);
        unfinished::send(app, &*storage, &message, Duration::ZERO).await?;
    }
    Ok(Some(revived))
}
