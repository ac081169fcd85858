use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use testkit::{TestApp, complete_turn, id, over, turn};

const PATH: &str = "/api/v1/interactions";

#[tokio::test]
async fn the_least_is_stored_and_the_unknown_is_null() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest, Scope::Read]).await;
    let answer = caller.post(PATH, turn(json!({}))).await;
    answer.assert_status(201);
    assert_json_snapshot!(answer.json(), {".id" => "[id]"}, @r#"
    {
      "audio_seconds": null,
      "channel": null,
      "characters": null,
      "completed_at": null,
      "context": null,
      "cost_micros": null,
      "created_at": "2026-11-02T10:00:00Z",
      "deployment": null,
      "duration_ms": null,
      "error_message": null,
      "error_type": null,
      "feedback_count": 0,
      "id": "[id]",
      "images": null,
      "locale": null,
      "metadata": null,
      "model": null,
      "model_version": null,
      "parent_id": null,
      "priced": false,
      "product_ids": [],
      "prompt_name": null,
      "prompt_version": null,
      "provider": null,
      "rating": null,
      "request_text": null,
      "response_text": null,
      "session_id": "s-1",
      "started_at": "2026-11-02T10:00:00Z",
      "status": "pending",
      "time_to_first_token_ms": null,
      "tokens_cached": null,
      "tokens_input": null,
      "tokens_output": null,
      "trace_id": null,
      "type": "chat",
      "updated_at": "2026-11-02T10:00:00Z",
      "user_id": null
    }
    "#);
    let path = format!("{PATH}/{}", answer.at("/id").as_str().unwrap());
    assert_eq!(answer.header("location"), Some(path.as_str()));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let read = caller.get(&path).await;
    assert_eq!((read.json(), read.etag()), (answer.json(), answer.etag()));
}

#[tokio::test]
async fn every_field_comes_back_as_it_went() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let answer = caller.post(PATH, complete_turn()).await;
    answer.assert_status(201);
    assert_json_snapshot!(answer.json(), @r#"
    {
      "audio_seconds": 1.5,
      "channel": "web",
      "characters": 20,
      "completed_at": "2026-11-02T09:00:01.25Z",
      "context": {
        "page": "/dresses"
      },
      "cost_micros": 2500,
      "created_at": "2026-11-02T10:00:00Z",
      "deployment": "shop-eu",
      "duration_ms": 1250.0,
      "error_message": null,
      "error_type": null,
      "feedback_count": 0,
      "id": "019a4400-0000-7000-8000-000000000001",
      "images": 1,
      "locale": "en-GB",
      "metadata": {
        "release": "42"
      },
      "model": "gpt-4o",
      "model_version": "2024-08-06",
      "parent_id": "019a4400-0000-7000-8000-000000000002",
      "priced": false,
      "product_ids": [
        "dress-1",
        "Dress-1"
      ],
      "prompt_name": "advisor",
      "prompt_version": "7",
      "provider": "azure",
      "rating": null,
      "request_text": "Do you have it in blue?",
      "response_text": "Yes, in three sizes.",
      "session_id": "s-1",
      "started_at": "2026-11-02T09:00:00Z",
      "status": "succeeded",
      "time_to_first_token_ms": 180.5,
      "tokens_cached": 300,
      "tokens_input": 900,
      "tokens_output": 40,
      "trace_id": "0af7651916cd43dd8448eb211c80319c",
      "type": "chat",
      "updated_at": "2026-11-02T10:00:00Z",
      "user_id": "u-1"
    }
    "#);
    let read = caller.get(&format!("{PATH}/{}", id(1))).await;
    assert_eq!(read.json(), answer.json());
}

#[tokio::test]
async fn the_server_makes_an_id_that_is_of_version_7() {
    let app = TestApp::new().await;
    let answer = app.admin().await.post(PATH, turn(json!({}))).await;
    let id: uuid::Uuid = answer.at("/id").as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 7);
}

