//! What may be said as feedback, and how it is checked.

use super::{Category, Feedback, Review, ReviewState, Source, Thumb};
use crate::fault::Faults;
use crate::time::truncated;
use crate::validate::{Check, NAME};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

/// Largest comment, in bytes.
const COMMENT: usize = 8 * 1024;
/// Most tags of a feedback.
pub(super) const TAGS: usize = 20;

/// Feedback as a client sends it: at least one of rating, thumb and comment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewFeedback {
    /// The client's own id; without one the server makes it.
    pub id: Option<Uuid>,
    /// The turn that it is about.
    #[schema(required = true, nullable = false)]
    pub interaction_id: Option<Uuid>,
    /// 1 (bad) to 5 (good).
    pub rating: Option<u8>,
    /// A quick opinion.
    pub thumb: Option<Thumb>,
    /// The opinion in words, at most 8 KiB.
    pub comment: Option<String>,
    /// What it is about.
    pub category: Option<Category>,
    /// Free labels, at most 20.
    pub tags: Option<Vec<String>>,
    /// Who gives it, 1 to 128 characters.
    pub user_id: Option<String>,
    /// Whose opinion it is; `shopper` if absent.
    pub source: Option<Source>,
}

impl NewFeedback {
    /// Checks every field.
    pub fn validate(&self) -> Result<(), Faults> {
        let mut check = Check::default();
        check.required("interaction_id", &self.interaction_id);
        if self.rating.is_some_and(|rating| !(1..=5).contains(&rating)) {
            check.invalid("rating", "takes 1 to 5");
        }
        check.text("comment", self.comment.as_deref(), COMMENT);
        check.names("tags", self.tags.as_deref(), TAGS);
        check.name("user_id", self.user_id.as_deref(), NAME);
        if self.rating.is_none() && self.thumb.is_none() && self.said().is_none() {
            check.invalid("rating", "at least one of rating, thumb and comment is required");
        }
        check.done()
    }

    /// The comment, unless it is blank.
    fn said(&self) -> Option<&str> {
        self.comment
            .as_deref()
            .filter(|comment| !comment.trim().is_empty())
    }

    /// SHA-256 of the supplied fields in a canonical form.
    pub fn supplied_hash(&self) -> [u8; 32] {
        // Plain data with text keys: this cannot fail.
        Sha256::digest(serde_json::to_vec(self).unwrap_or_default()).into()
    }

    /// The record that this valid feedback becomes.
    pub fn into_feedback(mut self, id: Uuid, now: Timestamp) -> Feedback {
        // What means the same is spelt the same, before the hash is taken.
        self.tags = self.tags.filter(|tags| !tags.is_empty());
        let now = truncated(now);
        Feedback {
            id,
            interaction_id: self.interaction_id.unwrap_or_default(),
            rating: self.rating,
            thumb: self.thumb,
            comment: self.said().map(str::to_owned),
            category: self.category,
            supplied_hash: self.supplied_hash(),
            tags: self.tags.unwrap_or_default(),
            user_id: self.user_id,
            source: self.source.unwrap_or(Source::Shopper),
            sentiment: None,
            review: Review {
                state: ReviewState::New,
                notes: None,
                reviewer: None,
                at: None,
            },
            created_at: now,
            updated_at: now,
            version: 1,
            phrases: Vec::new(),
            refine_at: None,
        }
    }
}
