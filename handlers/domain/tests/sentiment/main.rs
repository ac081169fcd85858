//! The tone of comments, against what people say of them and against the reference implementation.

#![allow(clippy::unwrap_used, reason = "what fails here fails its test")]

mod agreement;
mod language;
mod properties;
mod reference;
