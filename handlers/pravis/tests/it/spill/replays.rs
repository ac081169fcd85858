//! Storing what was spilled: once, in order, and whatever happens meanwhile.

use super::*;
use crate::logs::{record, recorded};
use jiff::SignedDuration;
use pravis::spill::replay::{Reason, Replayed, Wait, replay};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use testkit::{Caller, feedback, id, turn};

fn path(n: u128) -> String {
    format!("{TURNS}/{}", id(n))
}

/// An app with a stored turn (1), whose store is away from now on.
async fn started() -> (TestApp, Caller) {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    caller
        .post(TURNS, turn(json!({"id": id(1)})))
        .await
        .assert_status(201);
    noted(&app).await;
    away(&app);
    (app, caller)
}

/// Patches a turn while the store is away.
async fn spill(app: &TestApp, caller: &Caller, n: u128, patch: Value) {
    app.clock().advance(SignedDuration::from_millis(1));
    caller.patch(&path(n), patch).await.assert_status(202);
}

async fn replay_one(app: &TestApp, name: &BlobName) -> Replayed {
    replay(app.app(), name, false).await.unwrap()
}

/// A turn as it is shown.
async fn shown(caller: &Caller, n: u128) -> Value {
    let answer = caller.get(&path(n)).await;
    answer.assert_status(200);
    answer.json()
}

#[tokio::test]
async fn changes_of_a_turn_are_made_in_their_order_whichever_comes_first() {
    let (app, caller) = started().await;
    caller
        .post(TURNS, turn(json!({"id": id(2)})))
        .await
        .assert_status(202);
    spill(&app, &caller, 2, json!({"error_type": "timeout", "model": "a"})).await;
    spill(
        &app,
        &caller,
        2,
        json!({"error_type": null, "response_text": "hi"}),
    )
    .await;
    spill(&app, &caller, 2, json!({"model": "c"})).await;
    back(&app);
    let mut names = waiting(&app).await;
    names.reverse();
    for (n, name) in names.iter().enumerate() {
        let replayed = replay_one(&app, name).await;
        let expected = if n == 0 { Replayed::Stored } else { Replayed::Gone };
        assert_eq!(
            replayed, expected,
            "the last one takes along what comes before it"
        );
    }
    let stored = caller.get(&path(2)).await;
    assert_eq!(stored.etag(), "\"4\"");
    assert_eq!(
        (
            stored.at("/status"),
            stored.at("/model"),
            stored.at("/error_type")
        ),
        (json!("succeeded"), json!("c"), json!(null))
    );
    assert_eq!(
        stored.at("/updated_at"),
        "2026-11-02T10:00:00.003Z",
        "as of its arrival"
    );
    assert_eq!(waiting(&app).await, []);
}

#[tokio::test]
async fn a_conflict_is_kept_with_its_reason_and_the_rest_is_stored() {
    record();
    let (app, caller) = started().await;
    let items: Vec<_> = [
        json!({"id": id(2)}),
        json!({"id": id(1), "model": "secret model"}),
        json!({"id": id(3)}),
        json!({"id": id(3), "model": "secret model"}),
    ]
    .map(turn)
    .into();
    caller
        .post(BATCH, json!({"items": items}))
        .await
        .assert_status(202);
    back(&app);
    let name = waiting(&app).await.remove(0);
    assert_eq!(drain(&app).await, 0);
    assert_eq!((waiting(&app).await, messages(&app).await), (vec![], 0));
    for n in 1..=3 {
        assert_eq!(shown(&caller, n).await["model"], json!(null));
    }
    let dead = dead(&app).await;
    assert_eq!(dead, [BlobName::new(format!("dead/{name}")).unwrap()]);
    let letter = read(&app, &dead[0]).await;
    assert_eq!(letter["reason"], "interaction_conflict");
    assert_eq!(letter["arrived_at"], "2026-11-02T10:00:00Z");
    let kept = letter["write"]["turns"].as_array().unwrap();
    let kept: Vec<_> = kept.iter().map(|turn| &turn["record"]).collect();
    assert_eq!(kept.len(), 2, "only what could not be stored");
    assert_eq!(
        (&kept[0]["id"], &kept[0]["model"]),
        (&json!(id(1)), &json!("secret model"))
    );
    let properties = app
        .storage()
        .inner
        .head(Container::Spill, &dead[0])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(properties.metadata["reason"], "interaction_conflict");

    let log = recorded();
    let alert = log
        .lines()
        .find(|line| line.contains("spill_dead_letter"))
        .unwrap();
    for part in [
        "\"target\":\"pravis::alert\"",
        "interaction_conflict",
        name.as_str(),
        &id(1),
        &id(3),
    ] {
        assert!(alert.contains(part), "{part}: {alert}");
    }
    assert!(!log.contains("secret model"), "{log}");
}

