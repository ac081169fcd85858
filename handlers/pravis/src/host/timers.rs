//! The local host's timers: each fires by its schedule, as the same envelope that the Functions host sends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::app_root::AppRoot;
use super::function::{TimerTrigger, Trigger};
use super::invoke::{InvocationFailed, Received, invoke};
use super::retry::{RetryContext, RetryPolicy};
use super::timer::{ScheduleStatus, TimerInfo};
use super::timer_state::{TimerState, TimerStates};

/// Tells the time; passed in, so that tests hold their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Longest sleep: a laptop that was suspended is noticed within it, since then the clock runs ahead of the sleep.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// All timers of an app.
#[derive(Clone)]
pub struct Timers {
    timers: Vec<Timer>,
    host: Arc<Host>,
}

struct Host {
    handler: Router,
    clock: Clock,
    states: TimerStates,
}

#[derive(Debug, Clone)]
struct Timer {
    function: String,
    trigger: TimerTrigger,
    retry: Option<RetryPolicy>,
}

/// Why a timer was not fired by hand.
#[derive(Debug, thiserror::Error)]
pub enum FireError {
    /// No timer has this name.
    #[error("no timer is called `{0}`; there are: {1}")]
    Unknown(String, String),
    /// It was fired and failed.
    #[error("{0} {1}")]
    Failed(String, InvocationFailed),
}

impl Timers {
    /// The timers of `app`, which call their triggers in `handler` and keep their state in `folder`.
    pub fn new(app: &AppRoot, handler: Router, clock: Clock, folder: impl Into<PathBuf>) -> Self {
        let timers = app
            .functions
            .iter()
            .filter_map(|function| match &function.trigger {
                Trigger::Timer(trigger) => Some(Timer {
                    function: function.name.clone(),
                    trigger: trigger.clone(),
                    retry: function.retry.clone(),
                }),
                _ => None,
            });
        Self {
            timers: timers.collect(),
            host: Arc::new(Host {
                handler,
                clock,
                states: TimerStates::new(folder),
            }),
        }
    }

    /// Fires each timer by its schedule until `shutdown` is ready; then lets running ones end.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let (stop, stopped) = watch::channel(false);
        let mut tasks: JoinSet<()> = self
            .timers
            .into_iter()
            .map(|timer| timer.run(Arc::clone(&self.host), stopped.clone()))
            .collect();
        shutdown.await;
        stop.send_replace(true);
        while tasks.join_next().await.is_some() {}
    }

    /// Fires one timer now, once and without retries; its schedule and its state stay as they are.
    pub async fn fire_once(&self, function: &str) -> Result<Received, FireError> {
        let Some(timer) = self.timers.iter().find(|timer| timer.function == function) else {
            let names: Vec<_> = self.timers.iter().map(|timer| timer.function.as_str()).collect();
            return Err(FireError::Unknown(function.to_owned(), names.join(", ")));
        };
        let info = TimerInfo {
            schedule_status: None,
            is_past_due: false,
        };
        timer
            .attempt(&self.host, &info, None)
            .await
            .map_err(|failure| FireError::Failed(function.to_owned(), failure))
    }
}

impl Timer {
    async fn run(self, host: Arc<Host>, mut stopped: watch::Receiver<bool>) {
        let now = (host.clock)();
        let mut state = self.recall(&host, now);
        if self.trigger.run_on_startup {
            self.fire(&host, &mut state, now, false, &mut stopped).await;
        }
        while let Some(due) = state.next {
            let late = due < (host.clock)();
            if !self.sleep_until(due, &host, &mut stopped).await {
                return;
            }
            self.fire(&host, &mut state, due, late, &mut stopped).await;
        }
    }

    /// The state to start with. Without a monitor, or with another schedule, what was missed stays missed.
    fn recall(&self, host: &Host, now: Timestamp) -> TimerState {
        let schedule = self.trigger.schedule.to_string();
        let remembered = self
            .is_monitored()
            .then(|| host.states.load(&self.function))
            .flatten();
        if let Some(state) = remembered.as_ref().filter(|state| state.schedule == schedule) {
            return state.clone();
        }
        let state = TimerState {
            last: remembered.and_then(|state| state.last),
            next: self.trigger.schedule.next_after(now),
            updated: now,
            schedule,
        };
        self.remember(host, &state);
        state
    }

