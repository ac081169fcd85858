use domain::keys::Scope;
use serde_json::json;
use testkit::{Caller, TestApp, feedback, id, turn};

async fn given(app: &TestApp) -> (Caller, String) {
    let admin = app.admin().await;
    admin
        .post("/api/v1/interactions", turn(json!({"id": id(1)})))
        .await
        .assert_status(201);
    let sent = feedback(
        &json!(id(1)),
        json!({"id": id(2), "rating": 2, "comment": "slow", "tags": ["a"]}),
    );
    admin.post("/api/v1/feedback", sent).await.assert_status(201);
    let caller = app.caller(&[Scope::Review]).await;
    (caller, format!("/api/v1/feedback/{}", id(2)))
}

#[tokio::test]
async fn triage_is_noted_with_its_time() {
    let app = TestApp::new().await;
    let (caller, path) = given(&app).await;
    app.clock().set("2026-11-02T11:00:00Z");
    let review =
        json!({"category": "speed", "tags": ["b"], "review": {"state": "reviewed", "reviewer": "Ada"}});
    let answer = caller.patch(&path, review).await;
    answer.assert_status(200);
    assert_eq!(
        answer.at("/review"),
        json!({"state": "reviewed", "notes": null, "reviewer": "Ada", "at": "2026-11-02T11:00:00Z"})
    );
    assert_eq!(
        (answer.at("/category"), answer.at("/tags")),
        (json!("speed"), json!(["b"]))
    );
    assert_eq!(
        (answer.at("/rating"), answer.at("/comment")),
        (json!(2), json!("slow"))
    );
    assert_eq!(answer.at("/updated_at"), "2026-11-02T11:00:00Z");
    app.clock().set("2026-11-02T12:00:00Z");
    let answer = caller
        .patch(
            &path,
            json!({"category": null, "review": {"notes": "fixed", "reviewer": null}}),
        )
        .await;
    assert_eq!(answer.at("/category"), json!(null));
    assert_eq!(
        answer.at("/review"),
        json!({"state": "reviewed", "notes": "fixed", "reviewer": null, "at": "2026-11-02T12:00:00Z"})
    );
    let read = app.admin().await.get(&path).await;
    assert_eq!((read.json(), read.etag()), (answer.json(), answer.etag()));
}

#[tokio::test]
async fn if_match_is_honoured() {
    let app = TestApp::new().await;
    let (caller, path) = given(&app).await;
    let first = caller.patch(&path, json!({})).await.etag().to_owned();
    let second = caller
        .with("if-match", &first)
        .patch(&path, json!({"category": "tone"}))
        .await;
    second.assert_status(200);
    assert_ne!(second.etag(), first);
    let stale = caller
        .with("if-match", &first)
        .patch(&path, json!({"category": "other"}))
        .await;
    stale.assert_problem(412, "precondition_failed");
    for meant in ["*", &format!("\"x\", {}", second.etag())] {
        let answer = caller.with("if-match", meant).patch(&path, json!({})).await;
        answer.assert_status(200);
    }
}

#[tokio::test]
async fn the_shoppers_words_stay_and_faults_are_told() {
    let app = TestApp::new().await;
    let (caller, path) = given(&app).await;
    for (patch, pointer, code) in [
        (json!({"comment": "nice"}), "/comment", "unknown_field"),
        (json!({"rating": 5}), "/rating", "unknown_field"),
        (json!({"reveiw": {}}), "/reveiw", "unknown_field"),
        (
            json!({"review": {"at": null, "notez": 1}}),
            "/review/notez",
            "unknown_field",
        ),
        (
            json!({"review": {"state": "done"}}),
            "/review/state",
            "invalid_field",
        ),
        (
            json!({"review": {"notes": "x".repeat(8193)}}),
            "/review/notes",
            "invalid_field",
        ),
        (
            json!({"review": {"reviewer": ""}}),
            "/review/reviewer",
            "invalid_field",
        ),
        (json!({"category": "price"}), "/category", "invalid_field"),
        (json!({"tags": vec!["t"; 21]}), "/tags", "invalid_field"),
        (json!([]), "", "invalid_field"),
        (json!(null), "", "invalid_field"),
    ] {
        let answer = caller.patch(&path, patch).await;
        answer.assert_status(422);
        let errors = answer.at("/errors");
        let told = errors.as_array().unwrap().iter();
        let mut told = told.map(|fault| (fault["pointer"].as_str().unwrap(), &fault["code"]));
        assert!(
            told.any(|(place, kind)| place == pointer && (kind == code || kind == "read_only_field")),
            "{errors}"
        );
    }
    let answer = caller
        .patch(&format!("/api/v1/feedback/{}", id(9)), json!({}))
        .await;
    answer.assert_problem(404, "not_found");
}
