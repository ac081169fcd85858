//! What is left to do for reports: those whose process was killed, and deliveries that no message names.

use super::message::Message;
use super::{ReportError, make, place};
use crate::app::App;
use blobs::{BlobError, Queue, Storage};
use domain::page::PageRequest;
use domain::reports::{Delivery, DeliveryFilter, DeliveryState, Report, ReportStatus};
use domain::time::truncated;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use uuid::Uuid;

/// Reports that one run looks after.
const AT_ONCE: usize = 100;
/// Deliveries of a report: more than there can be readers.
const MOST: usize = 200;
/// How long a delivery may be overdue before its message counts as lost.
const LATE: SignedDuration = SignedDuration::from_mins(15);

/// Looks after all reports for which something is left to do. Touches the store only where there is one.
pub(super) async fn sweep(app: &App, storage: &dyn Storage) -> Result<(), ReportError> {
    for id in place::all_unfinished(storage, AT_ONCE).await? {
        let store = app
            .store()
            .await
            .map_err(|error| ReportError::NoStore(error.to_string()))?;
        let store = store.patient().unwrap_or(store);
        if let Err(error) = look_after(app, store, storage, id).await {
            tracing::warn!(%error, report = %id, "a report is not finished");
        }
    }
    Ok(())
}

async fn look_after(
    app: &App,
    store: Arc<dyn Store>,
    storage: &dyn Storage,
    id: Uuid,
) -> Result<(), ReportError> {
    let Some(report) = store.get_report(id).await? else {
        return Ok(place::note_finished(storage, id).await?);
    };
    match report.status {
        ReportStatus::Claimed => take_over(app, store, storage, report).await,
        ReportStatus::Ready => send_again(app, &*store, storage, id).await,
        // A scheduled one is tried again by its period.
        ReportStatus::Failed => Ok(place::note_finished(storage, id).await?),
    }
}

/// Makes a report that its process left behind.
async fn take_over(
    app: &App,
    store: Arc<dyn Store>,
    storage: &dyn Storage,
    report: Report,
) -> Result<(), ReportError> {
    let now = truncated(app.now());
    let Some(left) = place::unfinished(storage, report.id)
        .await?
        .filter(|_| report.claimed_until <= now)
    else {
        return Ok(());
    };
    let run = app.new_id();
    let claim = Report {
        created_at: now,
        claimed_by: run,
        claimed_until: now.saturating_add(make::LEASE).unwrap_or(now),
        ..report
    };
    let report = store.claim_report(claim).await?;
    if report.is_held_by(run) {
        make::make(app.clone(), store, report, run, left.deliver).await?;
    }
    Ok(())
}

/// Sends a message for each new delivery of a report that is ready.
pub(super) async fn send_out(
    app: &App,
    store: &dyn Store,
    storage: &dyn Storage,
    id: Uuid,
) -> Result<(), ReportError> {
    let open = open(store, id).await?;
    if open.is_empty() {
        return Ok(place::note_finished(storage, id).await?);
    }
    for delivery in open {
        send(app, storage, &Message::new(id, delivery.id), Duration::ZERO).await?;
    }
    Ok(())
}

/// Sends a message for each delivery of a report that is overdue; notes when all are settled.
async fn send_again(
    app: &App,
    store: &dyn Store,
    storage: &dyn Storage,
    id: Uuid,
) -> Result<(), ReportError> {
    let open = open(store, id).await?;
    if open.is_empty() {
        return Ok(place::note_finished(storage, id).await?);
    }
    for delivery in open.iter().filter(|delivery| is_late(delivery, app.now())) {
        send(app, storage, &Message::new(id, delivery.id), Duration::ZERO).await?;
    }
    Ok(())
}

/// Whether the message of a delivery must have been lost.
fn is_late(delivery: &Delivery, now: Timestamp) -> bool {
    let due = delivery.next_at.max(delivery.held_until);
    // What was never tried may be sent once too often: a second message does nothing.
    let grace = if delivery.state == DeliveryState::Queued && delivery.attempts == 0 {
        SignedDuration::ZERO
    } else {
        LATE
    };
    due.is_none_or(|due| now.duration_since(due) > grace)
}

/// Deliveries of a report that are neither sent nor given up.
pub(super) async fn open(store: &dyn Store, id: Uuid) -> Result<Vec<Delivery>, ReportError> {
    let filter = DeliveryFilter {
        report_id: Some(id),
        state: None,
    };
    let page = PageRequest {
        limit: MOST,
        after: None,
    };
    let mut deliveries = store.list_deliveries(filter, page).await?;
    deliveries.retain(|delivery| !delivery.state.is_settled());
    Ok(deliveries)
}

/// Sends a message that is to be seen after `delay`.
pub(super) async fn send(
    app: &App,
    storage: &dyn Storage,
    message: &Message,
    delay: Duration,
) -> Result<(), BlobError> {
    storage.send(Queue::Deliver, &message.to_bytes(), delay).await?;
    if delay.is_zero() {
        app.tell_sent();
    }
    Ok(())
}
