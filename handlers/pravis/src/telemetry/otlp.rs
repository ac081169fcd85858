//! A collector that takes OTLP over HTTP, in protobuf.

use super::export::{self, Exports};
use super::http::Http;
use crate::config::{SettingError, TelemetryConfig};
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, MetricExporter, Protocol, SpanExporter, WithExportConfig as _,
    WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::LogExporter as _;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::trace::SpanExporter as _;

/// Everything: a collector samples by itself, and is not told a rate.
const SHARE: f64 = 1.0;

pub(super) fn exports(
    config: &TelemetryConfig,
    http: &Http,
    resource: &Resource,
) -> Result<Option<Exports>, SettingError> {
    let Some(endpoint) = &config.otlp_endpoint else {
        return Ok(None);
    };
    let wrong = |error: ExporterBuildError| {
        SettingError::new("OTEL_EXPORTER_OTLP_ENDPOINT", format!("cannot be used: {error}"))
    };
    let address = |signal: &str| format!("{endpoint}/v1/{signal}");
    let mut spans = SpanExporter::builder()
        .with_http()
        .with_http_client(http.clone())
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(address("traces"))
        .build()
        .map_err(wrong)?;
    spans.set_resource(resource);
    let mut logs = LogExporter::builder()
        .with_http()
        .with_http_client(http.clone())
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(address("logs"))
        .build()
        .map_err(wrong)?;
    logs.set_resource(resource);
    let metrics = MetricExporter::builder()
        .with_http()
        .with_http_client(http.clone())
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(address("metrics"))
        .with_temporality(Temporality::Cumulative)
        .build()
        .map_err(wrong)?;
    Ok(Some(Exports {
        ratio: config.sampling.unwrap_or(SHARE),
        whole: export::spans(spans),
        sampled: None,
        logs: export::logs(logs),
        metrics: export::metrics(metrics),
        temporality: Temporality::Cumulative,
    }))
}
