//! Azure SQL, as the settings describe it.

use crate::access::Access;
use crate::config::AzureSqlConfig;
use std::sync::Arc;
use store::azure_sql::{self, AzureSqlOptions};
use store::{Migrated, StoreError};
use uuid::Uuid;

/// How the database is opened.
pub(super) fn options(sql: &AzureSqlConfig, time_zone: &str, access: &Access) -> AzureSqlOptions {
    AzureSqlOptions {
        connection: Arc::new(access.secrets.of(&sql.connection)),
        credential: Some(Arc::clone(&access.credential)),
        time_zone: time_zone.to_owned(),
        pool_size: sql.pool_size,
        read_replica: sql.read_replica,
    }
}

/// A managed identity that becomes a user of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    /// The user's name: that of the identity.
    pub(super) name: String,
    /// The identity's client id, from which the user's SID is made.
    pub(super) client_id: Uuid,
}

/// Applies the migrations that are missing, then makes the user, if one is to be made.
pub(super) async fn migrate(
    options: AzureSqlOptions,
    grant: Option<Grant>,
    progress: impl Fn(&str) + Clone + Send + Sync + 'static,
) -> Result<Migrated, StoreError> {
    let migrated = azure_sql::migrate(options.clone(), progress.clone()).await?;
    if let Some(Grant { name, client_id }) = grant {
        azure_sql::grant_identity(options, &name, client_id).await?;
        progress(&format!("{name} is a user of the database"));
    }
    Ok(migrated)
}
