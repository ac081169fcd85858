//! API keys in Azure SQL.

use super::AzureSqlStore;
use super::call::Call;
use super::columns::Columns;
use crate::{ApiKeys, StoreError};
use async_trait::async_trait;
use domain::keys::{ApiKey, SecretHash};
use jiff::Timestamp;
use serde_json::json;
use tiberius::Row;
use uuid::Uuid;

const COLUMNS: &str =
    "id, name, scopes, allowed_origins, created_at, expires_at, revoked_at, last_used_at, hash";

#[async_trait]
impl ApiKeys for AzureSqlStore {
    async fn create_api_key(&self, key: ApiKey) -> Result<(), StoreError> {
        let call = Call::safe(
            "create_api_key",
            "INSERT INTO api_keys (id, hash, name, scopes, allowed_origins, created_at, expires_at)
                  SELECT @P1, @P2, @P3, @P4, @P5, @P6, @P7
                  WHERE NOT EXISTS (SELECT 1 FROM api_keys WHERE id = @P1 AND hash = @P2)",
        )
        .bind(key.id)
        .bind(key.hash.0.to_vec())
        .bind(key.name)
        .bind(json!(key.scopes).to_string())
        .bind(json!(key.allowed_origins).to_string())
        .bind(key.created_at)
        .bind(key.expires_at);
        self.pool.run(call).await.map(|_| ())
    }

    async fn find_api_key(&self, hash: SecretHash) -> Result<Option<ApiKey>, StoreError> {
        let call = Call::safe(
            "find_api_key",
            format!("SELECT {COLUMNS} FROM api_keys WHERE hash = @P1"),
        )
        .bind(hash.0.to_vec());
        self.first(call).await?.map(from_row).transpose()
    }

    async fn list_api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let call = Call::safe(
            "list_api_keys",
            format!("SELECT {COLUMNS} FROM api_keys ORDER BY created_at DESC, id DESC"),
        );
        self.all(call, from_row).await
    }

    async fn revoke_api_key(&self, id: Uuid, at: Timestamp) -> Result<Option<ApiKey>, StoreError> {
        let call = Call::safe(
            "revoke_api_key",
            format!(
                "SET NOCOUNT ON;
                 UPDATE api_keys SET revoked_at = COALESCE(revoked_at, @P2) WHERE id = @P1;
                 SELECT {COLUMNS} FROM api_keys WHERE id = @P1;"
            ),
        )
        .bind(id)
        .bind(at);
        self.first(call).await?.map(from_row).transpose()
    }

    async fn touch_api_key(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let call = Call::safe(
            "touch_api_key",
            "UPDATE api_keys SET last_used_at = @P2
                  WHERE id = @P1 AND (last_used_at IS NULL OR last_used_at < @P2)",
        )
        .bind(id)
        .bind(at);
        self.pool.run(call).await.map(|_| ())
    }
}

fn from_row(row: Row) -> Result<ApiKey, StoreError> {
    let mut columns = Columns::of(row);
    Ok(ApiKey {
        id: columns.id()?,
        name: columns.get()?,
        scopes: columns.json()?,
        allowed_origins: columns.json()?,
        created_at: columns.time()?,
        expires_at: columns.optional_time()?,
        revoked_at: columns.optional_time()?,
        last_used_at: columns.optional_time()?,
        hash: SecretHash(columns.get()?),
    })
}
