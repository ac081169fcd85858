//! What numbers can be grouped and filtered by.

use super::StatsFilter;
use crate::interactions::names;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A property of a turn, or of feedback on it, by which numbers can be grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Dimension {
    Type,
    Model,
    Provider,
    Channel,
    Locale,
    PromptVersion,
    /// What feedback is about; turns have none.
    Category,
}

names!(Dimension {
    Type = "type",
    Model = "model",
    Provider = "provider",
    Channel = "channel",
    Locale = "locale",
    PromptVersion = "prompt_version",
    Category = "category",
});

impl StatsFilter {
    /// What each dimension that is filtered by must be.
    pub fn conditions(&self) -> impl Iterator<Item = (Dimension, &str)> {
        let kind = self.kind.map(|kind| (Dimension::Type, kind.as_str()));
        let model = self.model.as_deref().map(|model| (Dimension::Model, model));
        let channel = self
            .channel
            .as_deref()
            .map(|channel| (Dimension::Channel, channel));
        kind.into_iter().chain(model).chain(channel)
    }
}
