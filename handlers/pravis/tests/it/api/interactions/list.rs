use domain::keys::Scope;
use serde_json::{Value, json};
use testkit::{Caller, TestApp, feedback, id, turn};

const PATH: &str = "/api/v1/interactions";

/// Stores turns with the ids 0, 1, …, each with these fields and started a minute after the one before.
pub(super) async fn store(caller: &Caller, turns: &[Value]) {
    for (n, fields) in turns.iter().enumerate() {
        let started = json!({"id": id(n as u128), "started_at": format!("2026-11-02T09:{n:02}:00Z")});
        let sent = testkit::over(turn(started), fields.clone());
        caller.post(PATH, sent).await.assert_status(201);
    }
}

/// The numbers of the listed ids, in their order.
pub(super) fn numbers(ids: &[Value]) -> Vec<usize> {
    let number = |value: &Value| (0..100).find(|n| *value == id(*n as u128)).unwrap();
    ids.iter().map(number).collect()
}

/// Follows `next_cursor` from `path` to the end; gives the ids of all pages.
pub(super) async fn walk(caller: &Caller, path: &str) -> Vec<Value> {
    let mut ids = Vec::new();
    let mut next = path.to_owned();
    for _ in 0..100 {
        let page = caller.get(&next).await;
        page.assert_status(200);
        ids.extend(page.each("id"));
        match page.at("/next_cursor").as_str() {
            Some(cursor) => next = format!("{path}&cursor={cursor}"),
            None => return ids,
        }
    }
    panic!("{path} has no end");
}

#[tokio::test]
async fn newest_first_then_by_id() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    for (n, started) in [(1, "09:00"), (3, "09:30"), (2, "09:30"), (4, "08:00")] {
        let sent = turn(json!({"id": id(n), "started_at": format!("2026-11-02T{started}:00Z")}));
        caller.post(PATH, sent).await.assert_status(201);
    }
    let all = caller.get(PATH).await;
    assert_eq!(numbers(&all.each("id")), [3, 2, 1, 4]);
    assert_eq!(all.at("/next_cursor"), json!(null));
    assert_eq!(
        numbers(&walk(&caller, &format!("{PATH}?limit=1")).await),
        [3, 2, 1, 4]
    );
}

#[tokio::test]
async fn each_filter_shows_what_it_says() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    store(
        &admin,
        &[
            json!({"type": "search", "model": "m-1", "provider": "p-1", "user_id": "u-1", "channel": "web", "locale": "en-GB"}),
            json!({"session_id": "s-2", "model": "M-1", "user_id": "U-1", "response_text": "x", "channel": "voice"}),
            json!({"error_type": "timeout", "locale": "de", "provider": "p-2", "user_id": "u 1&ü"}),
            json!({"type": "search", "model": "m-1", "response_text": "x"}),
        ],
    )
    .await;
    for (n, rating) in [(1, 2), (2, 5), (3, 4)] {
        let given = feedback(&json!(id(n)), json!({"rating": rating}));
        admin.post("/api/v1/feedback", given).await.assert_status(201);
    }
    let caller = app.caller(&[Scope::Read]).await;
    for (query, shown) in [
        ("", vec![3, 2, 1, 0]),
        ("type=search", vec![3, 0]),
        ("type=tts", vec![]),
        ("status=succeeded", vec![3, 1]),
        ("status=failed", vec![2]),
        ("status=pending", vec![0]),
        ("model=m-1", vec![3, 0]),
        ("model=M-1", vec![1]),
        ("provider=p-1", vec![0]),
        ("user_id=u-1", vec![0]),
        ("user_id=U-1", vec![1]),
        ("user_id=u+1%26%C3%BC", vec![2]),
        ("session_id=s-2", vec![1]),
        ("session_id=S-2", vec![]),
        ("channel=web", vec![0]),
        ("locale=de", vec![2]),
        ("rating_min=4", vec![3, 2]),
        ("rating_max=4", vec![3, 1]),
        ("rating_min=3&rating_max=4", vec![3]),
        ("rating_min=1", vec![3, 2, 1]),
        ("rating_min=5&rating_max=1", vec![]),
        ("from=2026-11-02T09:01:00Z&to=2026-11-02T09:03:00Z", vec![2, 1]),
        ("from=2026-11-02T10:01:00%2B01:00", vec![3, 2, 1]),
        ("to=2026-11-02T09:01:00Z", vec![0]),
        ("type=search&model=m-1&status=succeeded", vec![3]),
        ("type=search&model=m-1&status=succeeded&user_id=u-1", vec![]),
        ("type=search&code=host-key", vec![3, 0]),
    ] {
        let answer = caller.get(&format!("{PATH}?{query}")).await;
        answer.assert_status(200);
        assert_eq!(numbers(&answer.each("id")), shown, "{query}");
        let paged = walk(&caller, &format!("{PATH}?{query}&limit=1")).await;
        assert_eq!(numbers(&paged), shown, "{query}, page by page");
    }
}

