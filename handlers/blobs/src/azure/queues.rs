//! The contract for queues, on the account. Bodies are base64, which is what the Functions host expects.

use super::calls::{Call, Target};
use super::failure::Failure;
use super::leases::whole_seconds;
use super::{AzureStorage, properties};
use crate::{BlobError, Message, Queue, Queues, limits};
use async_trait::async_trait;
use azure_storage_queue::QueueClient;
use azure_storage_queue::models::{
    QueueClientGetPropertiesResultHeaders, QueueClientReceiveMessagesOptions, QueueClientSendMessageOptions,
    QueueMessage, ReceivedMessage,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::time::Duration;

/// The name that the Functions host gives to the queue of what it gave up.
pub(super) fn poison_name(queue: Queue) -> String {
    format!("{}-poison", queue.as_str())
}

#[async_trait]
impl Queues for AzureStorage {
    async fn send(&self, queue: Queue, body: &[u8], delay: Duration) -> Result<(), BlobError> {
        limits::check_message(body)?;
        limits::check_delay(delay)?;
        self.send_to(queue.as_str(), body, delay).await
    }

    async fn receive(&self, queue: Queue, count: usize, hidden: Duration) -> Result<Vec<Message>, BlobError> {
        limits::check_count(count)?;
        limits::check_delay(hidden)?;
        let client = self.queue_client(queue.as_str())?;
        let call = Call::new("receive", Target::Queue(queue.as_str().to_owned()));
        let send = || async {
            let options = QueueClientReceiveMessagesOptions {
                number_of_messages: i32::try_from(count).ok(),
                // The account's shortest time.
                visibility_timeout: Some(whole_seconds(hidden).max(1)),
                ..QueueClientReceiveMessagesOptions::default()
            };
            client.receive_messages(Some(options)).await?.into_model()
        };
        let received = self.call(&call, send).await;
        let received = received.map_err(|failure| failure.into_error(&call.target))?;
        Ok(received.items.into_iter().flatten().map(message).collect())
    }

    async fn delete_message(&self, queue: Queue, message: &Message) -> Result<bool, BlobError> {
        let client = self.queue_client(queue.as_str())?;
        let call = Call::new("delete message", Target::Queue(queue.as_str().to_owned()));
        let send = || client.delete_message(&message.id, &message.pop_receipt, None);
        match self.call(&call, send).await {
            Ok(_) => Ok(true),
            Err(failure) if is_no_message(&failure) => Ok(false),
            Err(failure) => Err(failure.into_error(&call.target)),
        }
    }

    async fn poison(&self, queue: Queue, message: &Message) -> Result<(), BlobError> {
        // First the copy: better twice than never.
        self.send_to(&poison_name(queue), &message.body, Duration::ZERO)
            .await?;
        self.delete_message(queue, message).await?;
        Ok(())
    }

    async fn message_count(&self, queue: Queue) -> Result<u64, BlobError> {
        self.count_of(queue.as_str().to_owned()).await
    }

    async fn poison_count(&self, queue: Queue) -> Result<u64, BlobError> {
        self.count_of(poison_name(queue)).await
    }
}

impl AzureStorage {
    pub(super) fn queue_client(&self, name: &str) -> Result<QueueClient, BlobError> {
        let client = self.inner.queues.queue_client(name);
        client.map_err(|error| BlobError::Broken(error.to_string()))
    }

    async fn send_to(&self, name: &str, body: &[u8], delay: Duration) -> Result<(), BlobError> {
        let client = self.queue_client(name)?;
        let text = STANDARD.encode(body);
        // A message that is sent twice is one that comes twice, as any message may.
        let call = Call::new("send", Target::Queue(name.to_owned()));
        let send = || {
            let message = QueueMessage {
                message_text: Some(text.clone()),
            };
            let options = QueueClientSendMessageOptions {
                // Never ends.
                message_time_to_live: Some(-1),
                visibility_timeout: Some(whole_seconds(delay)),
                ..QueueClientSendMessageOptions::default()
            };
            let client = &client;
            async move { client.send_message(message.try_into()?, Some(options)).await }
        };
        let sent = self.call(&call, send).await;
        sent.map(drop).map_err(|failure| failure.into_error(&call.target))
    }

    async fn count_of(&self, name: String) -> Result<u64, BlobError> {
        let client = self.queue_client(&name)?;
        let call = Call::new("count", Target::Queue(name));
        let send = || async { client.get_properties(None).await?.approximate_messages_count() };
        let count = self.call(&call, send).await;
        let count = count.map_err(|failure| failure.into_error(&call.target))?;
        Ok(count
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or_default())
    }
}

/// It was received again since, or deleted.
fn is_no_message(failure: &Failure) -> bool {
    ["MessageNotFound", "PopReceiptMismatch"]
        .iter()
        .any(|code| failure.has_code(code))
}

fn message(received: ReceivedMessage) -> Message {
    let text = received.message_text.unwrap_or_default();
    Message {
        id: received.message_id.unwrap_or_default(),
        pop_receipt: received.pop_receipt.unwrap_or_default(),
        dequeue_count: received.dequeue_count.unwrap_or_default(),
        inserted_at: properties::timestamp(received.insertion_time),
        expires_at: properties::timestamp(received.expiration_time),
        next_visible_at: properties::timestamp(received.time_next_visible),
        // Plain text, if someone else sent it: it must not hold up those behind it.
        body: STANDARD.decode(&text).unwrap_or_else(|_| text.into_bytes()),
    }
}
