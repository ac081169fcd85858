//! Finding what no message names.

use super::*;
use jiff::SignedDuration;
use pravis::host::timer::TimerInfo;
use pravis::spill::sweep::{Sweep, Swept, sweep};
use serde_json::json;
use testkit::{Caller, feedback, id, turn};

const ALL: Sweep = Sweep {
    least_age: SignedDuration::ZERO,
    until: None,
};

/// An app whose store is away, and from whose queue everything is lost.
async fn started() -> (TestApp, Caller) {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    away(&app);
    app.storage().queues.set(Fault::Away);
    (app, caller)
}

async fn swept(app: &TestApp, limits: Sweep) -> Swept {
    sweep(app.app(), limits, &|_, _| {}).await.unwrap()
}

/// Fires the timer as the host would, and gives what it logs.
async fn fire(app: &TestApp) -> Value {
    let info = TimerInfo {
        schedule_status: None,
        is_past_due: false,
    };
    let payload = info.payload("timer_sweep_spill", "timer", app.clock().now());
    let (router, id) = (app.router(), Uuid::now_v7());
    let received = invoke(&router, "timer_sweep_spill", id, payload.into_bytes())
        .await
        .unwrap();
    serde_json::from_str(&received.logs.unwrap()[0]).unwrap()
}

#[tokio::test]
async fn what_has_lost_its_message_is_found_once_it_is_a_while_old() {
    let (app, caller) = started().await;
    caller
        .post(TURNS, turn(json!({"id": id(1)})))
        .await
        .assert_status(202);
    app.clock().advance(SignedDuration::from_mins(6));
    caller
        .patch(&format!("{TURNS}/{}", id(1)), json!({"model": "m"}))
        .await
        .assert_status(202);
    app.clock().advance(SignedDuration::from_mins(6));
    back(&app);
    assert_eq!(
        fire(&app).await,
        json!({"stored": 1, "dead": 0, "waiting": 0, "failed": 0, "complete": true, "oldest_s": 360})
    );
    assert_eq!(
        waiting(&app).await.len(),
        1,
        "the younger one may have a message yet"
    );
    app.clock().advance(SignedDuration::from_mins(6));
    assert_eq!(fire(&app).await["stored"], 1);
    let nothing =
        json!({"stored": 0, "dead": 0, "waiting": 0, "failed": 0, "complete": true, "oldest_s": null});
    assert_eq!(fire(&app).await, nothing);
    assert_eq!(caller.get(&format!("{TURNS}/{}", id(1))).await.at("/model"), "m");
}

#[tokio::test]
async fn many_are_stored_in_pages_and_nothing_else_is_touched() {
    let (app, caller) = started().await;
    for n in 0..230 {
        app.clock().advance(SignedDuration::from_secs(30));
        caller
            .post(TURNS, turn(json!({"id": id(n)})))
            .await
            .assert_status(202);
        if n % 3 == 0 {
            let patch = json!({"tokens_output": n});
            caller
                .patch(&format!("{TURNS}/{}", id(n)), patch)
                .await
                .assert_status(202);
        }
    }
    let others: Vec<_> = app
        .spilled("")
        .await
        .into_iter()
        .filter(|name| !name.as_str().starts_with('2'))
        .collect();
    assert_eq!(others.len(), 1, "the mirror of the keys");
    back(&app);
    let done = swept(&app, ALL).await;
    assert_eq!(
        (done.stored, done.complete, done.oldest_s),
        (307, true, None),
        "{done:?}"
    );
    assert_eq!(app.spilled("").await, others);
    for n in [0, 114, 229] {
        let stored = caller.get(&format!("{TURNS}/{}", id(n))).await;
        stored.assert_status(200);
        assert_eq!(
            stored.at("/tokens_output"),
            if n % 3 == 0 { json!(n) } else { json!(null) }
        );
    }
}

#[tokio::test]
async fn it_stops_while_the_store_is_away_and_goes_on_next_time() {
    let (app, caller) = started().await;
    for n in 0..5 {
        caller
            .post(TURNS, turn(json!({"id": id(n)})))
            .await
            .assert_status(202);
    }
    app.app().breaker().close();
    // It waits for the store to wake up; nobody waits for that here.
    tokio::time::pause();
    let stopped = swept(&app, ALL).await;
    tokio::time::resume();
    assert_eq!((stopped.stored, stopped.complete, stopped.waiting), (0, false, 5));
    back(&app);
    let late = Sweep {
        until: Some(tokio::time::Instant::now()),
        ..ALL
    };
    let page = swept(&app, late).await;
    assert!(!page.complete, "time was up: {page:?}");
    assert!(swept(&app, ALL).await.complete);
    assert_eq!(waiting(&app).await, []);
}

#[tokio::test]
async fn a_turn_may_come_after_what_is_about_it_and_may_never_come() {
    let (app, caller) = started().await;
    // By the clock of the process that took it the turn is younger than what is said of it.
    caller
        .patch(&format!("{TURNS}/{}", id(1)), json!({"response_text": "hi"}))
        .await
        .assert_status(202);
    let given = |n: u128| feedback(&json!(id(n)), json!({"rating": 4}));
    caller.post(FEEDBACK, given(2)).await.assert_status(202);
    app.clock().advance(SignedDuration::from_hours(30));
    let other = app.another().anonymous().secret(caller.key());
    other
        .post(TURNS, turn(json!({"id": id(1)})))
        .await
        .assert_status(202);
    other.post(FEEDBACK, given(3)).await.assert_status(202);
    back(&app);
    let done = swept(&app, ALL).await;
    assert_eq!(
        (done.stored, done.dead, done.waiting, done.complete),
        (2, 1, 1, true),
        "{done:?}"
    );
    assert_eq!((waiting(&app).await.len(), dead(&app).await.len()), (1, 1));
    assert_eq!(
        read(&app, &dead(&app).await[0]).await["reason"],
        "interaction_missing"
    );
    assert_eq!(
        caller
            .get(&format!("{TURNS}/{}", id(1)))
            .await
            .at("/response_text"),
        "hi"
    );
}

#[tokio::test]
async fn one_that_cannot_be_read_does_not_hold_up_the_rest() {
    let (app, caller) = started().await;
    for n in 0..3 {
        caller
            .post(TURNS, turn(json!({"id": id(n)})))
            .await
            .assert_status(202);
    }
    back(&app);
    let bad = waiting(&app).await.remove(1);
    put(&app, &bad, "{}").await;
    let done = swept(&app, ALL).await;
    assert_eq!((done.stored, done.failed, done.complete), (2, 1, true));
    assert_eq!(waiting(&app).await, [bad]);
}