#[tokio::test]
async fn a_repeat_answers_200_with_what_is_stored() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let first = caller.post(PATH, complete_turn()).await;
    first.assert_status(201);
    app.clock().set("2026-11-02T12:00:00Z");
    let again = caller.post(PATH, complete_turn()).await;
    again.assert_status(200);
    assert_eq!((again.json(), again.etag()), (first.json(), first.etag()));
    assert_eq!(caller.get(PATH).await.each("id"), [json!(id(1))]);
}

#[tokio::test]
async fn a_repeat_may_write_the_same_otherwise() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    caller.post(PATH, complete_turn()).await.assert_status(201);
    let Value::Object(members) = complete_turn() else {
        unreachable!()
    };
    let backwards: Vec<_> = members
        .iter()
        .rev()
        .map(|(name, value)| format!(" {name:?} :\n{value}"))
        .collect();
    let backwards = format!("{{{}, \"error_type\": null}}", backwards.join(","));
    caller
        .raw(axum::http::Method::POST, PATH, backwards)
        .await
        .assert_status(200);
    let offset = json!({"started_at": "2026-11-02T10:00:00+01:00", "completed_at": "2026-11-02T14:30:01.250000+05:30"});
    caller
        .post(PATH, over(complete_turn(), offset))
        .await
        .assert_status(200);
}

#[tokio::test]
async fn the_order_of_inner_members_does_not_matter_either() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    for (metadata, status) in [
        (r#"{"a": {"x": 1, "y": [1, 2]}, "b": 2}"#, 201),
        (r#"{"b": 2, "a": {"y": [1, 2], "x": 1}}"#, 200),
        (r#"{"b": 2, "a": {"y": [2, 1], "x": 1}}"#, 409),
    ] {
        let id = id(1);
        let text = format!(r#"{{"id": "{id}", "type": "chat", "session_id": "s", "metadata": {metadata}}}"#);
        let answer = caller.raw(axum::http::Method::POST, PATH, text).await;
        assert_eq!(answer.status(), status, "{metadata}");
    }
}

#[tokio::test]
async fn a_repeat_after_an_update_is_still_one() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    caller.post(PATH, complete_turn()).await.assert_status(201);
    let changed = caller
        .patch(
            &format!("{PATH}/{}", id(1)),
            json!({"model": "gpt-5", "metadata": null}),
        )
        .await;
    changed.assert_status(200);
    let again = caller.post(PATH, complete_turn()).await;
    again.assert_status(200);
    assert_eq!((again.json(), again.etag()), (changed.json(), changed.etag()));
    let as_changed = over(complete_turn(), json!({"model": "gpt-5", "metadata": null}));
    caller
        .post(PATH, as_changed)
        .await
        .assert_problem(409, "interaction_conflict");
}

#[tokio::test]
async fn a_repeat_of_a_turn_without_a_start_is_one_later_too() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let sent = turn(json!({"id": id(1)}));
    let first = caller.post(PATH, sent.clone()).await;
    app.clock().set("2026-11-03T10:00:00Z");
    let again = caller.post(PATH, sent).await;
    again.assert_status(200);
    assert_eq!(again.json(), first.json());
}

#[tokio::test]
async fn another_turn_with_the_id_is_a_conflict() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let first = caller.post(PATH, complete_turn()).await;
    for other in [
        json!({"tokens_input": 901}),
        json!({"user_id": null}),
        json!({"session_id": "S-1"}),
        json!({"metadata": {"release": 42}}),
    ] {
        let answer = caller.post(PATH, over(complete_turn(), other)).await;
        answer.assert_problem(409, "interaction_conflict");
    }
    let read = caller.get(&format!("{PATH}/{}", id(1))).await;
    assert_eq!(read.json(), first.json());
}

#[tokio::test]
async fn the_status_follows_from_the_rest() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    for (fields, status) in [
        (json!({}), "pending"),
        (json!({"response_text": "Yes."}), "succeeded"),
        (json!({"completed_at": "2026-11-02T10:00:01Z"}), "succeeded"),
        (json!({"error_type": "timeout"}), "failed"),
        (json!({"error_type": "timeout", "response_text": "Ye"}), "failed"),
        (json!({"response_text": "Ye", "status": "pending"}), "pending"),
        (json!({"status": "failed"}), "failed"),
    ] {
        let answer = caller.post(PATH, turn(fields.clone())).await;
        assert_eq!(answer.at("/status"), status, "{fields}");
    }
}

