//! Files on their way in.

use super::{blobs, make_ready, path_of, take};
use axum::body::Body;
use axum::http::Method;
use blobs::{BlobName, Container};
use bytes::Bytes;
use domain::keys::{NewApiKey, Scope};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use testkit::faulty::Fault;
use testkit::{Answer, Caller, TestApp, id, turn, upload};

const PATH: &str = "/api/v1/media/uploads";

async fn declare(caller: &Caller, fields: Value) -> Answer {
    caller.post(PATH, upload(fields)).await
}

async fn send(caller: &Caller, number: u128, body: impl Into<Body>) -> Answer {
    let path = format!("{PATH}/{}/content", id(number));
    let kind = Some("application/octet-stream");
    caller.send(Method::PUT, &path, kind, body.into()).await
}

/// A body of no known length.
fn chunked(pieces: impl IntoIterator<Item = Bytes, IntoIter: Send + 'static>) -> Body {
    Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>)))
}

async fn incoming(app: &TestApp, number: u128) -> Vec<u8> {
    let name = BlobName::new(id(number)).unwrap();
    let blob = app.storage().inner.get(Container::Incoming, &name, None).await;
    let pieces: Vec<_> = blob.unwrap().unwrap().body.map(Result::unwrap).collect().await;
    pieces.concat()
}

#[tokio::test]
async fn a_declaration_is_answered_with_a_grant() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Media]).await;
    let declared =
        json!({"id": id(1), "name": "../été\u{202e}.jpg", "alt_text": "a bag", "product_id": "bag"});
    let first = declare(&caller, declared.clone()).await;
    first.assert_status(201);
    assert_eq!(first.at("/id"), id(1));
    assert_eq!(first.at("/status"), "pending");
    assert_eq!(first.at("/name"), "été.jpg");
    assert_eq!(first.at("/upload/method"), "PUT");
    let url = first.at("/upload/url");
    let path = format!("/api/v1/blobs/incoming/{}?until=", id(1));
    assert!(path_of(url.as_str().unwrap()).starts_with(&path), "{url}");
    let again = declare(&caller, declared).await;
    again.assert_status(200);
    assert_eq!(again.at("/upload/method"), "PUT");
    let other = declare(&caller, json!({"id": id(1)})).await;
    other.assert_problem(409, "media_conflict");
    make_ready(&app, &id(1)).await;
    let ready = declare(
        &caller,
        json!({"id": id(1), "name": "../été\u{202e}.jpg", "alt_text": "a bag", "product_id": "bag"}),
    )
    .await;
    ready.assert_status(200);
    assert_eq!(ready.at("/upload"), Value::Null, "it came already");
}

#[tokio::test]
async fn what_cannot_become_anything_is_told_at_once() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Media]).await;
    let voice = json!({"kind": "voice_recording", "content_type": "audio/wav", "size": 134_217_729});
    for (fields, faults) in [
        (json!({"size": 0}), &[("/size", "invalid_field")]),
        (json!({"size": 33_554_433}), &[("/size", "invalid_field")]),
        (voice, &[("/size", "invalid_field")]),
        (
            json!({"content_type": "text/html"}),
            &[("/content_type", "invalid_field")],
        ),
        (json!({"sha256": "abc"}), &[("/sha256", "invalid_field")]),
        (json!({"kind": "film"}), &[("/kind", "invalid_field")]),
        (json!({"name": null}), &[("/name", "missing_field")]),
        (json!({"status": "ready"}), &[("/status", "unknown_field")]),
        (
            json!({"interaction_id": id(9)}),
            &[("/interaction_id", "invalid_field")],
        ),
    ] {
        declare(&caller, fields).await.assert_faults(faults);
    }
    let admin = app.admin().await;
    admin
        .post("/api/v1/interactions", turn(json!({"id": id(9)})))
        .await
        .assert_status(201);
    declare(&caller, json!({"interaction_id": id(9)}))
        .await
        .assert_status(201);
}

#[tokio::test]
async fn a_small_file_comes_through_the_program() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Media]).await;
    declare(&caller, json!({"id": id(1)})).await.assert_status(201);
    let answer = send(&caller, 1, "a photo").await;
    answer.assert_status(202);
    assert_eq!(
        (answer.at("/id"), answer.at("/status")),
        (json!(id(1)), json!("pending"))
    );
    assert_eq!(incoming(&app, 1).await, b"a photo");
    send(&caller, 1, "another").await.assert_status(202);
    assert_eq!(
        incoming(&app, 1).await,
        b"another",
        "it may be sent again until it is taken in"
    );
    take(&app, &id(1)).await;
    send(&caller, 1, "a photo")
        .await
        .assert_problem(409, "media_conflict");
    assert_eq!(incoming(&app, 1).await, b"another");
    send(&caller, 2, "a photo").await.assert_problem(404, "not_found");
}

