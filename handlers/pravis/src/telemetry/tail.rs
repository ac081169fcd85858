//! Which spans are sent. That is decided when a request ends: then it is known whether it failed or was slow.

use super::metrics::Metrics;
use super::queue::Queue;
use super::shape::{RECOMPUTE, shaped};
use opentelemetry::Context;
use opentelemetry::trace::{Span as _, SpanId, SpanKind, Status, TraceContextExt as _, TraceId};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    Sampler, SamplingDecision, SamplingResult, ShouldSample as _, Span, SpanData, SpanProcessor,
};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A request that takes longer is always sent.
const SLOW: Duration = Duration::from_secs(1);
/// Spans of one trace that are held; when there are more, it is decided with what is known by then.
const MOST_SPANS: usize = 256;
/// Traces are spread over so many locks.
const SHARDS: usize = 16;

/// Holds the spans of each trace until its last local root ends. Then all are sent when the trace failed or was slow, else by
/// the share of trace ids that is sent.
#[derive(Debug)]
pub(super) struct Tail {
    open: [Mutex<HashMap<TraceId, Trace>>; SHARDS],
    sampler: Sampler,
    /// What is sent for itself alone.
    whole: Queue<SpanData>,
    /// What is sent for all that is like it and is not sent.
    sampled: Queue<SpanData>,
    metrics: Metrics,
}

/// A trace that has an open root here: a request, a trigger, or work beside them.
#[derive(Debug, Default)]
struct Trace {
    roots: usize,
    notable: bool,
    spans: Vec<SpanData>,
}

impl Tail {
    pub(super) fn new(
        ratio: f64,
        whole: Queue<SpanData>,
        sampled: Queue<SpanData>,
        metrics: Metrics,
    ) -> Self {
        Self {
            open: Default::default(),
            sampler: Sampler::TraceIdRatioBased(ratio),
            whole,
            sampled,
            metrics,
        }
    }

    fn trace<R>(&self, id: TraceId, act: impl FnOnce(&mut HashMap<TraceId, Trace>) -> R) -> R {
        let shard = usize::from(id.to_bytes()[15]) % SHARDS;
        act(&mut self.open[shard].lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn send(&self, id: TraceId, notable: bool, spans: impl IntoIterator<Item = SpanData>) {
        let queue = if notable {
            &self.whole
        } else if self.is_sampled(id) {
            &self.sampled
        } else {
            return;
        };
        spans.into_iter().for_each(|span| queue.push(shaped(span)));
    }

    fn is_sampled(&self, id: TraceId) -> bool {
        let SamplingResult { decision, .. } =
            self.sampler
                .should_sample(None, id, "", &SpanKind::Internal, &[], &[]);
        decision == SamplingDecision::RecordAndSample
    }
}

/// Whether a span began here: it has no parent, or one in another process.
fn is_root(parent: SpanId, remote: bool) -> bool {
    parent == SpanId::INVALID || remote
}

fn duration(span: &SpanData) -> Duration {
    span.end_time.duration_since(span.start_time).unwrap_or_default()
}

impl SpanProcessor for Tail {
    fn on_start(&self, span: &mut Span, parent: &Context) {
        let parent = parent.span();
        let parent = parent.span_context();
        if is_root(parent.span_id(), parent.is_remote()) {
            let id = span.span_context().trace_id();
            self.trace(id, |open| open.entry(id).or_default().roots += 1);
        }
    }

    fn on_end(&self, span: SpanData) {
        if span.name == RECOMPUTE {
            self.metrics.rollup_recomputed(duration(&span));
        }
        let id = span.span_context.trace_id();
        let root = is_root(span.parent_span_id, span.parent_span_is_remote);
        let failed = matches!(span.status, Status::Error { .. });
        let notable = failed || (root && duration(&span) >= SLOW);
        let mut span = Some(span);
        let ready = self.trace(id, |open| {
            // There is none where the root has ended before its part.
            let trace = open.get_mut(&id)?;
            trace.notable |= notable;
            trace.roots = trace.roots.saturating_sub(usize::from(root));
            if trace.roots == 0 {
                return open.remove(&id);
            }
            trace.spans.extend(span.take());
            let full = trace.spans.len() >= MOST_SPANS;
            full.then(|| Trace {
                notable: trace.notable,
                spans: std::mem::take(&mut trace.spans),
                roots: 0,
            })
        });
        match (ready, span) {
            (Some(trace), last) => self.send(id, trace.notable, trace.spans.into_iter().chain(last)),
            (None, Some(alone)) => self.send(id, notable, [alone]),
            (None, None) => {}
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
