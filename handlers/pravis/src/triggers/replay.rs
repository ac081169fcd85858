//! Storing what was spilled.

use super::TriggerError;
use crate::app::App;
use crate::host::answer::Answer;
use crate::host::envelope::Invocation;
use crate::spill::Message;
use crate::spill::replay::{ReplayError, Replayed, replay_message};

/// `extensions.queues.maxDequeueCount` of `host.json`: after so many failures the host takes the message away.
pub const MAX_DEQUEUE_COUNT: u64 = 5;

/// Stores the spilled write that a message names. What has to wait for the store or for another write is no failure.
pub(super) async fn replay_ingest(app: App, invocation: Invocation) -> Result<Answer, TriggerError> {
    let message = invocation.queue_bytes("message")?;
    match replay(&app, &message.body).await {
        Ok(replayed) => {
            tracing::debug!(?replayed, "replayed");
            Ok(Answer::done().log(format!("{replayed:?}")))
        }
        Err(error) => {
            if message.dequeue_count >= Some(MAX_DEQUEUE_COUNT) {
                tracing::error!(
                    target: "pravis::alert",
                    event = "spill_poisoned",
                    %error,
                    message = message.id,
                    "a spilled write cannot be stored; its blob stays, and the sweep will try again"
                );
            }
            Err(error.into())
        }
    }
}

async fn replay(app: &App, body: &[u8]) -> Result<Replayed, ReplayError> {
    let message: Message =
        serde_json::from_slice(body).map_err(|error| ReplayError::BadMessage(error.to_string()))?;
    replay_message(app, &message).await
}
