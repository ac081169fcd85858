//! What was done that has to be accounted for.

use crate::cursor::Position;
use crate::page::Positioned;
use crate::time::truncated;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// One deed. It is written in the transaction of what it tells of, and never changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditEntry {
    /// Identifies the entry.
    pub id: Uuid,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it: `shipped`, `cli`, or `key:` and the id of an API key.
    pub actor: String,
    /// What was done: `set_price`, `set_deployment_model`, `ship_prices`, `reprice`.
    pub action: String,
    /// To what: at most 512 characters.
    pub subject: String,
    /// What exactly; never a text of a shopper.
    pub detail: Value,
}

impl AuditEntry {
    /// What `actor` does at `now`; `detail` says what exactly.
    pub fn new(
        id: Uuid,
        now: Timestamp,
        actor: &str,
        action: &str,
        subject: impl Into<String>,
        detail: Value,
    ) -> Self {
        Self {
            id,
            at: truncated(now),
            actor: actor.to_owned(),
            action: action.to_owned(),
            subject: subject.into(),
            detail,
        }
    }
}

impl Positioned for AuditEntry {
    type Key = Uuid;
    fn position(&self) -> Position {
        Position {
            at: self.at,
            key: self.id,
        }
    }
}
