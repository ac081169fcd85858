//! Runs that fail, or are killed, at each of their steps, and are begun again.

use super::*;
use crate::logs::{record, recorded};
use pravis::triggers::MAX_DEQUEUE_COUNT;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::faulty::{Fault, Switch};
use testkit::until;

/// More than a run has steps.
const STEPS: usize = 12;

/// Only the call number `at` from now on ends so.
fn once(switch: &Switch, at: usize, fault: Fault) -> Arc<AtomicUsize> {
    let calls = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&calls);
    switch.script(move || {
        if seen.fetch_add(1, Ordering::SeqCst) == at {
            fault
        } else {
            Fault::None
        }
    });
    calls
}

/// Runs into the fault, and then once more with the same message, as the host does with what it did not delete.
async fn disturbed(app: &TestApp, switch: &Switch, at: usize, fault: Fault, bytes: Vec<u8>) -> (Uuid, bool) {
    let id = declare(app, Kind::ProductPhoto, "image/jpeg").await;
    put(app, &id.to_string(), bytes).await;
    let message = Uuid::now_v7();
    let calls = once(switch, at, fault);
    // A process of its own: what stalls in it never ends.
    let victim = app.another();
    let first = deliver(&victim, message, event(&id.to_string()), 1);
    match fault {
        Fault::Stalled | Fault::StalledAfterWork => {
            tokio::select! {
                _ = first => {}
                () = until("the step", async || calls.load(Ordering::SeqCst) > at) => {}
            }
        }
        _ => drop(first.await),
    }
    let reached = calls.load(Ordering::SeqCst) > at;
    switch.set(Fault::None);
    app.app().breaker().close();
    assert!(deliver(app, message, event(&id.to_string()), 2).await);
    (id, reached)
}

#[tokio::test]
async fn a_run_that_breaks_off_anywhere_comes_to_the_same_end() {
    let app = TestApp::new().await;
    let faults = [
        Fault::Away,
        Fault::AfterWork,
        Fault::Broken,
        Fault::Stalled,
        Fault::StalledAfterWork,
    ];
    let mut steps = 0;
    for fault in faults {
        for switch in [&app.storage().blobs, app.store_faults()] {
            for at in 0..STEPS {
                let (id, reached) = disturbed(&app, switch, at, fault, photo(at as u32)).await;
                assert_ready(&app, id).await;
                if !reached {
                    break;
                }
                steps += 1;
            }
        }
    }
    assert!(steps > 40, "{steps}");
}

#[tokio::test]
async fn so_does_one_that_is_refused() {
    let app = TestApp::new().await;
    for fault in [Fault::Away, Fault::AfterWork, Fault::StalledAfterWork] {
        for switch in [&app.storage().blobs, app.store_faults()] {
            for at in 0..STEPS {
                let (id, reached) = disturbed(&app, switch, at, fault, photo(1)[..60].to_vec()).await;
                assert_put_aside(&app, id, Status::Quarantined, "broken").await;
                if !reached {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn another_run_waits_for_the_claim_to_end() {
    let app = TestApp::new().await;
    let id = declare(&app, Kind::ProductPhoto, "image/jpeg").await;
    put(&app, &id.to_string(), photo(1)).await;
    // Killed when it had read the blob.
    app.storage().blobs.script({
        let mut calls = 0;
        move || {
            calls += 1;
            if calls == 2 { Fault::Stalled } else { Fault::None }
        }
    });
    let name = id.to_string();
    let killed = tokio::time::timeout(Duration::from_millis(300), take_in(&app, &name));
    assert!(killed.await.is_err());
    let other = app.another();
    assert!(
        take_in(&other, &id.to_string()).await,
        "it waits, and is no failure"
    );
    assert_eq!(get(&app, id).await.unwrap().status, Status::Processing);
    assert_eq!(messages(&app).await, 1);
    app.clock().advance(jiff::SignedDuration::from_mins(6));
    assert!(take_in(&other, &id.to_string()).await);
    assert_ready(&app, id).await;
}

#[tokio::test]
async fn what_fails_to_the_last_is_put_aside_and_told() {
    let app = TestApp::new().await;
    let id = declare(&app, Kind::ProductPhoto, "image/jpeg").await;
    put(&app, &id.to_string(), photo(1)).await;
    let message = Uuid::now_v7();
    app.store_faults().set(Fault::Broken);
    for count in 1..MAX_DEQUEUE_COUNT {
        assert!(!deliver(&app, message, event(&id.to_string()), count).await);
    }
    app.store_faults().set(Fault::None);
    record();
    assert!(deliver(&app, message, event(&id.to_string()), MAX_DEQUEUE_COUNT).await);
    let log = recorded();
    assert!(
        log.contains("media_failed") && log.contains("pravis::alert"),
        "{log}"
    );
    assert_put_aside(&app, id, Status::Failed, "processing_failed").await;
}

#[tokio::test]
async fn a_removal_in_the_middle_leaves_nothing() {
    let app = TestApp::new().await;
    for at in 0..STEPS {
        let id = declare(&app, Kind::ProductPhoto, "image/jpeg").await;
        put(&app, &id.to_string(), photo(at as u32)).await;
        let calls = once(&app.storage().blobs, at, Fault::Slow(Duration::from_millis(300)));
        let name = id.to_string();
        let remove = async {
            until("the step", async || calls.load(Ordering::SeqCst) > at).await;
            until("the removal", async || {
                let version = get(&app, id).await.unwrap().version;
                app.store().delete_media(id, version).await.unwrap()
            })
            .await;
        };
        let gone = tokio::select! {
            () = remove => true,
            _ = async { take_in(&app, &name).await; tokio::time::sleep(Duration::from_secs(1)).await } => false,
        };
        app.storage().blobs.set(Fault::None);
        // The message comes back.
        assert!(take_in(&app, &name).await);
        if !gone {
            assert!(at > 5, "{at}");
            break;
        }
        assert_eq!(get(&app, id).await, None);
        until("an end of the run that was disturbed", async || {
            let mut left = 0;
            for container in [Container::Incoming, Container::Media, Container::Quarantine] {
                left += blobs(&app, container, &name).await.len();
            }
            left == 0
        })
        .await;
    }
}
