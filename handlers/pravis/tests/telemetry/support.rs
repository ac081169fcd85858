//! One telemetry for all tests, and others beside it.

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use pravis::config::{Config, Environment};
use pravis::telemetry::{self, Recorder, Telemetry};
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use testkit::Ingestion;
use tracing_subscriber::layer::SubscriberExt as _;
use uuid::Uuid;

/// How long anything may take; far more than it takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The program's telemetry, as `pravis handler` sets it up, and where it arrives.
pub(crate) struct Shared {
    pub(crate) stub: Ingestion,
    pub(crate) recorder: Recorder,
    _telemetry: Telemetry,
}

pub(crate) fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let stub = Ingestion::new();
        let connection_string = stub.connection_string();
        let settings = [
            (
                "APPLICATIONINSIGHTS_CONNECTION_STRING",
                connection_string.as_str(),
            ),
            ("PRAVIS_TELEMETRY_SAMPLING", "1"),
            ("WEBSITE_INSTANCE_ID", "instance-1"),
        ];
        let telemetry = start(&settings, Arc::default());
        let layers = telemetry.layers("info").unwrap();
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layers)).unwrap();
        Shared {
            stub,
            recorder: telemetry.recorder().clone(),
            _telemetry: telemetry,
        }
    })
}

/// Telemetry of these settings, with a credential that always has a token.
pub(crate) fn started(settings: &[(&str, &str)]) -> Telemetry {
    started_with(settings, Arc::new(Credential::default()))
}

pub(crate) fn started_with(settings: &[(&str, &str)], credential: Arc<Credential>) -> Telemetry {
    // Spans that begin while the subscriber is being installed are lost to it for ever.
    shared();
    start(settings, credential)
}

fn start(settings: &[(&str, &str)], credential: Arc<Credential>) -> Telemetry {
    let environment: Environment = settings.iter().copied().collect();
    let config = Config::from_environment(&environment).unwrap();
    telemetry::start(&config, credential).unwrap()
}

/// Polls until `ready` gives something.
pub(crate) async fn within<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ready() {
            return found;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A new trace: its id, and the `traceparent` of a caller in it.
pub(crate) fn trace() -> (String, String) {
    let id = Uuid::new_v4().simple().to_string();
    let traceparent = format!("00-{id}-b7ad6b7169203331-01");
    (id, traceparent)
}

/// All that arrived of a trace. Both queues keep their order: what follows the trace arrives after it.
pub(crate) async fn envelopes(trace: &str) -> Vec<Value> {
    let marker = Uuid::new_v4().to_string();
    tracing::info_span!(target: "store", "marker", marker)
        .in_scope(|| tracing::info!(target: "store", marker, "marker"));
    let stub = &shared().stub;
    within("a marker", || {
        (stub.text().matches(&marker).count() == 2).then_some(())
    })
    .await;
    let mut found: Vec<_> = stub.envelopes();
    found.retain(|envelope| envelope["tags"]["ai.operation.id"] == trace);
    found.sort_by_key(|envelope| {
        (
            envelope["name"].to_string(),
            envelope["data"]["baseData"]["name"].to_string(),
        )
    });
    found
}

/// The kinds of envelopes, in order.
pub(crate) fn kinds(envelopes: &[Value]) -> Vec<&str> {
    let names = envelopes
        .iter()
        .map(|envelope| envelope["name"].as_str().unwrap());
    names.map(|name| name.rsplit('.').next().unwrap()).collect()
}

/// The one envelope of a kind.
pub(crate) fn one<'e>(envelopes: &'e [Value], kind: &str) -> &'e Value {
    let mut found = envelopes
        .iter()
        .filter(|envelope| envelope["name"].as_str().unwrap().ends_with(kind));
    let first = found
        .next()
        .unwrap_or_else(|| panic!("no {kind}: {envelopes:#?}"));
    assert!(found.next().is_none(), "more than one {kind}");
    first
}

/// An identity whose tokens are numbered.
#[derive(Debug, Default)]
pub(crate) struct Credential {
    pub(crate) asked: AtomicUsize,
    /// How long its tokens last.
    pub(crate) lasts: Option<Duration>,
    /// It has none.
    pub(crate) fails: bool,
}

impl Credential {
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl TokenCredential for Credential {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        assert_eq!(scopes, ["https://monitor.azure.com/.default"]);
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        if self.fails {
            let kind = azure_core::error::ErrorKind::Credential;
            return Err(azure_core::Error::with_message(kind, "no identity here"));
        }
        let lasts = self.lasts.unwrap_or(Duration::from_secs(3600));
        Ok(AccessToken::new(
            format!("token-{number}"),
            OffsetDateTime::now_utc() + lasts,
        ))
    }
}
