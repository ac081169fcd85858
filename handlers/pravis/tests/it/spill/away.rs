//! What is answered while the database is away.

use super::*;
use domain::keys::Scope;
use serde_json::json;
use std::time::Instant;
use testkit::{Caller, feedback, id, turn};

/// An app whose caller's key is known, and a turn that is stored.
async fn started() -> (TestApp, Caller) {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    caller
        .post(TURNS, turn(json!({"id": id(1)})))
        .await
        .assert_status(201);
    noted(&app).await;
    (app, caller)
}

#[tokio::test]
async fn every_write_of_the_assistant_and_the_browser_is_taken() {
    for fault in [Fault::Away, Fault::AfterWork] {
        let (app, caller) = started().await;
        app.store_faults().set(fault);
        let answer = caller.post(TURNS, turn(json!({"id": id(2)}))).await;
        answer.assert_status(202);
        assert_eq!(answer.json(), json!({"id": id(2), "outcome": "spilled"}));
        assert_eq!(answer.header("location"), Some(&*format!("{TURNS}/{}", id(2))));

        let items = json!({"items": [turn(json!({"id": id(3)})), {"type": "x"}, turn(json!({"id": id(4)}))]});
        let answer = caller.post(BATCH, items).await;
        answer.assert_status(202);
        assert_eq!(answer.each("outcome"), ["spilled", "rejected", "spilled"]);
        assert_eq!(answer.each("id"), [json!(id(3)), json!(null), json!(id(4))]);
        assert_eq!(answer.at("/items/1/problem/code"), "invalid_field");

        for n in [1, 2] {
            let path = format!("{TURNS}/{}", id(n));
            let answer = caller.patch(&path, json!({"response_text": "hi"})).await;
            answer.assert_status(202);
            assert_eq!(answer.json(), json!({"id": id(n), "outcome": "spilled"}));
            assert_eq!(answer.header("location"), Some(&*path));
        }
        let given = feedback(&json!(id(2)), json!({"id": id(9), "rating": 4}));
        let answer = caller.post(FEEDBACK, given).await;
        answer.assert_status(202);
        assert_eq!(answer.json(), json!({"id": id(9), "outcome": "spilled"}));
        assert_eq!(answer.header("location"), Some(&*format!("{FEEDBACK}/{}", id(9))));

        assert_eq!((waiting(&app).await.len(), messages(&app).await), (5, 5));
        assert_eq!(app.app().spill().written(), 5);
        back(&app);
        assert_eq!(drain(&app).await, 0);
        assert_eq!((waiting(&app).await.len(), messages(&app).await), (0, 0));
        for n in 1..=4 {
            let stored = caller.get(&format!("{TURNS}/{}", id(n))).await;
            stored.assert_status(200);
            let answered = if n <= 2 { json!("hi") } else { json!(null) };
            assert_eq!(stored.at("/response_text"), answered, "{fault:?} {n}");
        }
        assert_eq!(caller.get(&format!("{TURNS}/{}", id(2))).await.at("/rating"), 4);
        caller
            .get(&format!("{FEEDBACK}/{}", id(9)))
            .await
            .assert_status(200);
    }
}

#[tokio::test]
async fn reads_and_other_writes_are_503() {
    let (app, caller) = started().await;
    away(&app);
    for answer in [
        caller.get(TURNS).await,
        caller.get(&format!("{TURNS}/{}", id(1))).await,
        caller.get("/api/v1/analytics/interactions?days=1").await,
        caller.post("/api/v1/keys", testkit::key(json!({}))).await,
        caller
            .patch(&format!("{FEEDBACK}/{}", id(1)), json!({"category": "tone"}))
            .await,
    ] {
        answer.assert_problem(503, "store_unavailable");
        assert!(answer.header("retry-after").is_some());
    }
    assert_eq!(waiting(&app).await, []);
}

#[tokio::test]
async fn what_can_be_checked_is_checked() {
    let (app, caller) = started().await;
    away(&app);
    let turn_1 = format!("{TURNS}/{}", id(1));
    caller
        .post(TURNS, json!({"type": "chat"}))
        .await
        .assert_faults(&[("/session_id", "missing_field")]);
    caller
        .patch(&turn_1, json!({"rating": 1}))
        .await
        .assert_faults(&[("/rating", "read_only_field")]);
    caller
        .patch(&turn_1, json!({"id": id(2)}))
        .await
        .assert_faults(&[("/id", "read_only_field")]);
    caller
        .patch(&turn_1, json!({"type": null}))
        .await
        .assert_status(422);
    caller
        .patch(&format!("{TURNS}/x"), json!({}))
        .await
        .assert_status(404);
    let bad = feedback(&json!(id(1)), json!({"rating": 6}));
    caller
        .post(FEEDBACK, bad)
        .await
        .assert_faults(&[("/rating", "invalid_field")]);
    let nothing = json!({"items": [{"type": "x"}, {}]});
    let answer = caller.post(BATCH, nothing).await;
    answer.assert_status(207);
    assert_eq!(answer.each("outcome"), ["rejected", "rejected"]);
    caller.post(BATCH, json!({"items": []})).await.assert_status(422);
    assert_eq!(waiting(&app).await, []);
}

