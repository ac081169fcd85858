//! The protocol of the Functions host, statement by statement.
//!
//! `s12_…` and the like are the numbered statements of a conformant custom handler. Fixtures are derived from the
//! host's source and its own tests.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not see that helpers are tests too"
)]

mod answers;
mod app_roots;
mod arrivals;
mod envelopes;
mod fixtures;
mod functions_folder;
mod infra;
mod local_hosts;
mod properties;
mod queues;
mod round_trips;
mod routes;
mod schedules;
mod templates;
mod timers;
mod triggers;
