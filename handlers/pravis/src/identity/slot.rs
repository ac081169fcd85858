//! The token of one scope.

use azure_core::credentials::AccessToken;
use azure_core::time::{Duration, OffsetDateTime};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

/// When a token was asked for in vain, and why there was none.
type Failure = Option<(Instant, String)>;
/// The right to ask for the next token.
pub(super) type Turn = OwnedMutexGuard<Failure>;

/// The token as it was given last.
#[derive(Default)]
pub(super) struct Slot {
    token: Mutex<Option<AccessToken>>,
    turn: Arc<tokio::sync::Mutex<Failure>>,
}

impl Slot {
    /// The token, if it is good for `time` yet.
    pub(super) fn good_for(&self, time: Duration) -> Option<AccessToken> {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let good = |token: &&AccessToken| token.expires_on > OffsetDateTime::now_utc() + time;
        token.as_ref().filter(good).cloned()
    }

    /// One at a time asks for the next.
    pub(super) fn turn(&self) -> Arc<tokio::sync::Mutex<Failure>> {
        Arc::clone(&self.turn)
    }

    pub(super) fn keep(&self, token: &AccessToken) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
    }
}
