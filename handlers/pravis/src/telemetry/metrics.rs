//! The instruments: what is counted and measured.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bucket bounds that the semantic conventions advise for `gen_ai.client.token.usage`: powers of 4.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
/// Sizes of batches, up to the largest that is taken.
const ITEMS: [f64; 7] = [1.0, 5.0, 20.0, 100.0, 250.0, 500.0, 1000.0];
/// Seconds.
const SECONDS: [f64; 8] = [0.005, 0.02, 0.05, 0.2, 0.5, 1.0, 5.0, 20.0];

/// All instruments; a clone has the same ones. Without telemetry every call is nothing.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Option<Arc<Instruments>>);

#[derive(Debug)]
struct Instruments {
    meter: Meter,
    items: Counter<u64>,
    bytes: Counter<u64>,
    batch: Histogram<u64>,
    spilled: Counter<u64>,
    events: Counter<u64>,
    late_events: Counter<u64>,
    skewed_events: Counter<u64>,
    rollup: Histogram<f64>,
    tokens: Histogram<u64>,
    cost: Counter<u64>,
}

/// What one finished turn used.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// The type of the turn, `chat` and the like.
    pub operation: &'static str,
    /// Who runs the model.
    pub provider: Option<String>,
    /// The model's name.
    pub model: Option<String>,
    /// Tokens sent to the model.
    pub input: Option<u64>,
    /// Tokens that the model gave.
    pub output: Option<u64>,
    /// Cost in millionths of a US dollar.
    pub cost_micros: Option<u64>,
}

impl Metrics {
    /// The instruments of a meter.
    pub fn new(meter: Meter) -> Self {
        let counter = |name, unit, description| {
            meter
                .u64_counter(name)
                .with_unit(unit)
                .with_description(description)
                .build()
        };
        let histogram = |name, unit, bounds: &[f64], description| {
            meter
                .u64_histogram(name)
                .with_unit(unit)
                .with_boundaries(bounds.to_vec())
                .with_description(description)
                .build()
        };
        Self(Some(Arc::new(Instruments {
            items: counter("pravis.ingest.items", "{item}", "Turns that were stored"),
            bytes: counter(
                "pravis.ingest.bytes",
                "By",
                "Bytes of the bodies whose turns were stored",
            ),
            batch: histogram("pravis.ingest.batch_size", "{item}", &ITEMS, "Turns of one batch"),
            spilled: counter(
                "pravis.spill.items",
                "{item}",
                "Writes that were spilled, since SQL was away",
            ),
            events: counter("pravis.events.items", "{event}", "Client events that were taken"),
            late_events: counter(
                "pravis.events.late",
                "{event}",
                "Of these: how many happened more than a week before",
            ),
            skewed_events: counter(
                "pravis.events.skewed",
                "{event}",
                "Of these: how many came from a clock that is wrong",
            ),
            rollup: meter
                .f64_histogram("pravis.rollup.recompute.duration")
                .with_unit("s")
                .with_boundaries(SECONDS.to_vec())
                .with_description("Time to count dirty quarters of an hour anew")
                .build(),
            tokens: histogram(
                "gen_ai.client.token.usage",
                "{token}",
                &TOKENS,
                "Tokens of finished turns",
            ),
            cost: counter("pravis.gen_ai.cost", "{micro_usd}", "Cost of finished turns"),
            meter,
        })))
    }

    /// Whether they are sent anywhere.
    pub fn are_on(&self) -> bool {
        self.0.is_some()
    }

    /// Turns were stored, out of so many bytes.
    pub fn ingested(&self, items: u64, bytes: u64) {
        if let Some(instruments) = &self.0 {
            instruments.items.add(items, &[]);
            instruments.bytes.add(bytes, &[]);
        }
    }

    /// A batch of so many turns came in.
    pub fn batch(&self, items: u64) {
        if let Some(instruments) = &self.0 {
            instruments.batch.record(items, &[]);
        }
    }

