//! What leaves the program as telemetry, as a stub of Azure Monitor receives it.
//!
//! All tests share one subscriber and one stub, and tell theirs by the trace: `tracing` keeps for all threads what any
//! subscriber wants, so that several beside each other miss records.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not see that helpers are tests too"
)]

mod dependencies;
mod facts;
mod logs;
mod metrics;
mod otlp;
mod privacy;
mod requests;
mod support;
mod tokens;
