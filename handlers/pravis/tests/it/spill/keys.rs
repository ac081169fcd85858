//! Keys while the database is away: their mirror.

use super::*;
use domain::keys::{NewApiKey, Scope};
use jiff::SignedDuration;
use pravis::auth::mirror;
use serde_json::json;
use testkit::{Caller, key, turn};

/// The mirror as text, whatever is wrong with the storage.
async fn mirrored(app: &TestApp) -> Option<String> {
    let name = BlobName::new("keys.json").unwrap();
    let blob = app
        .storage()
        .inner
        .get(Container::Spill, &name, None)
        .await
        .unwrap()?;
    let pieces: Vec<_> = blob.body.try_collect().await.unwrap();
    Some(String::from_utf8(pieces.concat()).unwrap())
}

/// How a write with this key is answered by a process whose database sleeps from the start.
async fn asleep(app: &TestApp, caller: &Caller) -> u16 {
    let caller = app.asleep().anonymous().secret(caller.key());
    caller.post(TURNS, turn(json!({}))).await.status()
}

#[tokio::test]
async fn it_holds_what_a_look_up_needs_and_no_secret() {
    let app = TestApp::new().await;
    let caller = app
        .caller_with(NewApiKey {
            name: Some("the till at the door".to_owned()),
            scopes: Some(vec![Scope::Ingest, Scope::Feedback]),
            allowed_origins: Some(vec!["https://shop.example".to_owned()]),
            expires_at: Some("2026-12-01T00:00:00Z".parse().unwrap()),
        })
        .await;
    let text = mirrored(&app).await.unwrap();
    assert!(
        !text.contains(caller.key()) && !text.contains("till") && !text.contains("used"),
        "{text}"
    );
    let document: Value = serde_json::from_str(&text).unwrap();
    insta::assert_json_snapshot!(document, {".keys[].id" => "[id]", ".keys[].hash" => "[SHA-256]"}, @r#"
    {
      "keys": [
        {
          "allowed_origins": [
            "https://shop.example"
          ],
          "created_at": "2026-11-02T10:00:00Z",
          "expires_at": "2026-12-01T00:00:00Z",
          "hash": "[SHA-256]",
          "id": "[id]",
          "revoked_at": null,
          "scopes": [
            "ingest",
            "feedback"
          ]
        }
      ],
      "version": 1
    }
    "#);
}

#[tokio::test]
async fn keys_work_as_ever_while_the_database_sleeps() {
    let app = TestApp::new().await;
    let (ingest, read) = (
        app.caller(&[Scope::Ingest]).await,
        app.caller(&[Scope::Read]).await,
    );
    let bound = app
        .caller_with(NewApiKey {
            name: Some("browser".to_owned()),
            scopes: Some(vec![Scope::Ingest]),
            allowed_origins: Some(vec!["https://shop.example".to_owned()]),
            expires_at: Some("2026-11-02T11:00:00Z".parse().unwrap()),
        })
        .await;
    assert_eq!(asleep(&app, &ingest).await, 202);
    assert_eq!(asleep(&app, &read).await, 403);
    assert_eq!(asleep(&app, &bound).await, 403);
    let process = app.asleep();
    let page = process
        .anonymous()
        .secret(bound.key())
        .with("origin", "https://shop.example");
    let answer = page.post(TURNS, turn(json!({}))).await;
    answer.assert_status(202);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://shop.example")
    );
    app.clock().set("2026-11-02T11:00:00Z");
    page.post(TURNS, turn(json!({})))
        .await
        .assert_problem(401, "unauthorized");
    // It may be a new one: only the database could tell.
    let unknown = domain::keys::Secret::from_random([7; 32]);
    let unknown = process.anonymous().secret(unknown.expose());
    unknown
        .post(TURNS, turn(json!({})))
        .await
        .assert_problem(503, "store_unavailable");
}

#[tokio::test]
async fn every_change_is_in_it_at_once() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin
        .post("/api/v1/keys", key(json!({"scopes": ["ingest"]})))
        .await;
    let caller = app.anonymous().secret(made.at("/key").as_str().unwrap());
    assert_eq!(asleep(&app, &caller).await, 202);
    let path = format!("/api/v1/keys/{}", made.at("/id").as_str().unwrap());
    admin.delete(&path).await.assert_status(200);
    assert_eq!(asleep(&app, &caller).await, 401);
}

