//! Reports that come by themselves: which stretch of time each is about, and what becomes of it.

pub mod content;
mod period;

pub use period::{InvalidPeriod, Period, ReportKind};