#[tokio::test]
async fn a_repeat_is_harmless() {
    let (app, caller) = started().await;
    away(&app);
    for _ in 0..3 {
        caller
            .post(TURNS, turn(json!({"id": id(2)})))
            .await
            .assert_status(202);
    }
    back(&app);
    caller
        .post(TURNS, turn(json!({"id": id(2)})))
        .await
        .assert_status(201);
    assert_eq!(drain(&app).await, 0);
    assert_eq!((waiting(&app).await, dead(&app).await), (vec![], vec![]));
    caller
        .post(TURNS, turn(json!({"id": id(2)})))
        .await
        .assert_status(200);
    let all = caller.get(TURNS).await;
    assert_eq!(all.at("/items").as_array().unwrap().len(), 2);
}

/// How long a write takes, by the clock of the runtime.
async fn timed(caller: &Caller, n: u128, status: u16) -> f64 {
    let began = tokio::time::Instant::now();
    let answer = caller.post(TURNS, turn(json!({"id": id(n)}))).await;
    answer.assert_status(status);
    began.elapsed().as_secs_f64()
}

#[tokio::test]
async fn a_stalled_store_is_waited_for_three_seconds_and_then_no_more() {
    let (app, caller) = started().await;
    app.store_faults().set(Fault::Stalled);
    // Only now: while the database worked, the paused clock would have run ahead of it.
    tokio::time::pause();
    let first = timed(&caller, 2, 202).await;
    assert!((3.0..3.8).contains(&first), "{first}");
    assert!(app.app().breaker().is_open());
    let calls = app.store_faults().calls();
    for n in 3..30 {
        let next = timed(&caller, n, 202).await;
        assert!(next < 0.2, "{next}");
    }
    assert_eq!(
        app.store_faults().calls(),
        calls,
        "nobody asks a store that is known to be away"
    );
}

#[tokio::test]
async fn key_and_write_share_the_time() {
    let (app, _) = started().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    let mut calls = [Fault::Slow(Duration::from_millis(1_300))].into_iter();
    app.store_faults()
        .script(move || calls.next().unwrap_or(Fault::Stalled));
    let both = timed(&caller, 2, 202).await;
    assert!((2.9..3.8).contains(&both), "{both}");
}

#[tokio::test]
async fn a_key_that_the_store_does_not_find_in_time_is_found_in_the_mirror() {
    let (app, _) = started().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    app.store_faults().set(Fault::Stalled);
    let first = timed(&caller, 2, 202).await;
    assert!((1.4..2.5).contains(&first), "{first}");
    assert!(
        timed(&caller, 3, 202).await < 1.0,
        "nobody asks the store any more"
    );
}

#[tokio::test]
async fn without_storage_nothing_is_acknowledged() {
    let (app, caller) = started().await;
    away(&app);
    app.storage().blobs.set(Fault::Away);
    app.storage().queues.set(Fault::Away);
    let turn_1 = format!("{TURNS}/{}", id(1));
    for answer in [
        caller.post(TURNS, turn(json!({}))).await,
        caller.post(BATCH, json!({"items": [turn(json!({}))]})).await,
        caller.patch(&turn_1, json!({"model": "m"})).await,
        caller
            .post(FEEDBACK, feedback(&json!(id(1)), json!({"rating": 4})))
            .await,
    ] {
        answer.assert_problem(503, "store_unavailable");
        assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    }
    app.storage().blobs.set(Fault::Stalled);
    let began = Instant::now();
    caller
        .post(TURNS, turn(json!({})))
        .await
        .assert_problem(503, "store_unavailable");
    assert!(began.elapsed() < Duration::from_secs(4));
    assert_eq!((waiting(&app).await, messages(&app).await), (vec![], 0));
}

