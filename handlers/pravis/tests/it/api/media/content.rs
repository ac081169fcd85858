//! Files on their way out.

use super::{bytes_of, make_ready};
use domain::keys::Scope;
use serde_json::{Value, json};
use testkit::{Answer, Caller, TestApp, id, turn, upload};

fn path(number: u128) -> String {
    format!("/api/v1/media/{}/content", id(number))
}

/// An app with a photo (1), a recording (2) and an attachment (3).
async fn shown() -> TestApp {
    shown_by(TestApp::new().await).await
}

async fn shown_by(app: TestApp) -> TestApp {
    let admin = app.admin().await;
    for fields in [
        json!({"id": id(1), "name": "Été.HEIC"}),
        json!({"id": id(2), "kind": "voice_recording", "content_type": "audio/webm"}),
        json!({"id": id(3), "kind": "attachment", "content_type": "application/pdf", "name": "a\"b.pdf"}),
    ] {
        admin
            .post("/api/v1/media/uploads", upload(fields))
            .await
            .assert_status(201);
    }
    for number in 1..=3 {
        make_ready(&app, &id(number)).await;
    }
    app
}

async fn reader(app: &TestApp) -> Caller {
    app.caller(&[Scope::Read]).await
}

fn is_safe(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(
        answer.header("content-security-policy"),
        Some("default-src 'none'; sandbox")
    );
}

