//! Feedback: what a shopper, a reviewer or a system thinks of a turn.

mod new;
mod review;

pub use crate::sentiment::{Aspect, Sentiment, SentimentLabel, SentimentSource, Word};
pub use new::NewFeedback;
pub use review::{FeedbackPatch, reviewed};

use crate::cursor::Position;
use crate::interactions::names;
use crate::page::Positioned;
use crate::sentiment::{self, Judgement};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Declares an enumeration of plain variants with its wire names.
macro_rules! choice {
    ($(#[$meta:meta])* $kind:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs)]
        pub enum $kind { $($variant),+ }
        names!($kind { $($variant = $name),+ });
    };
}

pub(crate) use choice;

choice!(
    /// A quick opinion; counts as no rating.
    Thumb { Up = "up", Down = "down" }
);
choice!(
    /// What the feedback is about.
    Category {
        Accuracy = "accuracy", Relevance = "relevance", Tone = "tone",
        Speed = "speed", Safety = "safety", Other = "other",
    }
);
choice!(
    /// Whose opinion it is.
    Source { Shopper = "shopper", Reviewer = "reviewer", System = "system" }
);
choice!(
    /// How far the shop has dealt with a feedback.
    ReviewState { New = "new", Reviewed = "reviewed", Dismissed = "dismissed" }
);
/// How the shop dealt with a feedback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Review {
    /// How far it got.
    pub state: ReviewState,
    /// What the reviewer noted.
    pub notes: Option<String>,
    /// Who reviewed.
    pub reviewer: Option<String>,
    /// When the review last changed.
    pub at: Option<Timestamp>,
}

/// The members that only the server writes.
pub const READ_ONLY: &[&str] = &["sentiment", "review", "created_at", "updated_at"];
/// The members that are as the shopper gave them, and that a triage cannot write.
pub const AS_GIVEN: &[&str] = &[
    "id",
    "interaction_id",
    "rating",
    "thumb",
    "comment",
    "user_id",
    "source",
    "sentiment",
    "created_at",
    "updated_at",
    "review/at",
];

/// Feedback as it is stored and shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Feedback {
    /// The client's own id, or one made by the server (version 7).
    pub id: Uuid,
    /// The turn that it is about.
    pub interaction_id: Uuid,
    /// 1 (bad) to 5 (good).
    pub rating: Option<u8>,
    /// A quick opinion.
    pub thumb: Option<Thumb>,
    /// The opinion in words.
    pub comment: Option<String>,
    /// What it is about.
    pub category: Option<Category>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Who gave it.
    pub user_id: Option<String>,
    /// Whose opinion it is.
    pub source: Source,
    /// Tone of the comment; null when there is none or it was not looked at.
    pub sentiment: Option<Sentiment>,
    /// How the shop dealt with it.
    pub review: Review,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts the changes, from 1; shown as the `ETag`.
    #[serde(skip)]
    pub version: i64,
    /// What the comment is about, in its own words: at most 24 phrases of one to three words.
    #[serde(skip)]
    pub phrases: Vec<String>,
    /// When Azure AI Language is to be asked for its sentiment; none: it is not.
    #[serde(skip)]
    pub refine_at: Option<Timestamp>,
    /// SHA-256 of the fields that the client supplied.
    #[serde(skip)]
    pub supplied_hash: [u8; 32],
}

impl Feedback {
    /// The same, with its comment judged; `locale` is that of its turn.
    pub fn judged(mut self, locale: Option<&str>) -> Self {
        let judgement = self
            .comment
            .as_deref()
            .map(|comment| sentiment::of(comment, locale));
        if let Some(Judgement { sentiment, phrases }) = judgement {
            self.sentiment = Some(sentiment);
            self.phrases = phrases;
        }
        self
    }

    /// The key phrases, if there are phrases or tags to be counted.
    pub fn counted_phrases(&self) -> Option<&Vec<String>> {
        (!self.tags.is_empty() || !self.phrases.is_empty()).then_some(&self.phrases)
    }
}

impl Positioned for Feedback {
    type Key = Uuid;
    fn position(&self) -> Position {
        Position {
            at: self.created_at,
            key: self.id,
        }
    }
}

/// The filters of a list of feedback; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FeedbackFilter {
    /// Feedback on this turn.
    pub interaction_id: Option<Uuid>,
    /// Feedback of this shopper.
    pub user_id: Option<String>,
    /// Feedback about this.
    pub category: Option<Category>,
    /// Whose opinion.
    pub source: Option<Source>,
    /// A quick opinion.
    pub thumb: Option<Thumb>,
    /// How far the shop has dealt with it.
    pub review_state: Option<ReviewState>,
    /// The tone of its comment.
    pub sentiment: Option<SentimentLabel>,
    /// Least rating, 1 to 5; leaves out feedback without one.
    pub rating_min: Option<u8>,
    /// Greatest rating, 1 to 5; leaves out feedback without one.
    pub rating_max: Option<u8>,
    /// Earliest `created_at`, included.
    pub from: Option<Timestamp>,
    /// Latest `created_at`, excluded.
    pub to: Option<Timestamp>,
}
