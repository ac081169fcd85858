//! Runs that nothing disturbs, over good and bad uploads.

use super::*;
use domain::media::{Facts, MediaFilter};
use domain::page::PageRequest;

async fn one(app: &TestApp, kind: Kind, content_type: &str, bytes: Vec<u8>) -> Uuid {
    let id = declare(app, kind, content_type).await;
    put(app, &id.to_string(), bytes).await;
    assert!(take_in(app, &id.to_string()).await);
    id
}

#[tokio::test]
async fn a_photo_becomes_files_and_facts() {
    let app = TestApp::new().await;
    let bytes = photo(1);
    let length = bytes.len() as u64;
    let id = one(&app, Kind::ProductPhoto, "image/jpeg", bytes).await;
    let media = assert_ready(&app, id).await;
    assert_eq!((media.format.as_deref(), media.size), (Some("png"), Some(length)));
    let Some(Facts::Photo(facts)) = &media.facts else {
        panic!("{media:?}")
    };
    assert_eq!((facts.width, facts.height), (48, 32));
    let file = media.variant("square.webp").unwrap();
    let name = BlobName::new(file.blob.as_str()).unwrap();
    let stored = app
        .storage()
        .inner
        .head(Container::Media, &name)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (
            stored.length,
            stored.etag,
            stored.content_type.as_str(),
            stored.cache_control.as_deref()
        ),
        (
            file.bytes,
            file.etag.clone(),
            "image/webp",
            Some("public, max-age=31536000, immutable")
        )
    );
    // The same event again, and a late one of the same name.
    assert!(take_in(&app, &id.to_string()).await);
    put(&app, &id.to_string(), photo(2)).await;
    assert!(take_in(&app, &id.to_string()).await);
    assert_eq!(assert_ready(&app, id).await, media);
}

#[tokio::test]
async fn a_recording_stays_private() {
    let app = TestApp::new().await;
    let speech = include_bytes!("../../../../media/tests/voice/files/speech.opus").to_vec();
    let id = one(&app, Kind::VoiceRecording, "audio/ogg", speech).await;
    let media = assert_ready(&app, id).await;
    assert!(media.facts.unwrap().audio_seconds().unwrap() > 0.5);
    assert_eq!(blobs(&app, Container::Media, "").await, [""; 0]);
}

#[tokio::test]
async fn an_attachment_is_kept_as_it_is() {
    let app = TestApp::new().await;
    let id = one(&app, Kind::Attachment, "text/plain", b"hello, boutique".to_vec()).await;
    let media = assert_ready(&app, id).await;
    let file = media.variant("original.txt").unwrap();
    assert_eq!((file.bytes, media.facts.as_ref()), (15, None));
    let name = BlobName::new(file.blob.as_str()).unwrap();
    let stored = app
        .storage()
        .inner
        .head(Container::Private, &name)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.content_disposition.as_deref(), Some("attachment"));
}

#[tokio::test]
async fn what_cannot_be_taken_is_put_aside_with_its_reason() {
    let app = TestApp::new().await;
    let zip = b"PK\x03\x04\x14\0\0\0\0\0".to_vec();
    let truncated = photo(1)[..60].to_vec();
    let html = b"<!DOCTYPE html><script>alert(1)</script>".to_vec();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    let page_behind_a_photo = [photo(1), html.clone()].concat();
    let cases = [
        (Kind::ProductPhoto, Vec::new(), "empty"),
        (Kind::ProductPhoto, html.clone(), "mismatch"),
        (Kind::ProductPhoto, svg.clone(), "unsupported_format"),
        (Kind::ProductPhoto, page_behind_a_photo, "mismatch"),
        (
            Kind::ProductPhoto,
            b"\x01\x02\x03\x04 nothing".to_vec(),
            "unknown_format",
        ),
        (Kind::ProductPhoto, truncated, "broken"),
        (Kind::ProductPhoto, vec![0; 33 * 1024 * 1024], "too_large"),
        (Kind::VoiceRecording, photo(1), "mismatch"),
        (Kind::Attachment, zip, "unsupported_format"),
        (Kind::Attachment, html, "unsupported_format"),
        (Kind::Attachment, svg, "unsupported_format"),
    ];
    let mut ids = Vec::new();
    for (kind, bytes, reason) in cases {
        let id = one(&app, kind, "image/jpeg", bytes).await;
        assert_put_aside(&app, id, Status::Quarantined, reason).await;
        ids.push(id);
    }
    let quarantined = MediaFilter {
        status: Some(Status::Quarantined),
        ..MediaFilter::default()
    };
    let page = PageRequest::default();
    let listed = app.store().list_media(quarantined, page).await.unwrap();
    let mut found: Vec<_> = listed.iter().map(|media| media.id).collect();
    found.sort();
    ids.sort();
    assert_eq!(found, ids);
}