#[tokio::test]
async fn a_key_is_made_without_it_but_not_revoked() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    admin.get(TURNS).await.assert_status(200);
    app.storage().blobs.set(Fault::Away);
    let made = admin
        .post("/api/v1/keys", key(json!({"scopes": ["ingest", "read"]})))
        .await;
    made.assert_status(201);
    let caller = app.anonymous().secret(made.at("/key").as_str().unwrap());
    caller.get(TURNS).await.assert_status(200);
    app.storage().blobs.set(Fault::None);
    assert_eq!(asleep(&app, &caller).await, 503);
    mirror::publish(app.app(), &*app.store()).await.unwrap();
    assert_eq!(asleep(&app, &caller).await, 202);

    app.storage().blobs.set(Fault::Away);
    let path = format!("/api/v1/keys/{}", made.at("/id").as_str().unwrap());
    admin.delete(&path).await.assert_problem(503, "store_unavailable");
    caller.get(TURNS).await.assert_problem(401, "unauthorized");
    app.storage().blobs.set(Fault::None);
    assert_eq!(asleep(&app, &caller).await, 202, "the mirror still has it");
    admin.delete(&path).await.assert_status(200);
    assert_eq!(asleep(&app, &caller).await, 401);
}

#[tokio::test]
async fn what_was_read_of_it_is_good_for_half_a_minute() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    let process = app.asleep();
    let known = process.anonymous().secret(caller.key());
    known.post(TURNS, turn(json!({}))).await.assert_status(202);
    let id = app.store().list_api_keys().await.unwrap()[0].id;
    pravis::api::keys::revoke_key(app.app(), &*app.store(), id)
        .await
        .unwrap();
    app.clock().advance(SignedDuration::from_secs(29));
    known.post(TURNS, turn(json!({}))).await.assert_status(202);
    app.clock().advance(SignedDuration::from_secs(1));
    known
        .post(TURNS, turn(json!({})))
        .await
        .assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn without_it_or_with_nonsense_in_it_keys_cannot_be_looked_up() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    let name = BlobName::new("keys.json").unwrap();
    let storage = &app.storage().inner;
    for text in ["", "[]", "{\"version\": 1}"] {
        let body = Box::pin(futures::stream::iter([Ok(text.to_owned().into_bytes().into())]));
        storage
            .put(Container::Spill, &name, body, Default::default())
            .await
            .unwrap();
        assert_eq!(asleep(&app, &caller).await, 503, "{text}");
    }
    storage
        .delete(Container::Spill, &name, Default::default())
        .await
        .unwrap();
    assert_eq!(asleep(&app, &caller).await, 503);
}

#[tokio::test]
async fn a_start_brings_it_up_to_date_and_leaves_it_when_it_is() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Ingest]).await;
    let name = BlobName::new("keys.json").unwrap();
    let storage = &app.storage().inner;
    let etag = async || {
        storage
            .head(Container::Spill, &name)
            .await
            .unwrap()
            .map(|blob| blob.etag)
    };
    let before = etag().await;
    mirror::catch_up(app.another().app().clone()).await;
    assert_eq!(etag().await, before);
    storage
        .delete(Container::Spill, &name, Default::default())
        .await
        .unwrap();
    // Storage is not there at once, either.
    app.storage().blobs.set(Fault::Away);
    let (process, blobs) = (app.another(), app.storage().blobs.clone());
    tokio::join!(mirror::catch_up(process.app().clone()), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        blobs.set(Fault::None);
    });
    assert_eq!(asleep(&app, &caller).await, 202);
}

#[tokio::test]
async fn of_many_who_write_it_at_once_the_last_view_wins() {
    let app = TestApp::new().await;
    let processes: Vec<_> = (0..8).map(|_| app.another()).collect();
    let made =
        futures::future::join_all(processes.iter().map(|process| process.caller(&[Scope::Ingest]))).await;
    let document: Value = serde_json::from_str(&mirrored(&app).await.unwrap()).unwrap();
    assert_eq!(document["keys"].as_array().unwrap().len(), 8);
    for caller in &made {
        assert_eq!(asleep(&app, caller).await, 202);
    }
}

#[tokio::test]
async fn browsers_are_let_through_by_keys_that_were_read_once_in_half_a_minute() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let bound = key(json!({"scopes": ["feedback"], "allowed_origins": ["https://shop.example"]}));
    let page = admin.with("origin", "https://shop.example");
    let allowed = async || {
        let answer = page.get(TURNS).await;
        answer.header("access-control-allow-origin").is_some()
    };
    assert!(!allowed().await);
    admin.post("/api/v1/keys", bound).await.assert_status(201);
    assert!(allowed().await, "what this process makes it knows at once");
    let calls = app.store_faults().calls();
    for _ in 0..10 {
        assert!(allowed().await);
    }
    assert_eq!(
        app.store_faults().calls(),
        calls + 10,
        "one call each, for what was asked"
    );
    app.clock().advance(SignedDuration::from_secs(30));
    assert!(allowed().await);
    assert!(app.store_faults().calls() > calls + 11);
}
