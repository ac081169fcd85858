//! A place for what takes a while to open.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long after its start the program waits for what is being opened before it takes it to be away.
const START: Duration = Duration::from_millis(250);

/// What was opened, or why it is not there yet; a clone is the same place.
pub(crate) struct Slot<T: ?Sized> {
    content: Arc<watch::Sender<Result<Arc<T>, String>>>,
    started: Instant,
}

impl<T: ?Sized> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self {
            content: Arc::clone(&self.content),
            started: self.started,
        }
    }
}

impl<T: ?Sized> Slot<T> {
    /// An empty place.
    pub(crate) fn new() -> Self {
        let opening = Err("it is being opened".to_owned());
        Self {
            content: Arc::new(watch::Sender::new(opening)),
            started: Instant::now(),
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
        self.by(self.started + START).await
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
