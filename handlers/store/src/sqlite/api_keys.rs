//! API keys in SQLite.

use super::SqliteStore;
use super::columns::{Columns, json};
use crate::{ApiKeys, StoreError};
use async_trait::async_trait;
use domain::keys::{ApiKey, SecretHash};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

const COLUMNS: &str =
    "id, name, scopes, allowed_origins, created_at, expires_at, revoked_at, last_used_at, hash";

#[async_trait]
impl ApiKeys for SqliteStore {
    async fn create_api_key(&self, key: ApiKey) -> Result<(), StoreError> {
        let create = move |connection: &Connection| {
            connection.execute(
                "INSERT INTO api_keys (id, hash, name, scopes, allowed_origins, created_at, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    key.id.as_bytes(),
                    key.hash.0,
                    key.name,
                    json(&key.scopes)?,
                    json(&key.allowed_origins)?,
                    key.created_at.as_microsecond(),
                    key.expires_at.map(|at| at.as_microsecond()),
                ],
            )
        };
        self.writer.write(create).await.map(|_| ())
    }

    async fn find_api_key(&self, hash: SecretHash) -> Result<Option<ApiKey>, StoreError> {
        let find = move |connection: &Connection| {
            let sql = format!("SELECT {COLUMNS} FROM api_keys WHERE hash = ?1");
            connection
                .prepare_cached(&sql)?
                .query_row([hash.0], from_row)
                .optional()
        };
        self.readers.read(find).await
    }

    async fn list_api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let list = |connection: &Connection| {
            let sql = format!("SELECT {COLUMNS} FROM api_keys ORDER BY created_at DESC, id DESC");
            connection
                .prepare_cached(&sql)?
                .query_map([], from_row)?
                .collect()
        };
        self.readers.read(list).await
    }

    async fn revoke_api_key(&self, id: Uuid, at: Timestamp) -> Result<Option<ApiKey>, StoreError> {
        let revoke = move |connection: &Connection| {
            let sql = format!(
                "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1 RETURNING {COLUMNS}"
            );
            connection
                .prepare_cached(&sql)?
                .query_row(params![id.as_bytes(), at.as_microsecond()], from_row)
                .optional()
        };
        self.writer.write(revoke).await
    }

    async fn touch_api_key(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let touch = move |connection: &Connection| {
            connection.execute(
                "UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, ?2), ?2) WHERE id = ?1",
                params![id.as_bytes(), at.as_microsecond()],
            )
        };
        self.writer.write(touch).await.map(|_| ())
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
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
