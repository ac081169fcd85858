//! Uploads that came.

use super::{MAX_DEQUEUE_COUNT, TriggerError};
use crate::app::App;
use crate::host::answer::Answer;
use crate::host::envelope::Invocation;
use crate::host::queue::QueueMessage;
use crate::media::message::{BadMessage, Notice, read};
use crate::media::{take_in, take_in_patiently};
use blobs::Queue;
use std::time::Duration;

/// Takes in the blob that an event of Event Grid tells of. What has to wait is no failure.
pub(super) async fn process_media(app: App, invocation: Invocation) -> Result<Answer, TriggerError> {
    let message = invocation.queue_bytes("message")?;
    let done = notices(&app, &message).await;
    if let Err(error) = &done
        && message.dequeue_count >= Some(MAX_DEQUEUE_COUNT)
    {
        tracing::error!(
            target: "pravis::alert",
            event = "media_poisoned",
            %error,
            message = message.id,
            "an event of a blob cannot be looked after; the blob stays in incoming"
        );
    }
    done
}

async fn notices(app: &App, message: &QueueMessage<Vec<u8>>) -> Result<Answer, TriggerError> {
    let mut notices = read(&message.body)?;
    if notices.len() > 1 {
        return apart(app, notices).await;
    }
    Ok(match notices.pop() {
        Some(Notice::Arrived(arrival)) => {
            let processed = take_in(app, &arrival, message).await?;
            tracing::debug!(?processed, "taken in");
            Answer::done().log(format!("{processed:?}"))
        }
        Some(Notice::Ignored(what)) => {
            tracing::info!(what, "an event that nothing is done about");
            Answer::done()
        }
        Some(Notice::Validation) => Answer::done(),
        None => return Err(BadMessage.into()),
    })
}

/// Gives each event a message of its own, so that one that fails does not fail the others.
async fn apart(app: &App, notices: Vec<Notice>) -> Result<Answer, TriggerError> {
    let storage = app.storage().await?;
    for notice in notices {
        if let Notice::Arrived(arrival) = notice {
            storage
                .send(Queue::Media, &arrival.to_message(), Duration::ZERO)
                .await?;
        }
    }
    app.tell_sent();
    Ok(Answer::done())
}

/// Takes in the blob that the host itself has found. The bytes that the host sends along are left alone: the blob may be another one by now.
pub(super) async fn process_media_blob(app: App, invocation: Invocation) -> Result<Answer, TriggerError> {
    let name = invocation.metadata("name");
    let name = name
        .as_ref()
        .and_then(|name| name.as_str())
        .unwrap_or_default()
        .to_owned();
    // It holds the whole blob.
    drop(invocation);
    let processed = take_in_patiently(&app, &name).await?;
    Ok(Answer::done().log(format!("{processed:?}")))
}
