//! Asks the store, and gives up soon.

use super::is_away;
use crate::app::App;
use crate::error::ApiError;
use std::sync::Arc;
use store::{Store, StoreError};
use tokio::time::Instant;

/// Why a piece of work with the store came to nothing.
pub(crate) enum Failure {
    /// The store could not do it.
    Store(StoreError),
    /// The client asked for what cannot be.
    Refused(ApiError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

/// What the store made of `work`; none when it is away, or has not answered when it is `until`. The first to find that
/// out opens the breaker. Work that is dropped may still be done, so it must bear being done again.
pub(crate) async fn attempt<T, F>(
    app: &App,
    until: Instant,
    work: impl FnOnce(Arc<dyn Store>) -> F,
) -> Result<Option<T>, ApiError>
where
    F: Future<Output = Result<T, Failure>>,
{
    let Some(store) = app.store_at_hand().await else {
        return Ok(None);
    };
    let reason = match tokio::time::timeout_at(until, work(store)).await {
        Ok(Ok(done)) => return Ok(Some(done)),
        Ok(Err(Failure::Refused(error))) => return Err(error),
        Ok(Err(Failure::Store(error))) if is_away(&error) => error,
        Ok(Err(Failure::Store(error))) => return Err(error.into()),
        Err(_) => StoreError::DeadlineExceeded,
    };
    app.breaker().open(app, &reason);
    Ok(None)
}
