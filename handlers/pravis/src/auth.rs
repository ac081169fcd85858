//! Who asks: keys, what they allow, how often they may ask.

use crate::app::App;
use crate::config::RateLimit;
use crate::error::ApiError;
use domain::keys::{ApiKey, Scope, Secret, SecretHash};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// How long a key is trusted before it is read again; what another process revokes works no longer than this.
const TRUST: SignedDuration = SignedDuration::from_secs(30);
/// How often the use of a key is noted.
const NOTE_USE: SignedDuration = SignedDuration::from_hours(1);
/// Keys in memory; when there are more, all are read again.
const MOST_KEYS: usize = 10_000;

/// Keys that were read from the store, by hash.
#[derive(Default)]
pub(crate) struct KeyCache(Mutex<HashMap<[u8; 32], Known>>);

struct Known {
    key: Arc<ApiKey>,
    read_at: Timestamp,
    noted_at: Option<Timestamp>,
}

impl KeyCache {
    fn get(&self, hash: SecretHash, now: Timestamp) -> Option<Arc<ApiKey>> {
        let known = self.0.lock().ok()?;
        let known = known
            .get(&hash.0)
            .filter(|known| now.duration_since(known.read_at) < TRUST)?;
        Some(Arc::clone(&known.key))
    }

    fn put(&self, key: ApiKey, now: Timestamp) -> Arc<ApiKey> {
        let key = Arc::new(key);
        if let Ok(mut keys) = self.0.lock() {
            if keys.len() >= MOST_KEYS {
                keys.clear();
            }
            let noted_at = keys
                .get(&key.hash.0)
                .and_then(|known| known.noted_at)
                .or(key.last_used_at);
            keys.insert(
                key.hash.0,
                Known {
                    key: Arc::clone(&key),
                    read_at: now,
                    noted_at,
                },
            );
        }
        key
    }

    /// Forgets what was read, so that a change works at once.
    pub(crate) fn forget(&self) {
        if let Ok(mut keys) = self.0.lock() {
            keys.clear();
        }
    }

    /// Whether the use of the key is to be noted now; true once an hour.
    fn claim_note(&self, hash: SecretHash, now: Timestamp) -> bool {
        let Ok(mut keys) = self.0.lock() else { return false };
        let Some(known) = keys.get_mut(&hash.0) else {
            return false;
        };
        let due = known
            .noted_at
            .is_none_or(|noted| now.duration_since(noted) >= NOTE_USE);
        if due {
            known.noted_at = Some(now);
        }
        due
    }
}

/// One token bucket a key.
pub(crate) struct RateLimits(DefaultKeyedRateLimiter<Uuid>);

impl RateLimits {
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self(RateLimiter::keyed(
            Quota::per_second(limit.per_second).allow_burst(limit.burst),
        ))
    }

    fn take(&self, key: Uuid) -> Result<(), ApiError> {
        self.0.check_key(&key).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            ApiError::RateLimited {
                retry_after: wait.as_secs() + 1,
            }
        })
    }
}

/// The live key that belongs to a secret, if it allows `scope` to a page of `origin` and has not asked too often.
pub async fn authorize(
    app: &App,
    secret: Option<&str>,
    scope: Scope,
    origin: Option<&str>,
) -> Result<Arc<ApiKey>, ApiError> {
    let secret = secret.ok_or(ApiError::Unauthorized(
        "send a key as `Authorization: Bearer …` or `X-API-Key`",
    ))?;
    let hash = Secret::parse(secret)
        .ok_or(ApiError::Unauthorized("this is not a whole key"))?
        .hash();
    let now = app.now();
    let key = match app.keys().get(hash, now) {
        Some(key) => key,
        None => {
            let found = app.store().await?.find_api_key(hash).await?;
            app.keys()
                .put(found.ok_or(ApiError::Unauthorized("this key is not known"))?, now)
        }
    };
    // The look-up found it by its hash; the comparison that decides takes the same time for every key.
    if key.hash != hash || !key.is_live(now) {
        return Err(ApiError::Unauthorized("this key was revoked or has expired"));
    }
    if !key.allows(scope) {
        return Err(ApiError::Forbidden(format!(
            "this key lacks the scope `{}`",
            scope.as_str()
        )));
    }
    if !key.allows_origin(origin) {
        return Err(ApiError::Forbidden(
            "this key is bound to other origins".to_owned(),
        ));
    }
    app.rate_limits().take(key.id)?;
    if app.keys().claim_note(hash, now) {
        note_use(app, key.id, now);
    }
    Ok(key)
}

/// Notes the use beside the request: it is not worth waiting for, nor failing.
fn note_use(app: &App, id: Uuid, now: Timestamp) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Ok(store) = app.store().await
            && let Err(error) = store.touch_api_key(id, now).await
        {
            tracing::warn!(%error, key = %id, "the use of a key could not be noted");
        }
    });
}
