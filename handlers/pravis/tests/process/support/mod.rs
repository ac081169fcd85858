//! What the tests share: processes that never outlive their test, a plain HTTP client, folders.

mod folders;
mod host;
mod http;
mod process;
mod serve;

pub(crate) use folders::{app_root, copy, repository};
pub(crate) use host::{FunctionsHost, Options, free_port};
pub(crate) use http::{Answer, Body, Client};
pub(crate) use process::{Finished, Process, finish, pravis, within};
pub(crate) use serve::{Serve, key};

/// How long anything may take; far more than it takes.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// A random number to be printed, from which everything else that is random follows.
pub(crate) fn seed() -> u64 {
    let set = std::env::var("PRAVIS_TEST_SEED").ok();
    set.and_then(|text| text.parse().ok())
        .unwrap_or_else(|| uuid::Uuid::now_v7().as_u64_pair().1)
}