#[tokio::test]
async fn feedback_and_changes_that_cannot_be_are_kept() {
    let (app, caller) = started().await;
    let given = |rating| feedback(&json!(id(1)), json!({"id": id(9), "rating": rating}));
    app.store_faults().set(Fault::None);
    app.app().breaker().close();
    caller.post(FEEDBACK, given(3)).await.assert_status(201);
    caller
        .patch(&path(1), json!({"completed_at": "2026-11-02T10:00:01Z"}))
        .await
        .assert_status(200);
    away(&app);
    caller.post(FEEDBACK, given(4)).await.assert_status(202);
    let stale = caller.with("if-match", "\"1\"");
    stale
        .patch(&path(1), json!({"model": "m"}))
        .await
        .assert_status(202);
    spill(&app, &caller, 1, json!({"started_at": "2026-11-02T09:00:00Z"})).await;
    spill(&app, &caller, 1, json!({"status": "pending"})).await;
    let fresh = caller.with("if-match", "\"3\"");
    fresh
        .patch(&path(1), json!({"model": "n"}))
        .await
        .assert_status(202);
    back(&app);
    assert_eq!(drain(&app).await, 0);
    assert_eq!(waiting(&app).await, []);
    let mut reasons = Vec::new();
    for name in dead(&app).await {
        let letter = read(&app, &name).await;
        assert!(!letter["detail"].as_str().unwrap().is_empty());
        reasons.push(letter["reason"].as_str().unwrap().to_owned());
    }
    let expected = [
        "feedback_conflict",
        "precondition_failed",
        "invalid_field",
        "invalid_field",
    ];
    assert_eq!(reasons, expected);
    let stored = shown(&caller, 1).await;
    assert_eq!((&stored["model"], &stored["rating"]), (&json!("n"), &json!(3)));
}

#[tokio::test]
async fn a_condition_that_holds_or_that_was_met_before_is_no_fault() {
    let (app, caller) = started().await;
    let conditional = caller.with("if-match", "\"1\"");
    // Done, but the answer was lost.
    app.app().breaker().close();
    let mut calls = 0;
    app.store_faults().script(move || {
        calls += 1;
        if calls == 2 { Fault::AfterWork } else { Fault::None }
    });
    conditional
        .patch(&path(1), json!({"model": "m"}))
        .await
        .assert_status(202);
    away(&app);
    conditional
        .patch(&path(1), json!({"model": "m"}))
        .await
        .assert_status(202);
    back(&app);
    assert_eq!(drain(&app).await, 0);
    assert_eq!((waiting(&app).await, dead(&app).await), (vec![], vec![]));
    assert_eq!(caller.get(&path(1)).await.etag(), "\"2\"");
}

#[tokio::test]
async fn a_late_change_does_not_undo_a_newer_one() {
    let (app, caller) = started().await;
    spill(
        &app,
        &caller,
        1,
        json!({"model": "old", "tokens_input": 7, "error_type": "timeout"}),
    )
    .await;
    back(&app);
    // Another process knows nothing of it.
    app.clock().advance(SignedDuration::from_secs(1));
    let other = app.another().anonymous().secret(caller.key());
    other
        .patch(&path(1), json!({"model": "new", "response_text": "hi"}))
        .await
        .assert_status(200);
    let given = feedback(&json!(id(1)), json!({"rating": 4}));
    other.post(FEEDBACK, given).await.assert_status(201);
    assert_eq!(drain(&app).await, 0);
    let stored = shown(&caller, 1).await;
    assert_eq!(
        (&stored["model"], &stored["tokens_input"]),
        (&json!("new"), &json!(7))
    );
    assert_eq!(
        (&stored["status"], &stored["error_type"]),
        (&json!("succeeded"), &json!("timeout"))
    );
}

#[tokio::test]
async fn feedback_that_came_meanwhile_is_no_newer_change() {
    let (app, caller) = started().await;
    spill(&app, &caller, 1, json!({"type": "search"})).await;
    back(&app);
    app.clock().advance(SignedDuration::from_secs(1));
    let other = app.another().anonymous().secret(caller.key());
    let given = feedback(&json!(id(1)), json!({"rating": 4}));
    other.post(FEEDBACK, given).await.assert_status(201);
    assert_eq!(drain(&app).await, 0);
    assert_eq!(shown(&caller, 1).await["type"], "search");
}

