//! The mirror of the keys: a blob beside the spilled writes, so that keys work while the database is away.
//!
//! It holds what a look-up needs and no secret: hashes, scopes, origins, expiry and revocation.

use super::cache::TRUST;
use crate::app::App;
use crate::spill::container;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use blobs::{BlobError, BlobName, Condition, Container, PutOptions, Storage};
use domain::keys::{ApiKey, Scope, SecretHash};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError};
use tokio::sync::Mutex;
use uuid::Uuid;

/// Its name in the container `spill`.
const NAME: &str = "keys.json";
/// The form of the JSON.
const VERSION: u32 = 1;
/// How long a request waits for it.
const READ: Duration = Duration::from_secs(2);
/// How long writing it may take.
const WRITE: Duration = Duration::from_secs(10);
/// Attempts at a write that others keep overtaking.
const ATTEMPTS: usize = 10;
/// First pause between two attempts to bring it up to date at a start; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The mirror as it was last read.
#[derive(Default)]
pub(crate) struct Mirror(Mutex<Option<(Timestamp, Arc<Vec<ApiKey>>)>>);

impl Mirror {
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

/// Why the mirror is not up to date.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says it")]
pub enum MirrorError {
    #[error(transparent)]
    Storage(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("others change it all the time")]
    Busy,
    #[error("storage did not answer in time")]
    TimedOut,
}

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    keys: Vec<Mirrored>,
}

/// A key as it is mirrored. What it is called, and when it was used, is nobody's business there.
#[derive(Serialize, Deserialize)]
struct Mirrored {
    id: Uuid,
    /// SHA-256 of the key, in base64.
    hash: String,
    scopes: Vec<Scope>,
    allowed_origins: Vec<String>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl From<ApiKey> for Mirrored {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            hash: BASE64_STANDARD.encode(key.hash.0),
            scopes: key.scopes,
            allowed_origins: key.allowed_origins,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

impl Mirrored {
    fn into_key(self) -> Option<ApiKey> {
        let hash = BASE64_STANDARD.decode(self.hash).ok()?;
        Some(ApiKey {
            id: self.id,
            name: String::new(),
            scopes: self.scopes,
            allowed_origins: self.allowed_origins,
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            last_used_at: None,
            hash: SecretHash(hash.try_into().ok()?),
        })
    }
}

/// The key with this hash, if the mirror has it.
pub(super) async fn find(app: &App, hash: SecretHash, now: Timestamp) -> Option<ApiKey> {
    let keys = read(app, now).await?;
    keys.iter().find(|key| key.hash == hash).cloned()
}

/// All keys of the mirror.
pub(super) async fn all(app: &App, now: Timestamp) -> Option<Vec<ApiKey>> {
    Some(read(app, now).await?.to_vec())
}

/// The mirror, as of at most 30 seconds ago. Whoever comes while it is read waits for that.
async fn read(app: &App, now: Timestamp) -> Option<Arc<Vec<ApiKey>>> {
    let mut known = app.keys().mirror.0.lock().await;
    if let Some((at, keys)) = &*known
        && now.duration_since(*at) < TRUST
    {
        return Some(Arc::clone(keys));
    }
    let keys = match tokio::time::timeout(READ, load(app)).await {
        Ok(Ok(keys)) => Arc::new(keys?),
        Ok(Err(error)) => {
            tracing::error!(%error, "the mirror of the keys cannot be read");
            return None;
        }
        Err(_) => {
            tracing::error!("the mirror of the keys was not read in time");
            return None;
        }
    };
    *known = Some((now, Arc::clone(&keys)));
    Some(keys)
}

async fn load(app: &App) -> Result<Option<Vec<ApiKey>>, BlobError> {
    let storage = app.storage().await?;
    let Some((bytes, _)) = container::read(&*storage, &name()?).await? else {
        return Ok(None);
    };
    let document: Document = serde_json::from_slice(&bytes).map_err(|error| {
        BlobError::Broken(format!(
            "the mirror of the keys is not what it should be: {error}"
        ))
    })?;
    Ok(Some(
        document.keys.into_iter().filter_map(Mirrored::into_key).collect(),
    ))
}

/// Brings the mirror up to date with the store, if it is not.
pub async fn publish(app: &App, store: &dyn Store) -> Result<(), MirrorError> {
    let storage = app.storage().await?;
    let written = tokio::time::timeout(WRITE, write(&*storage, store)).await;
    written.map_err(|_| MirrorError::TimedOut)?
}

/// Of several who write at once, each wins only with keys that were read after the one before it had written.
async fn write(storage: &dyn Storage, store: &dyn Store) -> Result<(), MirrorError> {
    let name = name()?;
    for _ in 0..ATTEMPTS {
        let before = container::read(storage, &name).await?;
        let bytes = encode(store.list_api_keys().await?);
        let condition = match before {
            Some((same, _)) if same == bytes => return Ok(()),
            Some((_, etag)) => Condition::Matches(etag),
            None => Condition::Absent,
        };
        let options = PutOptions {
            content_type: Some("application/json".to_owned()),
            condition,
            ..PutOptions::default()
        };
        match storage
            .put(Container::Spill, &name, container::body(bytes), options)
            .await
        {
            Err(BlobError::ConditionNotMet) => {}
            written => return Ok(written.map(drop)?),
        }
    }
    Err(MirrorError::Busy)
}

fn encode(keys: Vec<ApiKey>) -> Vec<u8> {
    let mut keys: Vec<_> = keys.into_iter().map(Mirrored::from).collect();
    keys.sort_by_key(|key| key.id);
    let document = Document {
        version: VERSION,
        keys,
    };
    // Plain data with text keys: this cannot fail.
    serde_json::to_vec(&document).unwrap_or_default()
}

fn name() -> Result<BlobName, BlobError> {
    BlobName::new(NAME)
}

/// Brings the mirror up to date once store and storage are there, however long that takes.
pub async fn catch_up(app: App) {
    let mut pause = FIRST;
    loop {
        if let Some(store) = app.store_at_hand().await {
            match publish(&app, &*store).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(%error, "the mirror of the keys is not up to date"),
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}
