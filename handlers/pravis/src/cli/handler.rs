//! `pravis handler`: what the Functions host starts.

use super::{CommandError, logging, opened};
use crate::access::Access;
use crate::app::App;
use crate::auth::mirror;
use crate::config::{Config, Environment, SettingError};
use crate::host::host_json::HostJson;
use crate::router;
use crate::telemetry::{self, Recorder, gauges};
use crate::version;
use jiff::Timestamp;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// What a program ended by SIGTERM exits with; 0 would make the host believe that all is well.
const TERMINATED: u8 = 143;

/// Listens at once, opens the store beside it, and serves until it is killed.
pub(super) async fn handler(config: Config, environment: &Environment) -> Result<ExitCode, CommandError> {
    let access = Access::new(&config);
    let telemetry = telemetry::start(&config, Arc::clone(&access.credential))?;
    logging::log_json(&config.log, &telemetry)?;
    let ended = serve(config, environment, access, telemetry.recorder().clone()).await;
    telemetry.shutdown().await;
    ended
}

async fn serve(
    config: Config,
    environment: &Environment,
    access: Access,
    recorder: Recorder,
) -> Result<ExitCode, CommandError> {
    let port = config.host.handler_port.ok_or_else(|| {
        SettingError::new(
            "FUNCTIONS_CUSTOMHANDLER_PORT",
            "is set by the Functions host; to run alone use `pravis serve`",
        )
    })?;
    let app = App::with(config, Arc::new(Timestamp::now), access, recorder);
    let router = router::handler(&app, &route_prefix(environment));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(CommandError::failed)?;
    tracing::info!(port, version = version::LONG.as_str(), "listening");
    let _fresh = app.access().secrets.keep_fresh();
    tokio::spawn(open_store(app.clone()));
    tokio::spawn(open_storage(app.clone()));
    tokio::spawn(mirror::catch_up(app.clone()));
    tokio::spawn(gauges::keep_hash_key(app.clone()));

    let mut terminated = signal(SignalKind::terminate()).map_err(CommandError::failed)?;
    tokio::select! {
        ended = axum::serve(listener, router) => ended.map_err(CommandError::failed)?,
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    if let Ok(store) = app.store_now() {
        store.close().await;
    }
    Ok(ExitCode::from(TERMINATED))
}

/// Opens the store however long it takes: an absent database must not end the program.
async fn open_store(app: App) {
    app.provide_store(opened::keep_trying(&app).await);
}

/// Opens blobs and queues, again and again until they open.
async fn open_storage(app: App) {
    app.provide_storage(opened::keep_trying_storage(&app).await);
}

/// The prefix in `host.json`, which stands in the app's root; `api` when there is none to read.
fn route_prefix(environment: &Environment) -> String {
    let root: PathBuf = environment.get("FUNCTIONS_APP_ROOT_PATH").unwrap_or(".").into();
    let text = std::fs::read(root.join("host.json")).unwrap_or_default();
    let host: Option<HostJson> = serde_json::from_slice(&text).ok();
    host.map_or_else(|| "api".to_owned(), |host| host.extensions.http.route_prefix)
}
