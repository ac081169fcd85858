//! Telemetry: spans, log lines, numbers and facts, on their way to Application Insights or a collector, and to Log Analytics.
//!
//! [`start`] reads where it goes. Everything passes a bounded queue that a task on a thread of its own empties within a second;
//! what does not fit, or is not taken, is lost and counted, and no request ever waits for it. Texts, keys and ids of people are
//! in none of it.

mod app_insights;
mod bearer;
mod engine;
mod export;
mod exporting;
pub mod facts;
pub(crate) mod gauges;
mod http;
mod layers;
mod logs;
mod losses;
mod metrics;
mod otlp;
pub(crate) mod parent;
mod queue;
mod reader;
mod recorder;
mod sender;
pub(crate) mod shape;
mod shorten;
mod tail;

pub use facts::Facts;
pub use layers::Layers;
pub(crate) use layers::filter;
pub use metrics::{Metrics, Usage};
pub use recorder::{Note, Recorder};

use crate::config::{Config, IdentityConfig, SettingError, TelemetryConfig};
use crate::identity::Identity;
use crate::secrets::SecretSetting;
use azure_core::credentials::TokenCredential;
use bearer::Bearer;
use engine::Engine;
use exporting::Exporting;
use http::Http;
use losses::Losses;
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use queue::Worker;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tracing::Subscriber;
use tracing_subscriber::registry::LookupSpan;
use uuid::Uuid;

/// How long the end of the program waits for what is not sent yet.
const FAREWELL: Duration = Duration::from_secs(2);

/// Running telemetry. It ends, and loses what it has not sent, with this value; [`Telemetry::shutdown`] sends it first.
pub struct Telemetry {
    recorder: Recorder,
    exporting: Option<Exporting>,
    facts: Option<Worker>,
    losses: Arc<Losses>,
    _engine: Option<Engine>,
}

/// Why telemetry cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// There is no thread for it.
    #[error("no thread for telemetry: {0}")]
    Thread(#[from] std::io::Error),
}

/// Starts what the settings name; without any, nothing. `credential` asks for tokens where they are needed.
pub fn start(config: &Config, credential: Arc<dyn TokenCredential>) -> Result<Telemetry, StartError> {
    let (hash_key, identity, config) = (&config.hash_key, config.identity, &config.telemetry);
    let (http, bearer) = (Http::default(), bearer(config, identity, credential));
    let resource = resource(config);
    let exports = match app_insights::exports(config, http.clone(), bearer.clone(), &resource)? {
        None => otlp::exports(config, &http, &resource)?,
        exports => exports,
    };
    if exports.is_none() && config.logs.is_none() {
        return Ok(Telemetry::off());
    }
    let engine = Engine::start()?;
    let mut telemetry = Telemetry::off();
    let mut metrics = Metrics::default();
    if let Some(exports) = exports {
        let exporting = Exporting::start(engine.handle(), exports, resource);
        metrics = exporting.metrics.clone();
        telemetry.losses = Arc::clone(&exporting.losses);
        telemetry.exporting = Some(exporting);
    }
    let mut facts = Facts::default();
    if let (Some(logs), Some(bearer)) = (&config.logs, bearer) {
        let losses = Arc::clone(&telemetry.losses);
        let (started, worker) = Facts::start(engine.handle(), logs, http, bearer, losses);
        // A reference to the vault is no key yet: whoever reads it calls `Facts::set_key`.
        if let Some(SecretSetting::Plain(key)) = hash_key {
            started.set_key(key.expose().as_bytes());
        }
        (facts, telemetry.facts) = (started, Some(worker));
    }
    telemetry.recorder = Recorder::new(metrics, facts);
    telemetry._engine = Some(engine);
    Ok(telemetry)
}

/// The token's source, where one is needed. Application Insights may be told of another identity than the program's own.
fn bearer(
    config: &TelemetryConfig,
    identity: IdentityConfig,
    own: Arc<dyn TokenCredential>,
) -> Option<Bearer> {
    let entra = config
        .authentication
        .as_ref()
        .filter(|_| config.connection_string.is_some());
    if entra.is_none() && config.logs.is_none() {
        return None;
    }
    let named = entra.and_then(|asked| asked.client_id);
    Some(Bearer::new(match (named, identity) {
        (client_id @ Some(_), IdentityConfig::Managed { client_id: program }) if client_id != program => {
            Arc::new(Identity::new(IdentityConfig::Managed { client_id }))
        }
        _ => own,
    }))
}

/// Who sends it all.
fn resource(config: &TelemetryConfig) -> Resource {
    let instance = config.instance.clone();
    let instance = instance.unwrap_or_else(|| Uuid::now_v7().to_string());
    Resource::builder_empty()
        .with_attributes([
            KeyValue::new("service.name", "pravis"),
            KeyValue::new("service.version", crate::version::VERSION),
            KeyValue::new("service.instance.id", instance),
        ])
        .build()
}

impl Telemetry {
    /// None at all.
    pub fn off() -> Self {
        Self {
            recorder: Recorder::default(),
            exporting: None,
            facts: None,
            losses: Arc::new(Losses::new(None)),
            _engine: None,
        }
    }

    /// What takes numbers and facts.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Layers that export spans, and the log lines that `directives` (see `PRAVIS_LOG`) let through.
    pub fn layers<S>(&self, directives: &str) -> Result<Option<Layers<S>>, SettingError>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let exporting = self.exporting.as_ref();
        exporting
            .map(|exporting| exporting.layers(directives))
            .transpose()
    }

    /// Sends what is left, for two seconds at most.
    pub async fn shutdown(self) {
        let deadline = Instant::now() + FAREWELL;
        let exporting = self.exporting.map(|exporting| exporting.finish(deadline));
        let facts = self.facts.map(|facts| facts.finish(deadline));
        futures::join!(
            futures::future::OptionFuture::from(exporting),
            futures::future::OptionFuture::from(facts)
        );
        self.losses.log_rest();
    }
}
