//! What becomes of an upload, from the event that it came to the outputs that are served.

pub mod message;
mod workers;
