//! The two doors by which a blob comes: a message of Event Grid's, and a blob trigger.

use super::message::Arrival;
use super::process::{ProcessError, Processed, Wait, process};
use crate::app::App;
use crate::host::queue::QueueMessage;
use crate::triggers::MAX_DEQUEUE_COUNT;
use blobs::{BlobError, BlobName, Queue};
use std::time::Duration;
use store::StoreError;
use tokio::time::Instant;

/// Attempts that may fail. The last one of the host's only puts the blob aside: what kills the program would otherwise never be told.
const ATTEMPTS: u64 = MAX_DEQUEUE_COUNT - 1;
/// For how long a call of the blob trigger goes on waiting: less than a trigger's time.
const PATIENCE: Duration = Duration::from_secs(7 * 60);
/// Pause between two looks of it.
const PAUSE: Duration = Duration::from_secs(5);

/// Takes in the blob that a message tells of. What has to wait is sent once more, so that the host's poison limit is kept for what fails;
/// failures are counted through all messages. All attempts of a message are one run: the next goes on with what the last one claimed.
pub(crate) async fn take_in<T>(
    app: &App,
    arrival: &Arrival,
    message: &QueueMessage<T>,
) -> Result<Processed, ProcessError> {
    let Some(name) = name_of(&arrival.name) else {
        return Ok(Processed::Left);
    };
    let before = message.dequeue_count.unwrap_or(1).saturating_sub(1);
    let failures = arrival.failures.saturating_add(before);
    let own = message.id.as_deref().and_then(|id| id.parse().ok());
    let run = arrival.run.or(own).unwrap_or_else(|| app.new_id());
    let processed = waiting(process(app, &name, run, failures >= ATTEMPTS).await)?;
    if let Processed::Waits(_) = processed {
        let (again, pause) = arrival.again(run, failures);
        app.storage().await?.send(Queue::Media, &again, pause).await?;
    }
    Ok(processed)
}

/// Takes in a blob by its name alone. What has to wait is waited for here; failures are counted by this process.
pub(crate) async fn take_in_patiently(app: &App, name: &str) -> Result<Processed, ProcessError> {
    let Some(name) = name_of(name) else {
        return Ok(Processed::Left);
    };
    let failures = &app.intake().failures;
    let (run, until) = (app.new_id(), Instant::now() + PATIENCE);
    loop {
        let give_up = failures.of(&name) >= ATTEMPTS;
        match waiting(process(app, &name, run, give_up).await) {
            Ok(Processed::Waits(_)) if Instant::now() + PAUSE < until => tokio::time::sleep(PAUSE).await,
            Ok(Processed::Waits(wait)) => return Err(ProcessError::Waited(wait)),
            Ok(processed) => {
                failures.forget(&name);
                return Ok(processed);
            }
            Err(error) => {
                failures.note(&name);
                return Err(error);
            }
        }
    }
}

/// The name, if it is one that this program takes. A name is text of others': it is not logged.
fn name_of(name: &str) -> Option<BlobName> {
    let taken = BlobName::new(name).ok();
    if taken.is_none() {
        tracing::error!(
            target: "pravis::alert",
            event = "media_name_refused",
            length = name.len(),
            "a blob in incoming has a name that is not taken: letters, digits, and . _ ~ - between slashes; it stays there"
        );
    }
    taken
}

/// What is away comes back, and is no failure.
fn waiting(processed: Result<Processed, ProcessError>) -> Result<Processed, ProcessError> {
    match processed {
        Err(ProcessError::Storage(error @ BlobError::Unavailable(_))) => {
            tracing::warn!(%error, "an upload waits for the storage");
            Ok(Processed::Waits(Wait::Storage))
        }
        Err(ProcessError::Store(error @ (StoreError::Unavailable(_) | StoreError::DeadlineExceeded))) => {
            tracing::warn!(%error, "an upload waits for the store");
            Ok(Processed::Waits(Wait::Store))
        }
        processed => processed,
    }
}
