//! Removing what was uploaded.

use super::{blobs, finish, make_ready, put, take};
use blobs::Container;
use domain::keys::Scope;
use serde_json::json;
use store::MediaResult;
use testkit::faulty::Fault;
use testkit::{HookMood, HookStub, TestApp, id, upload};

const TOKEN: &str = "seeded-token";
const ENDPOINT: &str =
    "/subscriptions/1/resourceGroups/shop/providers/Microsoft.Cdn/profiles/shop/afdEndpoints/media";

fn path(number: u128) -> String {
    format!("/api/v1/media/{}", id(number))
}

async fn declare(app: &TestApp, fields: serde_json::Value) {
    let admin = app.admin().await;
    admin
        .post("/api/v1/media/uploads", upload(fields))
        .await
        .assert_status(201);
}

/// Every blob of the containers that uploads are in.
async fn all(app: &TestApp) -> Vec<String> {
    let mut all = Vec::new();
    for container in [
        Container::Incoming,
        Container::Media,
        Container::Private,
        Container::Quarantine,
    ] {
        all.extend(blobs(app, container).await);
    }
    all
}

#[tokio::test]
async fn nothing_is_left() {
    let app = TestApp::new().await;
    declare(&app, json!({"id": id(1)})).await;
    declare(&app, json!({"id": id(2)})).await;
    make_ready(&app, &id(1)).await;
    make_ready(&app, &id(2)).await;
    // What a killed run, and an upload that came late, left behind.
    put(
        &app,
        Container::Media,
        &format!("{}/0123456789abcdef.webp", id(1)),
        b"12345",
    )
    .await;
    put(&app, Container::Incoming, &id(1), b"a photo").await;
    let caller = app.caller(&[Scope::Media]).await;
    let removed = caller.delete(&path(1)).await;
    removed.assert_status(200);
    assert_eq!(removed.at("/blobs").as_array().unwrap().len(), 7);
    assert_eq!(removed.at("/bytes"), 20 + 19 + 20 + 19 + 22 + 5);
    assert_eq!(removed.at("/purged"), false);
    let left = all(&app).await;
    assert_eq!(left.len(), 5);
    assert!(left.iter().all(|name| name.starts_with(&id(2))), "{left:?}");
    caller.delete(&path(1)).await.assert_problem(404, "not_found");
    app.admin()
        .await
        .get(&path(1))
        .await
        .assert_problem(404, "not_found");
    app.anonymous()
        .get(&format!("{}/content", path(1)))
        .await
        .assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn every_status_can_be_removed() {
    let app = TestApp::new().await;
    for number in 1..=3 {
        declare(
            &app,
            json!({"id": id(number), "kind": "attachment", "content_type": "text/plain"}),
        )
        .await;
    }
    take(&app, &id(2)).await;
    let (media, run) = take(&app, &id(3)).await;
    let refused = MediaResult::Quarantined {
        reason: "mismatch".to_owned(),
        detail: "it is a zip".to_owned(),
    };
    finish(&app, media, run, refused).await;
    put(&app, Container::Quarantine, &id(3), b"PK").await;
    for number in 1..=3 {
        app.admin().await.delete(&path(number)).await.assert_status(200);
    }
    assert_eq!(all(&app).await, [""; 0]);
}

#[tokio::test]
async fn only_the_version_that_is_meant_is_removed() {
    let app = TestApp::new().await;
    declare(&app, json!({"id": id(1)})).await;
    let admin = app.admin().await;
    let etag = admin.get(&path(1)).await.etag().to_owned();
    make_ready(&app, &id(1)).await;
    let stale = admin.with("if-match", &etag).delete(&path(1)).await;
    stale.assert_problem(412, "precondition_failed");
    assert_eq!(all(&app).await.len(), 5);
    let etag = admin.get(&path(1)).await.etag().to_owned();
    admin
        .with("if-match", &etag)
        .delete(&path(1))
        .await
        .assert_status(200);
}

/// Fails after each call in turn, whether it was done or not; the next attempt ends with nothing left.
#[tokio::test]
async fn what_broke_off_is_done_again() {
    for fault in [Fault::Away, Fault::AfterWork] {
        let (mut call, mut failed) = (0_u32, true);
        while failed {
            let app = TestApp::new().await;
            declare(&app, json!({"id": id(1)})).await;
            make_ready(&app, &id(1)).await;
            put(&app, Container::Incoming, &id(1), b"a photo").await;
            let admin = app.admin().await;
            let mut seen = 0;
            app.storage().blobs.script(move || {
                seen += 1;
                if seen == call { fault } else { Fault::None }
            });
            call += 1;
            failed = admin.delete(&path(1)).await.status() != 200;
            if failed {
                admin.get(&path(1)).await.assert_status(200);
                admin.delete(&path(1)).await.assert_status(200);
            }
            assert_eq!(all(&app).await, [""; 0]);
            admin.get(&path(1)).await.assert_status(404);
            // The first round has no fault; the calls of the others fail one after the other.
            failed = failed || call == 1;
        }
        assert!(call > 6, "there are more calls than {call}");
    }
}

#[tokio::test]
async fn a_run_that_ends_meanwhile_leaves_nothing() {
    let app = TestApp::new().await;
    declare(&app, json!({"id": id(1)})).await;
    app.store_faults().set(Fault::None);
    let (media, run) = take(&app, &id(1)).await;
    // The record changes between its being read and its being removed.
    let admin = app.admin().await;
    let (store, finished) = (
        app.store(),
        store::MediaFinished {
            id: media.id,
            run,
            now: app.clock().now(),
            format: None,
            size: None,
            result: MediaResult::Ready {
                facts: None,
                variants: Vec::new(),
            },
        },
    );
    let storage = app.storage().inner.clone();
    let blob = blobs::BlobName::new(format!("{}/0123456789abcdef.webp", id(1))).unwrap();
    let mut once = Some((store, finished, storage, blob));
    let runtime = tokio::runtime::Handle::current();
    app.storage().blobs.script(move || {
        if let Some((store, finished, storage, blob)) = once.take() {
            let work = async move {
                let body = Box::pin(futures::stream::iter([Ok("x".into())]));
                storage
                    .put(Container::Media, &blob, body, Default::default())
                    .await
                    .unwrap();
                assert!(store.finish_media(finished).await.unwrap());
            };
            let runtime = runtime.clone();
            std::thread::spawn(move || runtime.block_on(work)).join().unwrap();
        }
        Fault::None
    });
    admin.delete(&path(1)).await.assert_status(200);
    assert_eq!(all(&app).await, [""; 0]);
    admin.get(&path(1)).await.assert_status(404);
}

#[tokio::test]
async fn the_cdn_forgets_photos() {
    let cdn = HookStub::start();
    let endpoint = format!("{}{ENDPOINT}", cdn.url());
    let settings = [
        ("PRAVIS_CDN_URL", "https://media.shop.example"),
        ("PRAVIS_CDN_ENDPOINT_ID", endpoint.as_str()),
    ];
    let app = TestApp::with_token(&settings, TOKEN).await;
    declare(&app, json!({"id": id(1)})).await;
    make_ready(&app, &id(1)).await;
    let admin = app.admin().await;
    cdn.be(HookMood::Answers(500));
    admin
        .delete(&path(1))
        .await
        .assert_problem(503, "store_unavailable");
    admin.get(&path(1)).await.assert_status(200);
    cdn.be(HookMood::Answers(202));
    let removed = admin.delete(&path(1)).await;
    removed.assert_status(200);
    assert_eq!(removed.at("/purged"), true);
    admin.get(&path(1)).await.assert_status(404);
    let calls = cdn.calls();
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!(call.path, format!("{ENDPOINT}/purge?api-version=2024-02-01"));
        assert_eq!(call.header("authorization"), format!("Bearer {TOKEN}"));
        assert_eq!(
            call.json(),
            json!({"contentPaths": [format!("/media/{}/*", id(1))]})
        );
    }
    declare(
        &app,
        json!({"id": id(2), "kind": "attachment", "content_type": "text/plain"}),
    )
    .await;
    let private = admin.delete(&path(2)).await;
    assert_eq!(private.at("/purged"), false);
    assert_eq!(cdn.calls().len(), 2, "it never had any of it");
}