    /// Runs the trigger for the time `due`, with retries, and then moves on to the next time after now: what was
    /// missed meanwhile is made up for by one run and not by many.
    async fn fire(
        &self,
        host: &Host,
        state: &mut TimerState,
        due: Timestamp,
        is_past_due: bool,
        stopped: &mut watch::Receiver<bool>,
    ) {
        let status = ScheduleStatus {
            last: state.last,
            next: Some(due),
            last_updated: Some(state.updated),
        };
        let info = TimerInfo {
            schedule_status: self.is_monitored().then_some(status),
            is_past_due,
        };
        let started = (host.clock)();
        if !self.attempts(host, &info, stopped).await {
            return;
        }
        let now = (host.clock)();
        *state = TimerState {
            schedule: state.schedule.clone(),
            last: Some(started),
            // A clock that was set back must not make the same time fire twice.
            next: self.trigger.schedule.next_after(now.max(due)),
            updated: now,
        };
        self.remember(host, state);
    }

    /// Tries until it succeeds or the policy gives up. False when it was stopped between two attempts: then the
    /// run stays due.
    async fn attempts(&self, host: &Host, info: &TimerInfo, stopped: &mut watch::Receiver<bool>) -> bool {
        let mut context = self.retry.as_ref().map(|policy| RetryContext {
            max_retry_count: policy.max_retry_count(),
            ..RetryContext::default()
        });
        loop {
            let failure = match self.attempt(host, info, context.as_ref()).await {
                Ok(received) => {
                    for line in received.logs.unwrap_or_default() {
                        tracing::info!(function = self.function, "{line}");
                    }
                    return true;
                }
                Err(failure) => failure,
            };
            let retry = context
                .as_ref()
                .map_or(0, |context| context.retry_count)
                .saturating_add(1);
            let pause = self.retry.as_ref().and_then(|policy| policy.delay(retry));
            let retry_in_s = pause.map(|pause| pause.as_secs());
            tracing::warn!(function = self.function, error = %failure, retry_in_s, "timer failed");
            let Some((pause, context)) = pause.zip(context.as_mut()) else {
                return true;
            };
            context.retry_count = retry;
            context.exception = json!({
                "ClassName": "System.Net.Http.HttpRequestException",
                "Message": failure.to_string(),
            });
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopped.wait_for(|stopped| *stopped) => return false,
            }
        }
    }

    async fn attempt(
        &self,
        host: &Host,
        info: &TimerInfo,
        retry: Option<&RetryContext>,
    ) -> Result<Received, InvocationFailed> {
        let payload = info.payload(&self.function, &self.trigger.binding, (host.clock)());
        let payload = match retry {
            Some(context) => payload.retry(context),
            None => payload,
        };
        invoke(
            &host.handler,
            &self.function,
            Uuid::now_v7(),
            payload.into_bytes(),
        )
        .await
    }

    /// False when it was stopped before.
    async fn sleep_until(&self, due: Timestamp, host: &Host, stopped: &mut watch::Receiver<bool>) -> bool {
        loop {
            if *stopped.borrow() {
                return false;
            }
            let left = due.duration_since((host.clock)());
            let Ok(left) = Duration::try_from(left) else {
                return true;
            };
            if left.is_zero() {
                return true;
            }
            tokio::select! {
                () = tokio::time::sleep(left.min(LONGEST_SLEEP)) => {}
                _ = stopped.wait_for(|stopped| *stopped) => return false,
            }
        }
    }

    fn is_monitored(&self) -> bool {
        self.trigger.use_monitor && !self.trigger.schedule.fires_several_times_a_minute()
    }

    fn remember(&self, host: &Host, state: &TimerState) {
        if !self.is_monitored() {
            return;
        }
        if let Err(error) = host.states.save(&self.function, state) {
            tracing::error!(function = self.function, %error, "the timer's state cannot be written");
        }
    }
}