#[tokio::test]
async fn what_has_no_turn_waits_for_it_a_day_and_is_then_kept() {
    let (app, caller) = started().await;
    spill(&app, &caller, 2, json!({"model": "m"})).await;
    let given = feedback(&json!(id(2)), json!({"rating": 4}));
    caller.post(FEEDBACK, given).await.assert_status(202);
    back(&app);
    let names = waiting(&app).await;
    let waits = |wait| Replayed::Waits(wait);
    assert_eq!(replay_one(&app, &names[0]).await, waits(Wait::Interaction));
    assert_eq!(replay_one(&app, &names[1]).await, waits(Wait::Predecessor));
    let last_chance = async |n: usize| replay(app.app(), &names[n], true).await.unwrap();
    assert_eq!(
        last_chance(0).await,
        waits(Wait::Interaction),
        "not a day old yet"
    );
    app.clock().advance(SignedDuration::from_hours(24));
    assert_eq!(
        replay_one(&app, &names[0]).await,
        waits(Wait::Interaction),
        "others may bring it"
    );
    assert_eq!(last_chance(1).await, Replayed::Dead(Reason::InteractionMissing));
    assert_eq!((waiting(&app).await, dead(&app).await.len()), (vec![], 2));
}

#[tokio::test]
async fn what_cannot_be_read_holds_up_the_next_only_for_a_day() {
    let (app, caller) = started().await;
    spill(&app, &caller, 1, json!({"model": "a"})).await;
    spill(&app, &caller, 1, json!({"model": "b"})).await;
    back(&app);
    let names = waiting(&app).await;
    let newer = json!({"version": 2, "arrived_at": "2026-11-02T10:00:00Z", "write": {"dance": {}}});
    put(&app, &names[0], &newer.to_string()).await;
    let failed = replay(app.app(), &names[0], false).await.unwrap_err();
    assert!(failed.to_string().contains("newer program"), "{failed}");
    assert_eq!(
        replay_one(&app, &names[1]).await,
        Replayed::Waits(Wait::Predecessor)
    );
    app.clock().advance(SignedDuration::from_hours(24));
    let last = replay(app.app(), &names[1], true).await.unwrap();
    assert_eq!(last, Replayed::Stored);
    assert_eq!(shown(&caller, 1).await["model"], "b");
    assert_eq!(
        waiting(&app).await,
        names[..1],
        "nothing is removed that was not stored"
    );
}

#[tokio::test]
async fn a_long_row_of_changes_is_stored_in_order() {
    let (app, caller) = started().await;
    for n in 0..150 {
        spill(&app, &caller, 1, json!({"tokens_output": n})).await;
    }
    back(&app);
    let names = waiting(&app).await;
    let last = names.last().unwrap();
    assert_eq!(
        replay_one(&app, last).await,
        Replayed::Waits(Wait::Predecessor),
        "too long for one go"
    );
    assert_eq!(drain(&app).await, 0);
    assert_eq!(replay_one(&app, last).await, Replayed::Gone);
    let stored = caller.get(&path(1)).await;
    assert_eq!(
        (stored.at("/tokens_output"), stored.etag()),
        (json!(149), "\"151\"")
    );
}

#[tokio::test]
async fn a_replay_that_was_overtaken_changes_nothing() {
    let (app, caller) = started().await;
    spill(&app, &caller, 1, json!({"error_message": "x"})).await;
    spill(&app, &caller, 1, json!({"error_message": null, "model": "b"})).await;
    back(&app);
    let names = waiting(&app).await;
    // The first replay has read the turn, and goes on only when all is stored.
    let stopped = Arc::new(tokio::sync::Notify::new());
    let (told, mut calls) = (Arc::clone(&stopped), 0);
    app.store_faults().script(move || {
        calls += 1;
        if calls == 2 {
            told.notify_one();
            return Fault::Slow(Duration::from_millis(700));
        }
        Fault::None
    });
    let slow = tokio::spawn({
        let (app, name) = (app.app().clone(), names[0].clone());
        async move { replay(&app, &name, false).await.unwrap() }
    });
    stopped.notified().await;
    assert_eq!(replay_one(&app, &names[1]).await, Replayed::Stored);
    assert_eq!(slow.await.unwrap(), Replayed::Gone);
    let stored = caller.get(&path(1)).await;
    assert_eq!(
        (stored.at("/error_message"), stored.etag()),
        (json!(null), "\"3\"")
    );
}

