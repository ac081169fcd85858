//! The contract of storage. Its tests speak to a `dyn Storage` only, and run on the folder and on Azurite, there by shared
//! key and by token. What only one backend has is in `local_only`, `azure_only` and `grants`.

// Helpers outside of `#[test]` functions may unwrap and print, too: a failed one is a failed test.
#![allow(clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

#[path = "../../../testkit/src/azurite.rs"]
#[allow(unreachable_pub, reason = "it is a module of testkit, too")]
mod azurite;
mod azurite_only;
mod backends;
mod builders;
mod children;
mod conditions;
mod faults;
mod grants;
mod leases;
mod lists;
mod local_only;
mod memory;
mod processes;
mod puts;
mod queues;
mod ranges;
mod telemetry;
mod token;
mod wire;
