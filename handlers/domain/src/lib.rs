//! Types and rules of Pravis. No I/O, no async, no SQL, no HTTP: what stands here can be read and tested alone.

pub mod analytics;
pub mod audit;
pub mod cursor;
pub mod demo;
pub mod events;
pub mod fault;
pub mod feedback;
pub mod ingest;
pub mod interactions;
pub mod keys;
mod mask;
pub mod media;
pub mod merge_patch;
pub mod page;
pub mod parse;
pub mod pricing;
pub mod reports;
pub mod sentiment;
pub mod sessions;
pub mod time;
pub mod usage;
pub mod validate;

pub use fault::{Fault, FaultCode, Faults};
