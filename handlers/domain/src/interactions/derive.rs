//! What follows from the fields that were given.

use super::{NewInteraction, Status};
use crate::time::{millis_between, truncated};
use jiff::Timestamp;

/// The status of a turn that names none: failed with an error type, succeeded when completed or answered, else pending.
pub(super) fn status(turn: &NewInteraction) -> Status {
    if turn.error_type.is_some() {
        Status::Failed
    } else if turn.completed_at.is_some() || turn.response_text.is_some() {
        Status::Succeeded
    } else {
        Status::Pending
    }
}

/// From start to finish, in milliseconds, at the precision that is stored.
pub(super) fn duration_ms(started: Timestamp, completed: Timestamp) -> f64 {
    millis_between(truncated(started), truncated(completed))
}