#[tokio::test]
async fn a_duration_is_derived_unless_it_is_given() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let times = json!({"started_at": "2026-11-02T09:00:00Z", "completed_at": "2026-11-02T09:00:00.0015Z"});
    let derived = caller.post(PATH, turn(times.clone())).await;
    assert_eq!(derived.at("/duration_ms"), 1.5);
    let given = caller
        .post(PATH, turn(over(times, json!({"duration_ms": 7}))))
        .await;
    assert_eq!(given.at("/duration_ms"), 7.0);
    let zero = json!({"started_at": "2026-11-02T09:00:00Z", "completed_at": "2026-11-02T09:00:00Z"});
    let zero = caller.post(PATH, turn(zero)).await;
    assert_eq!(zero.at("/duration_ms"), 0.0, "0 is known");
}

#[tokio::test]
async fn each_field_is_told_its_fault() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    let long = "x".repeat(129);
    let object = json!({"k": "x".repeat(32 * 1024)});
    for (field, values) in [
        ("id", vec![json!("no"), json!(1), json!("")]),
        ("type", vec![json!("chatt"), json!(1), json!("Chat"), json!({})]),
        (
            "session_id",
            vec![json!(""), json!(long), json!(1), json!(" s"), json!("a\u{0}b")],
        ),
        ("user_id", vec![json!(""), json!(long), json!(["u"])]),
        ("parent_id", vec![json!("p")]),
        (
            "trace_id",
            vec![json!("0af7"), json!("z".repeat(32)), json!("0".repeat(33))],
        ),
        ("channel", vec![json!(""), json!("x".repeat(65))]),
        (
            "locale",
            vec![
                json!(format!("en{}", "-abcdefgh".repeat(7))),
                json!("not a tag"),
                json!("e"),
            ],
        ),
        ("provider", vec![json!(long)]),
        ("model", vec![json!(long), json!("")]),
        ("model_version", vec![json!(long)]),
        ("deployment", vec![json!(long)]),
        ("prompt_name", vec![json!(long)]),
        ("prompt_version", vec![json!(long), json!(7)]),
        (
            "request_text",
            vec![json!("x".repeat(256 * 1024 + 1)), json!(false)],
        ),
        ("response_text", vec![json!("é".repeat(128 * 1024 + 1))]),
        (
            "started_at",
            vec![
                json!("yesterday"),
                json!("2026-11-03T10:00:01Z"),
                json!("1999-12-31T23:59:59Z"),
                json!(1),
                json!("2026-11-02T10:00:00"),
            ],
        ),
        (
            "completed_at",
            vec![
                json!("2026-11-02T09:59:59Z"),
                json!("2026-12-31T00:00:00Z"),
                json!(""),
            ],
        ),
        ("duration_ms", vec![json!(-0.5), json!("1"), json!(1e300)]),
        ("time_to_first_token_ms", vec![json!(-1), json!([])]),
        (
            "tokens_input",
            vec![json!(-1), json!(1.5), json!("1"), json!(u64::MAX)],
        ),
        ("tokens_output", vec![json!(-1), json!(1e30)]),
        ("tokens_cached", vec![json!(-1)]),
        ("audio_seconds", vec![json!(-1), json!(1e9)]),
        ("characters", vec![json!(-1), json!(true)]),
        ("images", vec![json!(-1), json!(i64::MAX)]),
        ("cost_micros", vec![json!(-1), json!(0.1), json!(u64::MAX)]),
        ("status", vec![json!("done"), json!(0)]),
        ("error_type", vec![json!(long)]),
        ("error_message", vec![json!("x".repeat(4097))]),
        ("product_ids", vec![json!("p"), json!(vec!["p"; 51])]),
        ("context", vec![json!([]), json!("{}"), object.clone()]),
        ("metadata", vec![json!(1), object]),
    ] {
        for value in values {
            let answer = caller.post(PATH, turn(json!({field: value}))).await;
            answer.assert_faults(&[(&format!("/{field}"), "invalid_field")]);
        }
    }
}

