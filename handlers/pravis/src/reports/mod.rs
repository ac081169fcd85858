//! Scheduled reports.

pub mod content;
