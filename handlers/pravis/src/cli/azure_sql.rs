//! Azure SQL, as the settings describe it.

use crate::access::Access;
use crate::config::AzureSqlConfig;
use std::sync::Arc;
use store::azure_sql::AzureSqlOptions;
use store::sqlite::{Migrated, Standing};
use store::{Store, StoreError};
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

// ---- To be wired to `store::azure_sql`, each in one line, when the backend is whole. ----

/// Opens the database.
pub(super) async fn open_azure_sql(_options: AzureSqlOptions) -> Result<Arc<dyn Store>, StoreError> {
    Err(not_yet())
}

/// How far the database is migrated; changes nothing.
pub(super) async fn standing_of_azure_sql(_options: AzureSqlOptions) -> Result<Standing, StoreError> {
    Err(not_yet())
}

/// Applies the migrations that are missing, then makes the user, if one is to be made.
pub(super) async fn migrate_azure_sql(
    _options: AzureSqlOptions,
    _grant: Option<Grant>,
) -> Result<Migrated, StoreError> {
    Err(not_yet())
}

fn not_yet() -> StoreError {
    StoreError::Unavailable("this program cannot open Azure SQL yet".to_owned())
}
