//! What every request shares.

use crate::access::Access;
use crate::auth::{Keys, RateLimits};
use crate::config::Config;
use crate::delivery::purge::Purger;
use crate::error::ApiError;
pub use crate::host::timers::Clock;
use crate::media::Intake;
use crate::prices::Prices;
use crate::reports::Reporting;
use crate::sentiment::Refiner;
use crate::slot::Slot;
use crate::spill::{Breaker, Spill};
use crate::telemetry::{Recorder, gauges};
use blobs::{BlobError, Storage};
use jiff::Timestamp;
use std::sync::{Arc, Weak};
use std::time::Duration;
use store::{Store, StoreError};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use uuid::Uuid;

/// How long a start may take before the store counts as away: a write is spilled rather than held up.
const STORE_OPENS: Duration = Duration::from_millis(250);
/// How long a start may take before the storage counts as away: a write that finds neither is refused.
const STORAGE_OPENS: Duration = Duration::from_secs(3);
/// How long a request that needs the store waits for one that is still being opened.
const STORE_WAIT: Duration = Duration::from_secs(3);
/// Bytes of bodies that may be in memory at once.
const BODIES: usize = 64 * 1024 * 1024;

/// Shared state; a clone is a reference.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// A reference that does not keep the app alive.
pub(crate) struct WeakApp(Weak<Shared>);

struct Shared {
    config: Config,
    clock: Clock,
    access: Access,
    store: Slot<dyn Store>,
    storage: Slot<dyn Storage>,
    breaker: Breaker,
    spill: Spill,
    sent: Arc<watch::Sender<()>>,
    keys: Keys,
    prices: Prices,
    rate_limits: RateLimits,
    bodies: Arc<Semaphore>,
    reports: Reporting,
    recorder: Recorder,
    refiner: Refiner,
    intake: Intake,
    purger: Purger,
}

impl App {
    /// An app without store and storage: it answers at once, and works when [`App::provide_store`] and
    /// [`App::provide_storage`] were called.
    pub fn new(config: Config, clock: Clock) -> Self {
        let access = Access::new(&config);
        Self::with(config, clock, access, Recorder::default())
    }

    /// The same, with an access to Azure that was made before; it tells its numbers and facts to `recorder`.
    pub fn with(config: Config, clock: Clock, access: Access, recorder: Recorder) -> Self {
        let rate_limits = RateLimits::new(config.rate_limit);
        let (storage, sent) = (Slot::new(STORAGE_OPENS), Arc::new(watch::Sender::new(())));
        let refiner = Refiner::new(&config, &access.credential);
        let app = Self(Arc::new(Shared {
            config,
            clock,
            access,
            store: Slot::new(STORE_OPENS),
            breaker: Breaker::default(),
            spill: Spill::new(storage.clone(), Arc::clone(&sent)),
            storage,
            sent,
            keys: Keys::default(),
            prices: Prices::default(),
            rate_limits,
            bodies: Arc::new(Semaphore::new(BODIES)),
            reports: Reporting::default(),
            recorder,
            refiner,
            intake: Intake::default(),
            purger: Purger::default(),
        }));
        gauges::watch(&app);
        app
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
        self.0.store.provide(store);
    }

    /// Says why there is no store yet.
    pub fn lack_store(&self, reason: &StoreError) {
        self.0.store.lack(reason.to_string());
    }

    /// Gives the app its blobs and queues.
    pub fn provide_storage(&self, storage: Arc<dyn Storage>) {
        self.0.storage.provide(storage);
    }

    /// Says why there is no storage yet.
    pub fn lack_storage(&self, reason: &BlobError) {
        self.0.storage.lack(reason.to_string());
    }

    /// The store; waits a little for one that is being opened.
    pub async fn store(&self) -> Result<Arc<dyn Store>, ApiError> {
        let store = self.0.store.by(Instant::now() + STORE_WAIT).await;
        store.map_err(ApiError::StoreUnavailable)
    }

    /// The store, or why there is none at this moment.
    pub fn store_now(&self) -> Result<Arc<dyn Store>, String> {
        self.0.store.now()
    }

    /// What takes numbers and facts.
    pub fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }

    /// The store for work that need not wait for it: none while it is away, or not open yet.
    pub(crate) async fn store_at_hand(&self) -> Option<Arc<dyn Store>> {
        if self.0.breaker.is_open() {
            return None;
        }
        self.0.store.soon().await.ok()
    }

    /// The store, as soon as it is there and not away; none when it is `until`.
    pub(crate) async fn store_by(&self, until: Instant) -> Option<Arc<dyn Store>> {
        let closed = tokio::time::timeout_at(until, self.0.breaker.closed()).await;
        closed.ok()?;
        self.0.store.by(until).await.ok()
    }

    /// Blobs and queues; waits a moment for them when the program has only just begun.
    pub async fn storage(&self) -> Result<Arc<dyn Storage>, BlobError> {
        self.0.storage.soon().await.map_err(BlobError::Unavailable)
    }

    /// Whether the store is known to be away.
    pub fn breaker(&self) -> &Breaker {
        &self.0.breaker
    }

    /// Where writes go while the store is away.
    pub fn spill(&self) -> &Spill {
        &self.0.spill
    }

    /// Changes with each queue message that this process sends to be seen at once.
    pub fn sent(&self) -> watch::Receiver<()> {
        self.0.sent.subscribe()
    }

    /// What has the tone of comments refined.
    pub(crate) fn refiner(&self) -> &Refiner {
        &self.0.refiner
    }

    /// What takes uploads in.
    pub(crate) fn intake(&self) -> &Intake {
        &self.0.intake
    }

    /// What has the CDN forget.
    pub(crate) fn purger(&self) -> &Purger {
        &self.0.purger
    }

    pub(crate) fn downgrade(&self) -> WeakApp {
        WeakApp(Arc::downgrade(&self.0))
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub(crate) fn prices(&self) -> &Prices {
        &self.0.prices
    }

    pub(crate) fn rate_limits(&self) -> &RateLimits {
        &self.0.rate_limits
    }

    /// Tells the local host that a message was sent.
    pub(crate) fn tell_sent(&self) {
        self.0.sent.send_replace(());
    }

    pub(crate) fn reports(&self) -> &Reporting {
        &self.0.reports
    }

    pub(crate) fn bodies(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.bodies)
    }
}

impl WeakApp {
    /// The app, unless it is gone.
    pub(crate) fn upgrade(&self) -> Option<App> {
        self.0.upgrade().map(App)
    }
}
