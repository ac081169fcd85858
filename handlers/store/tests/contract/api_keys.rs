//! API keys.

use super::builders::{at, id};
use super::on_each_store;
use domain::keys::{ApiKey, Scope, SecretHash};

fn key(number: u128) -> ApiKey {
    ApiKey {
        id: id(number),
        name: format!("key {number}"),
        scopes: vec![Scope::Read],
        allowed_origins: Vec::new(),
        created_at: at("10:00:00"),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        hash: SecretHash([number as u8; 32]),
    }
}

#[tokio::test]
async fn a_key_is_found_by_its_hash_alone() {
    on_each_store("UTC", async |store| {
        let full = ApiKey {
            name: "Boutique «Été» 👜".into(),
            scopes: Scope::ALL.to_vec(),
            allowed_origins: vec!["https://shop.example".into(), "http://127.0.0.1:8080".into()],
            created_at: at("2026-11-02T10:00:00.000001Z"),
            expires_at: Some(at("2027-01-01T00:00:00Z")),
            ..key(1)
        };
        store.create_api_key(full.clone()).await.unwrap();
        store.create_api_key(key(2)).await.unwrap();
        assert_eq!(store.find_api_key(full.hash).await.unwrap(), Some(full));
        assert_eq!(store.find_api_key(key(2).hash).await.unwrap(), Some(key(2)));
        assert_eq!(store.find_api_key(key(3).hash).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn no_two_keys_share_a_hash_or_an_id() {
    on_each_store("UTC", async |store| {
        store.create_api_key(key(1)).await.unwrap();
        let same_hash = ApiKey {
            hash: key(1).hash,
            ..key(2)
        };
        let same_id = ApiKey { id: id(1), ..key(3) };
        assert!(store.create_api_key(same_hash).await.is_err());
        assert!(store.create_api_key(same_id).await.is_err());
        assert_eq!(store.list_api_keys().await.unwrap(), [key(1)]);
        store.create_api_key(key(4)).await.unwrap();
        assert_eq!(
            store.list_api_keys().await.unwrap().len(),
            2,
            "a refused key leaves nothing behind"
        );
    })
    .await;
}

#[tokio::test]
async fn the_list_is_newest_first_and_shows_all() {
    on_each_store("UTC", async |store| {
        assert_eq!(store.list_api_keys().await.unwrap(), []);
        let made = |number, time: &str| ApiKey {
            created_at: at(time),
            ..key(number)
        };
        let expired = ApiKey {
            expires_at: Some(at("2020-01-01T00:00:00Z")),
            ..made(1, "11:00:00")
        };
        let keys = [made(2, "09:00:00"), expired.clone(), made(3, "12:00:00")];
        for key in keys.clone() {
            store.create_api_key(key).await.unwrap();
        }
        let revoked = store
            .revoke_api_key(id(3), at("13:00:00"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            store.list_api_keys().await.unwrap(),
            [revoked, expired, keys[0].clone()]
        );
    })
    .await;
}

#[tokio::test]
async fn revoking_again_keeps_the_first_time() {
    on_each_store("UTC", async |store| {
        store.create_api_key(key(1)).await.unwrap();
        store.create_api_key(key(2)).await.unwrap();
        let expected = ApiKey {
            revoked_at: Some(at("11:00:00")),
            ..key(1)
        };
        for time in ["11:00:00", "12:00:00", "10:30:00"] {
            let revoked = store.revoke_api_key(id(1), at(time)).await.unwrap();
            assert_eq!(revoked.as_ref(), Some(&expected), "revoked at {time}");
        }
        let found = store.find_api_key(key(1).hash).await.unwrap();
        assert_eq!(found, Some(expected), "a revoked key is still found");
        assert_eq!(store.find_api_key(key(2).hash).await.unwrap(), Some(key(2)));
        assert_eq!(store.revoke_api_key(id(9), at("11:00:00")).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn use_is_noted() {
    on_each_store("UTC", async |store| {
        store.create_api_key(key(1)).await.unwrap();
        store.create_api_key(key(2)).await.unwrap();
        for time in ["11:00:00", "12:00:00"] {
            store.touch_api_key(id(1), at(time)).await.unwrap();
            let found = store.find_api_key(key(1).hash).await.unwrap().unwrap();
            assert_eq!(
                found,
                ApiKey {
                    last_used_at: Some(at(time)),
                    ..key(1)
                }
            );
        }
        assert_eq!(store.find_api_key(key(2).hash).await.unwrap(), Some(key(2)));
        store.touch_api_key(id(9), at("11:00:00")).await.unwrap();
        assert_eq!(
            store.list_api_keys().await.unwrap().len(),
            2,
            "a touch makes no key"
        );
    })
    .await;
}
