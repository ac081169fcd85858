//! Pricing turns anew.

use super::Usage;
use crate::interactions::Interaction;
use jiff::Timestamp;
use uuid::Uuid;

/// A stored turn that no client has priced: what its cost depends on, and what it is.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "as in `Interaction`")]
pub struct PricedTurn {
    pub id: Uuid,
    pub started_at: Timestamp,
    pub version: i64,
    pub provider: Option<String>,
    pub model: Option<String>,
    pub model_version: Option<String>,
    pub deployment: Option<String>,
    pub tokens_input: Option<u64>,
    pub tokens_output: Option<u64>,
    pub tokens_cached: Option<u64>,
    pub audio_seconds: Option<f64>,
    pub characters: Option<u64>,
    pub images: Option<u64>,
    pub cost_micros: Option<u64>,
}

impl PricedTurn {
    /// What its cost depends on.
    pub fn usage(&self) -> Usage<'_> {
        Usage {
            started_at: self.started_at,
            provider: self.provider.as_deref(),
            model: self.model.as_deref(),
            model_version: self.model_version.as_deref(),
            deployment: self.deployment.as_deref(),
            tokens_input: self.tokens_input,
            tokens_output: self.tokens_output,
            tokens_cached: self.tokens_cached,
            audio_seconds: self.audio_seconds,
            characters: self.characters,
            images: self.images,
        }
    }
}

impl From<Interaction> for PricedTurn {
    fn from(turn: Interaction) -> Self {
        Self {
            id: turn.id,
            started_at: turn.started_at,
            version: turn.version,
            provider: turn.provider,
            model: turn.model,
            model_version: turn.model_version,
            deployment: turn.deployment,
            tokens_input: turn.tokens_input,
            tokens_output: turn.tokens_output,
            tokens_cached: turn.tokens_cached,
            audio_seconds: turn.audio_seconds,
            characters: turn.characters,
            images: turn.images,
            cost_micros: turn.cost_micros,
        }
    }
}

/// A cost that is to be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostChange {
    /// The turn.
    pub id: Uuid,
    /// When it started.
    pub started_at: Timestamp,
    /// The version of the turn for which the new cost was found.
    pub version: i64,
    /// Its new cost in micro-dollars, or none when that is not known.
    pub cost_micros: Option<u64>,
}
