//! A place for what takes a while to open.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// What was opened, or why it is not there yet; a clone is the same place.
pub(crate) struct Slot<T: ?Sized> {
    content: Arc<watch::Sender<Result<Arc<T>, String>>>,
    /// Until then it is being opened; after it what it lacks is away.
    opening: Instant,
}

impl<T: ?Sized> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self {
            content: Arc::clone(&self.content),
            opening: self.opening,
        }
    }
}

impl<T: ?Sized> Slot<T> {
    /// An empty place; what belongs there takes about `opening` to open.
    pub(crate) fn new(opening: Duration) -> Self {
        let reason = Err("it is being opened".to_owned());
        Self {
            content: Arc::new(watch::Sender::new(reason)),
            opening: Instant::now() + opening,
        }
    }

    /// Fills it; whoever waits goes on.
    pub(crate) fn provide(&self, content: Arc<T>) {
        drop(self.content.send_replace(Ok(content)));
    }

    /// Says why it is empty.
    pub(crate) fn lack(&self, reason: String) {
        drop(self.content.send_replace(Err(reason)));
    }

    /// The content, or why there is none at this moment.
    pub(crate) fn now(&self) -> Result<Arc<T>, String> {
        self.content.borrow().clone()
    }

    /// The content; waits for it only while the program starts.
    pub(crate) async fn soon(&self) -> Result<Arc<T>, String> {
        self.by(self.opening).await
    }

    /// The content, as soon as there is any; why there is none when it is `until`.
    pub(crate) async fn by(&self, until: Instant) -> Result<Arc<T>, String> {
        if let Ok(content) = self.now() {
            return Ok(content);
        }
        let mut standing = self.content.subscribe();
        // Whatever ends the wait, what counts is what is there then.
        let _ = tokio::time::timeout_at(until, standing.wait_for(Result::is_ok)).await;
        self.now()
    }
}
