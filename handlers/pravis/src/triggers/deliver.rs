//! Sending reports.

use super::{MAX_DEQUEUE_COUNT, TriggerError};
use crate::app::App;
use crate::host::answer::Answer;
use crate::host::envelope::Invocation;
use crate::reports::{Message, deliver};

/// Makes the next attempt at the delivery that a message names. An attempt that fails is no failure here: it is noted, and a new message
/// comes when the next one is due.
pub(super) async fn deliver_report(app: App, invocation: Invocation) -> Result<Answer, TriggerError> {
    let received = invocation.queue_bytes("message")?;
    let message: Message = serde_json::from_slice(&received.body)?;
    match deliver(&app, &message).await {
        Ok(delivered) => Ok(Answer::done().log(format!("{delivered:?}"))),
        Err(error) => {
            if received.dequeue_count >= Some(MAX_DEQUEUE_COUNT) {
                tracing::error!(
                    target: "pravis::alert",
                    event = "delivery_poisoned",
                    %error,
                    delivery = %message.delivery,
                    "a delivery cannot be looked after; the next timer of reports will try again"
                );
            }
            Err(error.into())
        }
    }
}
