//! Everything that is not a client's request: timers, queues, blobs, events.
//!
//! [`TriggerTable`] says which function name runs which code; the rest of this module is how the host's call
//! reaches it.

mod error;
mod service;
mod table;

pub use error::TriggerError;
pub use table::TriggerTable;
