//! `X-Request-Id` in and out.

use testkit::TestApp;

#[tokio::test]
async fn a_plain_one_is_taken_over() {
    let app = TestApp::new().await;
    for id in ["req-1", "A.b_c:9", &"x".repeat(128)] {
        for path in ["/api/health/live", "/api/v1/interactions", "/api/nothing"] {
            let answer = app.anonymous().with("x-request-id", id).get(path).await;
            assert_eq!(answer.header("x-request-id"), Some(id));
        }
    }
}

#[tokio::test]
async fn a_malformed_one_is_replaced() {
    let app = TestApp::new().await;
    for id in ["", "two words", "é", "<script>", "a\tb", &"x".repeat(129)] {
        let answer = app
            .anonymous()
            .with("x-request-id", id)
            .get("/api/health/live")
            .await;
        let own = answer.header("x-request-id").unwrap();
        own.parse::<uuid::Uuid>().unwrap();
    }
}

#[tokio::test]
async fn without_one_each_answer_has_its_own() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for path in [
        "/api/health/live",
        "/api/health/live",
        "/api/nothing",
        "/api/v1/interactions",
    ] {
        let answer = app.anonymous().get(path).await;
        ids.push(answer.header("x-request-id").unwrap().to_owned());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}
