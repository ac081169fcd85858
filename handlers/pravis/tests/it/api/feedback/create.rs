use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use testkit::{Caller, TestApp, feedback, id, over, turn};

const PATH: &str = "/api/v1/feedback";

async fn app_with_turn() -> (TestApp, Caller, Value) {
    let app = TestApp::new().await;
    let turn = turn(json!({"id": id(1)}));
    let made = app.admin().await.post("/api/v1/interactions", turn).await;
    let caller = app.caller(&[Scope::Feedback]).await;
    (app, caller, made.at("/id"))
}

#[tokio::test]
async fn feedback_is_stored_whole() {
    let (app, caller, turn) = app_with_turn().await;
    let sent = json!({"id": id(2), "rating": 2, "thumb": "down", "comment": "Zu langsam.", "category": "speed",
        "tags": ["eu", "mobile"], "user_id": "u-1", "source": "reviewer"});
    let answer = caller.post(PATH, feedback(&turn, sent)).await;
    answer.assert_status(201);
    assert_json_snapshot!(answer.json(), @r#"
    {
      "category": "speed",
      "comment": "Zu langsam.",
      "created_at": "2026-11-02T10:00:00Z",
      "id": "019a4400-0000-7000-8000-000000000002",
      "interaction_id": "019a4400-0000-7000-8000-000000000001",
      "rating": 2,
      "review": {
        "at": null,
        "notes": null,
        "reviewer": null,
        "state": "new"
      },
      "sentiment": {
        "aspects": null,
        "label": "unknown",
        "language": null,
        "score": null,
        "source": "vader",
        "words": []
      },
      "source": "reviewer",
      "tags": [
        "eu",
        "mobile"
      ],
      "thumb": "down",
      "updated_at": "2026-11-02T10:00:00Z",
      "user_id": "u-1"
    }
    "#);
    let path = format!("{PATH}/{}", id(2));
    assert_eq!(answer.header("location"), Some(path.as_str()));
    let read = app.admin().await.get(&path).await;
    assert_eq!((read.json(), read.etag()), (answer.json(), answer.etag()));
}

#[tokio::test]
async fn one_opinion_is_enough_and_the_rest_is_null() {
    let (_app, caller, turn) = app_with_turn().await;
    for (fields, known) in [
        (json!({"rating": 1}), "rating"),
        (json!({"rating": 5}), "rating"),
        (json!({"thumb": "up"}), "thumb"),
        (json!({"comment": "x".repeat(8192)}), "comment"),
    ] {
        let answer = caller.post(PATH, feedback(&turn, fields)).await;
        answer.assert_status(201);
        for member in ["rating", "thumb", "comment", "category", "user_id"] {
            let value = answer.json()[member].clone();
            assert_eq!(value.is_null(), member != known, "{member}: {value}");
        }
        assert_eq!(answer.at("/source"), "shopper");
    }
}

#[tokio::test]
async fn a_repeat_is_200_and_other_feedback_a_conflict() {
    let (app, caller, turn) = app_with_turn().await;
    let sent = feedback(&turn, json!({"id": id(2), "rating": 4, "tags": ["a"]}));
    caller.post(PATH, sent.clone()).await.assert_status(201);
    let admin = app.admin().await;
    let triaged = admin
        .patch(&format!("{PATH}/{}", id(2)), json!({"tags": ["b"]}))
        .await;
    triaged.assert_status(200);
    app.clock().set("2026-11-02T12:00:00Z");
    let again = caller.post(PATH, sent.clone()).await;
    again.assert_status(200);
    assert_eq!((again.json(), again.etag()), (triaged.json(), triaged.etag()));
    for other in [
        json!({"rating": 3}),
        json!({"tags": ["b"]}),
        json!({"user_id": "u"}),
    ] {
        let answer = caller.post(PATH, over(sent.clone(), other)).await;
        answer.assert_problem(409, "feedback_conflict");
    }
    let read = admin.get(&format!("/api/v1/interactions/{}", id(1))).await;
    assert_eq!(
        (read.at("/rating"), read.at("/feedback_count")),
        (json!(4), json!(1))
    );
}

#[tokio::test]
async fn feedback_on_an_unknown_turn_is_404() {
    let (_app, caller, _) = app_with_turn().await;
    let answer = caller
        .post(PATH, feedback(&json!(id(9)), json!({"rating": 4})))
        .await;
    answer.assert_problem(404, "not_found");
}

#[tokio::test]
async fn each_field_is_told_its_fault() {
    let (_app, caller, turn) = app_with_turn().await;
    for (field, values) in [
        ("id", vec![json!("x")]),
        ("interaction_id", vec![json!("x"), json!(1)]),
        (
            "rating",
            vec![json!(0), json!(6), json!(-1), json!(256), json!(4.5), json!("5")],
        ),
        ("thumb", vec![json!("Up"), json!(1), json!(true)]),
        ("comment", vec![json!("x".repeat(8193)), json!(1)]),
        ("category", vec![json!("price")]),
        ("tags", vec![json!("t"), json!(vec!["t"; 21])]),
        ("tags/1", vec![json!(["a", ""]), json!(["a", 1])]),
        ("user_id", vec![json!(""), json!("x".repeat(129))]),
        ("source", vec![json!("bot")]),
    ] {
        for value in values {
            let member = field.split('/').next().unwrap();
            let base = feedback(&turn, json!({"rating": 3, "thumb": "up"}));
            let answer = caller.post(PATH, over(base, json!({member: value}))).await;
            answer.assert_faults(&[(&format!("/{field}"), "invalid_field")]);
        }
    }
    for nothing in [
        json!({}),
        json!({"comment": "  "}),
        json!({"rating": null, "category": "tone"}),
    ] {
        let answer = caller.post(PATH, feedback(&turn, nothing)).await;
        answer.assert_faults(&[("/rating", "invalid_field")]);
    }
    let answer = caller.post(PATH, json!({"rating": 3})).await;
    answer.assert_faults(&[("/interaction_id", "missing_field")]);
    for unknown in ["raiting", "sentiment", "review", "created_at"] {
        let answer = caller
            .post(PATH, feedback(&turn, json!({"rating": 3, unknown: null})))
            .await;
        answer.assert_status(422);
        assert_eq!(answer.at("/errors/0/pointer"), format!("/{unknown}"));
    }
    for body in [json!([]), json!(null), json!(3)] {
        caller
            .post(PATH, body)
            .await
            .assert_faults(&[("", "invalid_field")]);
    }
}
