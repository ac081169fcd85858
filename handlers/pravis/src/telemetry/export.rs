//! Exporters behind one face.

use super::queue::{Export, Lost};
use super::{logs, reader};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::sync::Arc;

/// Where everything goes.
pub(super) struct Exports {
    /// The share of quick and successful requests that is sent.
    pub(super) ratio: f64,
    /// Sends spans that stand for themselves.
    pub(super) whole: Export<SpanData>,
    /// Sends spans that stand for all that are like them; none: the share cannot be told.
    pub(super) sampled: Option<Export<SpanData>>,
    pub(super) logs: Export<logs::Item>,
    pub(super) metrics: reader::Export,
    pub(super) temporality: Temporality,
}

fn lost(items: usize, result: OTelSdkResult) -> Result<(), Lost> {
    result.map_err(|error| Lost {
        items,
        reason: error.to_string(),
    })
}

pub(super) fn spans(exporter: impl SpanExporter + 'static) -> Export<SpanData> {
    let exporter = Arc::new(exporter);
    Box::new(move |batch| {
        let exporter = Arc::clone(&exporter);
        Box::pin(async move { lost(batch.len(), exporter.export(batch).await) })
    })
}

pub(super) fn logs(exporter: impl LogExporter + 'static) -> Export<logs::Item> {
    let exporter = Arc::new(exporter);
    Box::new(move |batch| {
        let exporter = Arc::clone(&exporter);
        Box::pin(async move {
            let records: Vec<_> = batch.iter().map(|(record, scope)| (record, scope)).collect();
            lost(batch.len(), exporter.export(LogBatch::new(&records)).await)
        })
    })
}

pub(super) fn metrics(exporter: impl PushMetricExporter) -> reader::Export {
    let exporter = Arc::new(exporter);
    Box::new(move |metrics| {
        let exporter = Arc::clone(&exporter);
        Box::pin(async move { lost(0, exporter.export(&metrics).await) })
    })
}
