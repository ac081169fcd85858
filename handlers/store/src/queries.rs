//! The contract for what shoppers ask for.

use crate::StoreError;
use async_trait::async_trait;
use domain::analytics::TimeRange;
use domain::analytics::queries::{QueryCounts, QueryKey};
use domain::interactions::InteractionType;

/// Which queries are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueriesQuery {
    /// Of turns that began in this range.
    pub range: TimeRange,
    /// Of turns of this type.
    pub kind: InteractionType,
    /// Only of this channel.
    pub channel: Option<String>,
    /// Most queries that are given.
    pub limit: usize,
}

impl QueriesQuery {
    /// Whether what is counted under this key is asked for.
    pub(crate) fn asks_for(&self, key: &QueryKey) -> bool {
        key.kind == self.kind
            && self
                .channel
                .as_ref()
                .is_none_or(|channel| *channel == key.channel)
    }
}

/// What shoppers ask for. Counted from the turns that are there: those that retention removed are forgotten with their texts, in the
/// transaction that removes them.
#[async_trait]
pub trait TopQueries {
    /// Normalised texts and what they count: most unsuccessful turns first, then most turns, then by text. Turns that do not
    /// have a text are left out. The counts include every write that was durable before the call.
    async fn top_queries(&self, query: QueriesQuery) -> Result<Vec<(String, QueryCounts)>, StoreError>;
}

/// Attempts at a count, or at reading it, while others change what is counted.
pub(crate) const ATTEMPTS: usize = 4;

/// That all attempts were overtaken.
pub(crate) fn overtaken() -> StoreError {
    StoreError::Unavailable("queries are being recounted".to_owned())
}
