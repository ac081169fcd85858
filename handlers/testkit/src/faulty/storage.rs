//! Storage that fails when a test says so.

use super::Switch;
use async_trait::async_trait;
use blobs::{
    Blob, BlobError, BlobName, Blobs, Body, Condition, Container, Lease, Listed, Message, Properties,
    PutOptions, Queue, Queues, ReadGrant, Storage, UploadGrant, UploadTerms,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Real storage behind two switches.
pub struct FaultyStorage {
    /// The storage itself, which works whatever the switches say.
    pub inner: Arc<dyn Storage>,
    /// What becomes of calls for blobs.
    pub blobs: Switch,
    /// What becomes of calls for queues.
    pub queues: Switch,
}

impl FaultyStorage {
    /// Storage that works until a test says otherwise.
    pub fn new(inner: Arc<dyn Storage>) -> Self {
        Self {
            inner,
            blobs: Switch::default(),
            queues: Switch::default(),
        }
    }
}

async fn pass<T>(switch: &Switch, work: impl Future<Output = Result<T, BlobError>>) -> Result<T, BlobError> {
    let away = || BlobError::Unavailable("the test says so".to_owned());
    let broken = || BlobError::Broken("the test says so".to_owned());
    switch.pass(work, away, broken).await
}

/// Each of these methods is that of the storage itself, behind a switch.
macro_rules! behind_the_switch {
    ($contract:ident by $switch:ident { $($method:ident($($name:ident: $kind:ty),*) -> $answer:ty;)+ }) => {
        #[async_trait]
        impl $contract for FaultyStorage {
            $(async fn $method(&self, $($name: $kind),*) -> Result<$answer, BlobError> {
                pass(&self.$switch, self.inner.$method($($name),*)).await
            })+
        }
    };
}

behind_the_switch!(Blobs by blobs {
    put(container: Container, name: &BlobName, body: Body, options: PutOptions) -> String;
    get(container: Container, name: &BlobName, range: Option<Range<u64>>) -> Option<Blob>;
    head(container: Container, name: &BlobName) -> Option<Properties>;
    list(container: Container, prefix: &str, after: Option<&BlobName>, limit: usize) -> Vec<Listed>;
    delete(container: Container, name: &BlobName, condition: Condition) -> bool;
    set_metadata(container: Container, name: &BlobName, metadata: BTreeMap<String, String>, condition: Condition)
        -> Option<String>;
    acquire_lease(container: Container, name: &BlobName, length: Duration) -> Option<Lease>;
    release_lease(container: Container, name: &BlobName, lease: &Lease) -> ();
    grant_upload(container: Container, name: &BlobName, terms: UploadTerms) -> UploadGrant;
    grant_read(container: Container, name: &BlobName, until: Timestamp) -> Option<ReadGrant>;
    redeem_upload(container: &str, name: &str, until: &str, signature: &str, now: Timestamp) -> (Container, BlobName);
});

behind_the_switch!(Queues by queues {
    send(queue: Queue, body: &[u8], delay: Duration) -> ();
    receive(queue: Queue, count: usize, hidden: Duration) -> Vec<Message>;
    delete_message(queue: Queue, message: &Message) -> bool;
    poison(queue: Queue, message: &Message) -> ();
    message_count(queue: Queue) -> u64;
    poison_count(queue: Queue) -> u64;
});
