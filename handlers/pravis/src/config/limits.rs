//! How much one key may ask.

use super::{Environment, SettingError};
use std::num::NonZeroU32;

/// A token bucket: it holds `burst` requests and is refilled with `per_second`.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    /// `PRAVIS_RATE_LIMIT_PER_SECOND`: requests per second and key in the long run; default 500.
    pub per_second: NonZeroU32,
    /// `PRAVIS_RATE_LIMIT_BURST`: requests of a key at once; default 1000.
    pub burst: NonZeroU32,
}

impl RateLimit {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let number = |name, default| {
            let set = environment.parsed(name, "a number of requests, at least 1")?;
            Ok(set.unwrap_or(default))
        };
        Ok(Self {
            per_second: number(
                "PRAVIS_RATE_LIMIT_PER_SECOND",
                const { NonZeroU32::new(500).unwrap() },
            )?,
            burst: number(
                "PRAVIS_RATE_LIMIT_BURST",
                const { NonZeroU32::new(1000).unwrap() },
            )?,
        })
    }
}
