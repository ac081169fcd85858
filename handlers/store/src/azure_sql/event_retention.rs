//! Retention of client events in Azure SQL: a quarter at a time, each one round trip and one transaction.

use super::AzureSqlStore;
use super::call::Call;
use super::columns::Columns;
use super::rollups::{self, REMOVED};
use crate::StoreError;
use crate::retention::RemovedQuarter;
use jiff::Timestamp;

/// Removes the old events of the oldest quarter from `from` on that has any.
pub(super) async fn remove_quarter(
    store: &AzureSqlStore,
    cutoff: Timestamp,
    from: Timestamp,
) -> Result<Option<RemovedQuarter>, StoreError> {
    // What was removed is not found again, so it may be sent again.
    let call = Call::safe("remove_old_events", remove_sql())
        .bind(cutoff)
        .bind(from);
    let Some(row) = store.write(call).await?.into_iter().flatten().next() else {
        return Ok(None);
    };
    let mut columns = Columns::of(row);
    Ok(Some(RemovedQuarter {
        next: columns.time()?,
        events: columns.get()?,
    }))
}

/// An order is removed with the first event that tells of it, and all others of it at once: one that stayed would count as
/// its first, in another quarter. What orders counted is kept in the tier of what was removed, under the keys of `OrderFact`.
/// What an event was credited to stays counted, and its row with the turn: a turn that is gone needs it no longer.
fn remove_sql() -> String {
    let earlier = "EXISTS (
           SELECT 1 FROM events f WHERE f.type = N'order' AND f.order_id = e.order_id
             AND (f.occurred_at < e.occurred_at OR (f.occurred_at = e.occurred_at AND f.id < e.id)))";
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {lock}
         DECLARE @oldest datetime2(7) = (
           SELECT TOP (1) e.occurred_at FROM events e
           WHERE e.occurred_at >= @P2 AND e.occurred_at < @P1 AND {old} ORDER BY e.occurred_at);
         DECLARE @quarter datetime2(7) = {quarter};
         DECLARE @removed bigint = 0;
         DECLARE @old TABLE (
           id binary(16) NOT NULL PRIMARY KEY, order_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL);
         DECLARE @gone TABLE (id binary(16) NOT NULL PRIMARY KEY);
         DECLARE @sealed TABLE (
           currency nvarchar(3) COLLATE Latin1_General_100_BIN2 NOT NULL, total bigint NOT NULL, value_micros bigint NOT NULL);
         BEGIN TRANSACTION;
         INSERT INTO @old
         SELECT e.id, CASE e.type WHEN N'order' THEN e.order_id END FROM events e
         WHERE e.occurred_at >= @quarter AND e.occurred_at < DATEADD(minute, 15, @quarter) AND e.occurred_at < @P1
           AND {old} AND NOT (e.type = N'order' AND {earlier});
         INSERT INTO @sealed
         SELECT s.currency, COUNT(*), SUM(s.value_micros) FROM (
           SELECT CASE WHEN e.value_micros IS NULL THEN N'' ELSE COALESCE(e.currency, N'') END AS currency,
             COALESCE(e.value_micros, 0) AS value_micros
           FROM events e JOIN @old o ON o.id = e.id WHERE e.type = N'order'
         ) s GROUP BY s.currency;
         UPDATE r SET total = r.total + s.total, value_micros = r.value_micros + s.value_micros
         FROM order_rollups r JOIN @sealed s ON s.currency = r.currency
         WHERE r.tier = {REMOVED} AND r.grouping_id = 0 AND r.bucket = @quarter;
         INSERT INTO order_rollups (tier, grouping_id, bucket, currency, total, value_micros)
         SELECT {REMOVED}, 0, @quarter, s.currency, s.total, s.value_micros FROM @sealed s WHERE NOT EXISTS (
           SELECT 1 FROM order_rollups r
           WHERE r.tier = {REMOVED} AND r.grouping_id = 0 AND r.bucket = @quarter AND r.currency = s.currency);
         INSERT INTO @gone
         SELECT o.id FROM @old o
         UNION
         SELECT e.id FROM events e JOIN @old o ON o.order_id = e.order_id WHERE e.type = N'order';
         DELETE a FROM attributions a JOIN @gone g ON g.id = a.event_id
         WHERE NOT EXISTS (SELECT 1 FROM interactions i WHERE i.id = a.interaction_id);
         DELETE e FROM events e JOIN @gone g ON g.id = e.id;
         SET @removed = @@ROWCOUNT;
         COMMIT TRANSACTION;
         {unlock}
         SELECT DATEADD(minute, 15, @quarter), @removed WHERE @quarter IS NOT NULL;",
        lock = rollups::lock_all(),
        quarter = rollups::quarter_of("@oldest"),
        old = old(),
        unlock = rollups::unlock_all(),
    )
}

/// An event `e` before the cutoff (@P1) that nothing younger needs. An order goes when all events that tell of it are old,
/// and stay the only ones until it is gone: hence the lock. What was viewed and carted stays while an order of its session
/// or user stays that may be credited by it.
fn old() -> String {
    let young = |alias: &str| {
        format!(
            "EXISTS (SELECT 1 FROM events y WITH (HOLDLOCK)
               WHERE y.type = N'order' AND y.order_id = {alias}.order_id AND y.occurred_at >= @P1)"
        )
    };
    let needed = |own: &str| {
        format!(
            "EXISTS (SELECT 1 FROM events o
               WHERE o.{own} = e.{own} AND o.{own} IS NOT NULL AND o.type IN (N'product_view', N'add_to_cart', N'order')
                 AND o.type = N'order' AND o.occurred_at >= e.occurred_at
                 AND o.occurred_at <= DATEADD(day, 7, e.occurred_at) AND (o.occurred_at >= @P1 OR {young}))",
            young = young("o"),
        )
    };
    format!(
        "NOT (e.order_id IS NOT NULL AND {young})
         AND NOT (e.type IN (N'product_view', N'add_to_cart') AND ({by_session} OR {by_user}))",
        young = young("e"),
        by_session = needed("session_id"),
        by_user = needed("user_id"),
    )
}
