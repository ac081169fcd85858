use domain::keys::Scope;
use serde_json::json;
use testkit::{TestApp, feedback, id, turn};

#[tokio::test]
async fn an_unknown_id_is_404() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    let unknown = id(9);
    for name in [unknown.as_str(), "no-uuid", "%ff", "a%2Fb"] {
        let answer = caller.get(&format!("/api/v1/interactions/{name}")).await;
        answer.assert_problem(404, "not_found");
    }
}

#[tokio::test]
async fn the_etag_changes_with_every_change_feedback_included() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin
        .post("/api/v1/interactions", turn(json!({"id": id(1)})))
        .await;
    let path = format!("/api/v1/interactions/{}", id(1));
    let mut tags = vec![made.etag().to_owned()];
    admin.patch(&path, json!({"model": "m"})).await.assert_status(200);
    tags.push(admin.get(&path).await.etag().to_owned());
    for fields in [json!({"rating": 4}), json!({"thumb": "up"})] {
        let given = feedback(&json!(id(1)), fields);
        admin.post("/api/v1/feedback", given).await.assert_status(201);
        tags.push(admin.get(&path).await.etag().to_owned());
    }
    tags.push(admin.get(&path).await.etag().to_owned());
    assert_eq!(tags.pop(), tags.last().cloned(), "reading changes nothing");
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count, "{tags:?}");
    assert!(tags.iter().all(|tag| tag.starts_with('"') && tag.ends_with('"')));
}

#[tokio::test]
async fn feedback_shows_on_the_turn() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    admin
        .post("/api/v1/interactions", turn(json!({"id": id(1)})))
        .await
        .assert_status(201);
    let path = format!("/api/v1/interactions/{}", id(1));
    for (minute, fields, rating) in [
        (1, json!({"thumb": "down"}), json!(null)),
        (2, json!({"rating": 2}), json!(2)),
        (3, json!({"rating": 5}), json!(5)),
        (4, json!({"comment": "no rating"}), json!(5)),
    ] {
        let now = format!("2026-11-02T11:0{minute}:00Z");
        app.clock().set(&now);
        let given = feedback(&json!(id(1)), fields);
        admin.post("/api/v1/feedback", given).await.assert_status(201);
        let read = admin.get(&path).await;
        assert_eq!(
            (read.at("/rating"), read.at("/feedback_count")),
            (rating, json!(minute))
        );
        assert_eq!(read.at("/updated_at"), now);
    }
}
