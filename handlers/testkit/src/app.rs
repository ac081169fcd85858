//! The program in process, over a database of its own.

use crate::faulty::{FaultyStorage, FaultyStore, Switch};
use crate::{Caller, FakeClock, FixedToken, LanguageStub, VaultStub};
use axum::Router;
use blobs::local::{LocalOptions, LocalStorage};
use blobs::{BlobName, Container, Storage};
use domain::keys::{NewApiKey, Scope};
use pravis::App;
use pravis::access::Access;
use pravis::config::{Config, Environment, StoreConfig};
use pravis::secrets::Pace;
use pravis::telemetry::Recorder;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use store::Store;
use store::sqlite::SqliteStore;
use tempfile::TempDir;

/// When every test begins, unless it says otherwise.
const BEGIN: &str = "2026-11-02T10:00:00Z";

/// The program, a fresh store, fresh storage and a fake clock. Gone, files and all, when it is dropped.
pub struct TestApp {
    app: App,
    router: Router,
    clock: FakeClock,
    store: OnceLock<Arc<FaultyStore>>,
    storage: Arc<FaultyStorage>,
    _folder: Arc<TempDir>,
}

impl TestApp {
    /// The program as it comes, with rate limits that no test reaches by accident.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The program with these settings.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        Self::telling(settings, Recorder::default()).await
    }

    /// The program with these settings, which tells its numbers and facts to `recorder`.
    pub async fn telling(settings: &[(&str, &str)], recorder: Recorder) -> Self {
        let this = Self::by(settings, Access::new, recorder);
        this.open_store().await;
        this
    }

    /// The program while its store is still being opened.
    pub fn without_store(settings: &[(&str, &str)]) -> Self {
        Self::by(settings, Access::new, Recorder::default())
    }

    /// The same, with a vault in the place of `https://shop.vault.azure.net`.
    pub fn with_vault(settings: &[(&str, &str)], vault: &VaultStub) -> Self {
        let mut all = vec![("PRAVIS_KEY_VAULT_URL", "https://shop.vault.azure.net")];
        all.extend_from_slice(settings);
        Self::by(&all, |config| vault.access(config), Recorder::default())
    }

    /// The program whose comments are refined by the stub of Azure AI Language.
    pub async fn with_language(stub: &LanguageStub) -> Self {
        let endpoint = stub.endpoint();
        let settings = [("PRAVIS_LANGUAGE_ENDPOINT", endpoint.as_str())];
        let this = Self::by(&settings, |config| stub.access(config), Recorder::default());
        this.open_store().await;
        this
    }

    /// The program with these settings, whose identity has this token for everything.
    pub async fn with_token(settings: &[(&str, &str)], token: &'static str) -> Self {
        let access = |config: &Config| Access::by(config, Arc::new(FixedToken(token)), None, Pace::default());
        let this = Self::by(settings, access, Recorder::default());
        this.open_store().await;
        this
    }

    fn by(settings: &[(&str, &str)], access: impl FnOnce(&Config) -> Access, recorder: Recorder) -> Self {
        let folder = folder();
        let mut environment = vec![
            ("PRAVIS_DATA_DIR", folder.path().to_str().unwrap()),
            ("PRAVIS_RATE_LIMIT_BURST", "1000000"),
        ];
        environment.extend_from_slice(settings);
        let environment: Environment = environment.into_iter().collect();
        let clock = FakeClock::at(BEGIN);
        let config = Config::from_environment(&environment).unwrap();
        let access = access(&config);
        let app = App::with(config, clock.as_clock(), access, recorder);
        let opened = LocalStorage::open(&folder.path().join("storage"), LocalOptions::default());
        let storage = Arc::new(FaultyStorage::new(Arc::new(opened.unwrap())));
        app.provide_storage(Arc::clone(&storage) as Arc<dyn Storage>);
        Self {
            router: pravis::router::handler(&app, "api"),
            app,
            clock,
            store: OnceLock::new(),
            storage,
            _folder: Arc::new(folder),
        }
    }

    /// Another process of the program, with the same store, storage and clock.
    pub fn another(&self) -> Self {
        let other = self.asleep();
        if let Some(store) = self.store.get() {
            other.provide(Arc::clone(store));
        }
        other
    }

    fn provide(&self, store: Arc<FaultyStore>) {
        self.app.provide_store(Arc::clone(&store) as Arc<dyn Store>);
        assert!(self.store.set(store).is_ok(), "the store is opened once");
    }

    /// Another process of the program, with the same storage and clock, whose store is still being opened.
    pub fn asleep(&self) -> Self {
        let app = App::new(self.app.config().clone(), self.clock.as_clock());
        app.provide_storage(Arc::clone(&self.storage) as Arc<dyn Storage>);
        Self {
            router: pravis::router::handler(&app, "api"),
            app,
            clock: self.clock.clone(),
            store: OnceLock::new(),
            storage: Arc::clone(&self.storage),
            _folder: Arc::clone(&self._folder),
        }
    }

    /// Gives the program its store.
    pub async fn open_store(&self) {
        let StoreConfig::Sqlite(file) = self.app.config().store.clone() else {
            panic!("the test app has an embedded database")
        };
        let options = self.app.config().sqlite_options();
        let opened = tokio::task::spawn_blocking(move || SqliteStore::open(&file, options));
        self.provide(Arc::new(FaultyStore::new(Arc::new(
            opened.await.unwrap().unwrap(),
        ))));
    }

    /// The program's shared state.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The clock that the program reads.
    pub fn clock(&self) -> &FakeClock {
        &self.clock
    }

    /// The store, beside the program and whatever is wrong with it: what another process would do.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store.get().unwrap().inner)
    }

    /// What becomes of the program's calls of its store.
    pub fn store_faults(&self) -> &Switch {
        &self.store.get().unwrap().switch
    }

    /// Lets the store say that it has no open session, or that it has.
    pub fn set_store_idle(&self, idle: bool) {
        self.store.get().unwrap().idle.store(idle, Ordering::Relaxed);
    }

    /// Blobs and queues, with the switches that say what becomes of the program's calls.
    pub fn storage(&self) -> &FaultyStorage {
        &self.storage
    }

    /// Blobs of the spill whose names begin so, in their order, whatever is wrong with the storage.
    pub async fn spilled(&self, prefix: &str) -> Vec<BlobName> {
        let listed = self.storage.inner.list(Container::Spill, prefix, None, 100_000);
        listed.await.unwrap().into_iter().map(|blob| blob.name).collect()
    }

    /// The doors of the handler, as the Functions host calls them.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// A caller with a new key of these scopes.
    pub async fn caller(&self, scopes: &[Scope]) -> Caller {
        self.caller_with(NewApiKey {
            name: Some("test".to_owned()),
            scopes: Some(scopes.to_vec()),
            ..NewApiKey::default()
        })
        .await
    }

    /// A caller with the new key that is described.
    pub async fn caller_with(&self, key: NewApiKey) -> Caller {
        let made = pravis::api::keys::make_key(&self.app, &*self.store(), key).await;
        self.anonymous().secret(&made.unwrap().key)
    }

    /// A caller who may do everything.
    pub async fn admin(&self) -> Caller {
        self.caller(&[Scope::Admin]).await
    }

    /// A caller without a key.
    pub fn anonymous(&self) -> Caller {
        Caller::new(self.router.clone())
    }
}

/// A folder in memory where the system has one: what these tests ask of the store does not depend on a disk, and waiting
/// for it would be most of their time.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = TempDir::new_in(memory).or_else(|_| TempDir::new());
    folder.unwrap()
}
