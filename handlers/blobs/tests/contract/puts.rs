//! What is put is what is read, whole or not at all.

use super::backends::{locally, on_azurite};
use super::builders::{HERE, body, broken, bytes_of, name, noise, pieces, put, read};
use blobs::{BlobError, Condition, Container, PutOptions, Storage};
use bytes::Bytes;
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeMap;
use std::sync::Arc;

async fn a_blob_and_its_properties(storage: Arc<dyn Storage>) {
    let photo = name("2026/11/Photo.jpg");
    let options = PutOptions {
        content_type: Some("image/jpeg".to_owned()),
        cache_control: Some("public, max-age=60".to_owned()),
        content_disposition: Some("inline; filename=\"a b.jpg\"".to_owned()),
        metadata: BTreeMap::from([
            ("kind".to_owned(), "photo=1".to_owned()),
            ("x_2".to_owned(), "y".to_owned()),
        ]),
        condition: Condition::None,
    };
    let etag = storage.put(HERE, &photo, body("pixels"), options).await.unwrap();
    assert!(
        etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"'),
        "{etag}"
    );

    let blob = storage.get(HERE, &photo, None).await.unwrap().unwrap();
    assert_eq!(blob.range, 0..6);
    let found = blob.properties;
    assert_eq!(bytes_of(blob.body).await.unwrap(), b"pixels");
    assert_eq!(storage.head(HERE, &photo).await.unwrap().unwrap(), found);
    assert_eq!((found.length, found.etag), (6, etag));
    assert_eq!(found.content_type, "image/jpeg");
    assert_eq!(found.cache_control.unwrap(), "public, max-age=60");
    assert_eq!(found.content_disposition.unwrap(), "inline; filename=\"a b.jpg\"");
    let age = Timestamp::now().duration_since(found.last_modified).abs();
    assert!(
        age < 60
            .seconds()
            .to_duration(jiff::SpanRelativeTo::days_are_24_hours())
            .unwrap()
    );
    let metadata: Vec<_> = found
        .metadata
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    assert_eq!(metadata, [("kind", "photo=1"), ("x_2", "y")]);
}

