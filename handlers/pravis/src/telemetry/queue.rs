//! What waits to be sent: a bounded queue that is emptied in batches, and never waited for.

use super::losses::{Losses, Signal};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How long the first item of a batch waits for others. The host kills without a warning: what happened a second ago must
/// be on its way.
const DELAY: Duration = Duration::from_millis(500);
/// Items that are sent without waiting for more, and the most that are sent at once.
const BATCH: usize = 512;
/// Items that were not sent.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) items: usize,
    pub(super) reason: String,
}

/// Sends one batch.
pub(super) type Export<T> = Box<dyn Fn(Vec<T>) -> BoxFuture<'static, Result<(), Lost>> + Send + Sync>;

/// What a queue is for, and its bounds.
pub(super) struct Plan {
    pub(super) signal: Signal,
    /// Items that may wait.
    pub(super) capacity: usize,
    /// How long one batch may take, with all its repeats.
    pub(super) patience: Duration,
}

/// A queue; a clone is the same one.
pub(super) struct Queue<T>(Arc<Shared<T>>);

struct Shared<T> {
    items: Mutex<Vec<T>>,
    plan: Plan,
    /// Items that are being sent.
    underway: AtomicUsize,
    closing: AtomicBool,
    /// There is something, where there was nothing.
    began: Notify,
    /// Nothing more is to be waited for.
    hurry: Notify,
    losses: Arc<Losses>,
}

/// The task that empties a queue.
pub(super) struct Worker {
    task: JoinHandle<()>,
    close: Box<dyn Fn() + Send + Sync>,
    abandon: Box<dyn Fn() + Send + Sync>,
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> std::fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue")
            .field("signal", &self.0.plan.signal)
            .finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Queue<T> {
    /// A queue, and the task on `engine` that sends them by `export`.
    pub(super) fn start(
        engine: &Handle,
        plan: Plan,
        losses: Arc<Losses>,
        export: Export<T>,
    ) -> (Self, Worker) {
        let shared = Arc::new(Shared {
            items: Mutex::default(),
            plan,
            underway: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            began: Notify::new(),
            hurry: Notify::new(),
            losses,
        });
        let (closed, abandoned) = (Arc::clone(&shared), Arc::clone(&shared));
        let worker = Worker {
            task: engine.spawn(Arc::clone(&shared).run(export)),
            close: Box::new(move || closed.close()),
            abandon: Box::new(move || abandoned.abandon()),
        };
        (Self(shared), worker)
    }

    /// Adds an item; where there is no room it is lost, and counted.
    pub(super) fn push(&self, item: T) {
        let waiting = {
            let mut items = self.0.items();
            if items.len() < self.0.plan.capacity {
                items.push(item);
                items.len()
            } else {
                0
            }
        };
        match waiting {
            0 => self
                .0
                .losses
                .count(self.0.plan.signal, 1, "there is too much of it"),
            1 => self.0.began.notify_one(),
            BATCH => self.0.hurry.notify_one(),
            _ => {}
        }
    }
}

impl<T: Send + 'static> Shared<T> {
    fn items(&self) -> MutexGuard<'_, Vec<T>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self: Arc<Self>, export: Export<T>) {
        loop {
            self.began.notified().await;
            if !self.closing.load(Ordering::Acquire) {
                let _ = tokio::time::timeout(DELAY, self.hurry.notified()).await;
            }
            while let Some(batch) = self.next_batch() {
                self.send(&export, batch).await;
            }
            if self.closing.load(Ordering::Acquire) {
                return;
            }
        }
    }

    fn next_batch(&self) -> Option<Vec<T>> {
        let mut items = self.items();
        let rest = if items.len() > BATCH {
            items.split_off(BATCH)
        } else {
            Vec::new()
        };
        let batch = std::mem::replace(&mut *items, rest);
        self.underway.store(batch.len(), Ordering::Release);
        (!batch.is_empty()).then_some(batch)
    }

    async fn send(&self, export: &Export<T>, batch: Vec<T>) {
        let items = batch.len();
        // What an exporter cannot stand must not end the task: it would be the end of all telemetry.
        let sending = AssertUnwindSafe(async { export(batch).await }).catch_unwind();
        let lost = match tokio::time::timeout(self.plan.patience, sending).await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(lost))) => Some(lost),
            Ok(Err(_)) => Some(Lost {
                items,
                reason: "its exporter panicked".to_owned(),
            }),
            Err(_) => Some(Lost {
                items,
                reason: "it was not taken in time".to_owned(),
            }),
        };
        self.underway.store(0, Ordering::Release);
        if let Some(Lost { items, reason }) = lost {
            self.losses.count(self.plan.signal, items, &reason);
        }
    }

    fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.began.notify_one();
        self.hurry.notify_one();
    }

    fn abandon(&self) {
        let left = self.items().len() + self.underway.load(Ordering::Acquire);
        self.losses
            .count(self.plan.signal, left, "it was not taken before the end");
    }
}

