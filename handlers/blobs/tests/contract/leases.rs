//! Leases: one holder, who alone writes, for a while.

use super::backends::{by_key, by_token, locally, on_azurite};
use super::builders::{HERE, body, name, put, read, until};
use blobs::{BlobError, Condition, Lease, PutOptions, Storage};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const SHORTEST: Duration = Duration::from_secs(15);

fn held(lease: &Lease) -> PutOptions {
    PutOptions {
        condition: Condition::Held(lease.clone()),
        ..PutOptions::default()
    }
}

async fn only_the_holder_writes(storage: Arc<dyn Storage>) {
    let blob = name("blob");
    let etag = put(&*storage, &blob, "free").await;
    let lease = storage
        .acquire_lease(HERE, &blob, SHORTEST)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(storage.head(HERE, &blob).await.unwrap().unwrap().etag, etag);
    assert!(
        storage
            .acquire_lease(HERE, &blob, SHORTEST)
            .await
            .unwrap()
            .is_none()
    );

    let stranger = Lease {
        id: "11111111-2222-4333-8444-555555555555".to_owned(),
    };
    for condition in [
        Condition::None,
        Condition::Matches(etag),
        Condition::Held(stranger.clone()),
    ] {
        let options = PutOptions {
            condition: condition.clone(),
            ..PutOptions::default()
        };
        let refused = [
            storage.put(HERE, &blob, body("x"), options).await.map(drop),
            storage
                .set_metadata(HERE, &blob, BTreeMap::new(), condition.clone())
                .await
                .map(drop),
            storage.delete(HERE, &blob, condition.clone()).await.map(drop),
        ];
        for refused in refused {
            assert!(
                matches!(refused, Err(BlobError::ConditionNotMet)),
                "{condition:?}: {refused:?}"
            );
        }
    }
    // Someone who only thinks that he holds it cannot give it back.
    storage.release_lease(HERE, &blob, &stranger).await.unwrap();
    assert_eq!(read(&*storage, &blob, None).await, b"free");

    storage
        .put(HERE, &blob, body("held"), held(&lease))
        .await
        .unwrap();
    let condition = Condition::Held(lease.clone());
    storage
        .set_metadata(HERE, &blob, BTreeMap::new(), condition.clone())
        .await
        .unwrap()
        .unwrap();
    assert!(
        storage
            .acquire_lease(HERE, &blob, SHORTEST)
            .await
            .unwrap()
            .is_none()
    );
    storage.release_lease(HERE, &blob, &lease).await.unwrap();
    storage.release_lease(HERE, &blob, &lease).await.unwrap();
    let late = storage.put(HERE, &blob, body("x"), held(&lease)).await;
    assert!(matches!(late, Err(BlobError::ConditionNotMet)), "{late:?}");
    put(&*storage, &blob, "free again").await;

    let lease = storage
        .acquire_lease(HERE, &blob, SHORTEST)
        .await
        .unwrap()
        .unwrap();
    assert!(
        storage
            .delete(HERE, &blob, Condition::Held(lease.clone()))
            .await
            .unwrap()
    );
    storage.release_lease(HERE, &blob, &lease).await.unwrap();
    // Its lease went with it.
    put(&*storage, &blob, "new").await;
}

#[tokio::test]
async fn only_the_holder_of_a_lease_writes_locally() {
    locally(only_the_holder_writes).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn only_the_holder_of_a_lease_writes_on_azurite() {
    on_azurite(only_the_holder_writes).await;
}

async fn lengths_and_missing_blobs(storage: Arc<dyn Storage>) {
    let blob = name("blob");
    let missing = storage.acquire_lease(HERE, &blob, SHORTEST).await;
    assert!(matches!(missing, Err(BlobError::Broken(_))), "{missing:?}");
    put(&*storage, &blob, "").await;
    for length in [0, 14_999, 60_001] {
        let refused = storage
            .acquire_lease(HERE, &blob, Duration::from_millis(length))
            .await;
        assert!(
            matches!(refused, Err(BlobError::Broken(_))),
            "{length}: {refused:?}"
        );
    }
    let mut takers = JoinSet::new();
    for _ in 0..8 {
        let (storage, blob) = (storage.clone(), blob.clone());
        takers.spawn(async move {
            storage
                .acquire_lease(HERE, &blob, Duration::from_secs(60))
                .await
                .unwrap()
        });
    }
    assert_eq!(takers.join_all().await.into_iter().flatten().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_takes_a_lease_locally() {
    locally(lengths_and_missing_blobs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs azurite"]
async fn one_of_many_takes_a_lease_on_azurite() {
    on_azurite(lengths_and_missing_blobs).await;
}

/// The holder was killed: the next one waits for the end, and the first one's writes come too late.
async fn a_lease_ends(storage: Arc<dyn Storage>) {
    let blob = name("blob");
    put(&*storage, &blob, "").await;
    let taken = Instant::now();
    let first = storage
        .acquire_lease(HERE, &blob, SHORTEST)
        .await
        .unwrap()
        .unwrap();
    let second = until("the lease ends", async || {
        storage.acquire_lease(HERE, &blob, SHORTEST).await.unwrap()
    })
    .await;
    assert!(taken.elapsed() > Duration::from_secs(14));
    let late = storage.put(HERE, &blob, body("first"), held(&first)).await;
    assert!(matches!(late, Err(BlobError::ConditionNotMet)), "{late:?}");
    storage
        .put(HERE, &blob, body("second"), held(&second))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_lease_ends_locally() {
    locally(a_lease_ends).await;
}

#[tokio::test]
#[ignore = "needs azurite"]
async fn a_lease_ends_on_azurite() {
    // Both at once, for it takes its time.
    tokio::join!(
        a_lease_ends(Arc::new(by_key().await)),
        a_lease_ends(Arc::new(by_token().await))
    );
}
