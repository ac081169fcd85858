//! The contract by plain loops over plain vectors: what the store's answers are compared with.

use domain::feedback::{Feedback, FeedbackFilter};
use domain::interactions::{Interaction, InteractionFilter, Status};
use domain::page::Positioned;
use domain::sessions::Session;
use domain::time::millis_between;
use jiff::Timestamp;
use std::cmp::Reverse;
use uuid::Uuid;

fn is<T: PartialEq>(asked: &Option<T>, value: &Option<T>) -> bool {
    asked.is_none() || asked == value
}

fn within(from: Option<Timestamp>, to: Option<Timestamp>, time: Timestamp) -> bool {
    from.is_none_or(|from| from <= time) && to.is_none_or(|to| time < to)
}

fn rated(least: Option<u8>, most: Option<u8>, rating: Option<u8>) -> bool {
    (least.is_none() && most.is_none())
        || rating.is_some_and(|own| least.is_none_or(|l| l <= own) && most.is_none_or(|m| own <= m))
}

pub(crate) fn turn_passes(filter: &InteractionFilter, turn: &Interaction) -> bool {
    is(&filter.kind, &Some(turn.kind))
        && is(&filter.status, &Some(turn.status))
        && is(&filter.model, &turn.model)
        && is(&filter.provider, &turn.provider)
        && is(&filter.user_id, &turn.user_id)
        && is(&filter.session_id, &Some(turn.session_id.clone()))
        && is(&filter.channel, &turn.channel)
        && is(&filter.locale, &turn.locale)
        && rated(filter.rating_min, filter.rating_max, turn.rating)
        && within(filter.from, filter.to, turn.started_at)
}

pub(crate) fn feedback_passes(filter: &FeedbackFilter, feedback: &Feedback) -> bool {
    is(&filter.interaction_id, &Some(feedback.interaction_id))
        && is(&filter.user_id, &feedback.user_id)
        && is(&filter.category, &feedback.category)
        && is(&filter.source, &Some(feedback.source))
        && is(&filter.thumb, &feedback.thumb)
        && is(&filter.review_state, &Some(feedback.review.state))
        && is(
            &filter.sentiment,
            &feedback.sentiment.as_ref().map(|own| own.label),
        )
        && rated(filter.rating_min, filter.rating_max, feedback.rating)
        && within(filter.from, filter.to, feedback.created_at)
}

/// Those that pass, the latest first, then the greatest id.
pub(crate) fn newest_first<T: Positioned<Key = Uuid> + Clone>(
    records: &[T],
    passes: impl Fn(&T) -> bool,
) -> Vec<T> {
    let mut list: Vec<T> = records.iter().filter(|record| passes(record)).cloned().collect();
    list.sort_by_key(|record| Reverse((record.position().at, record.position().key)));
    list
}

/// Counts the feedback on the turns that it is about, each a change of its turn.
pub(crate) fn count_feedback(turns: &mut [Interaction], feedback: &[Feedback]) {
    for turn in turns {
        let own = newest_first(feedback, |feedback| feedback.interaction_id == turn.id);
        turn.feedback_count = own.len() as u64;
        turn.rating = own.iter().find_map(|feedback| feedback.rating);
        turn.version += own.len() as i64;
        turn.updated_at = own
            .iter()
            .map(|feedback| feedback.created_at)
            .fold(turn.updated_at, Timestamp::max);
    }
}

/// The sum of what is known; none when nothing is.
fn known(values: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    values.flatten().reduce(|sum, value| sum + value)
}

/// The sessions of these turns, the latest first turn first, then the greatest id.
pub(crate) fn sessions(turns: &[Interaction]) -> Vec<Session> {
    let mut ids: Vec<_> = turns.iter().map(|turn| turn.session_id.clone()).collect();
    ids.sort();
    ids.dedup();
    let mut sessions: Vec<_> = ids.iter().map(|id| session(turns, id)).collect();
    sessions.sort_by_key(|session| Reverse((session.started_at, session.session_id.clone())));
    sessions
}

fn session(turns: &[Interaction], session_id: &str) -> Session {
    let mut own: Vec<_> = turns
        .iter()
        .filter(|turn| turn.session_id == session_id)
        .collect();
    own.sort_by_key(|turn| (turn.started_at, turn.id));
    let (first, last) = (own[0], own[own.len() - 1]);
    let end = own
        .iter()
        .map(|turn| turn.completed_at.unwrap_or(turn.started_at))
        .max()
        .unwrap();
    let count = |status| own.iter().filter(|turn| turn.status == status).count() as u64;
    let ratings: Vec<f64> = own.iter().filter_map(|turn| turn.rating.map(f64::from)).collect();
    Session {
        session_id: session_id.to_owned(),
        user_id: own.iter().rev().find_map(|turn| turn.user_id.clone()),
        channel: first.channel.clone(),
        started_at: first.started_at,
        last_started_at: last.started_at,
        duration_ms: Some(millis_between(first.started_at, end)).filter(|length| *length > 0.0),
        interactions: own.len() as u64,
        succeeded: count(Status::Succeeded),
        failed: count(Status::Failed),
        pending: count(Status::Pending),
        tokens_input: known(own.iter().map(|turn| turn.tokens_input)),
        tokens_output: known(own.iter().map(|turn| turn.tokens_output)),
        cost_micros: known(own.iter().map(|turn| turn.cost_micros)),
        unpriced: own.iter().filter(|turn| turn.cost_micros.is_none()).count() as u64,
        average_rating: (!ratings.is_empty()).then(|| ratings.iter().sum::<f64>() / ratings.len() as f64),
        feedback_count: own.iter().map(|turn| turn.feedback_count).sum(),
    }
}
