//! A collector in place of Application Insights.

use crate::support::{started, within};
use testkit::Ingestion;
use tracing_subscriber::layer::SubscriberExt as _;

#[tokio::test]
async fn a_collector_is_sent_all_signals_in_protobuf() {
    let stub = Ingestion::new();
    let telemetry = started(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &stub.url())]);
    let layers = telemetry.layers("info").unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layers), || {
        tracing::info_span!(target: "store", "span_of_otlp").in_scope(|| {
            tracing::info!(target: "store", "line of OTLP");
        });
    });
    telemetry.recorder().metrics().batch(1);
    let arrived = |path: &str, text: &str| {
        let calls = stub.calls();
        let mut matching = calls.iter().filter(|call| call.target == path);
        matching.any(|call| String::from_utf8_lossy(&call.body).contains(text))
    };
    for (path, text) in [
        ("/v1/traces", "span_of_otlp"),
        ("/v1/traces", "service.instance.id"),
        ("/v1/logs", "line of OTLP"),
        ("/v1/logs", "service.instance.id"),
        ("/v1/metrics", "pravis.ingest.batch_size"),
        ("/v1/metrics", "service.instance.id"),
    ] {
        within(&format!("{text} at {path}"), || arrived(path, text).then_some(())).await;
    }
    telemetry.shutdown().await;
}
