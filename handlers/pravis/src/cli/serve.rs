//! `pravis serve`: the local host and the program in one process.

use super::{CommandError, local, logging, opened, seed};
use crate::access::Access;
use crate::api::keys::make_key;
use crate::app::App;
use crate::auth::mirror;
use crate::config::{Config, Environment, StorageConfig, StoreConfig};
use crate::error::ApiError;
use crate::host::arrivals::Arrivals;
use crate::host::local::LocalHost;
use crate::host::queues::Queues;
use crate::host::routes::RouteTable;
use crate::host::timers::Timers;
use crate::middleware::observe;
use crate::router;
use crate::telemetry::{self, Recorder, gauges};
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use blobs::Storage;
use domain::keys::{NewApiKey, Scope};
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long open requests may take to end after Ctrl-C.
const GRACE: Duration = Duration::from_secs(10);

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Fill an empty database with 30 days of plausible boutique data.
    #[arg(long)]
    demo: bool,
    /// The folder that holds host.json and functions/.
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
}

impl Serve {
    pub(super) async fn run(self, config: Config, environment: &Environment) -> Result<(), CommandError> {
        let access = Access::new(&config);
        let telemetry = telemetry::start(&config, Arc::clone(&access.credential))?;
        logging::log_text(&config.log, &telemetry)?;
        let ended = self
            .serve(config, environment, access, telemetry.recorder().clone())
            .await;
        telemetry.shutdown().await;
        ended?;
        logging::say("Ended.");
        Ok(())
    }

    async fn serve(
        self,
        mut config: Config,
        environment: &Environment,
        access: Access,
        recorder: Recorder,
    ) -> Result<(), CommandError> {
        let root = local::read(&self.root, environment)?;
        let listener = listen(config.host.address).await?;
        let address = listener.local_addr().map_err(CommandError::failed)?;
        // Grants for uploads name it, also where the system chose the port.
        config.host.address = address;
        let app = App::with(config, Arc::new(Timestamp::now), access, recorder);

        let handler = router::handler(&app, &root.host.extensions.http.route_prefix);
        let front = front(&app, handler.clone(), RouteTable::of(&root));
        let (stop, stopped) = watch::channel(());
        let serving = tokio::spawn(serve(listener, front, stopped.clone()));

        let _fresh = app.access().secrets.keep_fresh();
        let storage = opened::storage(app.config(), app.access())
            .await
            .map_err(CommandError::failed)?;
        app.provide_storage(Arc::clone(&storage));
        let store = match app.config().store {
            StoreConfig::Sqlite(_) => opened::open(app.config(), app.access())
                .await
                .map_err(CommandError::failed)?,
            StoreConfig::AzureSql(_) => opened::keep_trying(&app).await,
        };
        app.provide_store(Arc::clone(&store));
        tokio::spawn(mirror::catch_up(app.clone()));
        tokio::spawn(gauges::keep_hash_key(app.clone()));
        self.welcome(&app, &store, address).await?;

        let folder = app.config().data_dir.join("timers");
        let timers = Timers::new(&root, handler.clone(), app.clock(), folder);
        let timers = tokio::spawn(timers.run(ended(stopped.clone())));
        let queues =
            Queues::new(&root, handler, app.clock(), Arc::clone(&storage)).map_err(CommandError::failed)?;
        let queues = tokio::spawn(queues.run(app.sent(), ended(stopped.clone())));
        let arrivals = tokio::spawn(arrivals(app.clone(), storage, stopped));
        let mut terminated = signal(SignalKind::terminate()).map_err(CommandError::failed)?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.map_err(CommandError::failed)?,
            _ = terminated.recv() => {}
        }
        stop.send_replace(());
        let _ = tokio::time::timeout(GRACE, async { tokio::join!(serving, timers, queues, arrivals) }).await;
        store.close().await;
        Ok(())
    }

    /// Says where the program is, makes the first key, and shows a first call.
    async fn welcome(
        &self,
        app: &App,
        store: &Arc<dyn Store>,
        address: SocketAddr,
    ) -> Result<(), CommandError> {
        let url = app.config().host.public_url.clone();
        let url = url.unwrap_or_else(|| format!("http://{address}"));
        let key = first_key(app, store).await?;
        if self.demo {
            seed::demo(app, store).await?;
        }
        logging::say(format!(
            "Pravis is at {url}/api, its data in {}",
            app.config().store
        ));
        logging::say(format!("API description: {url}/api/docs/"));
        match key {
            Some(key) => {
                logging::say(format!("Admin key, shown only this once: {key}"));
                logging::say(format!(
                    "Try: curl -s -H 'Authorization: Bearer {key}' '{url}/api/v1/analytics/interactions?days=30'"
                ));
            }
            None => logging::say(
                "Keys were made before; `pravis keys create --name NAME --scopes admin` makes another one.",
            ),
        }
        logging::say("Ctrl-C ends it.");
        Ok(())
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, CommandError> {
    TcpListener::bind(address).await.map_err(|error| {
        CommandError::Failed(format!(
            "cannot listen on {address}: {error}; PRAVIS_ADDRESS names another address"
        ))
    })
}

/// The local host before the handler; what it answers itself looks like what the handler answers.
fn front(app: &App, handler: Router, routes: RouteTable) -> Router {
    let path = |request: &Request| request.uri().path().to_owned();
    let local = LocalHost::new(handler, routes)
        .not_found(move |request| {
            ApiError::NotFound(format!("operation at {}", path(request))).into_response()
        })
        .method_not_allowed(|request, _| {
            ApiError::MethodNotAllowed(request.method().to_string()).into_response()
        });
    local
        .into_router()
        .layer(axum::middleware::from_fn_with_state(app.clone(), observe))
        .route("/", get(|| async { Redirect::temporary("/api/docs/") }))
}

async fn serve(listener: TcpListener, router: Router, stopped: watch::Receiver<()>) {
    if let Err(error) = axum::serve(listener, router)
        .with_graceful_shutdown(ended(stopped))
        .await
    {
        tracing::error!(%error, "the server ended");
    }
}

/// Stands in for Event Grid, which only a storage account has.
async fn arrivals(app: App, storage: Arc<dyn Storage>, stopped: watch::Receiver<()>) {
    if matches!(app.config().storage, StorageConfig::Account(_)) {
        return;
    }
    let arrivals = Arrivals::new(storage, move || app.tell_sent());
    arrivals.run(ended(stopped)).await;
}

async fn ended(mut stopped: watch::Receiver<()>) {
    let _ = stopped.changed().await;
}

/// Makes an admin key when there is none at all.
async fn first_key(app: &App, store: &Arc<dyn Store>) -> Result<Option<String>, CommandError> {
    if !store
        .list_api_keys()
        .await
        .map_err(CommandError::failed)?
        .is_empty()
    {
        return Ok(None);
    }
    let new = NewApiKey {
        name: Some("first start".to_owned()),
        scopes: Some(vec![Scope::Admin]),
        ..NewApiKey::default()
    };
    let created = make_key(app, &**store, new).await.map_err(CommandError::failed)?;
    Ok(Some(created.key))
}
