use axum::http::Method;
use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use testkit::{TestApp, id, turn};

const PATH: &str = "/api/v1/interactions/batch";

fn items(items: Vec<Value>) -> Value {
    json!({ "items": items })
}

#[tokio::test]
async fn all_created_is_201_in_their_order() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    let answer = caller
        .post(PATH, items((0..5).map(|n| turn(json!({"id": id(n)}))).collect()))
        .await;
    answer.assert_status(201);
    assert_eq!(answer.each("index"), [0, 1, 2, 3, 4]);
    assert_eq!(
        answer.each("id"),
        (0..5).map(|n| json!(id(n))).collect::<Vec<_>>()
    );
    assert_eq!(answer.each("outcome"), ["created"; 5]);
    assert!(answer.each("problem").iter().all(Value::is_null));
}

#[tokio::test]
async fn repeats_make_it_200() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    let batch = items(vec![turn(json!({"id": id(1)})), turn(json!({"id": id(2)}))]);
    caller.post(PATH, batch.clone()).await.assert_status(201);
    let again = caller.post(PATH, batch).await;
    again.assert_status(200);
    assert_eq!(again.each("outcome"), ["duplicate"; 2]);
    let mixed = items(vec![turn(json!({"id": id(2)})), turn(json!({"id": id(3)}))]);
    let mixed = caller.post(PATH, mixed).await;
    mixed.assert_status(200);
    assert_eq!(mixed.each("outcome"), ["duplicate", "created"]);
}

#[tokio::test]
async fn one_bad_item_does_not_spoil_the_batch() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let first = turn(json!({"id": id(1)}));
    caller
        .post("/api/v1/interactions", first.clone())
        .await
        .assert_status(201);
    let answer = caller
        .post(
            PATH,
            items(vec![
                first,
                turn(json!({"id": id(1), "model": "other"})),
                turn(json!({"id": id(2), "tokens_imput": 3, "tokens_output": -1})),
                turn(json!({"id": id(3)})),
                json!([1]),
            ]),
        )
        .await;
    answer.assert_status(207);
    assert_json_snapshot!(answer.json(), @r#"
    {
      "items": [
        {
          "id": "019a4400-0000-7000-8000-000000000001",
          "index": 0,
          "outcome": "duplicate"
        },
        {
          "id": "019a4400-0000-7000-8000-000000000001",
          "index": 1,
          "outcome": "conflict",
          "problem": {
            "code": "interaction_conflict",
            "detail": "another interaction has this id: the fields that were first supplied with it differ",
            "status": 409,
            "title": "Another interaction has this id",
            "type": "urn:pravis:problem:interaction_conflict"
          }
        },
        {
          "id": "019a4400-0000-7000-8000-000000000002",
          "index": 2,
          "outcome": "rejected",
          "problem": {
            "code": "invalid_field",
            "detail": "2 fields are wrong",
            "errors": [
              {
                "code": "unknown_field",
                "detail": "unknown field `tokens_imput`, expected one of `id`, `type`, `session_id`, `user_id`, `parent_id`, `trace_id`, `channel`, `locale`, `provider`, `model`, `model_version`, `deployment`, `prompt_name`, `prompt_version`, `request_text`, `response_text`, `started_at`, `completed_at`, `duration_ms`, `time_to_first_token_ms`, `tokens_input`, `tokens_output`, `tokens_cached`, `audio_seconds`, `characters`, `images`, `cost_micros`, `status`, `error_type`, `error_message`, `product_ids`, `context`, `metadata`",
                "pointer": "/items/2/tokens_imput"
              },
              {
                "code": "invalid_field",
                "detail": "invalid value: integer `-1`, expected u64",
                "pointer": "/items/2/tokens_output"
              }
            ],
            "status": 422,
            "title": "Invalid field",
            "type": "urn:pravis:problem:invalid_field"
          }
        },
        {
          "id": "019a4400-0000-7000-8000-000000000003",
          "index": 3,
          "outcome": "created"
        },
        {
          "id": null,
          "index": 4,
          "outcome": "rejected",
          "problem": {
            "code": "invalid_field",
            "detail": "one field is wrong",
            "errors": [
              {
                "code": "invalid_field",
                "detail": "takes a JSON object",
                "pointer": "/items/4"
              }
            ],
            "status": 422,
            "title": "Invalid field",
            "type": "urn:pravis:problem:invalid_field"
          }
        }
      ]
    }
    "#);
    caller
        .get(&format!("/api/v1/interactions/{}", id(3)))
        .await
        .assert_status(200);
    caller
        .get(&format!("/api/v1/interactions/{}", id(2)))
        .await
        .assert_problem(404, "not_found");
}