#[tokio::test]
async fn a_photo_is_for_everybody() {
    let app = shown().await;
    let best = app.anonymous().get(&path(1)).await;
    best.assert_status(200);
    assert_eq!(best.text().as_bytes(), bytes_of("w640.jpg"));
    assert_eq!(best.header("content-type"), Some("image/jpeg"));
    assert_eq!(
        best.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(
        best.header("content-disposition"),
        Some("inline; filename=\"_t_.jpg\"; filename*=UTF-8''%C3%89t%C3%A9.jpg")
    );
    assert_eq!(best.header("content-length"), Some("19"));
    is_safe(&best);
    let other = app
        .anonymous()
        .get(&format!("{}?variant=w320.webp", path(1)))
        .await;
    assert_eq!(other.text().as_bytes(), bytes_of("w320.webp"));
    assert_eq!(other.header("content-type"), Some("image/webp"));
    assert_ne!(other.etag(), best.etag());
}

#[tokio::test]
async fn a_recording_is_for_keys_that_read() {
    let app = shown().await;
    for number in [2, 3, 9] {
        app.anonymous()
            .get(&path(number))
            .await
            .assert_problem(401, "unauthorized");
        let other = app.caller(&[Scope::Media]).await;
        other.get(&path(number)).await.assert_problem(403, "forbidden");
    }
    let reader = reader(&app).await;
    reader.get(&path(9)).await.assert_problem(404, "not_found");
    let recording = reader.get(&path(2)).await;
    recording.assert_status(200);
    assert_eq!(recording.text().as_bytes(), bytes_of("playable.ogg"));
    assert_eq!(recording.header("cache-control"), Some("private, no-store"));
    is_safe(&recording);
    let attachment = reader.get(&path(3)).await;
    let expected = "attachment; filename=\"a_b.pdf\"; filename*=UTF-8''a%22b.pdf";
    assert_eq!(attachment.header("content-disposition"), Some(expected));
    is_safe(&attachment);
}

#[tokio::test]
async fn parts_are_given() {
    let app = shown().await;
    let caller = app.anonymous();
    let whole = bytes_of("w640.jpg");
    for (range, part, told) in [
        ("bytes=0-3", 0..4, "bytes 0-3/19"),
        ("bytes=11-", 11..19, "bytes 11-18/19"),
        ("bytes=-4", 15..19, "bytes 15-18/19"),
        ("bytes=10-999", 10..19, "bytes 10-18/19"),
    ] {
        let answer = caller.with("range", range).get(&path(1)).await;
        answer.assert_status(206);
        assert_eq!(answer.text().as_bytes(), &whole[part], "{range}");
        assert_eq!(answer.header("content-range"), Some(told));
        is_safe(&answer);
    }
    let beyond = caller.with("range", "bytes=19-").get(&path(1)).await;
    beyond.assert_problem(416, "range_not_satisfiable");
    assert_eq!(beyond.header("content-range"), Some("bytes */19"));
    let many = (0..10_000)
        .map(|at| format!("{at}-{at}"))
        .collect::<Vec<_>>()
        .join(",");
    for range in [
        format!("bytes={many}"),
        "lines=1-2".to_owned(),
        "bytes=5-1".to_owned(),
    ] {
        let answer = caller.with("range", &range).get(&path(1)).await;
        answer.assert_status(200);
        assert_eq!(answer.text().as_bytes(), whole);
    }
    let etag = caller.get(&path(1)).await.etag().to_owned();
    for (version, status) in [(etag.as_str(), 206), ("\"other\"", 200)] {
        let answer = caller
            .with("range", "bytes=0-3")
            .with("if-range", version)
            .get(&path(1))
            .await;
        answer.assert_status(status);
    }
}

#[tokio::test]
async fn what_the_caller_has_is_not_sent_again() {
    let app = shown().await;
    let etag = app.anonymous().get(&path(1)).await.etag().to_owned();
    for known in [
        etag.clone(),
        format!("W/{etag}"),
        "*".to_owned(),
        format!("\"x\", {etag}"),
    ] {
        let answer = app.anonymous().with("if-none-match", &known).get(&path(1)).await;
        answer.assert_status(304);
        assert_eq!((answer.etag(), answer.text().as_str()), (etag.as_str(), ""));
        is_safe(&answer);
    }
    let other = app.anonymous().with("if-none-match", "\"x\"").get(&path(1)).await;
    other.assert_status(200);
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let app = shown().await;
    let unknown = app.anonymous().get(&format!("{}?variant=w9.webp", path(1))).await;
    unknown.assert_problem(404, "not_found");
    assert!(
        unknown.text().contains("w320.webp, w320.jpg, w640.webp"),
        "{}",
        unknown.text()
    );
    let admin = app.admin().await;
    admin
        .post("/api/v1/media/uploads", upload(json!({"id": id(4)})))
        .await
        .assert_status(201);
    let pending = app.anonymous().get(&path(4)).await;
    pending.assert_problem(404, "not_found");
    assert!(pending.text().contains("pending"));
    app.anonymous()
        .get(&format!("{}?size=1", path(1)))
        .await
        .assert_status(422);
}

#[tokio::test]
async fn only_photos_are_at_the_cdn() {
    let settings = [("PRAVIS_CDN_URL", "https://media.shop.example/")];
    let app = shown_by(TestApp::with(&settings).await).await;
    let photo = app
        .anonymous()
        .get(&format!("{}?variant=w640.webp", path(1)))
        .await;
    photo.assert_status(302);
    let reader = reader(&app).await;
    let details = reader.get(&format!("/api/v1/media/{}", id(1))).await;
    let url = details.at("/variants/2/url");
    assert_eq!(details.at("/variants/2/variant"), "w640.webp");
    assert_eq!(photo.header("location"), url.as_str());
    let begin = format!("https://media.shop.example/media/{}/", id(1));
    assert!(url.as_str().unwrap().starts_with(&begin), "{url}");
    assert!(details.at("/srcset/webp").as_str().unwrap().starts_with(&begin));
    for number in [2, 3] {
        let private = reader.get(&path(number)).await;
        private.assert_status(200);
        assert_eq!(private.header("location"), None);
        let details = reader.get(&format!("/api/v1/media/{}", id(number))).await;
        assert!(
            !details.text().contains("media.shop.example"),
            "{}",
            details.text()
        );
    }
}

#[tokio::test]
async fn the_details_have_what_a_page_needs() {
    let settings = [("PRAVIS_PUBLIC_URL", "https://pravis.shop.example")];
    let app = shown_by(TestApp::with(&settings).await).await;
    let reader = reader(&app).await;
    let photo = reader.get(&format!("/api/v1/media/{}", id(1))).await;
    photo.assert_status(200);
    assert_eq!(photo.etag(), "\"3\"");
    assert_eq!(photo.at("/placeholder"), "AQID");
    assert_eq!(photo.at("/facts/type"), "photo");
    assert_eq!(photo.at("/facts/perceptual_hash"), "000000000000000f");
    assert_eq!(photo.at("/facts/colours/0"), "#102030");
    let file = |name: &str| {
        format!(
            "https://pravis.shop.example/api/v1/media/{}/content?variant={name}",
            id(1)
        )
    };
    let srcset = json!({
        "jpg": format!("{} 320w, {} 640w", file("w320.jpg"), file("w640.jpg")),
        "webp": format!("{} 320w, {} 640w", file("w320.webp"), file("w640.webp")),
    });
    assert_eq!(photo.at("/srcset"), srcset);
    assert_eq!(
        photo.at("/variants/0"),
        json!({
            "variant": "w320.webp", "url": file("w320.webp"), "content_type": "image/webp", "bytes": 20, "width": 320, "height": 320
        })
    );
    assert_eq!(photo.at("/near_duplicates"), json!([]));
    for internal in [
        "incoming",
        "received_etag",
        "claimed_by",
        "supplied_hash",
        "blob",
        "version",
    ] {
        assert_eq!(photo.json().get(internal), None);
    }
    let voice = reader.get(&format!("/api/v1/media/{}", id(2))).await;
    assert_eq!(voice.at("/facts/duration_ms"), 1500);
    assert_eq!(
        (voice.at("/placeholder"), voice.at("/srcset")),
        (Value::Null, json!({}))
    );
}

#[tokio::test]
async fn a_turn_tells_how_long_its_recording_is() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let turn = turn(json!({"id": id(1), "type": "transcription"}));
    admin.post("/api/v1/interactions", turn).await.assert_status(201);
    let voice =
        json!({"id": id(2), "kind": "voice_recording", "content_type": "audio/wav", "interaction_id": id(1)});
    admin
        .post("/api/v1/media/uploads", upload(voice))
        .await
        .assert_status(201);
    make_ready(&app, &id(2)).await;
    let turn = admin.get(&format!("/api/v1/interactions/{}", id(1))).await;
    assert_eq!(turn.at("/audio_seconds"), 1.5);
}
