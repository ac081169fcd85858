//! The turns that shoppers liked best and least.

use domain::analytics::TimeRange;
use domain::feedback::{Feedback, FeedbackFilter, ReviewState, Thumb};
use domain::page::PageRequest;
use domain::reports::content::JudgedTurn;
use std::collections::HashSet;
use store::{Store, StoreError};

/// Most turns of a kind.
const MOST: usize = 5;
/// Opinions that are looked at to find some in words.
const LOOKED_AT: usize = 50;

/// Which end of the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taste {
    Best,
    Worst,
}

impl Taste {
    /// From the plainest opinion to the vaguest.
    fn filters(self, range: TimeRange) -> [FeedbackFilter; 3] {
        let (ratings, thumb) = match self {
            Self::Best => ([5, 4], Thumb::Up),
            Self::Worst => ([1, 2], Thumb::Down),
        };
        let given = FeedbackFilter {
            from: Some(range.from),
            to: Some(range.to),
            ..FeedbackFilter::default()
        };
        let [first, second] = ratings.map(|rating| FeedbackFilter {
            rating_min: Some(rating),
            rating_max: Some(rating),
            ..given.clone()
        });
        let thumb = FeedbackFilter {
            thumb: Some(thumb),
            ..given
        };
        [first, second, thumb]
    }
}

/// Up to five turns with an opinion of the range at that end of the scale: the clearest opinions first, those in words before
/// those without, the latest before the others. What the shop dismissed is left out.
pub(super) async fn judged(
    store: &dyn Store,
    range: TimeRange,
    taste: Taste,
) -> Result<Vec<JudgedTurn>, StoreError> {
    let mut seen = HashSet::new();
    let mut turns = Vec::new();
    for filter in taste.filters(range) {
        let page = PageRequest {
            limit: LOOKED_AT,
            after: None,
        };
        let mut opinions = store.list_feedback(filter, page).await?;
        opinions.retain(|opinion| opinion.review.state != ReviewState::Dismissed && taste.agrees(opinion));
        // Stable: the latest stay first.
        opinions.sort_by_key(|opinion| opinion.comment.is_none());
        for opinion in opinions {
            if turns.len() == MOST {
                return Ok(turns);
            }
            if seen.insert(opinion.interaction_id)
                && let Some(turn) = store.get_interaction(opinion.interaction_id).await?
            {
                turns.push(JudgedTurn::of(&turn, &opinion));
            }
        }
    }
    Ok(turns)
}

impl Taste {
    /// A thumb down beside four stars is no bad turn.
    fn agrees(self, opinion: &Feedback) -> bool {
        match self {
            Self::Best => opinion.rating.is_none_or(|rating| rating >= 4),
            Self::Worst => opinion.rating.is_none_or(|rating| rating <= 2),
        }
    }
}
