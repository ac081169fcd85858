use axum::http::Method;
use domain::keys::Scope;
use serde_json::{Value, json};
use testkit::{Caller, TestApp, complete_turn, feedback, id, turn};

async fn pending(app: &TestApp) -> (Caller, String) {
    let caller = app.admin().await;
    let sent =
        turn(json!({"id": id(1), "started_at": "2026-11-02T10:00:00Z", "metadata": {"a": 1, "b": {"c": 2}}}));
    caller.post("/api/v1/interactions", sent).await.assert_status(201);
    (caller, format!("/api/v1/interactions/{}", id(1)))
}

#[tokio::test]
async fn completing_derives_duration_and_status() {
    let app = TestApp::new().await;
    let (caller, path) = pending(&app).await;
    app.clock().set("2026-11-02T11:00:00Z");
    let done = caller
        .patch(
            &path,
            json!({"completed_at": "2026-11-02T10:00:01.250Z", "response_text": "Yes."}),
        )
        .await;
    done.assert_status(200);
    assert_eq!(done.at("/duration_ms"), 1250.0);
    assert_eq!(done.at("/status"), "succeeded");
    assert_eq!(done.at("/created_at"), "2026-11-02T10:00:00Z");
    assert_eq!(done.at("/updated_at"), "2026-11-02T11:00:00Z");
    let read = caller.get(&path).await;
    assert_eq!((read.json(), read.etag()), (done.json(), done.etag()));
}

#[tokio::test]
async fn a_finished_turn_is_corrected_but_not_undone() {
    let app = TestApp::new().await;
    let (caller, path) = pending(&app).await;
    caller
        .patch(&path, json!({"completed_at": "2026-11-02T10:00:01Z"}))
        .await
        .assert_status(200);
    let corrected = caller
        .patch(
            &path,
            json!({"completed_at": "2026-11-02T10:00:02Z", "cost_micros": 7}),
        )
        .await;
    assert_eq!(corrected.at("/duration_ms"), 2000.0);
    let failed = caller.patch(&path, json!({"error_type": "timeout"})).await;
    assert_eq!(failed.at("/status"), "failed");
    for undoing in [
        json!({"status": "pending"}),
        json!({"completed_at": null, "error_type": null}),
    ] {
        let answer = caller.patch(&path, undoing).await;
        answer.assert_faults(&[("/status", "invalid_field")]);
    }
    assert_eq!(caller.get(&path).await.json(), failed.json());
}

#[tokio::test]
async fn a_patch_merges_as_rfc_7396_says() {
    let app = TestApp::new().await;
    let (caller, path) = pending(&app).await;
    for (patch, metadata) in [
        (
            json!({"metadata": {"a": null, "b": {"d": 3}}}),
            json!({"b": {"c": 2, "d": 3}}),
        ),
        (json!({"metadata": {"b": [1, null]}}), json!({"b": [1, null]})),
        (
            json!({"metadata": {"b": {"e": {"f": null}}}}),
            json!({"b": {"e": {}}}),
        ),
        (json!({"metadata": {}}), json!({"b": {"e": {}}})),
        (json!({"metadata": null}), json!(null)),
        (json!({"metadata": {"x": {"y": 1}}}), json!({"x": {"y": 1}})),
    ] {
        let answer = caller.patch(&path, patch.clone()).await;
        answer.assert_status(200);
        assert_eq!(answer.at("/metadata"), metadata, "{patch}");
    }
    let products = caller.patch(&path, json!({"product_ids": ["a", "b"]})).await;
    assert_eq!(products.at("/product_ids"), json!(["a", "b"]));
    let products = caller.patch(&path, json!({"product_ids": ["c"]})).await;
    assert_eq!(products.at("/product_ids"), json!(["c"]));
    let products = caller.patch(&path, json!({"product_ids": null})).await;
    assert_eq!(products.at("/product_ids"), json!([]));
}

#[tokio::test]
async fn null_removes_every_field_that_may_be_absent() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let sent = complete_turn();
    caller
        .post("/api/v1/interactions", sent.clone())
        .await
        .assert_status(201);
    let path = format!("/api/v1/interactions/{}", id(1));
    let Value::Object(members) = sent else {
        unreachable!()
    };
    let stays = ["id", "type", "session_id", "started_at", "status", "product_ids"];
    // Finished it stays, though what finished it goes.
    caller
        .patch(&path, json!({"error_type": "lost"}))
        .await
        .assert_status(200);
    for name in members.keys().filter(|name| !stays.contains(&name.as_str())) {
        let answer = caller.patch(&path, json!({name: null})).await;
        answer.assert_status(200);
        assert_eq!(answer.json()[name], json!(null), "{name}");
    }
    assert_eq!(
        caller.get(&path).await.at("/duration_ms"),
        json!(null),
        "nothing to derive it from"
    );
}

#[tokio::test]
async fn a_patch_that_changes_nothing_is_no_change() {
    let app = TestApp::new().await;
    let (caller, path) = pending(&app).await;
    let before = caller.get(&path).await;
    app.clock().set("2026-11-02T11:00:00Z");
    for patch in [
        json!({}),
        json!({"model": null}),
        json!({"id": id(1), "started_at": "2026-11-02T11:00:00+01:00"}),
    ] {
        let answer = caller.patch(&path, patch).await;
        answer.assert_status(200);
        assert_eq!((answer.json(), answer.etag()), (before.json(), before.etag()));
    }
}