#[tokio::test]
async fn a_blob_and_its_properties_are_kept_locally() {
    locally(a_blob_and_its_properties).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_blob_and_its_properties_are_kept_on_azurite() {
    on_azurite(a_blob_and_its_properties).await;
}

async fn what_is_not_there(storage: Arc<dyn Storage>) {
    let missing = name("missing");
    assert!(storage.get(HERE, &missing, None).await.unwrap().is_none());
    assert!(storage.get(HERE, &missing, Some(5..9)).await.unwrap().is_none());
    assert!(storage.head(HERE, &missing).await.unwrap().is_none());
    assert!(!storage.delete(HERE, &missing, Condition::None).await.unwrap());
    let changed = storage
        .set_metadata(HERE, &missing, BTreeMap::new(), Condition::None)
        .await;
    assert!(changed.unwrap().is_none());
}

#[tokio::test]
async fn what_is_not_there_is_none_locally() {
    locally(what_is_not_there).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn what_is_not_there_is_none_on_azurite() {
    on_azurite(what_is_not_there).await;
}

/// Replaced, deleted, put again; in each container for itself, and beside names that look like folders of it.
async fn every_read_sees_the_last_write(storage: Arc<dyn Storage>) {
    let (a, below) = (name("a"), name("a/b"));
    for container in Container::ALL {
        for (name, text) in [(&a, "one"), (&below, "below"), (&a, "two, and longer")] {
            let put = storage
                .put(container, name, body(text), PutOptions::default())
                .await;
            put.unwrap();
        }
        let blob = storage.get(container, &a, None).await.unwrap().unwrap();
        assert_eq!(blob.properties.content_type, "application/octet-stream");
        assert_eq!(bytes_of(blob.body).await.unwrap(), b"two, and longer");
        assert!(storage.delete(container, &a, Condition::None).await.unwrap());
        assert!(storage.get(container, &a, None).await.unwrap().is_none());
        let blob = storage.get(container, &below, None).await.unwrap().unwrap();
        assert_eq!(bytes_of(blob.body).await.unwrap(), b"below");
    }
    assert_eq!(
        put(&*storage, &a, "again").await,
        storage.head(HERE, &a).await.unwrap().unwrap().etag
    );
    assert_eq!(read(&*storage, &a, None).await, b"again");
}

#[tokio::test]
async fn every_read_sees_the_last_write_locally() {
    locally(every_read_sees_the_last_write).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn every_read_sees_the_last_write_on_azurite() {
    on_azurite(every_read_sees_the_last_write).await;
}

/// Nothing, a block of the account to the byte, and what is cut into several; in one piece and in many.
async fn blobs_of_any_length(storage: Arc<dyn Storage>) {
    const BLOCK: usize = 4 * 1024 * 1024;
    let blob = name("blob");
    storage
        .put(HERE, &blob, pieces(Vec::new()), PutOptions::default())
        .await
        .unwrap();
    assert_eq!(read(&*storage, &blob, None).await, b"");
    for length in [0, 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5] {
        let whole = noise(length);
        let cut: Vec<_> = (0..length)
            .step_by(300_001)
            .map(|at| whole.slice(at..length.min(at + 300_001)))
            .collect();
        for body in [pieces(vec![whole.clone()]), pieces(cut)] {
            let options = PutOptions {
                metadata: BTreeMap::from([("length".to_owned(), length.to_string())]),
                ..PutOptions::default()
            };
            let etag = storage.put(HERE, &blob, body, options).await.unwrap();
            let found = storage.head(HERE, &blob).await.unwrap().unwrap();
            assert_eq!((found.length, &found.etag), (length as u64, &etag));
            assert_eq!(found.metadata["length"], length.to_string());
            assert!(read(&*storage, &blob, None).await == whole, "{length}");
        }
    }
}

#[tokio::test]
async fn blobs_of_any_length_are_kept_locally() {
    locally(blobs_of_any_length).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn blobs_of_any_length_are_kept_on_azurite() {
    on_azurite(blobs_of_any_length).await;
}

/// A client that goes away in the middle leaves what was there before, and nothing besides.
async fn a_body_that_breaks_off(storage: Arc<dyn Storage>) {
    let (new, old) = (name("new"), name("old"));
    put(&*storage, &old, "old").await;
    for blob in [&new, &old] {
        let failed = storage
            .put(HERE, blob, broken(b"half"), PutOptions::default())
            .await;
        assert!(matches!(failed, Err(BlobError::Unavailable(why)) if why == "the client went away"));
    }
    assert_eq!(read(&*storage, &old, None).await, b"old");
    let list = storage.list(HERE, "", None, 9).await.unwrap();
    assert_eq!(
        list.iter().map(|blob| blob.name.as_str()).collect::<Vec<_>>(),
        ["old"]
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_changes_nothing_locally() {
    locally(a_body_that_breaks_off).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_body_that_breaks_off_changes_nothing_on_azurite() {
    on_azurite(a_body_that_breaks_off).await;
}

/// What one backend would take and the other not, or what would break a header.
async fn options_that_are_refused(storage: Arc<dyn Storage>) {
    let metadata = |name: &str, value: &str| PutOptions {
        metadata: BTreeMap::from([(name.to_owned(), value.to_owned())]),
        ..PutOptions::default()
    };
    let content_type = |value: &str| PutOptions {
        content_type: Some(value.to_owned()),
        ..PutOptions::default()
    };
    let long = "x".repeat(8 * 1024);
    let refused = [
        metadata("", "v"),
        metadata("1st", "v"),
        metadata("Upper", "v"),
        metadata("da-sh", "v"),
        metadata("n", ""),
        metadata("n", "two words"),
        metadata("n", "line\r\nx-ms-lease-id: 1"),
        metadata("n", "é"),
        metadata("n", &long),
        content_type("text/html\r\nx: y"),
        content_type(" text/html"),
        content_type(""),
        content_type("té"),
    ];
    let blob = name("blob");
    for options in refused {
        let shown = format!("{options:?}");
        if !options.metadata.is_empty() {
            let set = storage
                .set_metadata(HERE, &blob, options.metadata.clone(), Condition::None)
                .await;
            assert!(matches!(set, Err(BlobError::Broken(_))), "{shown}");
        }
        let put = storage.put(HERE, &blob, body(Bytes::new()), options).await;
        assert!(matches!(put, Err(BlobError::Broken(_))), "{shown}");
    }
    assert!(storage.head(HERE, &blob).await.unwrap().is_none());
}

#[tokio::test]
async fn options_that_cannot_be_kept_are_refused_locally() {
    locally(options_that_are_refused).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn options_that_cannot_be_kept_are_refused_on_azurite() {
    on_azurite(options_that_are_refused).await;
}
