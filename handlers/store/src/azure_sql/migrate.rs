//! Migrations: one runner at a time, each file in a transaction, with `refinery`'s ledger.

use super::call::Call;
use super::columns::Columns;
use super::error::SqlError;
use super::options::AzureSqlOptions;
use super::pool::Pool;
use super::retry::Phase;
use super::session::Session;
use super::standing;
use super::tuning::Tuning;
use crate::{Migrated, StoreError};
use futures::FutureExt;
use refinery::Target;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

/// How long all files together may take; an index of a large table takes its time.
const FILES: Duration = Duration::from_secs(60 * 60);

/// The lock belongs to the session: it ends with it, however that ends. A negative result is a refusal; another runner
/// is waited for a minute and a half.
const LOCK: &str = "\
DECLARE @result int;
EXEC @result = sp_getapplock @Resource = N'pravis_migrate', @LockMode = 'Exclusive', @LockOwner = 'Session',
  @LockTimeout = 90000;
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
    let migrated = migrate_on(&pool, progress).await;
    pool.close().await;
    migrated
}

pub(super) async fn migrate_on(
    pool: &Pool,
    progress: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Migrated, StoreError> {
    progress("Connecting; a database that is paused takes about a minute to wake.");
    let run = Arc::new(Run {
        progress: Box::new(progress),
        applied: Mutex::default(),
    });
    if standing::read_standing(&pool.patient()).await?.is_behind() {
        let (unhurried, run) = (pool.within(FILES), Arc::clone(&run));
        let alone = unhurried.session("migrate", move |session| {
            migrate_alone(session, Arc::clone(&run)).boxed()
        });
        alone.await?;
    }
    Ok(Migrated {
        standing: standing::read_standing(&pool.patient()).await?,
        applied: run.take(),
    })
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
        let applied = self.applied.lock();
        applied.map_or_else(|_| Vec::new(), |mut applied| std::mem::take(&mut *applied))
    }
}

async fn migrate_alone(session: &mut Session, run: Arc<Run>) -> Result<(), SqlError> {
    (run.progress)("Waiting until no other `pravis migrate` runs.");
    let locked = session.run(Call::safe("migrate", LOCK)).await?;
    let result = locked.into_iter().flatten().next().map(Columns::of);
    if result.map_or(Ok(-1), |mut result| result.get::<i64>())? < 0 {
        return Err(StoreError::Unavailable("another `pravis migrate` is running".to_owned()).into());
    }
    // For the files, which are no calls: an error undoes the whole of one, and nothing after it runs.
    let setting = session.driver()?.simple_query("SET XACT_ABORT ON").await;
    setting.map_err(|error| SqlError::of(Phase::Statement, &error))?;
    // Another runner may have done it meanwhile.
    let standing = standing::as_standing(session.run(standing::ask()).await?)?;
    for version in standing.found + 1..=standing.known {
        apply(session, version, &run).await?;
    }
    session.run(Call::safe("migrate", UNLOCK)).await?;
    Ok(())
}

/// Applies the file of that number, if there is one.
async fn apply(session: &mut Session, version: i64, run: &Run) -> Result<(), SqlError> {
    let target = Target::Version(i32::try_from(version).unwrap_or(i32::MAX));
    let runner = standing::migrations().set_target(target);
    let applying = runner.run_async(session.driver()?);
    let report = applying.with_subscriber(NoSubscriber::default()).await;
    for file in report
        .map_err(|error| failed(version, &error))?
        .applied_migrations()
    {
        run.applied(file.to_string());
    }
    Ok(())
}

fn failed(version: i64, error: &refinery::Error) -> SqlError {
    let source = std::error::Error::source(error);
    match source.and_then(|source| source.downcast_ref::<tiberius::error::Error>()) {
        Some(error) => SqlError::of(Phase::Statement, error).during(&format!("migration {version}")),
        None => StoreError::Broken(format!("migration {version}: {error}")).into(),
    }
}
