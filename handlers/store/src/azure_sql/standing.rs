//! How far the database is migrated.

use super::call::Call;
use super::columns::Columns;
use super::options::AzureSqlOptions;
use super::pool::Pool;
use super::session::Answer;
use super::tuning::Tuning;
use crate::migration;
use crate::{Standing, StoreError};

mod embedded {
    refinery::embed_migrations!("../../migrations/azure_sql");
}

/// The ledger may not be there yet, and neither may the table that tells which programs may open the database.
const STANDING: &str = "\
IF OBJECT_ID(N'refinery_schema_history', N'U') IS NULL SELECT 0
ELSE SELECT coalesce(max(version), 0) FROM refinery_schema_history;
IF OBJECT_ID(N'properties', N'U') IS NULL SELECT CAST(NULL AS nvarchar(400))
ELSE SELECT max(value) FROM properties WHERE name = N'minimum_version';";

/// How far the database is migrated; changes nothing. A paused database is given two minutes to wake.
pub async fn standing(options: AzureSqlOptions) -> Result<Standing, StoreError> {
    let pool = Pool::new(options, false, Tuning::default());
    let standing = read_standing(&pool.patient()).await;
    pool.close().await;
    standing
}

/// How far the database is migrated, if this program may open it.
pub(super) async fn read_standing(pool: &Pool) -> Result<Standing, StoreError> {
    as_standing(pool.run(ask()).await?)
}

/// The question, for a session.
pub(super) fn ask() -> Call {
    Call::safe("read_standing", STANDING)
}

/// The answer to it.
pub(super) fn as_standing(answer: Answer) -> Result<Standing, StoreError> {
    let mut rows = answer.into_iter().flatten().map(Columns::of);
    let found = rows.next().map(|mut columns| columns.get()).transpose()?;
    let minimum_version = rows.next().map(|mut columns| columns.get::<Option<String>>());
    let standing = Standing {
        found: found.unwrap_or(0),
        known: migration::newest(&migrations()),
    };
    standing.unless_too_new(minimum_version.transpose()?.flatten().as_deref())
}

/// The files that this program knows.
pub(super) fn migrations() -> refinery::Runner {
    embedded::migrations::runner().set_abort_missing(false)
}
