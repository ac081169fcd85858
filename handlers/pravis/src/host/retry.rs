//! Retry policy of `function.json`, and the retry context that an envelope carries.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::interval::Interval;

/// What the host does when an invocation fails. Each attempt has a new invocation id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    tag = "strategy",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum RetryPolicy {
    /// The same pause each time.
    FixedDelay {
        /// Attempts after the first; -1 for ever.
        max_retry_count: i32,
        /// The pause.
        delay_interval: Interval,
    },
    /// A pause that doubles, within bounds.
    ExponentialBackoff {
        /// Attempts after the first; -1 for ever.
        max_retry_count: i32,
        /// The first pause.
        minimum_interval: Interval,
        /// The longest pause.
        maximum_interval: Interval,
    },
}

impl RetryPolicy {
    /// Attempts after the first; -1 for ever.
    pub fn max_retry_count(&self) -> i32 {
        match self {
            Self::FixedDelay { max_retry_count, .. } | Self::ExponentialBackoff { max_retry_count, .. } => {
                *max_retry_count
            }
        }
    }

    /// The pause before retry number `retry` (1 first), or `None` when the policy gives up.
    pub fn delay(&self, retry: u32) -> Option<Duration> {
        if u32::try_from(self.max_retry_count()).is_ok_and(|most| retry > most) {
            return None;
        }
        Some(match self {
            Self::FixedDelay { delay_interval, .. } => delay_interval.0,
            Self::ExponentialBackoff {
                minimum_interval,
                maximum_interval,
                ..
            } => {
                let doubled = 2_u32.saturating_pow(retry.saturating_sub(1));
                minimum_interval.0.saturating_mul(doubled).min(maximum_interval.0)
            }
        })
    }
}

/// `Metadata.RetryContext`: there only when a retry policy applies, then from the first attempt on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RetryContext {
    /// 0 at the first attempt.
    pub retry_count: u32,
    /// As in the policy; -1 for ever.
    pub max_retry_count: i32,
    /// The last attempt's failure: null, or whatever .NET made of its exception.
    pub exception: Value,
    /// Unused by the host so far.
    pub instance: Value,
    /// Unused by the host so far.
    pub state: Value,
}
