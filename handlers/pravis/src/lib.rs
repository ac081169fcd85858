//! The program `pravis`: custom handler of the Functions app, local host, command line.

pub mod access;
pub mod api;
pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod error;
pub mod extract;
pub mod host;
pub mod identity;
pub mod ingest;
pub mod media;
pub mod middleware;
pub mod openapi;
mod prices;
pub mod reports;
pub mod reprice;
pub mod router;
pub mod secrets;
mod sentiment;
mod slot;
pub mod spill;
pub mod telemetry;
pub mod triggers;
pub mod version;

pub use app::App;
pub use error::ApiError;
