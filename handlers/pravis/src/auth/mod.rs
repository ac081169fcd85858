//! Who asks: keys, what they allow, how often they may ask.

mod cache;
mod look_up;
pub mod mirror;

pub(crate) use look_up::{Keys, all_keys};

use crate::app::App;
use crate::config::RateLimit;
use crate::error::ApiError;
use domain::keys::{ApiKey, Scope, Secret};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

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

/// A key as it was sent.
pub enum Sent<'r> {
    /// In a header.
    Header(Cow<'r, str>),
    /// In the query, as `key`.
    Query(Cow<'r, str>),
}

/// The live key that belongs to a secret, if it allows `scope` to a page of `origin` and has not asked too often.
pub async fn authorize(
    app: &App,
    sent: Option<&Sent<'_>>,
    scope: Scope,
    origin: Option<&str>,
) -> Result<Arc<ApiKey>, ApiError> {
    let (Sent::Header(text) | Sent::Query(text)) = sent.ok_or(ApiError::Unauthorized(
        "send a key as `Authorization: Bearer …` or `X-API-Key`",
    ))?;
    let hash = Secret::parse(text)
        .ok_or(ApiError::Unauthorized("this is not a whole key"))?
        .hash();
    let now = app.now();
    let key = look_up::find(app, hash, now).await?;
    // The look-up found it by its hash; the comparison that decides takes the same time for every key.
    if key.hash != hash || !key.is_live(now) {
        return Err(ApiError::Unauthorized("this key was revoked or has expired"));
    }
    if matches!(sent, Some(Sent::Query(_))) && !key.is_for_browsers() {
        return Err(ApiError::Unauthorized(
            "this key may do more than browsers need, and is not taken from a URL: send it in a header",
        ));
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
    if app.keys().by_hash.claim_note(hash, now) {
        note_use(app, key.id, now);
    }
    Ok(key)
}

/// Notes the use beside the request: it is not worth waiting for, nor failing.
fn note_use(app: &App, id: Uuid, now: Timestamp) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Some(store) = app.store_at_hand().await
            && let Err(error) = store.touch_api_key(id, now).await
        {
            tracing::warn!(%error, key = %id, "the use of a key could not be noted");
        }
    });
}
