//! The shop's zone, whose days the second tier is made of.

use super::read::{Stored, stored, stored_sql};
use super::refresh::{put_row, put_sql};
use super::{Counts, DAYS, Table, lock_all, unlock_all};
use crate::StoreError;
use crate::azure_sql::answers::last;
use crate::azure_sql::call::Call;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::error::SqlError;
use crate::azure_sql::pool::Pool;
use crate::azure_sql::queries;
use crate::azure_sql::rows::rows;
use crate::azure_sql::session::Session;
use crate::azure_sql::usage::begin_anew_sql;
use domain::analytics::{self, FeedbackFact, FunnelFact, InteractionFact, OrderFact, Rollup, day_of};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tiberius::Row;

/// Selects the shop's zone: what [`zone_of`] reads.
pub(in crate::azure_sql) const ZONE: &str = "SELECT value FROM properties WHERE name = N'time_zone';";
/// What stands in place of the zone while the days are made anew: nobody reads or writes them then.
const NONE: &str = "-";

/// The shop's zone; none while its days are made anew.
pub(in crate::azure_sql) fn zone_of(rows: Vec<Row>) -> Result<Option<TimeZone>, StoreError> {
    let name: String = Columns::of(last(vec![rows])?).get()?;
    Ok(analytics::zone(&name).ok().filter(|_| name != NONE))
}

/// Sees that the day tier is made of the days of `name`; makes it anew from the quarters when it is not.
pub(in crate::azure_sql) async fn use_zone(pool: &Pool, name: &str) -> Result<(), StoreError> {
    let zone = analytics::zone(name).map_err(|faults| StoreError::Broken(faults.to_string()))?;
    let current = pool.run(Call::safe("get_time_zone", ZONE)).await?;
    if Columns::of(last(current)?).get::<String>()? == name {
        return Ok(());
    }
    let name = name.to_owned();
    let rebuild = pool.session("use_zone", move |session| {
        let (zone, name) = (zone.clone(), name.clone());
        Box::pin(async move {
            session.run(Call::safe("lock_rollups", lock_all())).await?;
            session.run(set(NONE)).await?;
            rebuild_days::<InteractionFact>(session, &zone).await?;
            rebuild_days::<FeedbackFact>(session, &zone).await?;
            rebuild_days::<FunnelFact>(session, &zone).await?;
            rebuild_days::<OrderFact>(session, &zone).await?;
            session.run(Call::safe("recount_usage", begin_anew_sql())).await?;
            session
                .run(Call::safe("forget_queries", queries::FORGET_ALL))
                .await?;
            session.run(set(&name)).await?;
            session.run(Call::safe("unlock_rollups", unlock_all())).await?;
            Ok(())
        })
    });
    rebuild.await
}

/// Days that are made in one go.
const CHUNK: usize = 16;

/// Makes the days anew, some at a time. Broken off, it is begun again by the next program that opens the database, since
/// the zone is not noted before its end.
async fn rebuild_days<T: Table>(session: &mut Session, zone: &TimeZone) -> Result<(), SqlError> {
    let remove = format!("DELETE FROM {} WHERE tier = {DAYS};", T::NAME);
    session.run(Call::safe("remove_days", remove)).await?;
    let list = format!(
        "SELECT bucket FROM rollup_buckets WHERE kind = {} AND rolled > 0 ORDER BY bucket;",
        T::KIND
    );
    let listed = session.run(Call::safe("list_quarters", list)).await?;
    let buckets: Result<Vec<Timestamp>, _> = listed
        .into_iter()
        .flatten()
        .map(|row| Columns::of(row).time())
        .collect();
    let buckets = buckets?;
    let days: Vec<&[Timestamp]> = buckets
        .chunk_by(|a, b| day_of(*a, zone) == day_of(*b, zone))
        .collect();
    for some in days.chunks(CHUNK) {
        let (Some(first), Some(end)) = (
            some.first().and_then(|day| day.first()),
            some.last().and_then(|day| day.last()),
        ) else {
            continue;
        };
        let read = format!(
            "SET NOCOUNT ON;
             DECLARE @quarters TABLE (bucket datetime2(7) NOT NULL PRIMARY KEY);
             INSERT INTO @quarters SELECT bucket FROM rollup_buckets
             WHERE kind = {} AND bucket >= @P1 AND bucket <= @P2; {};",
            T::KIND,
            stored_sql::<T>("0", "@quarters")
        );
        let held = session
            .run(Call::safe("read_quarters", read).bind(*first).bind(*end))
            .await?;
        let mut sums: std::collections::HashMap<Timestamp, Counts<T>> = Default::default();
        for Stored {
            bucket, key, rollup, ..
        } in stored::<T>(held.into_iter().flatten().collect())?
        {
            let day = sums.entry(day_of(bucket, zone)).or_default();
            day.entry(key).or_default().add(&rollup);
        }
        let put = sums
            .iter()
            .flat_map(|(day, counts)| counts.iter().map(|(key, sum)| put_row::<T>(DAYS, *day, key, sum)));
        let write = format!(
            "SET NOCOUNT ON; SET XACT_ABORT ON; BEGIN TRANSACTION; {} COMMIT TRANSACTION;",
            put_sql::<T>("@put", "@P1")
        );
        session
            .run(Call::safe("write_days", write).bind(rows(put)))
            .await?;
    }
    Ok(())
}

fn set(zone: &str) -> Call {
    Call::safe(
        "set_time_zone",
        "UPDATE properties SET value = @P1 WHERE name = N'time_zone';",
    )
    .bind(zone)
}
