//! The pool of sessions: deadlines, retry, and no session that nobody needs.

use super::call::Call;
use super::connection::Places;
use super::error::SqlError;
use super::options::AzureSqlOptions;
use super::session::{Answer, Session};
use super::tries::Tries;
use super::tuning::Tuning;
use crate::StoreError;
use bb8::QueueStrategy;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::RwLock;
use tracing::Instrument;

/// Sessions of one database; a clone shares them.
#[derive(Clone)]
pub(super) struct Pool {
    shared: Arc<Shared>,
    budget: Duration,
}

struct Shared {
    options: AzureSqlOptions,
    read_only: bool,
    tuning: Tuning,
    /// Read by each call while it runs, and taken away when the store is closed.
    places: RwLock<Option<bb8::Pool<Places>>>,
    waiting: AtomicU32,
}

impl Pool {
    /// A pool without any session yet.
    pub(super) fn new(options: AzureSqlOptions, read_only: bool, tuning: Tuning) -> Self {
        let places = bb8::Pool::builder()
            .max_size(options.pool_size.max(1))
            .min_idle(0)
            .queue_strategy(QueueStrategy::Lifo)
            .idle_timeout(tuning.idle)
            .reaper_rate(tuning.reap)
            .max_lifetime(tuning.lifetime)
            .connection_timeout(tuning.patient)
            .build_unchecked(Places);
        Self {
            budget: tuning.call,
            shared: Arc::new(Shared {
                options,
                read_only,
                tuning,
                places: RwLock::new(Some(places)),
                waiting: AtomicU32::new(0),
            }),
        }
    }

    /// The same sessions, for work that may wait until a paused database is awake.
    pub(super) fn patient(&self) -> Self {
        self.within(self.shared.tuning.patient)
    }

    /// The same sessions, for work that must end within `budget`.
    pub(super) fn within(&self, budget: Duration) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            budget,
        }
    }

    /// Whether what it shows may be older than what was written.
    pub(super) fn is_replica(&self) -> bool {
        self.shared.read_only
    }

    /// Sends the call, again where that may help, and gives the rows of each of its result sets.
    pub(super) async fn run(&self, call: Call) -> Result<Answer, StoreError> {
        self.try_run(call).await.map_err(StoreError::from)
    }

    /// As `run`, for callers that know what to do about a row that exists.
    pub(super) async fn try_run(&self, call: Call) -> Result<Answer, SqlError> {
        let call = Arc::new(call);
        let once: &Work<'_, Answer> = &|session| {
            let call = Arc::clone(&call);
            async move { session.run_ref(&call).await }.boxed()
        };
        self.repeat(once).await
    }

    /// Does work of several round trips on one connection, again where that may help. It is not done again once a call
    /// in it was, or may have been, done that must not be done twice.
    pub(super) async fn session<T: Send>(
        &self,
        function: &'static str,
        work: impl for<'c> Fn(&'c mut Session) -> BoxFuture<'c, Result<T, SqlError>> + Send + Sync,
    ) -> Result<T, StoreError> {
        let span = tracing::info_span!("sql_session", otel.name = function);
        let done = self.repeat(&work).instrument(span).await;
        done.map_err(StoreError::from)
    }

    /// How many sessions are open and in use, and how many callers wait for one; none of these once it is closed.
    pub(super) fn figures(&self) -> PoolFigures {
        let places = self.shared.places.try_read().ok();
        let state = places
            .as_ref()
            .and_then(|places| places.as_ref())
            .map(bb8::Pool::state);
        let (open, idle) = state.map_or((0, 0), |state| (state.connections, state.idle_connections));
        PoolFigures {
            open,
            in_use: open - idle,
            waiting: self.shared.waiting.load(Ordering::Relaxed),
        }
    }

    /// Waits for the calls that run, and ends all sessions. Calls after it fail.
    pub(super) async fn close(&self) {
        self.shared.places.write().await.take();
    }

    async fn repeat<T: Send>(&self, work: &Work<'_, T>) -> Result<T, SqlError> {
        let open = self.shared.places.read().await;
        let places = open.as_ref().ok_or_else(closed)?;
        let mut tries = Tries::new(self.budget, &self.shared.tuning);
        loop {
            let attempt = self.attempt(places, work);
            match tokio::time::timeout(tries.left(), attempt).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err((error, repeatable))) => tries.after(error, repeatable).await?,
                Err(_) => return Err(tries.out_of_time()),
            }
        }
    }

    /// One try; with an error comes whether the work may be done again.
    async fn attempt<T: Send>(
        &self,
        places: &bb8::Pool<Places>,
        work: &Work<'_, T>,
    ) -> Result<T, (SqlError, bool)> {
        let Shared {
            options,
            read_only,
            tuning,
            waiting,
            ..
        } = &*self.shared;
        let place = {
            let _waits = Waits::new(waiting);
            places.get_owned().await
        };
        let place = place.map_err(|_| (SqlError::Deadline, false))?;
        let session = Session::begin(place, options, *read_only, tuning.connect).await;
        let mut session = session.map_err(|error| (error, true))?;
        match work(&mut session).await {
            Ok(answer) => {
                session.end();
                Ok(answer)
            }
            Err(error) => Err((error, session.is_repeatable())),
        }
    }
}

/// What is done with a session, once or more.
type Work<'w, T> = dyn for<'c> Fn(&'c mut Session) -> BoxFuture<'c, Result<T, SqlError>> + Send + Sync + 'w;

/// How busy a pool is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolFigures {
    /// Sessions that are open.
    pub open: u32,
    /// Sessions that calls hold.
    pub in_use: u32,
    /// Calls that wait for a session.
    pub waiting: u32,
}

/// Counts a caller as waiting for as long as it lives; `bb8` forgets those that gave up.
struct Waits<'a>(&'a AtomicU32);

impl<'a> Waits<'a> {
    fn new(waiting: &'a AtomicU32) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn closed() -> SqlError {
    StoreError::Unavailable("the store is closed".to_owned()).into()
}
