//! Recounting the quarters whose turns were written since usage was counted, under a lock: two round trips read, one writes.

use super::rows::{self, PART, complete, write_sql, write_values};
use crate::StoreError;
use crate::azure_sql::AzureSqlStore;
use crate::azure_sql::answers::{last, results};
use crate::azure_sql::call::Call;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::error::SqlError;
use crate::azure_sql::rollups::{INTERACTIONS, ZONE, lock, unlock, zone_of};
use crate::azure_sql::rows::{Shape, declare, rows, time};
use crate::azure_sql::session::Session;
use crate::usage::next_recount;
use domain::usage::{Recount, UsageTurn, parts};
use jiff::Timestamp;
use serde_json::json;
use tiberius::Row;
use tracing::Instrument;

/// What the lock is called.
pub(in crate::azure_sql) const LOCK: &str = "pravis usage";
/// Selects the number of the last recount: what [`number_of`] reads.
pub(super) const NUMBER: &str = "SELECT value FROM properties WHERE name = N'usage_recounts';";
/// Columns of a turn `i`: what [`turn`] reads.
pub(super) const TURN: &str =
    "i.session_seq, i.started_at, i.completed_at, i.status, COALESCE(i.channel, N''), i.user_id";
/// Quarters that are recounted in one go: half a day.
const CHUNK: usize = 48;
/// Attempts at a chunk while others recount.
const ATTEMPTS: usize = 4;

/// The number of the last recount.
pub(super) fn number_of(rows: Vec<Row>) -> Result<String, StoreError> {
    Columns::of(last(vec![rows])?).get()
}

/// Counts what was written before the call. Tells the number of the recount before, and whether there was nothing to count.
pub(super) async fn refresh(store: &AzureSqlStore) -> Result<(String, bool), StoreError> {
    let (number, dirty) = look(store).await?;
    if dirty.is_empty() {
        return Ok((number, true));
    }
    // One at a time in this program: the next one finds nothing left to do.
    let _alone = store.recounting.lock().await;
    let (_, dirty) = look(store).await?;
    for buckets in dirty.chunks(CHUNK) {
        let span = tracing::info_span!("recount_usage", buckets = buckets.len());
        recount_chunk(store, buckets).instrument(span).await?;
    }
    Ok((number, false))
}

async fn recount_chunk(store: &AzureSqlStore, buckets: &[Timestamp]) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        let buckets = buckets.to_vec();
        let recount = store.pool.session("refresh_usage", move |session| {
            let buckets = buckets.clone();
            Box::pin(async move { recount(session, &buckets).await })
        });
        if recount.await? {
            return Ok(());
        }
    }
    Err(StoreError::Unavailable("usage is being recounted".to_owned()))
}

async fn look(store: &AzureSqlStore) -> Result<(String, Vec<Timestamp>), StoreError> {
    let sql = format!(
        "SET NOCOUNT ON; {NUMBER}
         SELECT bucket FROM rollup_buckets WHERE kind = {INTERACTIONS} AND written > usage_rolled ORDER BY bucket;"
    );
    let [number, dirty] = results(store.pool.run(Call::safe("uncounted_usage", sql)).await?)?;
    let dirty: Result<_, _> = dirty.into_iter().map(|row| Columns::of(row).time()).collect();
    Ok((number_of(number)?, dirty?))
}

/// Tells whether it was done, or somebody else was faster.
async fn recount(session: &mut Session, buckets: &[Timestamp]) -> Result<bool, SqlError> {
    let [zone, number, written, turns, counted] = results(session.run(read_call(buckets)).await?)?;
    let Some(zone) = zone_of(zone)? else {
        return Err(StoreError::Unavailable("the shop's zone is being changed".to_owned()).into());
    };
    let turns: Result<Vec<_>, _> = turns.into_iter().map(|row| turn(&mut Columns::of(row))).collect();
    let mut recount = Recount::new(rows::parts_of(counted)?, parts(turns?, &zone));
    if !recount.is_empty() {
        complete(session, &mut recount).await?;
    }
    let number = number_of(number)?;
    let written: Result<Vec<_>, StoreError> = written
        .into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.time()?, columns.get()?))
        })
        .collect();
    let done = session.run(write_call(&number, &written?, &recount)).await?;
    Ok(Columns::of(last(done)?).get::<bool>()?)
}

