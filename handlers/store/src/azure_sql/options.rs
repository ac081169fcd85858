//! How the backend is opened.

use crate::StoreError;
use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use std::sync::Arc;

/// Where the connection string comes from: it may be a secret that is rotated.
#[async_trait]
pub trait ConnectionSource: Send + Sync {
    /// The ADO.NET connection string as it is known now. It may hold a password.
    async fn current(&self) -> Result<String, StoreError>;

    /// Asks for it anew, after the server refused the login; true when it is another one now.
    async fn renew(&self) -> bool {
        false
    }
}

/// A connection string that never changes.
pub struct FixedConnection(pub String);

#[async_trait]
impl ConnectionSource for FixedConnection {
    async fn current(&self) -> Result<String, StoreError> {
        Ok(self.0.clone())
    }
}

/// How to open a database.
#[derive(Clone)]
pub struct AzureSqlOptions {
    /// Where the connection string comes from.
    pub connection: Arc<dyn ConnectionSource>,
    /// Who logs in when the connection string names no user.
    pub credential: Option<Arc<dyn TokenCredential>>,
    /// IANA name of the shop's zone, by whose days the second tier of rollups is made.
    pub time_zone: String,
    /// Sessions at most.
    pub pool_size: u32,
    /// Whether clean ranges of numbers, and exports, are read from a replica (`ApplicationIntent=ReadOnly`).
    pub read_replica: bool,
}