#[tokio::test]
async fn fields_are_checked_against_each_other() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    let cached = caller
        .post(PATH, turn(json!({"tokens_input": 1, "tokens_cached": 2})))
        .await;
    cached.assert_faults(&[("/tokens_cached", "invalid_field")]);
    let completed = json!({"status": "pending", "completed_at": "2026-11-02T10:00:01Z"});
    let completed = caller.post(PATH, turn(completed)).await;
    completed.assert_faults(&[("/status", "invalid_field")]);
}

#[tokio::test]
async fn limits_themselves_are_taken() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    for fields in [
        json!({"session_id": "x".repeat(128), "user_id": "é".repeat(128), "channel": "x".repeat(64)}),
        json!({"request_text": "x".repeat(256 * 1024), "response_text": "", "error_message": "x".repeat(4096)}),
        json!({"product_ids": vec!["p"; 50], "tokens_input": 0, "cost_micros": 0, "duration_ms": 0}),
        json!({"started_at": "2026-11-03T10:00:00Z"}),
        json!({"started_at": "2000-01-01T00:00:00Z"}),
        json!({"tokens_cached": 5}),
    ] {
        caller.post(PATH, turn(fields)).await.assert_status(201);
    }
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    let answer = caller
        .post(
            PATH,
            json!({"type": "chatt", "tokens_imput": 3, "product_ids": ["a", 2], "a/b~c": 1}),
        )
        .await;
    answer.assert_faults(&[
        ("/type", "invalid_field"),
        ("/tokens_imput", "unknown_field"),
        ("/product_ids/1", "invalid_field"),
        ("/a~1b~0c", "unknown_field"),
    ]);
    let answer = caller
        .post(PATH, json!({"product_ids": ["", "b", "c\n"], "model": ""}))
        .await;
    answer.assert_faults(&[
        ("/type", "missing_field"),
        ("/session_id", "missing_field"),
        ("/product_ids/0", "invalid_field"),
        ("/product_ids/2", "invalid_field"),
        ("/model", "invalid_field"),
    ]);
}

#[tokio::test]
async fn a_misspelt_field_is_told_and_nothing_is_stored() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    let answer = caller.post(PATH, turn(json!({"tokens_imput": 3}))).await;
    answer.assert_faults(&[("/tokens_imput", "unknown_field")]);
    assert_json_snapshot!(answer.json(), @r#"
    {
      "code": "unknown_field",
      "detail": "one field is wrong",
      "errors": [
        {
          "code": "unknown_field",
          "detail": "unknown field `tokens_imput`, expected one of `id`, `type`, `session_id`, `user_id`, `parent_id`, `trace_id`, `channel`, `locale`, `provider`, `model`, `model_version`, `deployment`, `prompt_name`, `prompt_version`, `request_text`, `response_text`, `started_at`, `completed_at`, `duration_ms`, `time_to_first_token_ms`, `tokens_input`, `tokens_output`, `tokens_cached`, `audio_seconds`, `characters`, `images`, `cost_micros`, `status`, `error_type`, `error_message`, `product_ids`, `context`, `metadata`",
          "pointer": "/tokens_imput"
        }
      ],
      "instance": "/api/v1/interactions",
      "status": 422,
      "title": "Unknown field",
      "type": "urn:pravis:problem:unknown_field"
    }
    "#);
    assert!(caller.get(PATH).await.each("id").is_empty());
}

#[tokio::test]
async fn what_the_server_counts_cannot_be_written() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    for field in ["rating", "feedback_count", "created_at", "updated_at"] {
        let answer = caller.post(PATH, turn(json!({field: null}))).await;
        answer.assert_status(422);
        assert_eq!(answer.at("/errors/0/pointer"), format!("/{field}"));
    }
}
