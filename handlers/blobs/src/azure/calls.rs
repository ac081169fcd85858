//! One call of the account: how long it may take, whether it may be repeated, and its span.

use super::{AzureStorage, failure::Failure};
use crate::Container;
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{Instrument, Span, field};

/// How long calls may take. Bytes that are sent get their time besides.
#[derive(Debug, Clone)]
pub struct TimeLimits {
    /// For one attempt; default 1 s.
    pub attempt: Duration,
    /// For all attempts; default 2 s, since writes wait for the spill.
    pub whole: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(1),
            whole: Duration::from_secs(2),
        }
    }
}

/// The slowest line that is waited for, in bytes per second.
const SLOWEST: usize = 512 * 1024;
const ATTEMPTS: u32 = 3;

/// What a call is about.
pub(super) enum Target {
    Blob(Container),
    /// The key that signs upload grants.
    Delegation,
    Queue(String),
}

/// A call that is about to be made.
pub(super) struct Call {
    pub(super) target: Target,
    operation: &'static str,
    /// Whether it may be sent again when nobody knows if it was done.
    repeatable: bool,
    allowance: Duration,
}

impl Call {
    pub(super) fn new(operation: &'static str, target: Target) -> Self {
        Self {
            target,
            operation,
            repeatable: true,
            allowance: Duration::ZERO,
        }
    }

    /// Says that its second answer would not be that of the first.
    pub(super) fn once_if(mut self, once: bool) -> Self {
        self.repeatable = !once;
        self
    }

    /// Gives it time to send so many bytes.
    pub(super) fn sending(mut self, bytes: usize) -> Self {
        self.allowance = Duration::from_secs_f64(bytes as f64 / SLOWEST as f64);
        self
    }

    /// The span that telemetry shows as a dependency.
    fn span(&self, account: &str) -> Span {
        macro_rules! span {
            ($kind:literal, $name:expr) => {
                tracing::info_span!(
                    $kind,
                    otel.kind = "client",
                    otel.name = format!("{} {}", self.operation, $name),
                    otel.status_code = field::Empty,
                    peer.service = account,
                    error.r#type = field::Empty,
                )
            };
        }
        match &self.target {
            Target::Blob(container) => span!("blob", container.as_str()),
            Target::Delegation => span!("blob", "account"),
            Target::Queue(queue) => span!("queue", queue),
        }
    }
}

impl AzureStorage {
    /// Makes the call, again when that may help and there is time left.
    pub(super) async fn call<T, F>(&self, call: &Call, send: impl Fn() -> F + Send) -> Result<T, Failure>
    where
        F: Future<Output = azure_core::Result<T>> + Send,
    {
        let span = call.span(&self.inner.account);
        let result = self.attempts(call, send).instrument(span.clone()).await;
        if let Err(failure) = &result
            && !failure.is_outcome()
        {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", failure.code());
        }
        result
    }

    async fn attempts<T, F>(&self, call: &Call, send: impl Fn() -> F + Send) -> Result<T, Failure>
    where
        F: Future<Output = azure_core::Result<T>> + Send,
    {
        let limits = &self.inner.limits;
        let deadline = Instant::now() + limits.whole + 2 * call.allowance;
        let mut attempt = 1;
        loop {
            let answer = timeout(limits.attempt + call.allowance, send());
            let failure = match timeout_at(deadline, answer).await {
                Ok(Ok(Ok(value))) => return Ok(value),
                Ok(Ok(Err(error))) => Failure::from(error),
                Ok(Err(_)) | Err(_) => Failure::Slow,
            };
            let pause = pause_after(attempt);
            let again = failure.may_pass(call.repeatable) && Instant::now() + pause < deadline;
            if attempt == ATTEMPTS || !again {
                return Err(failure);
            }
            tracing::debug!(attempt, code = failure.code(), "storage is asked again");
            sleep(pause).await;
            attempt += 1;
        }
    }
}

/// 50 to 150 ms, then 150 to 450 ms: those who failed together do not come back together.
fn pause_after(attempt: u32) -> Duration {
    let spread = getrandom::u32().map_or(1.0, |random| 0.5 + f64::from(random) / f64::from(u32::MAX));
    Duration::from_millis(100 * 3_u64.pow(attempt - 1)).mul_f64(spread)
}
