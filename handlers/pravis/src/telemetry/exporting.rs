//! Spans, log lines and numbers, each through its queue.

use super::export::Exports;
use super::layers::{self, Layers};
use super::logs::Logs;
use super::losses::{Losses, Signal};
use super::metrics::Metrics;
use super::queue::{Plan, Queue, Worker};
use super::reader::{Reader, Sending};
use super::tail::Tail;
use crate::config::SettingError;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::Subscriber;
use tracing_subscriber::registry::LookupSpan;

/// A kilobyte or two each.
const SPANS: Plan = Plan {
    signal: Signal::Spans,
    capacity: 4096,
    patience: Duration::from_secs(15),
};
const LINES: Plan = Plan {
    signal: Signal::Logs,
    capacity: 2048,
    patience: Duration::from_secs(15),
};

/// What Application Insights or a collector is sent.
pub(super) struct Exporting {
    pub(super) metrics: Metrics,
    pub(super) losses: Arc<Losses>,
    tracer: SdkTracerProvider,
    logger: SdkLoggerProvider,
    /// Without it there is nothing to collect.
    meter: SdkMeterProvider,
    workers: Vec<Worker>,
    sending: Sending,
}

impl Exporting {
    pub(super) fn start(engine: &Handle, exports: Exports, resource: Resource) -> Self {
        let reader = Reader::new(exports.temporality);
        let meter = SdkMeterProvider::builder()
            .with_resource(resource.clone())
            .with_reader(reader.clone())
            .build();
        let metrics = Metrics::new(meter.meter("pravis"));
        let losses = Arc::new(Losses::new(metrics.lost()));
        let mut workers = Vec::new();
        let mut spans = |export| {
            let (queue, worker) = Queue::start(engine, SPANS, Arc::clone(&losses), export);
            workers.push(worker);
            queue
        };
        let whole = spans(exports.whole);
        let sampled = exports.sampled.map_or_else(|| whole.clone(), spans);
        let (lines, worker) = Queue::start(engine, LINES, Arc::clone(&losses), exports.logs);
        workers.push(worker);
        let tracer = SdkTracerProvider::builder()
            .with_sampler(Sampler::AlwaysOn)
            .with_resource(resource.clone())
            .with_span_processor(Tail::new(exports.ratio, whole, sampled, metrics.clone()))
            .build();
        let logger = SdkLoggerProvider::builder()
            .with_resource(resource)
            .with_log_processor(Logs::new(lines))
            .build();
        let sending = Sending::start(engine, reader, Arc::clone(&losses), exports.metrics);
        Self {
            metrics,
            losses,
            tracer,
            logger,
            meter,
            workers,
            sending,
        }
    }

    pub(super) fn layers<S>(&self, directives: &str) -> Result<Layers<S>, SettingError>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        layers::layers(&self.tracer, &self.logger, directives)
    }

    /// Sends what is left, until `deadline`.
    pub(super) async fn finish(self, deadline: Instant) {
        let workers = self.workers.into_iter().map(|worker| worker.finish(deadline));
        futures::join!(futures::future::join_all(workers), self.sending.finish(deadline));
        drop(self.meter);
    }
}
