//! Application Insights.

use super::bearer::Bearer;
use super::export::{self, Exports};
use super::http::Http;
use super::sender::Sender;
use crate::config::{SettingError, TelemetryConfig, is_loopback};
use opentelemetry_application_insights::Exporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter as _;
use opentelemetry_sdk::trace::SpanExporter;

/// The share of quick and successful requests that is sent unless it is set. A record of each is some kilobyte that is paid
/// for; a tenth still shows how long requests take, and failures, metrics and facts do not depend on it.
const SHARE: f64 = 0.1;

pub(super) fn exports(
    config: &TelemetryConfig,
    http: Http,
    bearer: Option<Bearer>,
    resource: &Resource,
) -> Result<Option<Exports>, SettingError> {
    let Some(connection_string) = &config.connection_string else {
        return Ok(None);
    };
    let plain = config
        .ingestion_endpoint()
        .is_some_and(|url| url.starts_with("http://") && is_loopback(url));
    let bearer = bearer.filter(|_| config.authentication.is_some());
    let sender = Sender::new(http, bearer, plain);
    let mut exporter = Exporter::new_from_connection_string(connection_string.secret(), sender)
        .map_err(|error| SettingError::new("APPLICATIONINSIGHTS_CONNECTION_STRING", error.to_string()))?;
    SpanExporter::set_resource(&mut exporter, resource);
    let ratio = config.sampling.unwrap_or(SHARE);
    let sampled = exporter.clone().with_sample_rate(ratio);
    Ok(Some(Exports {
        ratio,
        whole: export::spans(exporter.clone()),
        sampled: (ratio < 1.0).then(|| export::spans(sampled)),
        logs: export::logs(exporter.clone()),
        temporality: exporter.temporality(),
        metrics: export::metrics(exporter),
    }))
}
