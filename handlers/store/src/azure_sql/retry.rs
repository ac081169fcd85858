//! Which failures are worth another try.
//!
//! The numbers are those of Azure SQL's list of transient errors and of the lists that SqlClient and EF Core retry.

use std::io::ErrorKind;
use std::time::Duration;

/// How long to keep away from a server that says it is too busy (40501).
pub(super) const BUSY: Duration = Duration::from_secs(10);

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Reaching the server and logging in: nothing was asked yet.
    Connect,
    /// A statement was sent.
    Statement,
}

/// What failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The server answered with an error of this number.
    Server(u32),
    /// There is no connection, or no longer.
    Lost(ErrorKind),
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing was done: try again.
    Retry,
    /// Nobody knows whether it was done: try again only what may be done twice.
    RetryIfSafe,
    /// Nothing was done: try again, but not sooner than this.
    RetryNoEarlierThan(Duration),
    /// Trying again gives the same.
    Never,
}

/// What to do about a failure.
pub(super) fn classify(phase: Phase, cause: Cause) -> Verdict {
    match (phase, cause) {
        // Refused logins, the firewall, and keys that exist.
        (_, Cause::Server(18456 | 40615 | 40914 | 2601 | 2627)) => Verdict::Never,
        (_, Cause::Server(40501)) => Verdict::RetryNoEarlierThan(BUSY),
        (Phase::Connect, Cause::Server(number)) if away(number) || refused(number) => Verdict::Retry,
        (Phase::Connect, Cause::Lost(_)) => Verdict::Retry,
        (Phase::Statement, Cause::Server(number)) if undone(number) || refused(number) => Verdict::Retry,
        (Phase::Statement, Cause::Server(number)) if away(number) => Verdict::RetryIfSafe,
        (Phase::Statement, Cause::Lost(_)) => Verdict::RetryIfSafe,
        (_, Cause::Server(_)) => Verdict::Never,
    }
}

/// The database moves, pauses, wakes or fails over. In the middle of a statement it may have been done.
fn away(number: u32) -> bool {
    matches!(
        number,
        20 | 64
            | 121
            | 233
            | 615
            | 926
            | 997
            | 4060
            | 4221
            | 10053
            | 10054
            | 10060
            | 40020
            | 40143
            | 40166
            | 40197
            | 40540
            | 40613
            | 42108
            | 42109
    )
}

/// The server has no room for the request, and did not begin with it.
fn refused(number: u32) -> bool {
    matches!(number, 10928 | 10929 | 10936 | 49918..=49920)
}

/// The statement was rolled back in favour of others: no locks left, deadlock, lock timeout, conflicts in memory.
fn undone(number: u32) -> bool {
    matches!(number, 1204 | 1205 | 1222 | 41301 | 41302 | 41305 | 41325 | 41839)
}
