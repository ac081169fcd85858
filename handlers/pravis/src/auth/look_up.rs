//! Finds keys: in memory, in the store, or in the mirror while the store is away.

use super::cache::{KeyCache, TRUST};
use super::mirror::{self, Mirror};
use crate::app::App;
use crate::error::ApiError;
use crate::spill::attempt;
use domain::keys::{ApiKey, SecretHash};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long the store may take to find a key, of the time that a write has for both.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// What is known of keys.
#[derive(Default)]
pub(crate) struct Keys {
    pub(super) by_hash: KeyCache,
    all: Mutex<Option<(Timestamp, Arc<Vec<ApiKey>>)>>,
    pub(super) mirror: Mirror,
}

impl Keys {
    /// Forgets what was read, so that a change works at once.
    pub(crate) async fn forget(&self) {
        self.by_hash.forget();
        *self.all.lock().await = None;
        self.mirror.forget().await;
    }
}

/// The key with this hash, live or not.
pub(super) async fn find(app: &App, hash: SecretHash, now: Timestamp) -> Result<Arc<ApiKey>, ApiError> {
    let keys = app.keys();
    if let Some(key) = keys.by_hash.get(hash, now) {
        return Ok(key);
    }
    let asked = attempt(app, Instant::now() + PATIENCE, |store| async move {
        Ok(store.find_api_key(hash).await?)
    });
    let found = match asked.await? {
        Some(found) => found.ok_or(ApiError::Unauthorized("this key is not known"))?,
        // A key that the mirror lacks may be a new one: only the store could tell.
        None => mirror::find(app, hash, now)
            .await
            .ok_or_else(|| ApiError::StoreUnavailable("keys cannot be looked up now".to_owned()))?,
    };
    Ok(keys.by_hash.put(found, now))
}

/// All keys, live or not, as of at most 30 seconds ago; none when neither store nor mirror can tell.
pub(crate) async fn all_keys(app: &App) -> Arc<Vec<ApiKey>> {
    let now = app.now();
    let mut known = app.keys().all.lock().await;
    if let Some((at, keys)) = &*known
        && now.duration_since(*at) < TRUST
    {
        return Arc::clone(keys);
    }
    let asked = attempt(app, Instant::now() + PATIENCE, |store| async move {
        Ok(store.list_api_keys().await?)
    });
    let keys = match asked.await {
        Ok(Some(keys)) => Some(keys),
        _ => mirror::all(app, now).await,
    };
    let Some(keys) = keys.map(Arc::new) else {
        return Arc::default();
    };
    *known = Some((now, Arc::clone(&keys)));
    keys
}