#[tokio::test]
async fn two_hundred_megabytes_of_zeros_are_not_read() {
    let app = TestApp::new().await;
    let zeros = bytes::Bytes::from(vec![0; 1024 * 1024]);
    let body = futures::stream::iter((0..200).map(move |_| Ok(zeros.clone())));
    let name = BlobName::new("zeros.mp3").unwrap();
    let stored = app
        .storage()
        .inner
        .put(Container::Incoming, &name, Box::pin(body), Default::default());
    let id = domain::media::undeclared_id(name.as_str(), &stored.await.unwrap());
    assert!(take_in(&app, name.as_str()).await);
    let media = assert_put_aside(&app, id, Status::Quarantined, "too_large").await;
    assert_eq!(
        (media.name.as_str(), media.size),
        ("zeros.mp3", Some(200 * 1024 * 1024))
    );
}

#[tokio::test]
async fn what_is_not_what_was_declared_is_put_aside() {
    let app = TestApp::new().await;
    for (size, sha256) in [(Some(7), None), (None, Some([7; 32]))] {
        let id = Uuid::now_v7();
        let mut media = NewUpload::default().into_media(id, app.clock().now());
        (media.kind, media.declared_size, media.declared_sha256) = (Kind::ProductPhoto, size, sha256);
        app.store().create_media(media).await.unwrap();
        put(&app, &id.to_string(), photo(3)).await;
        assert!(take_in(&app, &id.to_string()).await);
        assert_put_aside(&app, id, Status::Quarantined, "mismatch").await;
    }
}

#[tokio::test]
async fn what_nobody_declared_is_taken_in_by_its_bytes() {
    let app = TestApp::new().await;
    let text = b"no photo, no recording".to_vec();
    for (name, bytes) in [
        ("autumn/Coat.jpg", photo(4)),
        ("notes.txt", text),
        ("nothing", Vec::new()),
    ] {
        let etag = put(&app, name, bytes).await;
        assert!(take_in(&app, name).await);
        let id = domain::media::undeclared_id(name, &etag);
        let media = get(&app, id).await.unwrap();
        match name {
            "autumn/Coat.jpg" => {
                assert_eq!(
                    (media.kind, media.name.as_str()),
                    (Kind::ProductPhoto, "Coat.jpg")
                );
                assert_ready(&app, id).await;
            }
            "notes.txt" => drop(assert_put_aside(&app, id, Status::Quarantined, "unsupported_format").await),
            _ => drop(assert_put_aside(&app, id, Status::Quarantined, "empty").await),
        }
    }
}

#[tokio::test]
async fn what_was_removed_stays_removed() {
    let app = TestApp::new().await;
    let id = Uuid::now_v7();
    put(&app, &id.to_string(), photo(5)).await;
    assert!(take_in(&app, &id.to_string()).await);
    assert_eq!(get(&app, id).await, None);
    assert_eq!(blobs(&app, Container::Incoming, "").await, [""; 0]);
    assert_eq!(blobs(&app, Container::Media, "").await, [""; 0]);
    // As no upload is called: an operator's, which must not be taken for one.
    let other = id.to_string().to_uppercase();
    put(&app, &other, photo(5)).await;
    assert!(take_in(&app, &other).await);
    assert_eq!(blobs(&app, Container::Incoming, "").await, [other]);
}
