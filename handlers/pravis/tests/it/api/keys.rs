use insta::assert_json_snapshot;
use serde_json::{Value, json};
use testkit::{TestApp, id, key};

const PATH: &str = "/api/v1/keys";

#[tokio::test]
async fn a_key_is_shown_once() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let sent = json!({"name": "web", "scopes": ["feedback", "read", "read"], "allowed_origins": ["https://shop.example"],
        "expires_at": "2027-01-01T00:00:00Z"});
    let made = admin.post(PATH, sent).await;
    made.assert_status(201);
    assert_json_snapshot!(made.json(), {".id" => "[id]", ".key" => "[key]"}, @r#"
    {
      "allowed_origins": [
        "https://shop.example"
      ],
      "created_at": "2026-11-02T10:00:00Z",
      "expires_at": "2027-01-01T00:00:00Z",
      "id": "[id]",
      "key": "[key]",
      "last_used_at": null,
      "name": "web",
      "revoked_at": null,
      "scopes": [
        "read",
        "feedback"
      ]
    }
    "#);
    let secret = made.at("/key").as_str().unwrap().to_owned();
    assert!(domain::keys::Secret::parse(&secret).is_some());
    let listed = admin.get(PATH).await;
    assert!(!listed.text().contains(&secret));
    let items = listed.at("/items");
    let items = items.as_array().unwrap();
    assert_eq!(items.len(), 2, "the new one, and the admin's own");
    for item in items {
        let Value::Object(members) = item else {
            panic!("{item}")
        };
        assert!(
            !members.contains_key("key") && !members.contains_key("hash"),
            "{item}"
        );
    }
    assert_eq!(
        items.iter().filter(|item| item["id"] == made.at("/id")).count(),
        1
    );
}

#[tokio::test]
async fn keys_are_listed_newest_first() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for (minute, name) in ["a", "b"].iter().enumerate() {
        app.clock().set(&format!("2026-11-02T11:0{minute}:00Z"));
        admin
            .post(PATH, key(json!({"name": name})))
            .await
            .assert_status(201);
    }
    assert_eq!(admin.get(PATH).await.each("name"), ["b", "a", "test"]);
}

#[tokio::test]
async fn each_field_is_told_its_fault() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for (fields, pointer, code) in [
        (json!({"name": null}), "/name", "missing_field"),
        (json!({"name": ""}), "/name", "invalid_field"),
        (json!({"name": "x".repeat(129)}), "/name", "invalid_field"),
        (json!({"scopes": null}), "/scopes", "missing_field"),
        (json!({"scopes": []}), "/scopes", "invalid_field"),
        (json!({"scopes": ["read", "root"]}), "/scopes/1", "invalid_field"),
        (json!({"scopes": "read"}), "/scopes", "invalid_field"),
        (
            json!({"allowed_origins": ["https://shop.example/"]}),
            "/allowed_origins/0",
            "invalid_field",
        ),
        (
            json!({"allowed_origins": ["https://a.example", "*"]}),
            "/allowed_origins/1",
            "invalid_field",
        ),
        (
            json!({"expires_at": "2026-11-02T10:00:00Z"}),
            "/expires_at",
            "invalid_field",
        ),
        (json!({"expires_at": "tomorrow"}), "/expires_at", "invalid_field"),
        (json!({"expires": null}), "/expires", "unknown_field"),
        (json!({"key": "mine"}), "/key", "unknown_field"),
    ] {
        let answer = admin.post(PATH, key(fields)).await;
        answer.assert_faults(&[(pointer, code)]);
    }
    let answer = admin.post(PATH, json!({})).await;
    answer.assert_faults(&[("/name", "missing_field"), ("/scopes", "missing_field")]);
    assert_eq!(admin.get(PATH).await.each("name"), ["test"]);
}

#[tokio::test]
async fn revoking_again_changes_nothing() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin.post(PATH, key(json!({}))).await;
    let path = format!("{PATH}/{}", made.at("/id").as_str().unwrap());
    app.clock().set("2026-11-02T11:00:00Z");
    let revoked = admin.delete(&path).await;
    revoked.assert_status(200);
    assert_eq!(revoked.at("/revoked_at"), "2026-11-02T11:00:00Z");
    app.clock().set("2026-11-02T12:00:00Z");
    let again = admin.delete(&path).await;
    again.assert_status(200);
    assert_eq!(again.at("/revoked_at"), "2026-11-02T11:00:00Z");
    assert!(!again.text().contains("pravis_"));
}

#[tokio::test]
async fn an_unknown_key_is_404() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for name in [id(9), "no-uuid".to_owned()] {
        let answer = admin.delete(&format!("{PATH}/{name}")).await;
        answer.assert_problem(404, "not_found");
    }
}
