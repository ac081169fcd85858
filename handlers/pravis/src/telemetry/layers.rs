//! What of the program's spans and log lines is exported.

use crate::config::SettingError;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, Targets, filter_fn};
use tracing_subscriber::layer::Filter;
use tracing_subscriber::registry::LookupSpan;

/// Our own crates. What others say may hold anything, such as the values in a message of the database; and what the client of
/// an exporter says about sending would be sent again.
const OWN: [&str; 5] = ["blobs", "domain", "media", "pravis", "store"];

/// The layers of [`super::Telemetry::layers`].
pub type Layers<S> = Vec<Box<dyn Layer<S> + Send + Sync>>;

/// Telemetry does not speak of itself through itself.
fn is_exported(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let root = target.split("::").next().unwrap_or(target);
    *metadata.level() <= tracing::Level::INFO
        && OWN.contains(&root)
        && !target.starts_with("pravis::telemetry")
}

/// Spans as they are; log lines that also `directives` let through, and these not once more as events of their span.
pub(super) fn layers<S>(
    tracer: &SdkTracerProvider,
    logger: &SdkLoggerProvider,
    directives: &str,
) -> Result<Layers<S>, SettingError>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let only_spans = filter_fn(|metadata| metadata.is_span() && is_exported(metadata));
    let spans = tracing_opentelemetry::layer()
        .with_tracer(tracer.tracer("pravis"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(only_spans.with_max_level_hint(LevelFilter::INFO));
    let exported = filter_fn(is_exported).with_max_level_hint(LevelFilter::INFO);
    let logs = OpenTelemetryTracingBridge::new(logger).with_filter(exported.and(filter(directives)?));
    Ok(vec![spans.boxed(), logs.boxed()])
}

/// What `PRAVIS_LOG` lets through. Directives that name targets and levels only, as most do, cost nothing while spans come and
/// go.
pub(crate) fn filter<S>(directives: &str) -> Result<Box<dyn Filter<S> + Send + Sync>, SettingError> {
    // It would take `pravis[request]` for a target.
    if !directives.contains('[')
        && let Ok(targets) = directives.parse::<Targets>()
    {
        return Ok(Box::new(targets));
    }
    let takes = "takes tracing directives such as info or pravis=debug";
    match EnvFilter::try_new(directives) {
        Ok(filter) => Ok(Box::new(filter)),
        Err(error) => Err(SettingError::new("PRAVIS_LOG", format!("{takes}: {error}"))),
    }
}
