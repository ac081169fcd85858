use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use testkit::{Caller, TestApp, feedback, id, turn};

/// Two conversations of one shopper and one of nobody known.
async fn stored(app: &TestApp) -> Caller {
    let admin = app.admin().await;
    for (n, fields) in [
        json!({"session_id": "s-1", "channel": "web", "user_id": "u-1", "started_at": "2026-11-02T09:00:00Z", "completed_at": "2026-11-02T09:00:02Z",
            "tokens_input": 10, "tokens_output": 5, "cost_micros": 7}),
        json!({"session_id": "s-1", "channel": "voice", "started_at": "2026-11-02T09:05:00Z", "duration_ms": 1500,
            "error_type": "timeout", "tokens_input": 1}),
        json!({"session_id": "s-1", "started_at": "2026-11-02T09:04:00Z"}),
        json!({"session_id": "S-1", "started_at": "2026-11-02T09:30:00Z"}),
        json!({"session_id": "a/b", "user_id": "u-1", "started_at": "2026-11-02T08:00:00Z"}),
    ]
    .into_iter()
    .enumerate()
    {
        let sent = testkit::over(turn(json!({"id": id(n as u128)})), fields);
        admin.post("/api/v1/interactions", sent).await.assert_status(201);
    }
    for (n, rating) in [(0, 4), (1, 1)] {
        let given = feedback(&json!(id(n)), json!({"rating": rating}));
        admin.post("/api/v1/feedback", given).await.assert_status(201);
    }
    app.caller(&[Scope::Read]).await
}

#[tokio::test]
async fn a_session_sums_its_turns_up() {
    let app = TestApp::new().await;
    let caller = stored(&app).await;
    let session = caller.get("/api/v1/sessions/s-1").await;
    session.assert_status(200);
    assert_json_snapshot!(session.json(), @r#"
    {
      "average_rating": 2.5,
      "channel": "web",
      "cost_micros": 7,
      "duration_ms": 300000.0,
      "failed": 1,
      "feedback_count": 2,
      "interactions": 3,
      "last_started_at": "2026-11-02T09:05:00Z",
      "pending": 1,
      "session_id": "s-1",
      "started_at": "2026-11-02T09:00:00Z",
      "succeeded": 1,
      "tokens_input": 11,
      "tokens_output": 5,
      "unpriced": 2,
      "user_id": "u-1"
    }
    "#);
}

#[tokio::test]
async fn what_no_turn_knows_is_null() {
    let app = TestApp::new().await;
    let caller = stored(&app).await;
    let session = caller.get("/api/v1/sessions/S-1").await;
    assert_json_snapshot!(session.json(), @r#"
    {
      "average_rating": null,
      "channel": null,
      "cost_micros": null,
      "duration_ms": null,
      "failed": 0,
      "feedback_count": 0,
      "interactions": 1,
      "last_started_at": "2026-11-02T09:30:00Z",
      "pending": 1,
      "session_id": "S-1",
      "started_at": "2026-11-02T09:30:00Z",
      "succeeded": 0,
      "tokens_input": null,
      "tokens_output": null,
      "unpriced": 1,
      "user_id": null
    }
    "#);
}

#[tokio::test]
async fn an_unknown_session_is_404() {
    let app = TestApp::new().await;
    let caller = stored(&app).await;
    for name in ["s-2", "s-1%20", "%ff"] {
        let answer = caller.get(&format!("/api/v1/sessions/{name}")).await;
        answer.assert_problem(404, "not_found");
    }
    caller.get("/api/v1/sessions/a%2Fb").await.assert_status(200);
}

#[tokio::test]
async fn sessions_are_listed_by_their_first_turn_newest_first() {
    let app = TestApp::new().await;
    let caller = stored(&app).await;
    for (query, shown) in [
        ("", vec!["S-1", "s-1", "a/b"]),
        ("user_id=u-1", vec!["s-1", "a/b"]),
        ("user_id=U-1", vec![]),
        ("from=2026-11-02T09:00:00Z", vec!["S-1", "s-1"]),
        ("to=2026-11-02T09:00:00Z", vec!["a/b"]),
        ("from=2026-11-02T09:01:00Z&to=2026-11-02T09:30:00Z", vec![]),
    ] {
        let path = format!("/api/v1/sessions?{query}");
        let all = caller.get(&path).await;
        all.assert_status(200);
        assert_eq!(all.each("session_id"), shown, "{query}");
        let mut paged: Vec<Value> = Vec::new();
        let mut next = format!("{path}&limit=1");
        loop {
            let page = caller.get(&next).await;
            paged.extend(page.each("session_id"));
            match page.at("/next_cursor").as_str() {
                Some(cursor) => next = format!("{path}&limit=1&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(paged, shown, "{query}, page by page");
    }
    let listed = caller.get("/api/v1/sessions?user_id=u-1&limit=1").await;
    let read = caller.get("/api/v1/sessions/s-1").await;
    assert_eq!(listed.at("/items/0"), read.json());
}

#[tokio::test]
async fn faults_are_told() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    for (query, code) in [
        ("limit=0", "invalid_field"),
        ("limit=201", "invalid_field"),
        ("from=x", "invalid_field"),
        ("model=m", "unknown_field"),
    ] {
        let answer = caller.get(&format!("/api/v1/sessions?{query}")).await;
        let (name, _) = query.split_once('=').unwrap();
        answer.assert_faults(&[(&format!("?{name}"), code)]);
    }
    let answer = caller.get("/api/v1/sessions?cursor=x").await;
    answer.assert_problem(400, "invalid_cursor");
}
