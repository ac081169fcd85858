//! What shoppers said.

use super::excerpt::excerpt;
use crate::analytics::{CommonTerms, FeedbackFigures, FeedbackRollup};
use crate::feedback::{Feedback, Thumb};
use crate::interactions::{Interaction, InteractionType};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Feedback in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Opinions)]
pub struct Opinions {
    /// How many.
    pub total: i64,
    /// How many have a rating.
    pub rated: i64,
    /// Mean rating, 1 to 5; null when none has one.
    pub average_rating: Option<f64>,
    /// How many of each rating.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    pub ratings: BTreeMap<usize, i64>,
    /// How many thumbs up and down.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    pub thumbs: BTreeMap<&'static str, i64>,
    /// How many comments of each tone, of those whose tone was looked at.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    pub sentiment: BTreeMap<&'static str, i64>,
    /// What it is about: the tags that were given, and the key phrases of comments. Without what points at a person.
    pub common: CommonTerms,
}

impl Opinions {
    /// Of feedback in numbers, and what it is about.
    pub fn of(rollup: &FeedbackRollup, mut common: CommonTerms) -> Self {
        for tag in &mut common.tags {
            tag.tag = excerpt(&tag.tag);
        }
        for phrase in &mut common.phrases {
            phrase.phrase = excerpt(&phrase.phrase);
        }
        let figures = FeedbackFigures::from(rollup);
        Self {
            total: figures.total,
            rated: figures.rated,
            average_rating: figures.average_rating,
            ratings: figures.ratings,
            thumbs: figures.thumbs,
            sentiment: figures.sentiment,
            common,
        }
    }
}

/// A turn that somebody was pleased or displeased with. Its texts are redacted excerpts of at most 200 characters.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::JudgedTurn)]
pub struct JudgedTurn {
    /// The turn.
    pub interaction_id: Uuid,
    /// When it began.
    pub started_at: Timestamp,
    /// What the assistant did.
    #[serde(rename = "type")]
    pub kind: InteractionType,
    /// The model's name.
    pub model: Option<String>,
    /// The rating, 1 to 5.
    pub rating: Option<u8>,
    /// A quick opinion.
    pub thumb: Option<Thumb>,
    /// The opinion in words.
    pub comment: Option<String>,
    /// What the shopper said.
    pub request: Option<String>,
    /// What the assistant answered.
    pub response: Option<String>,
}

impl JudgedTurn {
    /// What may be shown of a turn and of an opinion on it.
    pub fn of(turn: &Interaction, opinion: &Feedback) -> Self {
        let shown = |text: &Option<String>| text.as_deref().map(excerpt).filter(|text| !text.is_empty());
        Self {
            interaction_id: turn.id,
            started_at: turn.started_at,
            kind: turn.kind,
            model: turn.model.clone(),
            rating: opinion.rating,
            thumb: opinion.thumb,
            comment: shown(&opinion.comment),
            request: shown(&turn.request_text),
            response: shown(&turn.response_text),
        }
    }
}
