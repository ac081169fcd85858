//! Blobs and queues: one contract each, and two backends that keep them: a local folder, and Azure Storage.

pub mod azure;
mod blob;
mod error;
mod grant;
mod limits;
pub mod local;
mod name;
mod open;
mod queue;

pub use blob::{Blob, Blobs, Body, Condition, Lease, Listed, Properties, PutOptions};
pub use error::BlobError;
pub use grant::{ReadGrant, UploadGrant, UploadTerms};
pub use name::{BlobName, Container};
pub use open::{Opened, open};
pub use queue::{Message, Queue, Queues};

/// All that the program asks of a storage account.
pub trait Storage: Blobs + Queues + Send + Sync {}

impl<T: Blobs + Queues + Send + Sync> Storage for T {}