    /// Writes were spilled, since SQL was away.
    pub fn spilled(&self, items: u64) {
        if let Some(instruments) = &self.0 {
            instruments.spilled.add(items, &[]);
        }
    }

    /// Client events were taken, stored or spilled: so many, and of these so many late and skewed ones.
    pub fn events(&self, items: u64, late: u64, skewed: u64) {
        let Some(instruments) = &self.0 else { return };
        let counters = [
            (&instruments.events, items),
            (&instruments.late_events, late),
            (&instruments.skewed_events, skewed),
        ];
        for (counter, count) in counters.into_iter().filter(|(_, count)| *count > 0) {
            counter.add(count, &[]);
        }
    }

    /// A turn has finished (OpenTelemetry semantic conventions for generative AI clients).
    pub fn finished(&self, usage: Usage) {
        let Some(instruments) = &self.0 else { return };
        let unknown = || "unknown".to_owned();
        let mut attributes = [
            KeyValue::new("gen_ai.operation.name", usage.operation),
            KeyValue::new("gen_ai.provider.name", usage.provider.unwrap_or_else(unknown)),
            KeyValue::new("gen_ai.request.model", usage.model.unwrap_or_else(unknown)),
            KeyValue::new("gen_ai.token.type", "input"),
        ];
        if let Some(cost) = usage.cost_micros {
            instruments.cost.add(cost, &attributes[..3]);
        }
        if let Some(tokens) = usage.input {
            instruments.tokens.record(tokens, &attributes);
        }
        if let Some(tokens) = usage.output {
            attributes[3] = KeyValue::new("gen_ai.token.type", "output");
            instruments.tokens.record(tokens, &attributes);
        }
    }

    /// Reads, now and then, how many SQL connections are in use.
    pub fn sql_in_use(&self, read: impl Fn() -> u64 + Send + Sync + 'static) {
        self.gauge(
            "pravis.sql.pool.in_use",
            "{connection}",
            "SQL connections in use",
            read,
        );
    }

    /// Reads, now and then, how many wait for a SQL connection.
    pub fn sql_waiting(&self, read: impl Fn() -> u64 + Send + Sync + 'static) {
        self.gauge(
            "pravis.sql.pool.waiting",
            "{request}",
            "Who waits for a SQL connection",
            read,
        );
    }

    /// Reads, now and then, how long the oldest spilled write has waited.
    pub fn spill_age(&self, read: impl Fn() -> Duration + Send + Sync + 'static) {
        let read = move || read().as_secs();
        self.gauge(
            "pravis.spill.queue_age",
            "s",
            "Age of the oldest spilled write",
            read,
        );
    }

    /// Quarters of an hour were counted anew.
    pub(super) fn rollup_recomputed(&self, took: Duration) {
        if let Some(instruments) = &self.0 {
            instruments.rollup.record(took.as_secs_f64(), &[]);
        }
    }

    /// Counts what was lost of telemetry itself.
    pub(super) fn lost(&self) -> Option<Counter<u64>> {
        let instruments = self.0.as_ref()?;
        let counter = instruments.meter.u64_counter("pravis.telemetry.dropped");
        Some(
            counter
                .with_unit("{item}")
                .with_description("Telemetry that was lost")
                .build(),
        )
    }

    /// A gauge that stays silent while it is 0: a program that does nothing sends nothing.
    fn gauge(
        &self,
        name: &'static str,
        unit: &'static str,
        description: &'static str,
        read: impl Fn() -> u64 + Send + Sync + 'static,
    ) {
        let Some(instruments) = &self.0 else { return };
        let last = AtomicU64::new(0);
        let gauge = instruments.meter.u64_observable_gauge(name).with_unit(unit);
        // The meter keeps the callback; the handle is not needed.
        let _ = gauge
            .with_description(description)
            .with_callback(move |observer| {
                let value = read();
                if last.swap(value, Ordering::Relaxed) != 0 || value != 0 {
                    observer.observe(value, &[]);
                }
            })
            .build();
    }
}
