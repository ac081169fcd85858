//! What every request shares.

use crate::access::Access;
use crate::auth::{KeyCache, RateLimits};
use crate::config::Config;
use crate::error::ApiError;
pub use crate::host::timers::Clock;
use crate::telemetry::Recorder;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError};
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

/// How long a request waits for a store that is still being opened.
const STORE_WAIT: Duration = Duration::from_secs(3);
/// Bytes of bodies that may be in memory at once.
const BODIES: usize = 64 * 1024 * 1024;

/// The store, or why there is none yet.
type Standing = Result<Arc<dyn Store>, String>;

/// Shared state; a clone is a reference.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    config: Config,
    clock: Clock,
    access: Access,
    store: watch::Sender<Standing>,
    keys: KeyCache,
    rate_limits: RateLimits,
    bodies: Arc<Semaphore>,
    recorder: Recorder,
}

impl App {
    /// An app without a store: it answers at once, and stores when [`App::provide_store`] was called.
    pub fn new(config: Config, clock: Clock) -> Self {
        let access = Access::new(&config);
        Self::with(config, clock, access, Recorder::default())
    }

    /// The same, with an access to Azure that was made before; it tells its numbers and facts to `recorder`.
    pub fn with(config: Config, clock: Clock, access: Access, recorder: Recorder) -> Self {
        let rate_limits = RateLimits::new(config.rate_limit);
        Self(Arc::new(Shared {
            config,
            clock,
            access,
            store: watch::Sender::new(Err("it is being opened".to_owned())),
            keys: KeyCache::default(),
            rate_limits,
            bodies: Arc::new(Semaphore::new(BODIES)),
            recorder,
        }))
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The program's identity, and the secrets that it reads with it.
    pub fn access(&self) -> &Access {
        &self.0.access
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    /// The clock itself.
    pub fn clock(&self) -> Clock {
        Arc::clone(&self.0.clock)
    }

    /// A new id, in the order of time (UUID version 7).
    pub fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    /// Gives the app its store; requests that wait for it go on.
    pub fn provide_store(&self, store: Arc<dyn Store>) {
        drop(self.0.store.send_replace(Ok(store)));
    }

    /// Says why there is no store yet.
    pub fn lack_store(&self, reason: &StoreError) {
        drop(self.0.store.send_replace(Err(reason.to_string())));
    }

    /// The store; waits a little for one that is being opened.
    pub async fn store(&self) -> Result<Arc<dyn Store>, ApiError> {
        if let Ok(store) = &*self.0.store.borrow() {
            return Ok(Arc::clone(store));
        }
        let mut standing = self.0.store.subscribe();
        let waited = tokio::time::timeout(STORE_WAIT, standing.wait_for(Result::is_ok)).await;
        match waited {
            Ok(Ok(standing)) => standing.clone().map_err(ApiError::StoreUnavailable),
            _ => self.store_now().map_err(ApiError::StoreUnavailable),
        }
    }

    /// The store, or why there is none at this moment.
    pub fn store_now(&self) -> Result<Arc<dyn Store>, String> {
        self.0.store.borrow().clone()
    }

    /// What takes numbers and facts.
    pub fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }

    pub(crate) fn keys(&self) -> &KeyCache {
        &self.0.keys
    }

    pub(crate) fn rate_limits(&self) -> &RateLimits {
        &self.0.rate_limits
    }

    pub(crate) fn bodies(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.bodies)
    }
}
