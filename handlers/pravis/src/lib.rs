//! The program `pravis`: custom handler of the Functions app, local host, command line.

pub mod api;
pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod error;
pub mod extract;
pub mod host;
pub mod ingest;
pub mod middleware;
pub mod openapi;
pub mod router;
mod slot;
pub mod spill;
pub mod triggers;

pub use app::App;
pub use error::ApiError;
