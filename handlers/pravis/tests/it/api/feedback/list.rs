use domain::keys::Scope;
use serde_json::{Value, json};
use testkit::{TestApp, feedback, id, turn};

const PATH: &str = "/api/v1/feedback";

#[tokio::test]
async fn newest_first_by_each_filter() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for n in [1, 2] {
        let sent = turn(json!({"id": id(n)}));
        admin.post("/api/v1/interactions", sent).await.assert_status(201);
    }
    for (n, (turn, fields)) in [
        (1, json!({"rating": 1, "category": "tone", "user_id": "u-1"})),
        (1, json!({"rating": 4, "thumb": "up", "source": "reviewer"})),
        (2, json!({"thumb": "down", "user_id": "U-1"})),
        (2, json!({"rating": 5, "category": "tone", "source": "system"})),
    ]
    .into_iter()
    .enumerate()
    {
        app.clock().set(&format!("2026-11-02T11:0{n}:00Z"));
        let sent = testkit::over(
            feedback(&json!(id(turn)), fields),
            json!({"id": id(10 + n as u128)}),
        );
        admin.post(PATH, sent).await.assert_status(201);
    }
    let done = json!({"review": {"state": "dismissed"}});
    admin
        .patch(&format!("{PATH}/{}", id(12)), done)
        .await
        .assert_status(200);
    let caller = app.caller(&[Scope::Read]).await;
    let of_turn = format!("interaction_id={}", id(1));
    for (query, shown) in [
        ("", vec![3, 2, 1, 0]),
        (of_turn.as_str(), vec![1, 0]),
        ("user_id=u-1", vec![0]),
        ("category=tone", vec![3, 0]),
        ("source=shopper", vec![2, 0]),
        ("thumb=up", vec![1]),
        ("review_state=new", vec![3, 1, 0]),
        ("review_state=dismissed", vec![2]),
        ("rating_min=4", vec![3, 1]),
        ("rating_max=4", vec![1, 0]),
        ("from=2026-11-02T11:01:00Z&to=2026-11-02T11:03:00Z", vec![2, 1]),
        ("category=tone&rating_min=2", vec![3]),
    ] {
        let expected: Vec<_> = shown.iter().map(|n| json!(id(10 + n))).collect();
        let all = caller.get(&format!("{PATH}?{query}")).await;
        all.assert_status(200);
        assert_eq!(all.each("id"), expected, "{query}");
        let mut paged: Vec<Value> = Vec::new();
        let mut next = format!("{PATH}?{query}&limit=1");
        loop {
            let page = caller.get(&next).await;
            paged.extend(page.each("id"));
            match page.at("/next_cursor").as_str() {
                Some(cursor) => next = format!("{PATH}?{query}&limit=1&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(paged, expected, "{query}, page by page");
    }
}

#[tokio::test]
async fn faults_are_told() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    for (query, code) in [
        ("limit=0", "invalid_field"),
        ("limit=201", "invalid_field"),
        ("interaction_id=x", "invalid_field"),
        ("category=price", "invalid_field"),
        ("source=bot", "invalid_field"),
        ("thumb=sideways", "invalid_field"),
        ("review_state=done", "invalid_field"),
        ("rating_min=0", "invalid_field"),
        ("rating_max=6", "invalid_field"),
        ("from=x", "invalid_field"),
        ("status=new", "unknown_field"),
    ] {
        let answer = caller.get(&format!("{PATH}?{query}")).await;
        let (name, _) = query.split_once('=').unwrap();
        answer.assert_faults(&[(&format!("?{name}"), code)]);
    }
    let answer = caller.get(&format!("{PATH}?cursor=x")).await;
    answer.assert_problem(400, "invalid_cursor");
}
