//! Crediting events to turns in Azure SQL.
//!
//! Quarters with new turns or events are dirty, like those of rollups. Under the lock of the funnels, the events that they may
//! concern are looked up, generously; what each of those could be credited to is read, credited here, and written back, and
//! the funnels of the turns that won or lost it become dirty. What is written meanwhile leaves its quarter dirty.

mod affected;
mod sources;
mod write;

use super::AzureSqlStore;
use super::call::Call;
use super::columns::Columns;
use super::error::SqlError;
use super::rollups::{self, Table, lock};
use super::session::Session;
use crate::StoreError;
use domain::analytics::{FunnelFact, LONGEST, QUARTER, TimeRange};
use domain::time::from_micros;
use jiff::Timestamp;

/// Quarters that are looked at in one go: half a day.
const QUARTERS: usize = 48;
/// Events that are credited in one go.
const EVENTS: usize = 500;

/// The events that funnels and attributions are about, as the indexes of their table name them.
const KINDS: &str = "type IN (N'product_view', N'add_to_cart', N'order')";

/// A quarter with turns or events that are not credited yet.
#[derive(Debug, Clone, Copy)]
struct Dirty {
    /// Whether it is of turns, not of events.
    turns: bool,
    bucket: Timestamp,
    written: i64,
}

/// Credits what concerns the turns of the range: afterwards every write that was durable before is credited.
pub(super) async fn refresh(store: &AzureSqlStore, range: TimeRange) -> Result<(), StoreError> {
    if dirty_quarters(store, range).await?.is_empty() {
        return Ok(());
    }
    // One at a time in this program: the next one finds nothing left to do.
    let _alone = store.recomputing.lock().await;
    for some in dirty_quarters(store, range).await?.chunks(QUARTERS) {
        let some = some.to_vec();
        let credit = store.pool.session("credit_events", move |session| {
            let some = some.clone();
            Box::pin(async move { credit(session, &some).await })
        });
        credit.await?;
    }
    Ok(())
}

/// The events that may be credited to turns of the range come up to a week later; the turns that compete for those, up to a
/// week earlier or later.
async fn dirty_quarters(store: &AzureSqlStore, range: TimeRange) -> Result<Vec<Dirty>, StoreError> {
    let before = |at: Timestamp| from_micros(at.as_microsecond().saturating_sub(QUARTER));
    let earlier = range.from.saturating_sub(LONGEST).unwrap_or(range.from);
    let later = range.to.saturating_add(LONGEST).unwrap_or(range.to);
    let sql = format!(
        "SELECT 0, bucket, written FROM rollup_buckets
         WHERE kind = {events} AND written > rolled AND bucket > @P1 AND bucket < @P3
         UNION ALL
         SELECT 1, bucket, written FROM rollup_buckets
         WHERE kind = {turns} AND written > rolled AND bucket > @P2 AND bucket < @P3
         ORDER BY 2;",
        events = rollups::EVENTS,
        turns = rollups::TURNS,
    );
    let call = Call::safe("dirty_attributions", sql)
        .bind(before(range.from))
        .bind(before(earlier))
        .bind(later);
    let read = |row| {
        let mut columns = Columns::of(row);
        Ok(Dirty {
            turns: columns.get()?,
            bucket: columns.time()?,
            written: columns.get()?,
        })
    };
    store.all(call, read).await
}

async fn credit(session: &mut Session, dirty: &[Dirty]) -> Result<(), SqlError> {
    let locked = format!("SET NOCOUNT ON; {}", lock(FunnelFact::LOCK));
    session.run(Call::safe("lock_attributions", locked)).await?;
    let events = affected::find(session, dirty).await?;
    for some in events.chunks(EVENTS) {
        let sources = sources::read(session, some).await?;
        session.run(write::replace_call(&sources.credited())).await?;
    }
    session.run(write::finish_call(dirty)).await?;
    Ok(())
}
