//! Sends metrics.

use super::losses::{Losses, Signal};
use super::queue::Lost;
use futures::future::BoxFuture;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How often it is looked whether anything changed.
const LOOK: Duration = Duration::from_millis(500);
/// Rest after something was sent. Each value is a record that is paid for: while there is traffic, one every ten seconds is
/// enough, and what comes after a quiet time goes out at once.
const REST: Duration = Duration::from_secs(10);
/// How long sending may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sends what was collected.
pub(super) type Export = Box<dyn Fn(ResourceMetrics) -> BoxFuture<'static, Result<(), Lost>> + Send + Sync>;

/// Collects when [`run`] asks; a clone is the same reader.
#[derive(Debug, Clone)]
pub(super) struct Reader(Arc<ManualReader>);

impl Reader {
    pub(super) fn new(temporality: Temporality) -> Self {
        Self(Arc::new(
            ManualReader::builder().with_temporality(temporality).build(),
        ))
    }

    /// What changed since it was last asked, if anything did.
    fn changes(&self) -> Option<ResourceMetrics> {
        let mut metrics = ResourceMetrics::default();
        self.0.collect(&mut metrics).ok()?;
        (points(&metrics) > 0).then_some(metrics)
    }
}

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

/// The task that sends metrics.
pub(super) struct Sending {
    task: JoinHandle<()>,
    closing: Arc<Notify>,
}

impl Sending {
    pub(super) fn start(engine: &Handle, reader: Reader, losses: Arc<Losses>, export: Export) -> Self {
        let closing = Arc::new(Notify::new());
        let task = engine.spawn(run(reader, losses, export, Arc::clone(&closing)));
        Self { task, closing }
    }

    /// Sends the last values, until `deadline`.
    pub(super) async fn finish(mut self, deadline: Instant) {
        self.closing.notify_one();
        if tokio::time::timeout_at(deadline, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

async fn run(reader: Reader, losses: Arc<Losses>, export: Export, closing: Arc<Notify>) {
    let mut pause = LOOK;
    loop {
        let last = tokio::time::timeout(pause, closing.notified()).await.is_ok();
        pause = if send(&reader, &losses, &export).await {
            REST
        } else {
            LOOK
        };
        if last {
            return;
        }
    }
}

/// Sends what changed; false when nothing did.
async fn send(reader: &Reader, losses: &Losses, export: &Export) -> bool {
    let poured = losses.pour();
    let Some(metrics) = reader.changes() else {
        return false;
    };
    let told = poured.iter().filter(|items| **items > 0).count();
    let others = points(&metrics).saturating_sub(told);
    let reason = match tokio::time::timeout(PATIENCE, export(metrics)).await {
        Ok(Ok(())) => return true,
        Ok(Err(lost)) => lost.reason,
        Err(_) => "it was not taken in time".to_owned(),
    };
    losses.put_back(poured);
    losses.count(Signal::Metrics, others, &reason);
    true
}

/// How many values there are.
fn points(metrics: &ResourceMetrics) -> usize {
    fn of<T>(data: &MetricData<T>) -> usize {
        match data {
            MetricData::Gauge(gauge) => gauge.data_points().count(),
            MetricData::Sum(sum) => sum.data_points().count(),
            MetricData::Histogram(histogram) => histogram.data_points().count(),
            MetricData::ExponentialHistogram(histogram) => histogram.data_points().count(),
        }
    }
    let metrics = metrics.scope_metrics().flat_map(|scope| scope.metrics());
    metrics
        .map(|metric| match metric.data() {
            AggregatedMetrics::F64(data) => of(data),
            AggregatedMetrics::U64(data) => of(data),
            AggregatedMetrics::I64(data) => of(data),
        })
        .sum()
}