#[tokio::test]
async fn without_the_queue_the_blob_is_enough_and_the_message_follows() {
    let (app, caller) = started().await;
    away(&app);
    for fault in [Fault::Away, Fault::Stalled] {
        app.storage().queues.set(fault);
        let began = Instant::now();
        let took = timed(&caller, 2, 202).await;
        assert!(took < 1.5 && began.elapsed() < Duration::from_secs(4), "{took}");
    }
    assert_eq!((waiting(&app).await.len(), messages(&app).await), (2, 0));
    // What stalls is only given up after a while; what failed is tried again.
    app.storage().queues.set(Fault::None);
    until("a message", async || messages(&app).await >= 1).await;
    back(&app);
    drain(&app).await;
    caller.get(&format!("{TURNS}/{}", id(2))).await.assert_status(200);
}

#[tokio::test]
async fn a_defect_is_no_absence() {
    let (app, caller) = started().await;
    app.store_faults().set(Fault::Broken);
    caller
        .post(TURNS, turn(json!({})))
        .await
        .assert_problem(500, "internal");
    assert!(!app.app().breaker().is_open());
    assert_eq!(waiting(&app).await, []);
}

#[tokio::test]
async fn the_breaker_closes_by_itself_and_then_nobody_looks() {
    let (app, caller) = started().await;
    away(&app);
    timed(&caller, 2, 202).await;
    assert!(app.app().breaker().is_open());
    app.store_faults().set(Fault::None);
    timed(&caller, 3, 202).await;
    until("the store is back", async || !app.app().breaker().is_open()).await;
    timed(&caller, 4, 201).await;
    let calls = app.store_faults().calls();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(
        app.store_faults().calls(),
        calls,
        "a closed breaker looks at nothing"
    );
}

#[tokio::test]
async fn writes_are_taken_while_the_database_sleeps_from_the_start() {
    let (awake, _) = started().await;
    let caller = awake.caller(&[Scope::Ingest, Scope::Feedback]).await;
    let app = awake.asleep();
    let caller = app.anonymous().secret(caller.key());
    let took = timed(&caller, 2, 202).await;
    assert!(took < 1.5, "{took}");
    assert!(
        timed(&caller, 3, 202).await < 1.0,
        "nobody asks the store any more"
    );
    let patch = json!({"response_text": "hi"});
    caller
        .patch(&format!("{TURNS}/{}", id(1)), patch)
        .await
        .assert_status(202);
    let given = feedback(&json!(id(3)), json!({"rating": 4}));
    caller.post(FEEDBACK, given).await.assert_status(202);
    assert_eq!(drain(&awake).await, 0);
    for (n, member, value) in [(1, "/response_text", json!("hi")), (3, "/rating", json!(4))] {
        let stored = awake
            .store()
            .get_interaction(id(n).parse().unwrap())
            .await
            .unwrap();
        let stored = serde_json::to_value(stored).unwrap();
        assert_eq!(stored.pointer(member), Some(&value));
    }
}

#[tokio::test]
async fn a_quick_start_spills_nothing() {
    let (awake, _) = started().await;
    let caller = awake.caller(&[Scope::Ingest]).await;
    let app = awake.asleep();
    let caller = app.anonymous().secret(caller.key());
    let body = turn(json!({}));
    let (answer, ()) = tokio::join!(caller.post(TURNS, body), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        app.app().provide_store(awake.store());
    });
    answer.assert_status(201);
}