#[tokio::test]
async fn nothing_but_bad_items_is_207() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    for item in [json!(null), json!({}), json!("x"), json!([])] {
        let answer = caller.post(PATH, items(vec![item])).await;
        answer.assert_status(207);
        assert_eq!(answer.each("outcome"), ["rejected"]);
        assert_eq!(answer.at("/items/0/problem/status"), 422);
    }
}

#[tokio::test]
async fn an_id_may_stand_twice() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let same = items(vec![turn(json!({"id": id(1)})), turn(json!({"id": id(1)}))]);
    let same = caller.post(PATH, same).await;
    same.assert_status(200);
    assert_eq!(same.each("outcome"), ["created", "duplicate"]);
    let other = items(vec![
        turn(json!({"id": id(2), "model": "a"})),
        turn(json!({"id": id(2), "model": "b"})),
        turn(json!({"id": id(2), "model": "a"})),
    ]);
    let other = caller.post(PATH, other).await;
    other.assert_status(207);
    assert_eq!(other.each("outcome"), ["created", "conflict", "duplicate"]);
    assert_eq!(other.at("/items/1/problem/code"), "interaction_conflict");
    let stored = caller.get(&format!("/api/v1/interactions/{}", id(2))).await;
    assert_eq!(stored.at("/model"), "a");
}

#[tokio::test]
async fn takes_1_to_1000_items() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let some = |n: usize| items((0..n).map(|_| turn(json!({}))).collect());
    for n in [0, 1001] {
        let answer = caller.post(PATH, some(n)).await;
        answer.assert_faults(&[("/items", "invalid_field")]);
    }
    assert!(caller.get("/api/v1/interactions").await.each("id").is_empty());
    let answer = caller.post(PATH, some(1000)).await;
    answer.assert_status(201);
    assert_eq!(answer.each("outcome"), vec!["created"; 1000]);
}

#[tokio::test]
async fn a_body_of_another_shape_is_told() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    for (body, faults) in [
        (json!([]), [("", "invalid_field")].as_slice()),
        (json!([[turn(json!({}))]]), &[("", "invalid_field")]),
        (json!(null), &[("", "invalid_field")]),
        (json!(7), &[("", "invalid_field")]),
        (json!({}), &[("/items", "missing_field")]),
        (json!({"items": null}), &[("/items", "invalid_field")]),
        (json!({"items": {}}), &[("/items", "invalid_field")]),
        (
            json!({"items": [{}], "dry_run": true}),
            &[("/dry_run", "unknown_field")],
        ),
    ] {
        caller.post(PATH, body).await.assert_faults(faults);
    }
    for text in [
        "",
        "{\"items\": [",
        "{\"items\": [{}}",
        "{\"items\": [{]}",
        "{\"items\": [{}]} x",
    ] {
        let answer = caller.raw(Method::POST, PATH, text).await;
        answer.assert_problem(400, "invalid_json");
    }
}

#[tokio::test]
async fn an_item_that_nests_too_deep_spoils_only_itself() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let text = format!(
        r#"{{"items": [{{"type": "chat", "session_id": "s", "metadata": {{"a": {deep}}}}}, {}]}}"#,
        turn(json!({}))
    );
    let answer = caller.raw(Method::POST, PATH, text).await;
    answer.assert_status(207);
    assert_eq!(answer.each("outcome"), ["rejected", "created"]);
    assert_eq!(answer.at("/items/0/problem/code"), "invalid_json");
}
