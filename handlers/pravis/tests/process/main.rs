//! The real program, driven from outside: over sockets, by signals, on a data folder of its own.
//!
//! `s01_…` and the like are the numbered statements of a conformant custom handler.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not see that helpers are tests too"
)]
#![allow(clippy::print_stderr, reason = "a seed that failed must be seen")]

mod azure;
mod cli;
mod durability;
mod guides;
mod handler;
mod package;
mod reports;
mod serve;
mod spill;
mod support;
mod syncs;
mod telemetry;
mod tour;
mod uploads;
