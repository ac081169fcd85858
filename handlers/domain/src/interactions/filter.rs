//! Which interactions a list shows.

use super::{InteractionType, Status};
use jiff::Timestamp;
use serde::Serialize;

/// The filters of a list; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct InteractionFilter {
    /// What the assistant did.
    #[serde(rename = "type")]
    pub kind: Option<InteractionType>,
    /// How the turn stands.
    pub status: Option<Status>,
    /// The model's name.
    pub model: Option<String>,
    /// Who runs the model.
    pub provider: Option<String>,
    /// The shopper.
    pub user_id: Option<String>,
    /// The conversation.
    pub session_id: Option<String>,
    /// Where the shopper was.
    pub channel: Option<String>,
    /// Language tag, compared letter for letter.
    pub locale: Option<String>,
    /// Least rating, 1 to 5; leaves out turns without one.
    pub rating_min: Option<u8>,
    /// Greatest rating, 1 to 5; leaves out turns without one.
    pub rating_max: Option<u8>,
    /// Earliest `started_at`, included.
    pub from: Option<Timestamp>,
    /// Latest `started_at`, excluded.
    pub to: Option<Timestamp>,
}

impl InteractionFilter {
    /// The ratings that may show, or none when ratings do not matter.
    pub fn ratings(&self) -> Option<std::ops::RangeInclusive<u8>> {
        (self.rating_min.is_some() || self.rating_max.is_some())
            .then(|| self.rating_min.unwrap_or(1)..=self.rating_max.unwrap_or(5))
    }
}
