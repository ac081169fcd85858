//! Streams of whole lists.

mod rows;
mod streams;