#[tokio::test]
async fn only_what_was_declared_is_stored() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Media]).await;
    let sha256 = super::sha256(b"a photo");
    declare(&caller, json!({"id": id(1), "sha256": sha256}))
        .await
        .assert_status(201);
    for body in ["another", "a photos", "a phot", ""] {
        send(&caller, 1, body)
            .await
            .assert_problem(422, "content_mismatch");
        let pieces: Vec<_> = body.bytes().map(|byte| Bytes::from(vec![byte])).collect();
        send(&caller, 1, chunked(pieces))
            .await
            .assert_problem(422, "content_mismatch");
    }
    let broken = stream::iter([Ok(Bytes::from("a ph")), Err(std::io::Error::other("gone"))]);
    let answer = send(&caller, 1, Body::from_stream(broken)).await;
    answer.assert_problem(400, "upload_incomplete");
    assert_eq!(blobs(&app, Container::Incoming).await, [""; 0]);
    send(&caller, 1, chunked([Bytes::from("a ph"), Bytes::from("oto")]))
        .await
        .assert_status(202);
    assert_eq!(incoming(&app, 1).await, b"a photo");
}

#[tokio::test]
async fn a_huge_body_is_cut_off_where_it_is_too_long() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Media]).await;
    declare(&caller, json!({"id": id(1), "size": 33_554_432}))
        .await
        .assert_status(201);
    // 1 TB, of which little is ever made.
    let (piece, mut pieces) = (Bytes::from(vec![0; 1 << 20]), 0_u64);
    let taken = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let count = taken.clone();
    let endless = std::iter::from_fn(move || {
        pieces += 1;
        count.store(pieces, std::sync::atomic::Ordering::Relaxed);
        (pieces < 1 << 20).then(|| piece.clone())
    });
    send(&caller, 1, chunked(endless))
        .await
        .assert_problem(422, "content_mismatch");
    assert_eq!(taken.load(std::sync::atomic::Ordering::Relaxed), 33);
    assert_eq!(blobs(&app, Container::Incoming).await, [""; 0]);

    let voice =
        json!({"id": id(2), "kind": "voice_recording", "content_type": "audio/wav", "size": 33_554_433});
    declare(&caller, voice).await.assert_status(201);
    send(&caller, 2, "x")
        .await
        .assert_problem(413, "payload_too_large");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_given_up() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Media]).await;
    declare(&caller, json!({"id": id(1)})).await.assert_status(201);
    let stalled = stream::iter([Ok::<_, std::io::Error>(Bytes::from("a ph"))]).chain(stream::pending());
    let answer = send(&caller, 1, Body::from_stream(stalled)).await;
    answer.assert_problem(400, "upload_incomplete");
    assert_eq!(blobs(&app, Container::Incoming).await, [""; 0]);
}

#[tokio::test]
async fn whoever_has_the_grant_may_upload() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Media]).await;
    let put = async |path: &str, body: &'static str| {
        app.anonymous().send(Method::PUT, path, None, body.into()).await
    };
    let granted = declare(&caller, json!({"id": id(1)})).await.at("/upload/url");
    let path = path_of(granted.as_str().unwrap());
    declare(&caller, json!({"id": id(2)})).await.assert_status(201);
    for forged in [
        path.replace(&id(1), &id(2)),
        path.replace("/incoming/", "/media/"),
        path.replace("until=", "until=9"),
        path.replace("signature=", "signature=x"),
    ] {
        put(&forged, "a photo").await.assert_problem(403, "forbidden");
    }
    put(path.split('?').next().unwrap(), "a photo")
        .await
        .assert_status(422);
    put(&path, "longer than that")
        .await
        .assert_problem(422, "content_mismatch");
    assert_eq!(blobs(&app, Container::Incoming).await, [""; 0]);
    put(&path, "a photo").await.assert_status(201);
    assert_eq!(incoming(&app, 1).await, b"a photo");
    make_ready(&app, &id(1)).await;
    put(&path, "a photo").await.assert_problem(409, "media_conflict");
}

#[tokio::test]
async fn a_page_may_upload() {
    let app = TestApp::new().await;
    let shop = "https://shop.example";
    let bound = NewApiKey {
        name: Some("browser".to_owned()),
        scopes: Some(vec![Scope::Media]),
        allowed_origins: Some(vec![shop.to_owned()]),
        expires_at: Some("2026-12-01T00:00:00Z".parse().unwrap()),
    };
    let browser = app.caller_with(bound).await.with("origin", shop);
    let granted = declare(&browser, json!({"id": id(1)})).await.at("/upload/url");
    for path in [
        format!("{PATH}/{}/content", id(1)),
        path_of(granted.as_str().unwrap()),
    ] {
        let asked = app
            .anonymous()
            .with("origin", shop)
            .with("access-control-request-method", "PUT");
        let asked = asked.send(Method::OPTIONS, &path, None, Body::empty()).await;
        asked.assert_status(204);
        assert_eq!(asked.header("access-control-allow-methods"), Some("PUT"));
        let sent = browser.send(Method::PUT, &path, None, "a photo".into()).await;
        assert!(sent.status() < 300, "{}", sent.text());
        assert_eq!(sent.header("access-control-allow-origin"), Some(shop));
    }
}

#[tokio::test]
async fn without_storage_nothing_is_taken() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Media]).await;
    app.storage().blobs.set(Fault::Away);
    declare(&caller, json!({"id": id(1)}))
        .await
        .assert_problem(503, "store_unavailable");
    app.storage().blobs.set(Fault::None);
    declare(&caller, json!({"id": id(1)})).await.assert_status(200);
    app.storage().blobs.set(Fault::Away);
    send(&caller, 1, "a photo")
        .await
        .assert_problem(503, "store_unavailable");
}
