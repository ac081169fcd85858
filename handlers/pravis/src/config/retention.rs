//! How long things are kept.

use super::{Environment, SettingError};
use std::num::NonZeroU16;

/// After how many days things are removed; none: never.
#[derive(Debug, Clone, Copy, Default)]
pub struct RetentionConfig {
    /// `PRAVIS_RETENTION_DAYS`: turns older than this are removed daily; default: kept for ever.
    pub interactions: Option<u16>,
    /// `PRAVIS_RETENTION_EVENT_DAYS`: client events older than this are; default: as turns.
    pub events: Option<u16>,
    /// `PRAVIS_RETENTION_VOICE_DAYS`: voice recordings older than this are; default: kept until they are deleted.
    pub voice: Option<u16>,
}

impl RetentionConfig {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let days = |name| {
            let days = environment.parsed::<NonZeroU16>(name, "a number of days, at least 1")?;
            Ok(days.map(NonZeroU16::get))
        };
        let interactions = days("PRAVIS_RETENTION_DAYS")?;
        Ok(Self {
            interactions,
            events: days("PRAVIS_RETENTION_EVENT_DAYS")?.or(interactions),
            voice: days("PRAVIS_RETENTION_VOICE_DAYS")?,
        })
    }
}
