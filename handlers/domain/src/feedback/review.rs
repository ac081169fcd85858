//! Triage: what a reviewer may change. The shopper's own words stay as they were said.

use super::new::TAGS;
use super::{AS_GIVEN, Category, Feedback, Review, ReviewState};
use crate::fault::{Fault, Faults};
use crate::merge_patch::merge_patch;
use crate::parse;
use crate::time::truncated;
use crate::validate::{Check, NAME};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Largest notes of a review, in bytes.
const NOTES: usize = 8 * 1024;

/// The members that a merge patch (RFC 7396) of feedback may hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FeedbackPatch {
    /// What the feedback is about.
    pub category: Option<Category>,
    /// Free labels, at most 20.
    pub tags: Option<Vec<String>>,
    /// How the shop dealt with it.
    pub review: Option<ReviewPatch>,
}

/// The part of a review that a person writes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewPatch {
    /// How far it got; null: back to `new`.
    pub state: Option<ReviewState>,
    /// What the reviewer noted, at most 8 KiB.
    pub notes: Option<String>,
    /// Who reviews, 1 to 128 characters.
    pub reviewer: Option<String>,
}

/// `current` after the merge patch (RFC 7396) `patch`. A patch that changes nothing gives it back as it is.
pub fn reviewed(current: &Feedback, patch: &Value, now: Timestamp) -> Result<Feedback, Faults> {
    if !patch.is_object() {
        return Err(Fault::invalid("", "takes a JSON object").into());
    }
    let before = FeedbackPatch {
        category: current.category,
        tags: Some(current.tags.clone()),
        review: Some(ReviewPatch {
            state: Some(current.review.state),
            notes: current.review.notes.clone(),
            reviewer: current.review.reviewer.clone(),
        }),
    };
    let mut merged = serde_json::to_value(before).unwrap_or_default();
    merge_patch(&mut merged, patch.clone());
    let after: FeedbackPatch =
        parse::from_value(merged).map_err(|faults: Faults| faults.with_read_only(AS_GIVEN))?;
    let written = after.review.unwrap_or_default();

    let mut check = Check::default();
    check.names("tags", after.tags.as_deref(), TAGS);
    check.text("review/notes", written.notes.as_deref(), NOTES);
    check.name("review/reviewer", written.reviewer.as_deref(), NAME);
    check.done()?;

    let now = truncated(now);
    let mut review = Review {
        state: written.state.unwrap_or(ReviewState::New),
        notes: written.notes,
        reviewer: written.reviewer,
        at: current.review.at,
    };
    if review != current.review {
        review.at = Some(now);
    }
    let next = Feedback {
        category: after.category,
        tags: after.tags.unwrap_or_default(),
        review,
        ..current.clone()
    };
    if next == *current {
        return Ok(next);
    }
    Ok(Feedback {
        updated_at: now.max(current.updated_at),
        version: current.version + 1,
        ..next
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::NewFeedback;
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn triage_leaves_the_shoppers_words() {
        let now = "2026-11-02T10:00:00Z".parse().unwrap();
        let new = NewFeedback {
            rating: Some(2),
            comment: Some("slow".into()),
            ..NewFeedback::default()
        };
        let feedback = new.into_feedback(Uuid::from_u128(1), now);
        let later = "2026-11-02T11:00:00Z".parse().unwrap();

        let done = reviewed(
            &feedback,
            &json!({"review": {"state": "reviewed"}, "category": "speed"}),
            later,
        )
        .unwrap();
        assert_eq!(
            (done.review.state, done.review.at, done.version),
            (ReviewState::Reviewed, Some(later), 2)
        );
        assert_eq!(reviewed(&done, &json!({"category": "speed"}), now).unwrap(), done);
        let faults = reviewed(
            &feedback,
            &json!({"comment": "nice", "review": {"state": "x"}}),
            later,
        )
        .unwrap_err();
        let mut places: Vec<_> = faults.0.iter().map(|fault| fault.pointer.as_str()).collect();
        places.sort_unstable();
        assert_eq!(places, ["/comment", "/review/state"]);
    }
}
