//! Migrations: one runner at a time, each file in a transaction, with `refinery`'s ledger.

use super::call::Call;
use super::columns::Columns;
use super::error::SqlError;
use super::options::AzureSqlOptions;
use super::pool::Pool;
use super::retry::Phase;
use super::session::{Answer, Session};
use super::tuning::Tuning;
use crate::migration;
use crate::{Migrated, Standing, StoreError};
use futures::FutureExt;
use refinery::Target;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

mod embedded {
    refinery::embed_migrations!("../../migrations/azure_sql");
}

/// How long all files together may take; an index of a large table takes its time.
const FILES: Duration = Duration::from_secs(60 * 60);

/// The ledger may not be there yet; the second table tells which programs may open the database.
const STANDING: &str = "\
IF OBJECT_ID(N'refinery_schema_history', N'U') IS NULL SELECT 0
ELSE SELECT coalesce(max(version), 0) FROM refinery_schema_history;
IF OBJECT_ID(N'properties', N'U') IS NULL SELECT CAST(NULL AS nvarchar(400))
ELSE SELECT max(value) FROM properties WHERE name = N'minimum_version';";

/// The lock belongs to the session: it ends with it, however that ends. Negative is refused; a minute and a half is as
/// long as a runner waits for another.
const LOCK: &str = "\
DECLARE @result int;
EXEC @result = sp_getapplock @Resource = N'pravis_migrate', @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 90000;
SELECT @result;";

const UNLOCK: &str = "EXEC sp_releaseapplock @Resource = N'pravis_migrate', @LockOwner = 'Session';";

/// Applies the migrations that are missing, each in a transaction; one process at a time, the others wait. A paused
/// database is given two minutes to wake. `progress` is told a line for each step.
///
/// A database that has more migrations than this program knows is left alone and accepted, unless it records that it
/// needs a newer program.
pub async fn migrate(
    options: AzureSqlOptions,
    progress: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Migrated, StoreError> {
    let pool = Pool::new(options, false, Tuning::default());
    progress("Connecting; a database that is paused takes about a minute to wake.");
    let standing = read_standing(&pool.patient()).await?;
    let run = Arc::new(Run {
        progress: Box::new(progress),
        applied: Mutex::default(),
    });
    if standing.is_behind() {
        let shared = Arc::clone(&run);
        let unhurried = pool.within(FILES);
        let alone = unhurried.session("migrate", move |session| {
            migrate_alone(session, Arc::clone(&shared)).boxed()
        });
        alone.await?;
    }
    let standing = read_standing(&pool).await?;
    pool.close().await;
    Ok(Migrated {
        applied: run.take(),
        standing,
    })
}

/// How far the database is migrated; changes nothing.
pub async fn standing(options: AzureSqlOptions) -> Result<Standing, StoreError> {
    let pool = Pool::new(options, false, Tuning::default());
    let standing = read_standing(&pool.patient()).await;
    pool.close().await;
    standing
}

/// How far the database is migrated, if this program may open it.
pub(super) async fn read_standing(pool: &Pool) -> Result<Standing, StoreError> {
    as_standing(pool.run(Call::safe("read_standing", STANDING)).await?)
}

fn as_standing(answer: Answer) -> Result<Standing, StoreError> {
    let mut found = 0;
    let mut minimum_version: Option<String> = None;
    for (which, row) in answer.into_iter().flatten().enumerate() {
        match which {
            0 => found = Columns::of(row).get()?,
            _ => minimum_version = Columns::of(row).get()?,
        }
    }
    let known = migration::newest(&embedded::migrations::runner());
    Standing { found, known }.unless_too_new(minimum_version.as_deref())
}

/// What the tries of one run share.
struct Run {
    progress: Box<dyn Fn(&str) + Send + Sync>,
    applied: Mutex<Vec<String>>,
}

impl Run {
    fn applied(&self, file: String) {
        (self.progress)(&format!("Applied {file}"));
        if let Ok(mut applied) = self.applied.lock() {
            applied.push(file);
        }
    }

    fn take(&self) -> Vec<String> {
        self.applied
            .lock()
            .map(|mut applied| std::mem::take(&mut *applied))
            .unwrap_or_default()
    }
}

async fn migrate_alone(session: &mut Session, run: Arc<Run>) -> Result<(), SqlError> {
    (run.progress)("Waiting until no other `pravis migrate` runs.");
    let locked = session.run(Call::safe("migrate", LOCK)).await?;
    for row in locked.into_iter().flatten() {
        if Columns::of(row).get::<i64>()? < 0 {
            return Err(StoreError::Unavailable("another `pravis migrate` is running".to_owned()).into());
        }
    }
    // For the files, which are no calls: an error undoes the whole of one, and nothing after it runs.
    let setting = session.driver()?.simple_query("SET XACT_ABORT ON").await;
    setting.map_err(|error| SqlError::of(Phase::Statement, &error))?;
    // Another runner may have done it meanwhile.
    let standing = as_standing(session.run(Call::safe("migrate", STANDING)).await?)?;
    for version in standing.found + 1..=standing.known {
        apply(session, version, &run).await?;
    }
    session.run(Call::safe("migrate", UNLOCK)).await?;
    Ok(())
}

/// Applies the file of that number, if there is one.
async fn apply(session: &mut Session, version: i64, run: &Run) -> Result<(), SqlError> {
    let target = Target::Version(i32::try_from(version).unwrap_or(i32::MAX));
    let runner = embedded::migrations::runner()
        .set_abort_missing(false)
        .set_target(target);
    let applying = runner
        .run_async(session.driver()?)
        .with_subscriber(NoSubscriber::default());
    let report = applying.await.map_err(|error| failed(version, &error))?;
    for file in report.applied_migrations() {
        run.applied(file.to_string());
    }
    Ok(())
}

fn failed(version: i64, error: &refinery::Error) -> SqlError {
    let source = std::error::Error::source(error);
    match source.and_then(|source| source.downcast_ref::<tiberius::error::Error>()) {
        Some(error) => SqlError::of(Phase::Statement, error),
        None => StoreError::Broken(format!("migration {version}: {error}")).into(),
    }
}
