//! The contract for the tone of comments: what it takes to judge one, and the list of those that Azure AI Language is asked for.

use crate::StoreError;
use async_trait::async_trait;
use domain::sentiment::{Aspect, SentimentLabel};
use jiff::Timestamp;
use std::fmt;
use uuid::Uuid;

/// A comment that one caller may refine.
#[derive(Clone, PartialEq)]
pub struct Claimed {
    /// Its feedback.
    pub id: Uuid,
    /// What was said.
    pub comment: String,
    /// Its language, ISO 639, as far as it is known.
    pub language: Option<String>,
    /// How often it was claimed, this time included.
    pub attempts: i64,
}

/// Without the comment, which must not get into a log.
impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claimed")
            .field("id", &self.id)
            .field("language", &self.language)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// What became of a claimed comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Refined {
    /// Its feedback.
    pub id: Uuid,
    /// The answer, if there was one.
    pub outcome: Refinement,
}

/// What Azure AI Language said.
#[derive(Debug, Clone, PartialEq)]
pub enum Refinement {
    /// This is its tone.
    Known {
        /// From -1 to 1.
        score: f64,
        /// The score in a word.
        label: SentimentLabel,
        /// The language that it was read in, ISO 639; kept where none was known.
        language: Option<String>,
        /// What it judges.
        aspects: Vec<Aspect>,
    },
    /// It can be asked again from then on.
    Later(Timestamp),
    /// It will not say more than this code, whenever it is asked; at most 128 characters.
    Never(String),
}

/// Judging comments.
#[async_trait]
pub trait Sentiments {
    /// The locale of a turn; none also when there is no such turn.
    async fn get_locale(&self, interaction_id: Uuid) -> Result<Option<String>, StoreError>;

    /// Claims comments whose `refine_at` has come, the longest due first: nobody else gets them before `until`, unless they
    /// are told to be done. What a killed process had claimed is due again then.
    async fn claim_sentiments(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Claimed>, StoreError>;

    /// Stores what became of claimed comments, and of nothing else of their feedback; what is done already, or gone, is left
    /// alone. A tone that becomes known changes the version and what is counted.
    async fn refine_sentiments(&self, refined: Vec<Refined>, now: Timestamp) -> Result<(), StoreError>;
}
