//! What the tests share: processes that never outlive their test, a plain HTTP client, folders.

mod folders;
mod host;
mod http;
mod process;
mod random;
mod serve;
mod walk;

pub(crate) use folders::{app_root, copy, repository};
pub(crate) use host::{FunctionsHost, Options};
pub(crate) use http::{Answer, Body, Client};
pub(crate) use process::{Finished, Process, finish, pravis, within};
pub(crate) use random::Random;
pub(crate) use serve::{Serve, key};
pub(crate) use walk::walk;

/// How long anything may take; far more than it takes.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);
