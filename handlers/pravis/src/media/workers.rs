//! Threads for work that takes a core for a while.
//!
//! Requests go first: there are fewer of these threads than cores (but one at least), and the system prefers all others to them. They do
//! nothing else: what was niced stays so, and the runtime's own threads would come back to requests like that. Each waits for the next
//! piece of work, which then gets the memory of the one before; the allocator gives a new thread other memory, and a hundred photos would
//! hold that of several at once.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// How much the system prefers others: about a tenth of a core is left where both want it.
const NICE: i32 = 10;

/// Says how much is worked on at once.
pub(crate) struct Workers {
    turns: Arc<Semaphore>,
    waiting: Arc<Waiting>,
}

/// Leave to hold one upload in memory, and to work on it. Given back when it and all its work are gone.
#[derive(Clone)]
pub(crate) struct Turn {
    waiting: Arc<Waiting>,
    _permit: Arc<OwnedSemaphorePermit>,
}

/// The threads that have nothing to do, each by the way to it.
#[derive(Default)]
struct Waiting(Mutex<Vec<Sender<Piece>>>);

/// A piece of work on its way to a thread.
struct Piece {
    work: Box<dyn FnOnce() + Send>,
    /// The way to the thread that has it.
    thread: Sender<Piece>,
    turn: Turn,
}

/// Work that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkError {
    /// The system gives no thread.
    #[error("there is no thread for it: {0}")]
    Thread(#[from] std::io::Error),
    /// A defect; the message is in the log.
    #[error("the work panicked")]
    Panicked,
}

impl Default for Workers {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of(cores.saturating_sub(1).max(1))
    }
}

impl Workers {
    fn of(count: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(count)),
            waiting: Arc::default(),
        }
    }

    /// Waits for a turn, first come, first served; none when it does not come within `patience`.
    pub(crate) async fn turn(&self, patience: Duration) -> Option<Turn> {
        let permit = Arc::clone(&self.turns).acquire_owned();
        let permit = tokio::time::timeout(patience, permit).await.ok()?.ok()?;
        Some(Turn {
            waiting: Arc::clone(&self.waiting),
            _permit: Arc::new(permit),
        })
    }
}

impl Turn {
    /// Does `work` on a thread for it. It goes on, and keeps the turn, when nobody waits for it any more.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkError> {
        let (done, result) = oneshot::channel();
        let thread = self.waiting.thread()?;
        let piece = Piece {
            work: Box::new(move || drop(done.send(work()))),
            thread: thread.clone(),
            turn: self.clone(),
        };
        // A thread that is gone drops its piece, and with it the sender of the result.
        let _ = thread.send(piece);
        result.await.map_err(|_| WorkError::Panicked)
    }
}

impl Waiting {
    /// One that waits, or a new one.
    fn thread(self: &Arc<Self>) -> std::io::Result<Sender<Piece>> {
        if let Some(thread) = self.lock().pop() {
            return Ok(thread);
        }
        let (thread, pieces) = channel::<Piece>();
        let waiting = Arc::downgrade(self);
        std::thread::Builder::new()
            .name("media".to_owned())
            .spawn(move || {
                be_nice();
                for Piece { work, thread, turn } in pieces {
                    work();
                    // It waits before another may have the turn, which then needs no new thread.
                    if let Some(waiting) = Weak::upgrade(&waiting) {
                        waiting.lock().push(thread);
                    }
                    drop(turn);
                }
            })?;
        Ok(thread)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Sender<Piece>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// On Linux a thread is niced by itself; elsewhere the whole program would be.
fn be_nice() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "the system does not let others go first");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const NOW: Duration = Duration::ZERO;
    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn no_more_than_its_count_are_at_work() {
        let workers = Workers::of(2);
        let running = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let one = async || {
            let turn = workers.turn(LONG).await.unwrap();
            let running = Arc::clone(&running);
            let work = turn.work(move || {
                let now = running.0.fetch_add(1, Ordering::SeqCst) + 1;
                running.1.fetch_max(now, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(20));
                running.0.fetch_sub(1, Ordering::SeqCst);
            });
            work.await.unwrap();
        };
        futures::future::join_all((0..8).map(|_| one())).await;
        assert_eq!(running.1.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_turn_ends_with_its_work_also_when_nobody_waits() {
        let workers = Workers::of(1);
        let turn = workers.turn(NOW).await.unwrap();
        assert!(workers.turn(NOW).await.is_none());
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let mut work = Box::pin(turn.work(move || wait.recv()));
        assert!(tokio::time::timeout(NOW, &mut work).await.is_err());
        drop(work);
        drop(turn);
        assert!(workers.turn(NOW).await.is_none(), "it is still at work");
        drop(go);
        assert!(workers.turn(LONG).await.is_some());
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_gives_the_turn_back() {
        let workers = Workers::of(1);
        let turn = workers.turn(NOW).await.unwrap();
        let failed = turn.work(|| panic!("the test says so")).await;
        let failed: Result<(), _> = failed;
        assert!(matches!(failed, Err(WorkError::Panicked)));
        drop(turn);
        assert!(workers.turn(LONG).await.is_some());
    }

    #[tokio::test]
    async fn one_thread_does_one_piece_after_the_other() {
        let workers = Workers::of(1);
        let mut threads = std::collections::HashSet::new();
        for _ in 0..20 {
            let turn = workers.turn(LONG).await.unwrap();
            threads.insert(turn.work(|| std::thread::current().id()).await.unwrap());
        }
        assert_eq!(threads.len(), 1);
    }

    #[tokio::test]
    async fn threads_end_with_their_workers() {
        let workers = Workers::of(1);
        let ended = Arc::new(());
        let kept = Arc::clone(&ended);
        let turn = workers.turn(NOW).await.unwrap();
        turn.work(move || {
            thread_local!(static KEPT: std::cell::RefCell<Option<Arc<()>>> = const { std::cell::RefCell::new(None) });
            KEPT.set(Some(kept));
        })
        .await
        .unwrap();
        drop((turn, workers));
        while Arc::strong_count(&ended) > 1 {
            tokio::task::yield_now().await;
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_its_own_thread_is_niced() {
        let before = rustix::process::nice(0).unwrap();
        let turn = Workers::default().turn(NOW).await.unwrap();
        let niced = turn.work(|| rustix::process::nice(0).unwrap()).await.unwrap();
        assert_eq!(niced, (before + NICE).min(19));
        assert_eq!(rustix::process::nice(0).unwrap(), before);
    }
}
