use super::list::{numbers, store, walk};
use domain::keys::Scope;
use serde_json::json;
use testkit::TestApp;

#[tokio::test]
async fn only_turns_of_the_shopper_newest_first() {
    let app = TestApp::new().await;
    let users = ["u-1", "U-1", "a/b ü", "u-1"].map(|user| json!({"user_id": user, "model": "m"}));
    store(&app.admin().await, &users).await;
    let caller = app.caller(&[Scope::Read]).await;
    for (user, shown) in [
        ("u-1", vec![3, 0]),
        ("U-1", vec![1]),
        ("a%2Fb%20%C3%BC", vec![2]),
        ("nobody", vec![]),
    ] {
        let path = format!("/api/v1/users/{user}/interactions?model=m");
        assert_eq!(numbers(&caller.get(&path).await.each("id")), shown, "{user}");
        let paged = walk(&caller, &format!("{path}&limit=1")).await;
        assert_eq!(numbers(&paged), shown, "{user}, page by page");
    }
}

#[tokio::test]
async fn takes_the_filters_of_the_list_but_no_other_shopper() {
    let app = TestApp::new().await;
    let users = [json!({"user_id": "u", "type": "tts"}), json!({"user_id": "u"})];
    store(&app.admin().await, &users).await;
    let caller = app.caller(&[Scope::Read]).await;
    let speech = caller.get("/api/v1/users/u/interactions?type=tts").await;
    assert_eq!(numbers(&speech.each("id")), [0]);
    for (query, code) in [
        ("user_id=u", "invalid_field"),
        ("usr=u", "unknown_field"),
        ("limit=201", "invalid_field"),
    ] {
        let answer = caller.get(&format!("/api/v1/users/u/interactions?{query}")).await;
        let (name, _) = query.split_once('=').unwrap();
        answer.assert_faults(&[(&format!("?{name}"), code)]);
    }
}