impl Worker {
    /// Sends what is left, until `deadline`; what cannot be sent by then is lost, and counted.
    pub(super) async fn finish(mut self, deadline: tokio::time::Instant) {
        (self.close)();
        if tokio::time::timeout_at(deadline, &mut self.task).await.is_err() {
            self.task.abort();
            (self.abandon)();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{Instant, sleep};

    const PATIENCE: Duration = Duration::from_secs(15);

    fn plan(signal: Signal, capacity: usize) -> Plan {
        let patience = PATIENCE;
        Plan {
            signal,
            capacity,
            patience,
        }
    }

    type Batches = Arc<Mutex<Vec<Vec<usize>>>>;

    fn losses() -> Arc<Losses> {
        Arc::new(Losses::new(None))
    }

    /// Keeps what is sent to it; panics at 13, refuses 17, and never ends with 99.
    fn export(batches: &Batches) -> Export<usize> {
        let batches = Arc::clone(batches);
        Box::new(move |batch| {
            let batches = Arc::clone(&batches);
            Box::pin(async move {
                assert!(!batch.contains(&13), "seen in the output of a test that succeeds");
                if batch.contains(&99) {
                    std::future::pending::<()>().await;
                }
                if batch.contains(&17) {
                    let reason = "17".to_owned();
                    return Err(Lost {
                        items: batch.len(),
                        reason,
                    });
                }
                batches.lock().unwrap().push(batch);
                Ok(())
            })
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_waits_half_a_second_and_a_full_one_not_at_all() {
        let batches = Batches::default();
        let (queue, worker) = Queue::start(
            &Handle::current(),
            plan(Signal::Logs, 10_000),
            losses(),
            export(&batches),
        );
        let sent = |batches: &Batches| batches.lock().unwrap().iter().map(Vec::len).collect::<Vec<_>>();
        (0..3).for_each(|n| queue.push(n));
        sleep(Duration::from_millis(499)).await;
        assert_eq!(sent(&batches), [0; 0]);
        sleep(Duration::from_millis(2)).await;
        assert_eq!(sent(&batches), [3]);
        let began = Instant::now();
        (100..1500).for_each(|n| queue.push(n));
        sleep(Duration::from_millis(1)).await;
        assert_eq!(sent(&batches), [3, 512, 512, 376]);
        assert!(began.elapsed() < Duration::from_millis(10));
        worker.finish(Instant::now() + Duration::from_secs(2)).await;
        let all: Vec<_> = batches.lock().unwrap().concat();
        assert_eq!(all, (0..3).chain(100..1500).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_no_room_is_counted_and_not_waited_for() {
        let (batches, losses) = (Batches::default(), losses());
        let (queue, worker) = Queue::start(
            &Handle::current(),
            plan(Signal::Spans, 100),
            Arc::clone(&losses),
            export(&batches),
        );
        queue.push(99);
        sleep(Duration::from_secs(1)).await;
        (200..350).for_each(|n| queue.push(n));
        assert_eq!(losses.pour(), [50, 0, 0, 0]);
        // The one that stalls is given up, and the rest goes on.
        sleep(PATIENCE).await;
        assert_eq!(losses.pour(), [1, 0, 0, 0]);
        worker.finish(Instant::now() + Duration::from_secs(2)).await;
        assert_eq!(batches.lock().unwrap().concat().len(), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn an_exporter_that_fails_or_panics_loses_one_batch() {
        let (batches, losses) = (Batches::default(), losses());
        let (queue, worker) = Queue::start(
            &Handle::current(),
            plan(Signal::Facts, 100),
            Arc::clone(&losses),
            export(&batches),
        );
        for (item, lost) in [(13, 1), (17, 1), (1, 0)] {
            queue.push(item);
            sleep(Duration::from_secs(1)).await;
            assert_eq!(losses.pour(), [0, 0, 0, lost]);
        }
        worker.finish(Instant::now()).await;
        assert_eq!(*batches.lock().unwrap(), [[1]]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_sends_the_rest_at_once_or_gives_up_in_time() {
        let (batches, losses) = (Batches::default(), losses());
        let began = Instant::now();
        let (queue, worker) = Queue::start(
            &Handle::current(),
            plan(Signal::Logs, 2000),
            Arc::clone(&losses),
            export(&batches),
        );
        (100..1500).for_each(|n| queue.push(n));
        worker.finish(began + Duration::from_secs(2)).await;
        assert_eq!(batches.lock().unwrap().concat().len(), 1400);
        assert_eq!(began.elapsed(), Duration::ZERO);

        let (queue, worker) = Queue::start(
            &Handle::current(),
            plan(Signal::Logs, 2000),
            Arc::clone(&losses),
            export(&batches),
        );
        (99..1499).for_each(|n| queue.push(n));
        worker.finish(began + Duration::from_secs(2)).await;
        assert!(began.elapsed() < Duration::from_millis(2010));
        assert_eq!(losses.pour(), [0, 1400, 0, 0]);
    }
}
