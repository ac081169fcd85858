use super::list::{numbers, store, walk};
use domain::keys::Scope;
use serde_json::json;
use testkit::TestApp;

#[tokio::test]
async fn turns_of_the_session_oldest_first() {
    let app = TestApp::new().await;
    let sessions = ["s-1", "S-1", "s-1", "a/b", "s-1"].map(|session| json!({"session_id": session}));
    store(&app.admin().await, &sessions).await;
    let caller = app.caller(&[Scope::Read]).await;
    for (session, shown) in [
        ("s-1", vec![0, 2, 4]),
        ("S-1", vec![1]),
        ("a%2Fb", vec![3]),
        ("none", vec![]),
    ] {
        let path = format!("/api/v1/sessions/{session}/interactions");
        let all = caller.get(&path).await;
        assert_eq!(numbers(&all.each("id")), shown, "{session}");
        assert_eq!(all.at("/next_cursor"), json!(null));
        let paged = walk(&caller, &format!("{path}?limit=1")).await;
        assert_eq!(numbers(&paged), shown, "{session}, page by page");
    }
}

#[tokio::test]
async fn faults_are_told() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    for (query, code) in [("limit=0", "invalid_field"), ("type=chat", "unknown_field")] {
        let answer = caller
            .get(&format!("/api/v1/sessions/s-1/interactions?{query}"))
            .await;
        let (name, _) = query.split_once('=').unwrap();
        answer.assert_faults(&[(&format!("?{name}"), code)]);
    }
    let answer = caller.get("/api/v1/sessions/s-1/interactions?cursor=x").await;
    answer.assert_problem(400, "invalid_cursor");
}
