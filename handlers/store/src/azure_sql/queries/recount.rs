//! Recounting the days whose turns were written since they were counted, each under a lock that retention takes, too: what it
//! removes cannot come back. A day broken off is begun again; the days before it stay counted.

use super::rows::{self, SHAPE, tally};
use crate::StoreError;
use crate::azure_sql::AzureSqlStore;
use crate::azure_sql::answers::{last, results};
use crate::azure_sql::call::Call;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::error::SqlError;
use crate::azure_sql::rollups::{INTERACTIONS, ZONE, lock, unlock, zone_of};
use crate::azure_sql::rows::{Shape, declare, names, time};
use crate::azure_sql::session::Session;
use domain::analytics::TimeRange;
use domain::analytics::queries::Tally;
use jiff::tz::TimeZone;
use tracing::Instrument;

/// What the lock is called.
pub(in crate::azure_sql) const LOCK: &str = "pravis queries";

/// Days as they are sent.
pub(super) const DAYS: &Shape = &[("day", "datetime2(7)"), ("after", "datetime2(7)")];

/// Joins days in `@days` with how they stand: `w.written`, the writes of a day's quarters all together, and `q.counted`, those that
/// it is counted with.
pub(super) const STANDING: &str =
    "FROM @days d LEFT JOIN query_days q ON q.day = d.day CROSS APPLY (
           SELECT COALESCE(SUM(b.written), 0) AS written FROM rollup_buckets b
           WHERE b.kind = N'interactions' COLLATE Latin1_General_100_BIN2 AND b.bucket >= d.day AND b.bucket < d.after) w";

/// Days as rows of [`DAYS`].
pub(super) fn sent(days: &[TimeRange]) -> String {
    crate::azure_sql::rows::rows(days.iter().map(|day| vec![time(day.from), time(day.to)]))
}

/// Counts what was written before the call in these days of a zone.
pub(super) async fn refresh(
    store: &AzureSqlStore,
    days: &[TimeRange],
    zone: &TimeZone,
) -> Result<(), StoreError> {
    if days.is_empty() || dirty(store, days).await?.is_empty() {
        return Ok(());
    }
    // One at a time in this program: the next one finds nothing left to do.
    let _alone = store.counting_queries.lock().await;
    let dirty = dirty(store, days).await?;
    let span = tracing::info_span!("recount_queries", days = dirty.len());
    async {
        for day in dirty {
            let zone = zone.clone();
            let recount = store.pool.session("refresh_queries", move |session| {
                let zone = zone.clone();
                Box::pin(async move { recount(session, day, &zone).await })
            });
            recount.await?;
        }
        Ok(())
    }
    .instrument(span)
    .await
}

async fn dirty(store: &AzureSqlStore, days: &[TimeRange]) -> Result<Vec<TimeRange>, StoreError> {
    let sql = format!(
        "SET NOCOUNT ON;
         {}
         SELECT d.day, d.after {STANDING} WHERE w.written <> COALESCE(q.counted, 0) ORDER BY d.day;",
        declare("@days", DAYS, "@P1")
    );
    let call = Call::safe("uncounted_queries", sql).bind(sent(days));
    let day = |row| {
        let mut columns = Columns::of(row);
        Ok(TimeRange {
            from: columns.time()?,
            to: columns.time()?,
        })
    };
    store.all(call, day).await
}

/// Counts one day anew.
async fn recount(session: &mut Session, day: TimeRange, zone: &TimeZone) -> Result<(), SqlError> {
    let [found_zone, written] = results(session.run(begin_call(day)).await?)?;
    if zone_of(found_zone)?.as_ref() != Some(zone) {
        return Err(StoreError::Unavailable("the shop's zone is being changed".to_owned()).into());
    }
    let written: i64 = Columns::of(last(vec![written])?).get()?;
    let mut found = Tally::default();
    tally(&mut &mut *session, day, &mut found).await?;
    session.run(write_call(day, written, &found)).await?;
    Ok(())
}

/// Takes the lock and reads the zone, and the writes that the day will be counted with: those that come meanwhile leave it dirty.
fn begin_call(day: TimeRange) -> Call {
    let sql = format!(
        "SET NOCOUNT ON;
         {lock}
         {ZONE}
         SELECT COALESCE(SUM(b.written), 0) FROM rollup_buckets b
         WHERE b.kind = {INTERACTIONS} AND b.bucket >= @P1 AND b.bucket < @P2;",
        lock = lock(LOCK),
    );
    Call::safe("lock_queries", sql).bind(day.from).bind(day.to)
}

/// Writes the day, and gives the lock back.
fn write_call(day: TimeRange, written: i64, found: &Tally) -> Call {
    let sql = format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {put}
         BEGIN TRANSACTION;
         DELETE FROM query_rollups WHERE day = @P1;
         INSERT INTO query_rollups (day, {all}) SELECT @P1, {all} FROM @put;
         UPDATE query_days SET counted = @P2, version = version + 1 WHERE day = @P1;
         INSERT INTO query_days (day, counted, version) SELECT @P1, @P2, 1
         WHERE NOT EXISTS (SELECT 1 FROM query_days WITH (UPDLOCK, HOLDLOCK) WHERE day = @P1);
         COMMIT TRANSACTION;
         {unlock}",
        put = declare("@put", SHAPE, "@P3"),
        all = names(SHAPE, ""),
        unlock = unlock(LOCK),
    );
    Call::safe("write_queries", sql)
        .bind(day.from)
        .bind(written)
        .bind(rows::sent(found.0.iter()))
}

/// Forgets what is counted of the day that the quarter in a parameter is in, of which turns are removed: the next read counts what
/// is left. Part of their transaction, under [`LOCK`]. A day that is counted has a row, so it is the last one up to the quarter.
pub(in crate::azure_sql) fn forget_day_sql(quarter: &str) -> String {
    format!(
        "DECLARE @forgotten datetime2(7) = (SELECT MAX(day) FROM query_days WHERE day <= {quarter});
         DELETE FROM query_rollups WHERE day = @forgotten;
         UPDATE query_days SET counted = 0, version = version + 1 WHERE day = @forgotten;"
    )
}
