use super::*;
use crate::telemetry::losses::{Losses, Signal};
use crate::telemetry::queue::{Plan, Worker};
use opentelemetry::trace::{
    SpanBuilder, SpanContext, TraceFlags, TraceState, Tracer as _, TracerProvider as _,
};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::runtime::Handle;
use tokio::time::Instant;

type Sent = Arc<Mutex<Vec<SpanData>>>;

/// A tail, what came out of it, and how spans go in.
struct Rig {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    whole: Sent,
    sampled: Sent,
    workers: Vec<Worker>,
    tail: Arc<Tail>,
}

/// The tail, shared with the test.
#[derive(Debug)]
struct Shared(Arc<Tail>);

impl SpanProcessor for Shared {
    fn on_start(&self, span: &mut Span, parent: &Context) {
        self.0.on_start(span, parent);
    }

    fn on_end(&self, span: SpanData) {
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

impl Rig {
    fn new(ratio: f64) -> Self {
        let mut workers = Vec::new();
        let mut queue = || {
            let sent = Sent::default();
            let kept = Arc::clone(&sent);
            let plan = Plan {
                signal: Signal::Spans,
                capacity: 100_000,
                patience: Duration::from_secs(5),
            };
            let (queue, worker) = Queue::start(
                &Handle::current(),
                plan,
                Arc::new(Losses::new(None)),
                Box::new(move |batch| {
                    kept.lock().unwrap().extend(batch);
                    Box::pin(async { Ok(()) })
                }),
            );
            workers.push(worker);
            (queue, sent)
        };
        let ((whole_queue, whole), (sampled_queue, sampled)) = (queue(), queue());
        let tail = Arc::new(Tail::new(ratio, whole_queue, sampled_queue, Metrics::default()));
        let provider = SdkTracerProvider::builder()
            .with_sampler(Sampler::AlwaysOn)
            .with_span_processor(Shared(Arc::clone(&tail)))
            .build();
        let tracer = provider.tracer("test");
        Self {
            provider,
            tracer,
            whole,
            sampled,
            workers,
            tail,
        }
    }

    fn open(&self) -> usize {
        self.tail
            .open
            .iter()
            .map(|shard| shard.lock().unwrap().len())
            .sum()
    }

    fn held(&self) -> usize {
        let held = |shard: &Mutex<HashMap<_, Trace>>| -> usize {
            shard
                .lock()
                .unwrap()
                .values()
                .map(|trace| trace.spans.len())
                .sum()
        };
        self.tail.open.iter().map(held).sum()
    }

    /// A span of a caller in another process.
    fn caller(trace: u128) -> Context {
        let context = SpanContext::new(
            TraceId::from(trace),
            SpanId::from(7),
            TraceFlags::SAMPLED,
            true,
            TraceState::default(),
        );
        Context::new().with_remote_span_context(context)
    }

    /// A span that has begun.
    fn begin(&self, name: &'static str, parent: &Context) -> Context {
        let builder = SpanBuilder::from_name(name).with_start_time(SystemTime::UNIX_EPOCH);
        parent.with_span(self.tracer.build_with_context(builder, parent))
    }

    /// Names of what was sent: for itself, and for others.
    async fn sent(self) -> (Vec<String>, Vec<String>) {
        assert_eq!(self.open(), 0, "nothing is kept of traces that have ended");
        for worker in self.workers {
            worker.finish(Instant::now() + Duration::from_secs(5)).await;
        }
        drop(self.provider);
        let names = |sent: &Sent| {
            let mut names: Vec<_> = sent
                .lock()
                .unwrap()
                .iter()
                .map(|span| span.name.to_string())
                .collect();
            names.sort();
            names
        };
        (names(&self.whole), names(&self.sampled))
    }
}

/// Ends a span so many milliseconds after it began.
fn end(span: &Context, ms: u64) {
    span.span()
        .end_with_timestamp(SystemTime::UNIX_EPOCH + Duration::from_millis(ms));
}

fn fail(span: &Context) {
    span.span().set_status(Status::error(""));
}

#[tokio::test]
async fn what_failed_or_was_slow_is_sent_with_all_its_parts() {
    let rig = Rig::new(0.0);
    for (name, ms, failed, part_failed) in [
        ("quick", 999, false, false),
        ("slow", 1000, false, false),
        ("failed", 1, true, false),
        ("part", 1, false, true),
    ] {
        let root = rig.begin(name, &Context::new());
        let part = rig.begin(name, &root);
        if part_failed {
            fail(&part);
        }
        end(&part, 1);
        if failed {
            fail(&root);
        }
        end(&root, ms);
    }
    let (whole, sampled) = rig.sent().await;
    assert_eq!(whole, ["failed", "failed", "part", "part", "slow", "slow"]);
    assert_eq!(sampled, [""; 0]);
}

#[tokio::test]
async fn the_rest_is_sent_by_the_share_in_whole_traces() {
    let rig = Rig::new(0.25);
    const TRACES: usize = 2000;
    for _ in 0..TRACES {
        let root = rig.begin("root", &Context::new());
        end(&rig.begin("part", &root), 1);
        end(&root, 2);
    }
    let sampled = Arc::clone(&rig.sampled);
    let (whole, _) = rig.sent().await;
    assert_eq!(whole, [""; 0]);
    let mut traces: BTreeMap<_, usize> = BTreeMap::new();
    for span in &*sampled.lock().unwrap() {
        *traces.entry(span.span_context.trace_id().to_bytes()).or_default() += 1;
    }
    assert!(traces.values().all(|spans| *spans == 2));
    let share = traces.len() as f64 / TRACES as f64;
    assert!((0.2..0.3).contains(&share), "{share}");
}

#[tokio::test]
async fn requests_of_one_trace_share_their_fate() {
    let rig = Rig::new(0.0);
    let caller = Rig::caller(1);
    let (one, other) = (rig.begin("one", &caller), rig.begin("other", &caller));
    end(&rig.begin("part", &one), 1);
    end(&one, 2);
    assert_eq!((rig.open(), rig.held()), (1, 2));
    fail(&other);
    end(&other, 3);
    // Again, and now all is well.
    end(&rig.begin("later", &caller), 1);
    let (whole, _) = rig.sent().await;
    assert_eq!(whole, ["one", "other", "part"]);
}

#[tokio::test]
async fn what_outlives_its_request_stands_alone() {
    for (ratio, sent) in [(0.0, 0), (1.0, 2)] {
        let rig = Rig::new(ratio);
        let root = rig.begin("root", &Context::new());
        let (late, failed) = (rig.begin("late", &root), rig.begin("failed", &root));
        end(&root, 1);
        end(&late, 2);
        fail(&failed);
        end(&failed, 2);
        let (whole, sampled) = rig.sent().await;
        assert_eq!(whole, ["failed"]);
        assert_eq!(sampled.len(), sent);
    }
}

#[tokio::test]
async fn a_trace_without_end_is_not_held() {
    let rig = Rig::new(1.0);
    let caller = Rig::caller(u128::MAX);
    // There is always one open: a caller that sends one trace id for ever.
    let mut open = rig.begin("root", &caller);
    for _ in 0..2000 {
        let next = rig.begin("root", &caller);
        end(&rig.begin("part", &next), 1);
        end(&open, 1);
        assert!(rig.held() <= MOST_SPANS);
        open = next;
    }
    end(&open, 1);
    let (whole, sampled) = rig.sent().await;
    assert_eq!((whole.len(), sampled.len()), (0, 4001));
}
