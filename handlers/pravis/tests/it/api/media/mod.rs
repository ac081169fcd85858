//! Media: declared, sent, shown, removed.

mod content;
mod delete;
mod list;
mod retention;
mod uploads;

use blobs::{BlobName, Container};
use domain::media::{Facts, Kind, Media, PhotoFacts, Segment, Variant, VoiceFacts};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use store::{MediaClaim, MediaClaimed, MediaFinished, MediaResult};
use testkit::TestApp;
use uuid::Uuid;

/// Path and query of a URL.
pub(crate) fn path_of(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    rest[rest.find('/').unwrap()..].to_owned()
}

/// Stores a blob.
pub(crate) async fn put(app: &TestApp, container: Container, name: &str, bytes: &[u8]) -> String {
    let body = Box::pin(futures::stream::iter([Ok(bytes.to_vec().into())]));
    let name = BlobName::new(name).unwrap();
    let storage = &app.storage().inner;
    storage
        .put(container, &name, body, Default::default())
        .await
        .unwrap()
}

/// The names of all blobs in a container.
pub(crate) async fn blobs(app: &TestApp, container: Container) -> Vec<String> {
    let listed = app.storage().inner.list(container, "", None, 1000).await.unwrap();
    listed.into_iter().map(|blob| blob.name.to_string()).collect()
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the file of this name holds in these tests.
pub(crate) fn bytes_of(variant: &str) -> Vec<u8> {
    format!("0123456789 {variant}").into_bytes()
}

fn outputs(kind: Kind) -> &'static [(&'static str, &'static str, Option<u32>)] {
    match kind {
        Kind::ProductPhoto => &[
            ("w320.webp", "image/webp", Some(320)),
            ("w320.jpg", "image/jpeg", Some(320)),
            ("w640.webp", "image/webp", Some(640)),
            ("w640.jpg", "image/jpeg", Some(640)),
            ("square.webp", "image/webp", Some(480)),
        ],
        Kind::VoiceRecording => &[
            ("playable.ogg", "audio/ogg", None),
            ("waveform.json", "application/json", None),
            ("waveform.svg", "image/svg+xml", None),
        ],
        Kind::Attachment => &[("original.pdf", "application/pdf", None)],
    }
}

fn facts(kind: Kind) -> Option<Facts> {
    match kind {
        Kind::ProductPhoto => Some(Facts::Photo(PhotoFacts::new(
            (640, 480),
            &[1, 2, 3],
            &[[16, 32, 48]],
            0x0f,
        ))),
        Kind::VoiceRecording => Some(Facts::Voice(VoiceFacts {
            codec: "opus".to_owned(),
            channels: 1,
            sample_rate_hz: 48_000,
            duration_ms: 1500,
            loudness_lufs: Some(-23.0),
            peak_dbfs: Some(-1.5),
            clipped_samples: 0,
            silence_share: 0.25,
            speech: vec![Segment {
                from_ms: 100,
                to_ms: 1200,
            }],
        })),
        Kind::Attachment => None,
    }
}

/// Claims an upload for a run.
pub(crate) async fn take(app: &TestApp, id: &str) -> (Media, Uuid) {
    let (run, now) = (Uuid::now_v7(), app.clock().now());
    let claim = MediaClaim {
        id: id.parse().unwrap(),
        etag: "\"1\"".to_owned(),
        run,
        now,
        until: now + SignedDuration::from_mins(5),
        undeclared: None,
    };
    match app.store().claim_media(claim).await.unwrap() {
        MediaClaimed::Claimed(media) => (media, run),
        other => panic!("it is not free: {other:?}"),
    }
}

/// Does with a declared upload what processing does.
pub(crate) async fn make_ready(app: &TestApp, id: &str) -> Media {
    let (media, run) = take(app, id).await;
    let container = pravis::delivery::container_of(media.kind);
    let mut variants = Vec::new();
    for (name, content_type, width) in outputs(media.kind) {
        let bytes = bytes_of(name);
        let hash = sha256(&bytes);
        let ending = name.rsplit('.').next().unwrap();
        let blob = format!("{id}/{}.{ending}", &hash[..16]);
        variants.push(Variant {
            variant: (*name).to_owned(),
            content_type: (*content_type).to_owned(),
            bytes: bytes.len() as u64,
            width: *width,
            height: *width,
            etag: put(app, container, &blob, &bytes).await,
            blob,
        });
    }
    finish(
        app,
        media,
        run,
        MediaResult::Ready {
            facts: None,
            variants,
        },
    )
    .await
}

/// Ends a run.
pub(crate) async fn finish(app: &TestApp, media: Media, run: Uuid, result: MediaResult) -> Media {
    let result = match result {
        MediaResult::Ready { variants, .. } => MediaResult::Ready {
            facts: facts(media.kind),
            variants,
        },
        other => other,
    };
    let finished = MediaFinished {
        id: media.id,
        run,
        now: app.clock().now(),
        format: Some("jpeg".to_owned()),
        size: Some(7),
        result,
    };
    assert!(app.store().finish_media(finished).await.unwrap());
    app.store().get_media(media.id).await.unwrap().unwrap()
}
