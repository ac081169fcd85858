//! The local host's timers, on a clock that the runtime moves.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use jiff::{SignedDuration, Timestamp};
use pravis::host::answer::Answer;
use pravis::host::app_root::AppRoot;
use pravis::host::envelope::Invocation;
use pravis::host::timer_state::TimerStates;
use pravis::host::timers::{Clock, FireError, Timers};
use pravis::triggers::{TriggerError, TriggerTable};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

const START: &str = "2026-08-21T09:15:00Z";

/// What the trigger was sent, with the time since the start, in seconds; and how often it is to fail.
#[derive(Clone)]
struct Seen {
    runs: Arc<Mutex<Vec<(u64, Invocation)>>>,
    failures: Arc<Mutex<u32>>,
    start: Instant,
}

impl Seen {
    fn new(failures: u32) -> Self {
        Self {
            runs: Arc::default(),
            failures: Arc::new(Mutex::new(failures)),
            start: Instant::now(),
        }
    }

    fn times(&self) -> Vec<u64> {
        self.runs.lock().unwrap().iter().map(|(at, _)| *at).collect()
    }

    fn invocation(&self, run: usize) -> Invocation {
        self.runs.lock().unwrap()[run].1.clone()
    }

    fn handler(&self) -> Router {
        async fn tick(seen: Seen, invocation: Invocation) -> Result<Answer, TriggerError> {
            seen.runs
                .lock()
                .unwrap()
                .push((seen.start.elapsed().as_secs(), invocation));
            let mut failures = seen.failures.lock().unwrap();
            if *failures > 0 {
                *failures -= 1;
                return Err("not yet".into());
            }
            Ok(Answer::done())
        }
        TriggerTable::new(Duration::from_secs(60))
            .on("tick", tick)
            .into_router(self.clone())
    }
}