#[tokio::test]
async fn pages_stay_stable_while_turns_are_written() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    store(&caller, &vec![json!({}); 5]).await;
    let first = caller.get(&format!("{PATH}?limit=2")).await;
    assert_eq!(numbers(&first.each("id")), [4, 3]);
    let newer = turn(json!({"id": id(50), "started_at": "2026-11-02T09:59:00Z"}));
    caller.post(PATH, newer).await.assert_status(201);
    let older = turn(json!({"id": id(51), "started_at": "2026-11-02T09:01:30Z"}));
    caller.post(PATH, older).await.assert_status(201);
    let cursor = first.at("/next_cursor");
    let rest = walk(
        &caller,
        &format!("{PATH}?limit=200&cursor={}", cursor.as_str().unwrap()),
    )
    .await;
    assert_eq!(numbers(&rest), [2, 51, 1, 0]);
}

#[tokio::test]
async fn a_page_has_50_entries_and_at_most_200() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let items: Vec<_> = (0..201).map(|_| turn(json!({}))).collect();
    caller
        .post("/api/v1/interactions/batch", json!({ "items": items }))
        .await
        .assert_status(201);
    for (query, entries) in [("", 50), ("?limit=1", 1), ("?limit=200", 200)] {
        let page = caller.get(&format!("{PATH}{query}")).await;
        assert_eq!(page.each("id").len(), entries);
        assert!(page.at("/next_cursor").is_string());
    }
    let mut ids = walk(&caller, &format!("{PATH}?limit=67")).await;
    assert_eq!(ids.len(), 201, "67 goes three times into 201: no empty last page");
    ids.sort_by_key(Value::to_string);
    ids.dedup();
    assert_eq!(ids.len(), 201);
}

#[tokio::test]
async fn wrong_parameters_are_told_by_name() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    for (query, name, code) in [
        ("limit=0", "limit", "invalid_field"),
        ("limit=201", "limit", "invalid_field"),
        ("limit=-1", "limit", "invalid_field"),
        ("limit=ten", "limit", "invalid_field"),
        ("limit=", "limit", "invalid_field"),
        ("limit=99999999999999999999", "limit", "invalid_field"),
        ("limit=1&limit=2", "limit", "invalid_field"),
        ("modle=m-1", "modle", "unknown_field"),
        ("type=chatt", "type", "invalid_field"),
        ("status=done", "status", "invalid_field"),
        ("rating_min=0", "rating_min", "invalid_field"),
        ("rating_min=6", "rating_min", "invalid_field"),
        ("rating_max=0", "rating_max", "invalid_field"),
        ("rating_max=256", "rating_max", "invalid_field"),
        ("from=yesterday", "from", "invalid_field"),
        ("to=2026-11-02", "to", "invalid_field"),
    ] {
        let answer = caller.get(&format!("{PATH}?{query}")).await;
        answer.assert_faults(&[(&format!("?{name}"), code)]);
    }
    let several = caller.get(&format!("{PATH}?modle=m&limit=x&type=tts")).await;
    several.assert_faults(&[("?modle", "unknown_field"), ("?limit", "invalid_field")]);
}

#[tokio::test]
async fn a_cursor_works_only_unchanged_and_in_its_own_list() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    store(&caller, &vec![json!({"user_id": "u-1"}); 3]).await;
    let cursor = caller.get(&format!("{PATH}?limit=1")).await.at("/next_cursor");
    let cursor = cursor.as_str().unwrap();
    for place in 0..cursor.len() {
        let other = if &cursor[place..=place] == "A" { "B" } else { "A" };
        let mut tampered = cursor.to_owned();
        tampered.replace_range(place..=place, other);
        let answer = caller.get(&format!("{PATH}?limit=1&cursor={tampered}")).await;
        answer.assert_problem(400, "invalid_cursor");
    }
    for other in [
        "",
        "x",
        "%00",
        &cursor[1..],
        &format!("{cursor}A"),
        &cursor.repeat(9),
    ] {
        let answer = caller.get(&format!("{PATH}?cursor={other}")).await;
        answer.assert_problem(400, "invalid_cursor");
    }
    for list in [
        "/api/v1/interactions?model=m-1&",
        "/api/v1/interactions?type=chat&",
        "/api/v1/users/u-1/interactions?",
        "/api/v1/sessions/s-1/interactions?",
        "/api/v1/sessions?",
        "/api/v1/feedback?",
    ] {
        let answer = caller.get(&format!("{list}cursor={cursor}")).await;
        answer.assert_problem(400, "invalid_cursor");
    }
    let wider = caller.get(&format!("{PATH}?limit=7&cursor={cursor}")).await;
    assert_eq!(
        numbers(&wider.each("id")),
        [1, 0],
        "another limit is the same list"
    );
}
