//! The queue message that names a delivery.

use domain::reports::Attempted;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Says which delivery is to be looked after. One that comes twice does no harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The report that is sent.
    pub report: Uuid,
    /// The delivery.
    pub delivery: Uuid,
    /// What became of an attempt, where the store could not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// An attempt that the store does not know the end of yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The attempt.
    pub attempt: Uuid,
    /// What became of it.
    pub attempted: Attempted,
}

impl Message {
    /// A message that asks for the next attempt.
    pub fn new(report: Uuid, delivery: Uuid) -> Self {
        Self {
            report,
            delivery,
            ended: None,
        }
    }

    /// As it travels.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // Plain data: this cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}
