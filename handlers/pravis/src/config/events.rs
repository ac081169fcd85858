//! What is taken of client events.

use super::{Environment, SettingError};
use crate::secrets::SecretSetting;
use std::num::NonZeroU64;

/// New events that a key may send in a day, unless a setting says otherwise.
const PER_DAY: u64 = 1_000_000;

/// How many events are taken, and what of their sender is kept.
#[derive(Debug, Clone)]
pub struct EventsConfig {
    /// `PRAVIS_EVENTS_PER_DAY`: new events of a key and day of the shop; default 1,000,000, 0 for any number.
    pub per_day: Option<NonZeroU64>,
    /// `PRAVIS_EVENTS_IP_HASH`: with `daily` a hash of the client's address is kept, under a key that is made of
    /// `PRAVIS_HASH_KEY` and the date, so that it tells visitors of one day apart and no more; default `off`.
    pub ip_hash: Option<SecretSetting>,
}

impl EventsConfig {
    pub(super) fn from_environment(
        environment: &Environment,
        hash_key: Option<&SecretSetting>,
    ) -> Result<Self, SettingError> {
        const HASH: &str = "PRAVIS_EVENTS_IP_HASH";
        let per_day = environment.parsed("PRAVIS_EVENTS_PER_DAY", "a number of events")?;
        let ip_hash = match (environment.get(HASH).unwrap_or("off"), hash_key) {
            ("off", _) => None,
            ("daily", Some(key)) => Some(key.clone()),
            ("daily", None) => return Err(SettingError::new(HASH, "needs PRAVIS_HASH_KEY")),
            (other, _) => return Err(SettingError::takes(HASH, "off or daily", other)),
        };
        Ok(Self {
            per_day: NonZeroU64::new(per_day.unwrap_or(PER_DAY)),
            ip_hash,
        })
    }
}