#[tokio::test]
async fn if_match_lets_only_the_version_change_that_is_meant() {
    let app = TestApp::new().await;
    let (caller, path) = pending(&app).await;
    let first = caller.get(&path).await.etag().to_owned();
    let second = caller
        .with("if-match", &first)
        .patch(&path, json!({"model": "a"}))
        .await;
    second.assert_status(200);
    let second = second.etag().to_owned();
    assert_ne!(first, second);
    for stale in [
        first.as_str(),
        "\"nothing\"",
        &format!("W/{second}"),
        second.trim_matches('"'),
        "",
    ] {
        let answer = caller
            .with("if-match", stale)
            .patch(&path, json!({"model": "b"}))
            .await;
        answer.assert_problem(412, "precondition_failed");
    }
    assert_eq!(caller.get(&path).await.at("/model"), "a");
    let any = caller
        .with("if-match", "*")
        .patch(&path, json!({"model": "c"}))
        .await;
    any.assert_status(200);
    let list = format!("{first}, \"x\" ,{}", any.etag());
    let listed = caller
        .with("if-match", &list)
        .patch(&path, json!({"model": "d"}))
        .await;
    listed.assert_status(200);
    let given = feedback(&json!(id(1)), json!({"rating": 3}));
    caller.post("/api/v1/feedback", given).await.assert_status(201);
    let overtaken = caller
        .with("if-match", listed.etag())
        .patch(&path, json!({"model": "e"}))
        .await;
    overtaken.assert_problem(412, "precondition_failed");
    let last = caller.patch(&path, json!({"model": "f"})).await;
    assert_eq!(
        (last.at("/rating"), last.at("/feedback_count")),
        (json!(3), json!(1))
    );
}

#[tokio::test]
async fn what_says_which_turn_it_is_never_changes() {
    let app = TestApp::new().await;
    let (caller, path) = pending(&app).await;
    for (field, value) in [
        ("id", json!(id(2))),
        ("id", json!(null)),
        ("session_id", json!("s-2")),
        ("session_id", json!("S-1")),
        ("started_at", json!("2026-11-02T09:00:00Z")),
        ("started_at", json!(null)),
    ] {
        let answer = caller.patch(&path, json!({field: value})).await;
        answer.assert_faults(&[(&format!("/{field}"), "read_only_field")]);
    }
}

#[tokio::test]
async fn unknown_and_wrong_members_are_told() {
    let app = TestApp::new().await;
    let (caller, path) = pending(&app).await;
    let before = caller.get(&path).await;
    let answer = caller
        .patch(&path, json!({"tokens_imput": 3, "tokens_output": -1}))
        .await;
    answer.assert_faults(&[
        ("/tokens_imput", "unknown_field"),
        ("/tokens_output", "invalid_field"),
    ]);
    let answer = caller.patch(&path, json!({"tokens_imput": 3})).await;
    answer.assert_faults(&[("/tokens_imput", "unknown_field")]);
    let answer = caller.patch(&path, json!({"type": null})).await;
    answer.assert_faults(&[("/type", "missing_field")]);
    let answer = caller
        .patch(&path, json!({"completed_at": "2026-11-02T09:59:59Z"}))
        .await;
    answer.assert_faults(&[("/completed_at", "invalid_field")]);
    for field in ["rating", "feedback_count", "created_at", "updated_at"] {
        let answer = caller.patch(&path, json!({field: 1})).await;
        answer.assert_status(422);
        assert_eq!(answer.at("/errors/0/pointer"), format!("/{field}"));
    }
    for body in [json!([]), json!(null), json!(1), json!("x")] {
        caller
            .patch(&path, body)
            .await
            .assert_faults(&[("", "invalid_field")]);
    }
    assert_eq!(caller.get(&path).await.json(), before.json());
}

#[tokio::test]
async fn an_unknown_turn_is_404() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    let answer = caller
        .patch(&format!("/api/v1/interactions/{}", id(9)), json!({}))
        .await;
    answer.assert_problem(404, "not_found");
}

#[tokio::test]
async fn takes_plain_json_too_and_nothing_else() {
    let app = TestApp::new().await;
    let (caller, path) = pending(&app).await;
    for (media_type, status) in [
        ("application/json", 200),
        ("Application/Merge-Patch+JSON; charset=utf-8", 200),
        ("application/json-patch+json", 415),
        ("text/plain", 415),
    ] {
        let answer = caller
            .send(Method::PATCH, &path, Some(media_type), "{}".into())
            .await;
        answer.assert_status(status);
    }
}

#[tokio::test]
async fn changes_at_once_are_all_made() {
    let app = TestApp::new().await;
    let (caller, path) = pending(&app).await;
    let mut changes = tokio::task::JoinSet::new();
    for n in 0..10 {
        let (caller, path) = (caller.clone(), path.clone());
        changes.spawn(async move {
            let patch = json!({"metadata": {format!("n{n}"): n}});
            caller.patch(&path, patch).await.status()
        });
    }
    assert_eq!(changes.join_all().await, [200; 10]);
    let metadata = caller.get(&path).await.at("/metadata");
    assert_eq!(metadata.as_object().unwrap().len(), 12, "{metadata}");
}