#[tokio::test]
async fn many_replays_of_the_same_at_once_store_it_once() {
    let (app, caller) = started().await;
    caller
        .post(TURNS, turn(json!({"id": id(2)})))
        .await
        .assert_status(202);
    for n in 0..5 {
        spill(
            &app,
            &caller,
            2,
            json!({"tokens_output": n, "metadata": {n.to_string(): n}}),
        )
        .await;
    }
    let given = feedback(&json!(id(2)), json!({"rating": 4}));
    caller.post(FEEDBACK, given).await.assert_status(202);
    back(&app);
    let received = receive(&app).await;
    let all = received.iter().chain(&received).chain(&received);
    let outcomes = futures::future::join_all(all.map(|message| deliver(&app, message))).await;
    assert!(outcomes.iter().all(|succeeded| *succeeded));
    let stored = caller.get(&path(2)).await;
    assert_eq!(
        (stored.at("/tokens_output"), stored.at("/feedback_count")),
        (json!(4), json!(1))
    );
    assert_eq!(
        stored.at("/metadata"),
        json!({"0": 0, "1": 1, "2": 2, "3": 3, "4": 4})
    );
    assert_eq!(stored.etag(), "\"7\"");
    assert_eq!((waiting(&app).await, dead(&app).await), (vec![], vec![]));
}

/// Counts down over all calls of store and storage; the one that comes to zero is never answered.
fn stall_after(app: &TestApp, calls: i64, fault: Fault) -> Arc<AtomicI64> {
    let left = Arc::new(AtomicI64::new(calls));
    for switch in [app.store_faults(), &app.storage().blobs, &app.storage().queues] {
        let left = Arc::clone(&left);
        switch.script(move || match left.fetch_sub(1, Ordering::SeqCst) {
            0 => fault,
            _ => Fault::None,
        });
    }
    left
}

fn heal(app: &TestApp) {
    app.storage().blobs.set(Fault::None);
    app.storage().queues.set(Fault::None);
    back(app);
}

#[tokio::test]
async fn killed_at_any_call_and_run_again_it_ends_the_same() {
    let mut calls = 0;
    loop {
        let mut was_killed = false;
        for fault in [Fault::Stalled, Fault::StalledAfterWork] {
            let (app, caller) = started().await;
            let items =
                json!({"items": [turn(json!({"id": id(2)})), turn(json!({"id": id(1), "model": "x"}))]});
            caller.post(BATCH, items).await.assert_status(202);
            spill(
                &app,
                &caller,
                2,
                json!({"error_type": "timeout", "metadata": {"a": 1}}),
            )
            .await;
            spill(
                &app,
                &caller,
                2,
                json!({"error_type": null, "response_text": "hi"}),
            )
            .await;
            let given = feedback(&json!(id(2)), json!({"id": id(9), "rating": 4}));
            caller.post(FEEDBACK, given).await.assert_status(202);
            back(&app);
            let received = receive(&app).await;
            assert_eq!(received.len(), 4);
            let left = stall_after(&app, calls, fault);
            let run = async {
                for message in [&received[2], &received[0], &received[3], &received[1]] {
                    deliver(&app, message).await;
                }
            };
            tokio::select! {
                () = run => {}
                () = until("the kill", async || left.load(Ordering::SeqCst) < 0) => was_killed = true,
            }
            heal(&app);
            for message in &received {
                assert!(deliver(&app, message).await);
            }
            let stored = caller.get(&path(2)).await;
            let at = |pointer| stored.at(pointer);
            assert_eq!(stored.etag(), "\"4\"", "{calls} {fault:?}");
            assert_eq!(
                (at("/status"), at("/error_type")),
                (json!("succeeded"), json!(null))
            );
            assert_eq!(
                (at("/metadata/a"), at("/rating"), at("/feedback_count")),
                (json!(1), json!(4), json!(1))
            );
            assert_eq!(
                (waiting(&app).await, dead(&app).await.len()),
                (vec![], 1),
                "{calls} {fault:?}"
            );
        }
        if !was_killed {
            break;
        }
        calls += 1;
    }
    assert!(calls > 15, "only {calls} calls");
}

#[tokio::test]
async fn a_comment_is_judged_when_it_is_stored() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let made = turn(json!({"id": id(1), "locale": "en-GB"}));
    caller.post(TURNS, made).await.assert_status(201);
    noted(&app).await;
    away(&app);
    let sent = feedback(&json!(id(1)), json!({"id": id(2), "comment": "Lovely!"}));
    caller.post(FEEDBACK, sent).await.assert_status(202);
    back(&app);
    assert_eq!(drain(&app).await, 0);
    let read = caller.get(&format!("{FEEDBACK}/{}", id(2))).await;
    assert_eq!(read.at("/sentiment/label"), "positive");
}
