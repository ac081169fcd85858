//! What is wrong at the moment.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is done.
    None,
    /// It fails at once.
    Away,
    /// It is done after this time.
    Slow(Duration),
    /// It is never answered, nor done.
    Stalled,
    /// It is done, and then fails.
    AfterWork,
    /// It is done, and then never answered.
    StalledAfterWork,
    /// It finds something that should not be.
    Broken,
}

type Script = Box<dyn FnMut() -> Fault + Send>;

/// Says what becomes of each call; a clone is the same switch.
#[derive(Clone)]
pub struct Switch(Arc<Shared>);

struct Shared {
    script: Mutex<Script>,
    calls: AtomicU64,
}

impl Default for Switch {
    fn default() -> Self {
        Self(Arc::new(Shared {
            script: Mutex::new(Box::new(|| Fault::None)),
            calls: AtomicU64::new(0),
        }))
    }
}

impl Switch {
    /// From now on every call ends so.
    pub fn set(&self, fault: Fault) {
        self.script(move || fault);
    }

    /// From now on each call ends as this says for it.
    pub fn script(&self, script: impl FnMut() -> Fault + Send + 'static) {
        *self.0.script.lock().unwrap() = Box::new(script);
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.0.calls.load(Ordering::SeqCst)
    }

    fn next(&self) -> Fault {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        (self.0.script.lock().unwrap())()
    }

    /// Does `work`, or what is wrong instead.
    pub(super) async fn pass<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>>,
        away: impl Fn() -> E,
        broken: impl Fn() -> E,
    ) -> Result<T, E> {
        match self.next() {
            Fault::None => work.await,
            Fault::Away => Err(away()),
            Fault::Slow(pause) => {
                tokio::time::sleep(pause).await;
                work.await
            }
            Fault::Stalled => std::future::pending().await,
            Fault::AfterWork => work.await.and_then(|_| Err(away())),
            Fault::StalledAfterWork => {
                let _ = work.await;
                std::future::pending().await
            }
            Fault::Broken => Err(broken()),
        }
    }
}
