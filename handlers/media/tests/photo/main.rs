//! Photos through the front door: files built here, encoded by the codecs' own encoders, and what is made of them.

// Helpers outside of `#[test]` functions may unwrap, too: a failed one is a failed test.
#![allow(clippy::unwrap_used)]

mod build;
mod colours;
mod facts;
mod formats;
mod hostile;
mod metadata;
mod properties;
mod sizes;
