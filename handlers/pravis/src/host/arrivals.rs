//! The local host's Event Grid: for each blob that came to `incoming`, the message that Azure would send.
//!
//! It looks rather than listens: blobs also come from other processes. A blob that was there before the start is told again, since
//! nobody knows whether its message was lost with the process before; what is told twice is taken in once.

use super::event_grid::Event;
use blobs::{BlobError, BlobName, Container, Listed, Queue, Storage};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Names that are listed at once.
const PAGE: usize = 1000;
/// First pause after nothing was found; it doubles up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);
/// Where many blobs wait, looking is no more than this part of the time.
const SHARE: u32 = 10;

/// What came to a storage that has no Event Grid.
pub struct Arrivals {
    storage: Arc<dyn Storage>,
    sent: Box<dyn Fn() + Send + Sync>,
    /// What was told, by name and ETag, of all that is still there.
    told: HashMap<BlobName, String>,
}

impl Arrivals {
    /// What comes to `storage`; `sent` is called after each message, so that whoever takes it need not look for it.
    pub fn new(storage: Arc<dyn Storage>, sent: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            storage,
            sent: Box::new(sent),
            told: HashMap::new(),
        }
    }

    /// Looks until `shutdown` is ready.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        tokio::select! {
            () = shutdown => {}
            () = self.keep_looking() => {}
        }
    }

    async fn keep_looking(&mut self) {
        let mut pause = SHORTEST;
        loop {
            let began = Instant::now();
            pause = match self.look().await {
                Ok(0) => (pause * 2).min(LONGEST),
                Ok(_) => SHORTEST,
                Err(error) => {
                    tracing::warn!(%error, "nobody can tell what came to incoming");
                    LONGEST
                }
            };
            tokio::time::sleep(pause.max(began.elapsed() * SHARE)).await;
        }
    }

    /// Sends a message for each blob that was not told yet, or has changed since; gives how many.
    pub async fn look(&mut self) -> Result<usize, BlobError> {
        let (mut found, mut present, mut after) = (0, HashSet::new(), None);
        loop {
            let page = self
                .storage
                .list(Container::Incoming, "", after.as_ref(), PAGE)
                .await?;
            let last = page.len() < PAGE;
            after = page.last().map(|blob| blob.name.clone());
            for blob in page {
                if self.told.get(&blob.name) != Some(&blob.etag) {
                    self.tell(&blob).await?;
                    found += 1;
                }
                present.insert(blob.name.clone());
                self.told.insert(blob.name, blob.etag);
            }
            if last {
                break;
            }
        }
        self.told.retain(|name, _| present.contains(name));
        Ok(found)
    }

    async fn tell(&self, blob: &Listed) -> Result<(), BlobError> {
        let message = Value::Object(event(blob).to_cloud_event()).to_string();
        self.storage
            .send(Queue::Media, message.as_bytes(), Duration::ZERO)
            .await?;
        (self.sent)();
        Ok(())
    }
}

/// The event that Azure Storage sends of a blob.
fn event(blob: &Listed) -> Event {
    Event {
        id: Uuid::now_v7().to_string(),
        kind: "Microsoft.Storage.BlobCreated".to_owned(),
        source: Some("local".to_owned()),
        subject: Some(format!(
            "/blobServices/default/containers/{}/blobs/{}",
            Container::Incoming.as_str(),
            blob.name
        )),
        time: Some(blob.last_modified),
        data: json!({
            "api": "PutBlob",
            "blobType": "BlockBlob",
            "contentLength": blob.length,
            "eTag": blob.etag.trim_matches('"'),
        }),
    }
}