/// Takes the lock and reads: the zone, the number, which of the quarters are dirty still, their turns and their parts.
fn read_call(buckets: &[Timestamp]) -> Call {
    let sql = format!(
        "SET NOCOUNT ON;
         {lock}
         {quarters}
         {ZONE}
         {NUMBER}
         DELETE q FROM @quarters q WHERE NOT EXISTS (
           SELECT 1 FROM rollup_buckets b
           WHERE b.kind = {INTERACTIONS} AND b.bucket = q.bucket AND b.written > b.usage_rolled);
         SELECT b.bucket, b.written FROM rollup_buckets b JOIN @quarters q ON q.bucket = b.bucket
         WHERE b.kind = {INTERACTIONS};
         SELECT {TURN} FROM interactions i
         JOIN @quarters q ON i.started_at >= q.bucket AND i.started_at < DATEADD(minute, 15, q.bucket)
         ORDER BY i.started_at, i.id;
         SELECT {PART}, p.users FROM session_parts p JOIN @quarters q ON q.bucket = p.bucket WHERE p.removed = 0;",
        lock = lock(LOCK),
        quarters = declare("@quarters", BUCKET, "@P1"),
    );
    Call::safe("read_uncounted", sql).bind(rows(buckets.iter().map(|bucket| vec![time(*bucket)])))
}

/// Writes what changes, notes up to which write it is counted, and gives the lock back; answers whether it did.
fn write_call(number: &str, written: &[(Timestamp, i64)], recount: &Recount) -> Call {
    let sql = format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {counted}
         BEGIN TRANSACTION;
         UPDATE properties SET value = @P3 WHERE name = N'usage_recounts' AND value = @P2;
         IF @@ROWCOUNT = 0 BEGIN ROLLBACK TRANSACTION; {unlock} SELECT 0; RETURN; END;
         {write}
         UPDATE b SET usage_rolled = c.written FROM rollup_buckets b JOIN @counted c ON c.bucket = b.bucket
         WHERE b.kind = {INTERACTIONS};
         COMMIT TRANSACTION;
         {unlock}
         SELECT 1;",
        counted = declare("@counted", COUNTED, "@P1"),
        unlock = unlock(LOCK),
        write = write_sql(4),
    );
    Call::safe("write_usage", sql)
        .bind(rows(
            written
                .iter()
                .map(|(bucket, written)| vec![time(*bucket), json!(written)]),
        ))
        .bind(number)
        .bind(next_recount(number))
        .with(write_values(recount))
}

const BUCKET: &Shape = &[("bucket", "datetime2(7)")];
const COUNTED: &Shape = &[("bucket", "datetime2(7)"), ("written", "bigint")];

/// Reads the columns of [`TURN`].
pub(super) fn turn(columns: &mut Columns) -> Result<UsageTurn, StoreError> {
    Ok(UsageTurn {
        session: columns.get()?,
        started_at: columns.time()?,
        completed_at: columns.optional_time()?,
        status: columns.name()?,
        channel: columns.get()?,
        user_id: columns.get()?,
    })
}

/// Lets the next read count everything anew: the days are others. What is counted stays until then, under the days that it
/// was counted under, and is taken back from those.
pub(in crate::azure_sql) fn begin_anew_sql() -> String {
    format!("UPDATE rollup_buckets SET usage_rolled = 0 WHERE kind = {INTERACTIONS}; {OVERTAKE}")
}

/// Makes recounts that have begun write nothing.
pub(super) const OVERTAKE: &str =
    "UPDATE properties SET value = CONVERT(nvarchar(20), CONVERT(bigint, value) + 1)
         WHERE name = N'usage_recounts';";
