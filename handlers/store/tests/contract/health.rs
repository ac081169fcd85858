//! Whether the database answers, and that it stops when told.

use super::builders::{id, put, turn};
use super::stores;
use domain::page::PageRequest;

#[tokio::test]
async fn a_closed_store_refuses_every_call() {
    for backend in stores("UTC").await {
        let store = backend.store.clone();
        store.ping().await.unwrap();
        put(&*store, [turn(1)]).await;
        store.close().await;
        assert!(store.ping().await.is_err(), "{}", backend.name);
        assert!(store.create_interactions(vec![turn(2)]).await.is_err());
        assert!(store.get_interaction(id(1)).await.is_err());
        assert!(
            store
                .list_sessions(Default::default(), PageRequest::default())
                .await
                .is_err()
        );
        store.close().await;
    }
}
