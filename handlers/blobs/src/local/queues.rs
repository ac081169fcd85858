//! Queues: a folder each, a file for each message. Its name says when it is seen (µs), how often it was received, and its
//! id, so that one rename receives it: of two that try, one finds nothing.

use super::{Folder, LocalStorage, durable};
use crate::{BlobError, Message, Queue, Queues, limits};
use async_trait::async_trait;
use jiff::Timestamp;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;

/// Where a queue is, below the root.
pub(super) fn folder_of(queue: Queue) -> PathBuf {
    Path::new("queues").join(queue.as_str())
}

/// Where its poison queue is, below the root.
pub(super) fn poison_folder_of(queue: Queue) -> PathBuf {
    Path::new("queues").join(format!("{}-poison", queue.as_str()))
}

/// The name of a message's file. All but the id is its pop receipt: it changes whenever the message is received.
#[derive(Clone, Copy)]
struct Ticket {
    visible: i64,
    count: i64,
    id: Uuid,
}

impl Ticket {
    fn new(delay: Duration) -> Self {
        Self {
            visible: after(delay),
            count: 0,
            id: Uuid::now_v7(),
        }
    }

    fn parse(receipt: &str, id: &str) -> Option<Self> {
        let (visible, count) = receipt.split_once('-')?;
        let ticket = Self {
            visible: visible.parse().ok()?,
            count: count.parse().ok()?,
            id: Uuid::try_parse(id).ok()?,
        };
        // Only what we wrote: the text becomes part of a path.
        (ticket.receipt() == receipt).then_some(ticket)
    }

    fn receipt(&self) -> String {
        format!("{:020}-{:010}", self.visible, self.count)
    }

    fn file(&self) -> String {
        format!("{}-{}", self.receipt(), self.id.simple())
    }

    fn message(&self, body: Vec<u8>) -> Message {
        let sent = self.id.get_timestamp().and_then(|time| {
            let (seconds, nanoseconds) = time.to_unix();
            Timestamp::new(seconds.try_into().ok()?, nanoseconds.try_into().ok()?).ok()
        });
        Message {
            id: self.id.to_string(),
            pop_receipt: self.receipt(),
            dequeue_count: self.count,
            inserted_at: sent.unwrap_or_default(),
            expires_at: Timestamp::MAX,
            next_visible_at: Timestamp::from_microsecond(self.visible).unwrap_or_default(),
            body,
        }
    }
}

fn after(delay: Duration) -> i64 {
    (Timestamp::now() + delay).as_microsecond()
}

#[async_trait]
impl Queues for LocalStorage {
    async fn send(&self, queue: Queue, body: &[u8], delay: Duration) -> Result<(), BlobError> {
        limits::check_message(body)?;
        limits::check_delay(delay)?;
        let body = body.to_vec();
        self.blocking(move |folder| Ok(folder.send(&folder_of(queue), &body, delay)?))
            .await
    }

    async fn receive(&self, queue: Queue, count: usize, hidden: Duration) -> Result<Vec<Message>, BlobError> {
        limits::check_count(count)?;
        limits::check_delay(hidden)?;
        self.blocking(move |folder| Ok(folder.receive(&folder_of(queue), count, hidden)?))
            .await
    }

    async fn delete_message(&self, queue: Queue, message: &Message) -> Result<bool, BlobError> {
        let Some(ticket) = Ticket::parse(&message.pop_receipt, &message.id) else {
            return Ok(false);
        };
        self.blocking(move |folder| {
            // Not synced: after a loss of power it may come again, as any message may.
            Ok(durable::remove(
                &folder.root.join(folder_of(queue)).join(ticket.file()),
            )?)
        })
        .await
    }

    async fn poison(&self, queue: Queue, message: &Message) -> Result<(), BlobError> {
        let Some(ticket) = Ticket::parse(&message.pop_receipt, &message.id) else {
            return Ok(());
        };
        self.blocking(move |folder| Ok(folder.poison(queue, ticket)?))
            .await
    }

    async fn message_count(&self, queue: Queue) -> Result<u64, BlobError> {
        self.blocking(move |folder| Ok(folder.count(&folder_of(queue))?))
            .await
    }

    async fn poison_count(&self, queue: Queue) -> Result<u64, BlobError> {
        self.blocking(move |folder| Ok(folder.count(&poison_folder_of(queue))?))
            .await
    }
}

impl Folder {
    fn send(&self, queue: &Path, body: &[u8], delay: Duration) -> io::Result<()> {
        let queue = self.root.join(queue);
        let file = self.write_file(body)?;
        file.persist(queue.join(Ticket::new(delay).file()))?;
        durable::sync_folder(&queue)
    }

    fn receive(&self, queue: &Path, count: usize, hidden: Duration) -> io::Result<Vec<Message>> {
        let queue = self.root.join(queue);
        let now = after(Duration::ZERO);
        let mut due: Vec<_> = tickets(&queue)?
            .into_iter()
            .filter(|one| one.visible <= now)
            .collect();
        due.sort_by_key(|ticket| (ticket.visible, ticket.count, ticket.id));
        let mut received = Vec::new();
        for old in due {
            if received.len() == count {
                break;
            }
            let new = Ticket {
                visible: after(hidden),
                count: old.count + 1,
                ..old
            };
            if renamed(&queue.join(old.file()), &queue.join(new.file()))? {
                // Gone when it was hidden for no time and another one received it since.
                let body = durable::read(&queue.join(new.file()))?;
                received.extend(body.map(|body| new.message(body)));
            }
        }
        Ok(received)
    }

    fn poison(&self, queue: Queue, ticket: Ticket) -> io::Result<()> {
        let from = self.root.join(folder_of(queue));
        let to = self.root.join(poison_folder_of(queue));
        let new = Ticket {
            visible: after(Duration::ZERO),
            count: 0,
            ..ticket
        };
        if renamed(&from.join(ticket.file()), &to.join(new.file()))? {
            durable::sync_folder(&to)?;
            durable::sync_folder(&from)?;
        }
        Ok(())
    }

    fn count(&self, queue: &Path) -> io::Result<u64> {
        Ok(tickets(&self.root.join(queue))?.len() as u64)
    }
}

/// What is in the queue, in no order.
fn tickets(queue: &Path) -> io::Result<Vec<Ticket>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(queue)? {
        let file = entry?.file_name();
        let parts = file.to_str().and_then(|file| file.rsplit_once('-'));
        found.extend(parts.and_then(|(receipt, id)| Ticket::parse(receipt, id)));
    }
    Ok(found)
}

/// Renames a message; false when another one did so before.
fn renamed(from: &Path, to: &Path) -> io::Result<bool> {
    match fs::rename(from, to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
