//! What an upload becomes: pixels and samples in, pixels and samples out. No I/O, no clock, no state: the same bytes and settings give
//! the same outputs.

pub mod format;
mod output;
pub mod photo;
mod refusal;
pub mod voice;

pub use output::Output;
pub use refusal::{Reason, Refusal};
