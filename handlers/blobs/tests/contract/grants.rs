//! Grants, used as a browser would: by a plain PUT or GET.

use super::backends::{by_key, by_token, client, options, secure};
use super::builders::{HERE, name, put, read, until};
use super::token::FakeIdentity;
use super::wire::Wire;
use blobs::azure::AzureStorage;
use blobs::{BlobError, BlobName, Blobs, Container, UploadGrant, UploadTerms};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

fn for_minutes(minutes: i64) -> UploadTerms {
    UploadTerms {
        until: Timestamp::now() + SignedDuration::from_mins(minutes),
    }
}

async fn grant(storage: &AzureStorage, name: &BlobName) -> UploadGrant {
    storage.grant_upload(HERE, name, for_minutes(10)).await.unwrap()
}

/// The status of the answer.
async fn upload(grant: &UploadGrant, url: &str, body: &'static str) -> u16 {
    let mut request = client().put(url).body(body);
    for (name, value) in &grant.headers {
        request = request.header(name, value);
    }
    request.send().await.unwrap().status().as_u16()
}

/// It takes this blob and no other, writes and nothing else, and shows its secret to nobody.
async fn a_grant_is_for_one_blob(storage: AzureStorage) {
    let (mine, other) = (name("2026/Mine.jpg"), name("2026/Other.jpg"));
    let granted = grant(&storage, &mine).await;
    assert_eq!(granted.method, "PUT");
    assert!(!format!("{granted:?}").contains("sig="));
    assert_eq!(upload(&granted, &granted.url, "first").await, 201);
    assert_eq!(upload(&granted, &granted.url, "again").await, 201);
    assert_eq!(read(&storage, &mine, None).await, b"again");

    let elsewhere = [
        granted.url.replace("Mine.jpg", "Other.jpg"),
        granted.url.replace("/private/", "/media/"),
        granted.url.replace("Mine.jpg", "Mine.jpg/below"),
        granted.url.replace("sp=cw", "sp=rcwd"),
        granted.url.replace("se=20", "se=21"),
        granted.url.split('?').next().unwrap().to_owned(),
    ];
    for url in &elsewhere {
        assert_ne!(url, &granted.url);
        let status = upload(&granted, url, "stolen").await;
        assert!((400..=404).contains(&status), "{status}");
    }
    let client = client();
    for request in [client.get(&granted.url), client.delete(&granted.url)] {
        assert_eq!(request.send().await.unwrap().status().as_u16(), 403);
    }
    assert_eq!(read(&storage, &mine, None).await, b"again");
    assert!(storage.head(HERE, &other).await.unwrap().is_none());
    assert!(storage.head(Container::Media, &mine).await.unwrap().is_none());
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_delegated_grant_is_for_one_blob() {
    a_grant_is_for_one_blob(by_token().await).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_grant_by_shared_key_is_for_one_blob() {
    a_grant_is_for_one_blob(by_key().await).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_grant_ends() {
    tokio::join!(ends(by_token().await), ends(by_key().await));
}

async fn ends(storage: AzureStorage) {
    let terms = UploadTerms {
        until: Timestamp::now() + SignedDuration::from_secs(3),
    };
    let granted = storage.grant_upload(HERE, &name("late"), terms).await.unwrap();
    let refused = until("the grant ends", async || {
        let status = upload(&granted, &granted.url, "x").await;
        (status != 201).then_some(status)
    });
    assert_eq!(refused.await, 403);
    assert!(Timestamp::now() >= granted.until - SignedDuration::from_secs(1));
}

/// The account is asked for a key once, not per grant.
#[tokio::test]
#[ignore = "needs azurite"]
async fn a_delegation_key_is_kept() {
    let wire = Wire::new(client(), [], None);
    let account = secure().account();
    let storage = AzureStorage::new(
        &account.blob_url,
        Some(&account.queue_url),
        Arc::new(FakeIdentity),
        options(Some(wire.transport())),
    )
    .unwrap();
    storage.ensure().await.unwrap();
    for number in 0..5 {
        let granted = grant(&storage, &name(&format!("blob{number}"))).await;
        assert_eq!(upload(&granted, &granted.url, "x").await, 201);
    }
    let asked = wire
        .sent()
        .iter()
        .filter(|sent| sent.contains("comp=userdelegationkey"))
        .count();
    assert_eq!(asked, 1);
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn terms_have_limits() {
    let storage = by_token().await;
    for minutes in [-1, 0, 24 * 60 + 1] {
        let refused = storage
            .grant_upload(HERE, &name("blob"), for_minutes(minutes))
            .await;
        assert!(matches!(refused, Err(BlobError::Broken(_))), "{minutes}");
    }
}

/// It gives this blob, whole and in parts, and no other; it writes nothing, and shows its secret to nobody.
async fn a_read_grant_is_for_one_blob(storage: AzureStorage) {
    let (mine, other) = (name("2026/Mine.ogg"), name("2026/Other.ogg"));
    put(&storage, &mine, "a voice").await;
    put(&storage, &other, "another").await;
    let end = for_minutes(5).until;
    let granted = storage.grant_read(HERE, &mine, end).await.unwrap().unwrap();
    assert!(!format!("{granted:?}").contains("sig="));
    let get = async |url: &str| client().get(url).send().await.unwrap();
    let whole = get(&granted.url).await;
    assert_eq!(whole.status().as_u16(), 200);
    assert_eq!(whole.text().await.unwrap(), "a voice");
    let part = client().get(&granted.url).header("range", "bytes=2-3");
    let part = part.send().await.unwrap();
    assert_eq!(part.status().as_u16(), 206);
    assert_eq!(part.text().await.unwrap(), "vo");
    for url in [
        granted.url.replace("Mine.ogg", "Other.ogg"),
        granted.url.replace("/private/", "/media/"),
        granted.url.replace("se=20", "se=21"),
        granted.url.split('?').next().unwrap().to_owned(),
    ] {
        let status = get(&url).await.status().as_u16();
        assert!((400..=404).contains(&status), "{status}");
    }
    let write = client()
        .put(&granted.url)
        .header("x-ms-blob-type", "BlockBlob")
        .body("x");
    for request in [write, client().delete(&granted.url)] {
        assert_eq!(request.send().await.unwrap().status().as_u16(), 403);
    }
    assert_eq!(read(&storage, &mine, None).await, b"a voice");
    let too_long = storage
        .grant_read(HERE, &mine, for_minutes(24 * 60 + 1).until)
        .await;
    assert!(matches!(too_long, Err(BlobError::Broken(_))));
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_delegated_read_grant_is_for_one_blob() {
    a_read_grant_is_for_one_blob(by_token().await).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_read_grant_by_shared_key_is_for_one_blob() {
    a_read_grant_is_for_one_blob(by_key().await).await;
}