/// An app of one timer: further members of its binding, and of its file.
fn app(folder: &Path, schedule: &str, binding: &str, file: &str) -> AppRoot {
    fs::create_dir_all(folder.join("functions/tick")).unwrap();
    let host = r#"{"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "pravis"}}}"#;
    fs::write(folder.join("host.json"), host).unwrap();
    let trigger =
        format!(r#""type": "timerTrigger", "direction": "in", "name": "timer", "schedule": "{schedule}""#);
    let function = format!(r#"{{"bindings": [{{{trigger}{binding}}}]{file}}}"#);
    fs::write(folder.join("functions/tick/function.json"), function).unwrap();
    AppRoot::read(folder, &|_| None).unwrap_or_else(|e| panic!("{e}"))
}

fn clock(start: &str) -> Clock {
    let (start, began): (Timestamp, _) = (start.parse().unwrap(), Instant::now());
    Arc::new(move || start + SignedDuration::try_from(began.elapsed()).unwrap())
}

fn timers(folder: &TempDir, app: &AppRoot, seen: &Seen, start: &str) -> Timers {
    Timers::new(app, seen.handler(), clock(start), folder.path().join("timers"))
}

#[tokio::test(start_paused = true)]
async fn a_timer_fires_by_its_schedule_and_remembers() {
    let folder = TempDir::new().unwrap();
    let app = app(folder.path(), "0 */5 * * * *", "", "");
    let seen = Seen::new(0);
    timers(&folder, &app, &seen, START)
        .run(sleep(Duration::from_secs(15 * 60 + 1)))
        .await;
    assert_eq!(seen.times(), [300, 600, 900]);

    let first = seen.invocation(0).timer("timer").unwrap();
    assert!(!first.is_past_due);
    let status = first.schedule_status.unwrap();
    assert_eq!(
        (status.last, status.next.unwrap().to_string()),
        (None, "2026-08-21T09:20:00Z".to_owned())
    );
    let second = seen
        .invocation(1)
        .timer("timer")
        .unwrap()
        .schedule_status
        .unwrap();
    assert_eq!(
        second.last.unwrap().as_second(),
        "2026-08-21T09:20:00Z".parse::<Timestamp>().unwrap().as_second()
    );
    assert_ne!(seen.invocation(0).id(), seen.invocation(1).id());
    assert_eq!(seen.invocation(0).retry(), None, "there only with a policy");
}

#[tokio::test(start_paused = true)]
async fn missed_runs_are_made_up_for_once_as_past_due() {
    let folder = TempDir::new().unwrap();
    let app = app(folder.path(), "0 */5 * * * *", "", "");
    timers(&folder, &app, &Seen::new(0), START)
        .run(sleep(Duration::from_secs(301)))
        .await;
    // Two hours later.
    let seen = Seen::new(0);
    timers(&folder, &app, &seen, "2026-08-21T11:17:00Z")
        .run(sleep(Duration::from_secs(301)))
        .await;
    assert_eq!(seen.times(), [0, 180]);
    assert!(seen.invocation(0).timer("timer").unwrap().is_past_due);
    assert!(!seen.invocation(1).timer("timer").unwrap().is_past_due);
}

#[tokio::test(start_paused = true)]
async fn another_schedule_or_a_broken_file_starts_anew() {
    let folder = TempDir::new().unwrap();
    let every_five = app(folder.path(), "0 */5 * * * *", "", "");
    timers(&folder, &every_five, &Seen::new(0), START)
        .run(sleep(Duration::from_secs(1)))
        .await;
    let every_hour = app(folder.path(), "0 0 * * * *", "", "");
    let seen = Seen::new(0);
    timers(&folder, &every_hour, &seen, "2026-08-21T11:17:00Z")
        .run(sleep(Duration::from_secs(60)))
        .await;
    assert!(seen.times().is_empty());

    let file = folder.path().join("timers/tick.json");
    assert!(
        TimerStates::new(folder.path().join("timers"))
            .load("tick")
            .is_some()
    );
    fs::write(file, "{").unwrap();
    timers(&folder, &every_hour, &seen, "2026-08-21T15:17:00Z")
        .run(sleep(Duration::from_secs(60)))
        .await;
    assert!(seen.times().is_empty());
    assert!(
        TimerStates::new(folder.path().join("timers"))
            .load("tick")
            .is_some()
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_monitor_nothing_is_remembered() {
    for (schedule, more) in [
        ("0 */5 * * * *", r#", "useMonitor": false"#),
        ("*/20 * * * * *", ""),
    ] {
        let folder = TempDir::new().unwrap();
        let app = app(folder.path(), schedule, more, "");
        let seen = Seen::new(0);
        timers(&folder, &app, &seen, START)
            .run(sleep(Duration::from_secs(301)))
            .await;
        assert!(!seen.times().is_empty());
        assert_eq!(seen.invocation(0).timer("timer").unwrap().schedule_status, None);
        assert!(!folder.path().join("timers").exists());
    }
}

#[tokio::test(start_paused = true)]
async fn run_on_startup_fires_at_once() {
    let folder = TempDir::new().unwrap();
    let app = app(folder.path(), "0 */5 * * * *", r#", "runOnStartup": true"#, "");
    let seen = Seen::new(0);
    timers(&folder, &app, &seen, START)
        .run(sleep(Duration::from_secs(301)))
        .await;
    assert_eq!(seen.times(), [0, 300]);
}

#[tokio::test(start_paused = true)]
async fn s22_a_failed_run_is_tried_again_by_its_policy() {
    let fixed = r#", "retry": {"strategy": "fixedDelay", "maxRetryCount": 2, "delayInterval": "00:00:10"}"#;
    let backoff = r#", "retry": {"strategy": "exponentialBackoff", "maxRetryCount": -1,
        "minimumInterval": "00:00:10", "maximumInterval": "00:00:25"}"#;
    for (policy, failures, expected) in [
        (fixed, 1, &[300, 310][..]),
        (fixed, 9, &[300, 310, 320]),
        (backoff, 4, &[300, 310, 330, 355, 380]),
        ("", 1, &[300]),
    ] {
        let folder = TempDir::new().unwrap();
        let app = app(folder.path(), "0 */10 * * * *", "", policy);
        let seen = Seen::new(failures);
        let start = "2026-08-21T09:15:00Z";
        timers(&folder, &app, &seen, start)
            .run(sleep(Duration::from_secs(500)))
            .await;
        assert_eq!(seen.times(), expected, "{policy}");
        for (attempt, _) in expected.iter().enumerate().filter(|_| !policy.is_empty()) {
            let retry = seen.invocation(attempt).retry().unwrap();
            assert_eq!(retry.retry_count as usize, attempt);
            assert_eq!(retry.exception.is_null(), attempt == 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_stopped_between_attempts_stays_due() {
    let folder = TempDir::new().unwrap();
    let policy = r#", "retry": {"strategy": "fixedDelay", "maxRetryCount": -1, "delayInterval": "00:01:00"}"#;
    let app = app(folder.path(), "0 */5 * * * *", "", policy);
    let stopped = Instant::now();
    timers(&folder, &app, &Seen::new(9), START)
        .run(sleep(Duration::from_secs(310)))
        .await;
    assert_eq!(stopped.elapsed().as_secs(), 310, "the pause is cut short");
    let seen = Seen::new(0);
    timers(&folder, &app, &seen, "2026-08-21T09:21:00Z")
        .run(sleep(Duration::from_secs(1)))
        .await;
    assert!(seen.invocation(0).timer("timer").unwrap().is_past_due);
}

#[tokio::test(start_paused = true)]
async fn one_timer_is_fired_by_hand() {
    let folder = TempDir::new().unwrap();
    let app = app(folder.path(), "0 */5 * * * *", "", "");
    let seen = Seen::new(1);
    let timers = timers(&folder, &app, &seen, START);
    let failed = timers.fire_once("tick").await.unwrap_err();
    assert_eq!(failed.to_string(), "tick answered 500 Internal Server Error");
    timers.fire_once("tick").await.unwrap();
    assert_eq!(seen.times(), [0, 0]);
    let unknown = timers.fire_once("tock").await.unwrap_err();
    assert!(matches!(unknown, FireError::Unknown(..)));
    assert_eq!(unknown.to_string(), "no timer is called `tock`; there are: tick");
    assert!(!folder.path().join("timers").exists());
}
