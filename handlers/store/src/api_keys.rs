//! The contract for API keys.

use crate::StoreError;
use async_trait::async_trait;
use domain::keys::{ApiKey, SecretHash};
use jiff::Timestamp;
use uuid::Uuid;

/// Reads and writes of API keys.
#[async_trait]
pub trait ApiKeys {
    /// Stores a key.
    async fn create_api_key(&self, key: ApiKey) -> Result<(), StoreError>;

    /// The key with this hash, live or not.
    async fn find_api_key(&self, hash: SecretHash) -> Result<Option<ApiKey>, StoreError>;

    /// All keys, live or not, newest first.
    async fn list_api_keys(&self) -> Result<Vec<ApiKey>, StoreError>;

    /// Revokes a key, or leaves it as it was revoked before, and gives it back.
    async fn revoke_api_key(&self, id: Uuid, at: Timestamp) -> Result<Option<ApiKey>, StoreError>;

    /// Notes that a key was used.
    async fn touch_api_key(&self, id: Uuid, at: Timestamp) -> Result<(), StoreError>;
}
