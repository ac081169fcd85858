//! Every operation over HTTP, in process; the modules are the tree of the API.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not see that helpers are tests too"
)]

mod api;
mod auth;
mod cors;
mod limits;
mod logs;
mod media;
mod openapi;
mod operations;
mod prices;
mod problems;
mod properties;
mod report_pages;
mod reports;
mod reprice;
mod request_ids;
mod routes;
mod secrets;
mod settings;
mod spill;
