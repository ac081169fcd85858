//! The times that the backend keeps to; tests shorten them.

use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// How long what may take, and how long what is kept.
#[derive(Clone)]
pub(super) struct Tuning {
    /// A call, with all its tries.
    pub(super) call: Duration,
    /// A call that may wait for a paused database, which takes a minute to wake.
    pub(super) patient: Duration,
    /// One try to log in.
    pub(super) connect: Duration,
    /// A session that nobody uses; with `reap` on top it is at most a minute, since a session keeps a serverless
    /// database awake.
    pub(super) idle: Duration,
    /// Between two looks for idle sessions.
    pub(super) reap: Duration,
    /// A session in all.
    pub(super) lifetime: Duration,
    /// Waits between two tries.
    pub(super) sleep: Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(25),
            patient: Duration::from_secs(120),
            connect: Duration::from_secs(15),
            idle: Duration::from_secs(55),
            reap: Duration::from_secs(5),
            lifetime: Duration::from_secs(30 * 60),
            sleep: Arc::new(|wait| tokio::time::sleep(wait).boxed()),
        }
    }
}
