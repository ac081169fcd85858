//! Sessions: the turns that share a session id.

use crate::cursor::Position;
use crate::page::Positioned;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A conversation, summed up from its turns.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Session {
    /// The id that the client gave.
    pub session_id: String,
    /// The shopper of the latest turn that names one.
    pub user_id: Option<String>,
    /// Where its first turn happened.
    pub channel: Option<String>,
    /// Start of the first turn.
    pub started_at: Timestamp,
    /// Start of the last turn.
    pub last_started_at: Timestamp,
    /// From the start of the first turn to the latest end (or start) of any, in milliseconds; null while nothing but that
    /// first start is known.
    pub duration_ms: Option<f64>,
    /// Number of turns.
    pub interactions: u64,
    /// Turns that succeeded.
    pub succeeded: u64,
    /// Turns that failed.
    pub failed: u64,
    /// Turns that are not finished.
    pub pending: u64,
    /// Tokens sent to models; null when no turn knows them.
    pub tokens_input: Option<u64>,
    /// Tokens that models gave; null when no turn knows them.
    pub tokens_output: Option<u64>,
    /// Cost in micro-dollars of the turns that have one; null when none has.
    pub cost_micros: Option<u64>,
    /// Turns whose cost is not known.
    pub unpriced: u64,
    /// Mean rating of the turns that have one, 1 to 5.
    pub average_rating: Option<f64>,
    /// Feedback on all turns.
    pub feedback_count: u64,
}

impl Positioned for Session {
    type Key = String;
    fn position(&self) -> Position<String> {
        Position {
            at: self.started_at,
            key: self.session_id.clone(),
        }
    }
}

/// The filters of a list of sessions; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SessionFilter {
    /// Sessions in which this shopper has a turn.
    pub user_id: Option<String>,
    /// Earliest start of the first turn, included.
    pub from: Option<Timestamp>,
    /// Latest start of the first turn, excluded.
    pub to: Option<Timestamp>,
}