#[tokio::test]
async fn what_is_spilled_is_followed_by_what_comes_after_it() {
    let (app, caller) = started().await;
    away(&app);
    timed(&caller, 2, 202).await;
    back(&app);
    let (turn_1, turn_2) = (format!("{TURNS}/{}", id(1)), format!("{TURNS}/{}", id(2)));
    // The store could take it, but what it is about is not there yet.
    caller
        .patch(&turn_2, json!({"response_text": "a"}))
        .await
        .assert_status(202);
    let given = feedback(&json!(id(2)), json!({"id": id(9), "rating": 4}));
    caller.post(FEEDBACK, given).await.assert_status(202);
    caller
        .patch(&turn_2, json!({"response_text": "b"}))
        .await
        .assert_status(202);
    let names = waiting(&app).await;
    assert_eq!(names.len(), 4);
    for pair in names.windows(2) {
        assert_eq!(read(&app, &pair[1]).await["after"], pair[0].as_str());
    }
    caller
        .patch(&turn_1, json!({"response_text": "a"}))
        .await
        .assert_status(200);
    assert_eq!(drain(&app).await, 0);
    let stored = caller.get(&turn_2).await;
    assert_eq!(
        (stored.at("/response_text"), stored.at("/rating")),
        (json!("b"), json!(4))
    );
    assert_eq!(stored.etag(), "\"4\"");
    caller
        .patch(&turn_2, json!({"response_text": "c"}))
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_turn_that_another_process_spilled_is_not_unknown() {
    let (app, caller) = started().await;
    let other = app.another();
    let (turn_2, turn_3) = (format!("{TURNS}/{}", id(2)), format!("{TURNS}/{}", id(3)));
    caller
        .patch(&turn_2, json!({"model": "m"}))
        .await
        .assert_problem(404, "not_found");
    let given = |n| feedback(&json!(id(n)), json!({"rating": 4}));
    caller
        .post(FEEDBACK, given(2))
        .await
        .assert_problem(404, "not_found");
    away(&app);
    timed(&other.anonymous().secret(caller.key()), 2, 202).await;
    back(&app);
    // What it knows of the container is a second old at most.
    tokio::time::sleep(Duration::from_millis(1_010)).await;
    caller
        .patch(&turn_2, json!({"model": "m"}))
        .await
        .assert_status(202);
    caller.post(FEEDBACK, given(2)).await.assert_status(202);
    caller
        .patch(&turn_3, json!({"tokens_imput": 1}))
        .await
        .assert_status(422);
    assert_eq!(drain(&app).await, 0);
    let stored = caller.get(&turn_2).await;
    assert_eq!(
        (stored.at("/model"), stored.at("/rating")),
        (json!("m"), json!(4))
    );
    tokio::time::sleep(Duration::from_millis(1_010)).await;
    caller
        .patch(&turn_3, json!({"model": "m"}))
        .await
        .assert_problem(404, "not_found");
}

#[tokio::test]
async fn nothing_but_an_unknown_turn_asks_the_storage_while_all_is_well() {
    let (app, caller) = started().await;
    app.storage().blobs.set(Fault::Away);
    app.storage().queues.set(Fault::Away);
    let turn_1 = format!("{TURNS}/{}", id(1));
    timed(&caller, 2, 201).await;
    caller
        .patch(&turn_1, json!({"model": "m"}))
        .await
        .assert_status(200);
    let given = feedback(&json!(id(1)), json!({"rating": 4}));
    caller.post(FEEDBACK, given).await.assert_status(201);
    // Nobody can tell whether it was spilled.
    let answer = caller
        .patch(&format!("{TURNS}/{}", id(3)), json!({"model": "m"}))
        .await;
    answer.assert_problem(503, "store_unavailable");
}

#[tokio::test]
async fn what_is_kept_is_what_arrived() {
    let (app, caller) = started().await;
    away(&app);
    caller
        .post(TURNS, testkit::complete_turn())
        .await
        .assert_status(202);
    app.clock().advance(jiff::SignedDuration::from_millis(1));
    let patch = json!({"cost_micros": 7, "metadata": {"a": null}});
    let conditional = caller.with("if-match", "\"1\", \"2\"");
    conditional
        .patch(&format!("{TURNS}/{}", id(1)), patch)
        .await
        .assert_status(202);
    let names = waiting(&app).await;
    assert!(names[0].as_str().starts_with("2026/11/02/10/") && names[0].as_str().ends_with(".json.gz"));
    insta::assert_json_snapshot!(read(&app, &names[0]).await, {
        ".write.turns[].supplied_hash" => "[32 bytes]",
    });
    let update = read(&app, &names[1]).await;
    assert_eq!(update["after"], names[0].as_str());
    insta::assert_json_snapshot!(update, {".after" => "[name]"});
}

#[tokio::test]
async fn the_largest_batch_is_taken_and_stored() {
    let (app, caller) = started().await;
    away(&app);
    // Just below 8 MiB, of what compresses badly.
    let text =
        |n: u128| format!("{:x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_0C4B_5D1B_54A3)).repeat(250);
    let items: Vec<_> = (0..1_000)
        .map(|n| turn(json!({"id": id(1_000 + n), "request_text": text(n), "duration_ms": n as f64 / 7.0})))
        .collect();
    let body = json!({"items": items}).to_string();
    assert!(
        (8_000_000..8 * 1024 * 1024).contains(&body.len()),
        "{}",
        body.len()
    );
    let answer = caller.raw(axum::http::Method::POST, BATCH, body).await;
    answer.assert_status(202);
    assert_eq!(answer.each("outcome"), ["spilled"; 1_000]);
    back(&app);
    assert_eq!((drain(&app).await, waiting(&app).await.len()), (0, 0));
    for n in [0, 1, 500, 999] {
        let stored = caller.get(&format!("{TURNS}/{}", id(1_000 + n))).await;
        assert_eq!(stored.at("/request_text"), text(n));
        assert_eq!(stored.at("/duration_ms"), n as f64 / 7.0, "to the last bit");
    }
}
