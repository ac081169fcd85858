//! Knows whether the store is away, so that writes need not find out one by one.

use crate::app::App;
use std::time::Duration;
use store::StoreError;
use tokio::sync::watch;

/// First pause between two looks at whether the store is back; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(10);
/// A look that takes longer than this has failed.
const LOOK: Duration = Duration::from_secs(10);

/// Open while the store is known to be away: then writes are spilled at once.
pub struct Breaker(watch::Sender<bool>);

impl Default for Breaker {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Breaker {
    /// Whether the store is known to be away.
    pub fn is_open(&self) -> bool {
        *self.0.borrow()
    }

    /// Opens, and has somebody look until the store is back. Nobody looks while it is closed.
    pub(crate) fn open(&self, app: &App, reason: &StoreError) {
        let opened = self.0.send_if_modified(|open| !std::mem::replace(open, true));
        if opened {
            tracing::warn!(%reason, "the store is away: writes are spilled");
            tokio::spawn(look(app.downgrade()));
        }
    }

    /// Closes: the store has answered.
    pub fn close(&self) {
        if self.0.send_replace(false) {
            tracing::info!("the store is back");
        }
    }

    /// Returns when it is closed.
    pub(crate) async fn closed(&self) {
        // The sender lives as long as `self`.
        let _ = self.0.subscribe().wait_for(|open| !open).await;
    }
}

/// Whether the error says that the store cannot work now, and not that something is wrong with what was asked.
pub fn is_away(error: &StoreError) -> bool {
    match error {
        StoreError::Unavailable(_) | StoreError::DeadlineExceeded | StoreError::TooNew { .. } => true,
        StoreError::Broken(_) => false,
    }
}

/// Looks with growing pauses until the store answers, and closes the breaker. Ends with the app.
async fn look(app: crate::app::WeakApp) {
    let mut pause = FIRST;
    loop {
        tokio::time::sleep(pause).await;
        let Some(app) = app.upgrade() else { return };
        if let Ok(store) = app.store_now()
            && let Ok(Ok(())) = tokio::time::timeout(LOOK, store.ping()).await
        {
            return app.breaker().close();
        }
        pause = (pause * 2).min(LONGEST);
    }
}
