//! Retention in Azure SQL: a quarter at a time, its counts moved to the tier of what was removed.
//!
//! What is removed is read and counted here first. The transaction that then removes it checks that it removes just that; where
//! others wrote in between, nothing is done and the quarter is read again. The locks of the rollups are held meanwhile.

use super::answers::results;
use super::call::Call;
use super::columns::Columns;
use super::error::SqlError;
use super::rollups::{self, REMOVED, Stored, Table};
use super::rows::{Shape, declare, hex, rows, time};
use super::session::Session;
use super::{AzureSqlStore, attributions, event_retention};
use super::{queries, usage};
use crate::StoreError;
use crate::retention::{Removed, Retention};
use async_trait::async_trait;
use domain::analytics::{self, FeedbackFact, FunnelFact, InteractionFact, Rollup, TimeRange, quarter_of};
use domain::time::from_micros;
use domain::usage::Recount;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap};
use tiberius::Row;
use uuid::Uuid;

/// A turn before the cutoff (@P1) without feedback at or after it.
const OLD: &str = "i.started_at < @P1 AND NOT EXISTS (
       SELECT 1 FROM feedback o WHERE o.interaction_id = i.id AND o.created_at >= @P1)";

/// What names a version of a record.
const VERSION: &Shape = &[("id", "binary(16)"), ("version", "bigint")];
const BUCKET: &Shape = &[("bucket", "datetime2(7)")];

#[async_trait]
impl Retention for AzureSqlStore {
    async fn remove_interactions_before(&self, cutoff: Timestamp) -> Result<Removed, StoreError> {
        // What a turn led to can be told only while it is there.
        let all = TimeRange {
            from: from_micros(0),
            to: cutoff,
        };
        attributions::refresh(self, all).await?;
        let mut removed = Removed::default();
        while let Some(more) = self
            .pool
            .session("remove_interactions_before", move |session| {
                Box::pin(remove_quarter(session, cutoff))
            })
            .await?
        {
            removed.interactions += more.interactions;
            removed.feedback += more.feedback;
        }
        Ok(removed)
    }

    async fn remove_events_before(&self, cutoff: Timestamp) -> Result<u64, StoreError> {
        let (mut removed, mut from) = (0, from_micros(0));
        let all = TimeRange { from, to: cutoff };
        attributions::refresh(self, all).await?;
        while let Some(quarter) = event_retention::remove_quarter(self, cutoff, from).await? {
            removed += quarter.events;
            from = quarter.next;
        }
        Ok(removed)
    }
}

/// Removes the old turns of the oldest quarter that has any. Nothing of it counts as removed when others were faster: then
/// the next call finds the same quarter again.
async fn remove_quarter(session: &mut Session, cutoff: Timestamp) -> Result<Option<Removed>, SqlError> {
    let [turns, opinions, funnels, zone, all, parts] = results(session.run(read_call(cutoff)).await?)?;
    if turns.is_empty() {
        session
            .run(Call::safe("unlock_rollups", rollups::unlock_all()))
            .await?;
        return Ok(None);
    }
    let (turns, opinions) = (old::<InteractionFact>(turns)?, old::<FeedbackFact>(opinions)?);
    let funnels = old::<FunnelFact>(funnels)?;
    let buckets: BTreeSet<_> = turns
        .counts
        .keys()
        .chain(opinions.counts.keys())
        .copied()
        .collect();
    let held = session.run(held_call(&buckets)).await?;
    let [held_turns, held_opinions, held_funnels] = results(held)?;
    let quarter = turns.counts.keys().next().copied();
    let usage = usage::sealing(session, [zone, all, parts]).await?;
    let removed = Removed {
        interactions: turns.versions.len() as u64,
        feedback: opinions.versions.len() as u64,
    };
    let put = [
        turns.put(held_turns)?,
        opinions.put(held_opinions)?,
        funnels.put(held_funnels)?,
    ];
    let done = session
        .run(remove_call(&turns.versions, &opinions.versions, put, &usage).bind(quarter))
        .await?;
    let done: bool = Columns::of(super::answers::last(done)?).get()?;
    Ok(Some(if done { removed } else { Removed::default() }))
}

/// Old records of one kind: their versions, and what they count in each quarter.
struct Old<T: Table> {
    versions: Vec<(Uuid, i64)>,
    counts: HashMap<Timestamp, rollups::Counts<T>>,
}

fn old<T: Table>(rows: Vec<Row>) -> Result<Old<T>, StoreError> {
    let mut versions = Vec::with_capacity(rows.len());
    let mut facts: HashMap<Timestamp, Vec<T>> = HashMap::new();
    for row in rows {
        let mut columns = Columns::of(row);
        versions.push((columns.id()?, columns.get()?));
        let at = columns.time()?;
        facts
            .entry(quarter_of(at))
            .or_default()
            .push(T::fact(&mut columns)?);
    }
    let counts = facts
        .into_iter()
        .map(|(bucket, facts)| (bucket, analytics::rolled_up(facts)));
    Ok(Old {
        versions,
        counts: counts.collect(),
    })
}

impl<T: Table> Old<T> {
    /// The rows of what was removed from each quarter, with what was removed before.
    fn put(&self, held: Vec<Row>) -> Result<Vec<Vec<Json>>, StoreError> {
        let mut counts = self.counts.clone();
        for Stored {
            bucket, key, rollup, ..
        } in rollups::stored::<T>(held)?
        {
            if let Some(counted) = counts.get_mut(&bucket).and_then(|counts| counts.get_mut(&key)) {
                counted.add(&rollup);
            }
        }
        let put = counts.iter().flat_map(|(bucket, counts)| {
            counts
                .iter()
                .map(|(key, rollup)| rollups::put_row::<T>(REMOVED, *bucket, key, rollup))
        });
        Ok(put.collect())
    }
}

/// Takes the locks and reads the old turns of the oldest quarter that has any, and the feedback on them.
fn read_call(cutoff: Timestamp) -> Call {
    let sql = format!(
        "SET NOCOUNT ON;
         {lock}
         DECLARE @quarter datetime2(7) = (SELECT {quarter} FROM (
           SELECT TOP (1) i.started_at FROM interactions i WHERE {OLD} ORDER BY i.started_at) t);
         DECLARE @old TABLE (id binary(16) NOT NULL PRIMARY KEY);
         INSERT INTO @old SELECT i.id FROM interactions i
         WHERE i.started_at >= @quarter AND i.started_at < DATEADD(minute, 15, @quarter) AND {OLD};
         SELECT i.id, i.version, i.started_at, {turns} JOIN @old o ON o.id = i.id;
         SELECT f.id, f.version, f.created_at, {opinions} JOIN @old o ON o.id = i.id;
         SELECT i.id, i.version, i.started_at, {funnels} JOIN @old o ON o.id = i.id;
         {usage}",
        usage = usage::sealing_sql(),
        lock = rollups::lock_all(),
        quarter = rollups::quarter_of("t.started_at"),
        turns = InteractionFact::FACTS,
        opinions = FeedbackFact::FACTS,
        funnels = FunnelFact::FACTS,
    );
    Call::safe("read_old", sql).bind(cutoff)
}

/// Reads what was removed from these quarters before.
fn held_call(buckets: &BTreeSet<Timestamp>) -> Call {
    let sql = format!(
        "SET NOCOUNT ON;
         {}
         {}; {}; {};",
        declare("@quarters", BUCKET, "@P1"),
        rollups::stored_sql::<InteractionFact>("2", "@quarters"),
        rollups::stored_sql::<FeedbackFact>("2", "@quarters"),
        rollups::stored_sql::<FunnelFact>("2", "@quarters"),
    );
    Call::safe("read_removed", sql).bind(rows(buckets.iter().map(|bucket| vec![time(*bucket)])))
}

/// Removes just these versions, or nothing; answers whether it did. The quarter that the turns are in is yet to be bound.
fn remove_call(
    turns: &[(Uuid, i64)],
    opinions: &[(Uuid, i64)],
    put: [Vec<Vec<Json>>; 3],
    usage: &Recount,
) -> Call {
    let versions = |versions: &[(Uuid, i64)]| {
        rows(
            versions
                .iter()
                .map(|(id, version)| vec![hex(id.as_bytes()), json!(version)]),
        )
    };
    let sql = format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {turns}
         {opinions}
         BEGIN TRANSACTION;
         DECLARE @sessions TABLE (session_seq bigint NOT NULL, user_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL);
         INSERT INTO @sessions SELECT DISTINCT i.session_seq, i.user_id FROM interactions i JOIN @turns t ON t.id = i.id;
         DELETE f FROM feedback f JOIN @opinions t ON t.id = f.id WHERE f.version = t.version;
         DECLARE @removed int = @@ROWCOUNT;
         DELETE i FROM interactions i JOIN @turns t ON t.id = i.id WHERE i.version = t.version;
         SET @removed = @removed + @@ROWCOUNT;
         IF @removed <> @P5 OR EXISTS (SELECT 1 FROM feedback f JOIN @turns t ON t.id = f.interaction_id)
         BEGIN
           ROLLBACK TRANSACTION;
           {unlock}
           SELECT 0;
           RETURN;
         END;
         DELETE a FROM attributions a JOIN @turns t ON t.id = a.interaction_id
         WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.id = a.event_id);
         DELETE u FROM session_users u JOIN @sessions s ON s.session_seq = u.session_seq AND s.user_id = u.user_id
         WHERE NOT EXISTS (
           SELECT 1 FROM interactions i WHERE i.session_seq = u.session_seq AND i.user_id = u.user_id);
         DELETE s FROM sessions s WHERE s.session_seq IN (SELECT session_seq FROM @sessions)
           AND NOT EXISTS (SELECT 1 FROM interactions i WHERE i.session_seq = s.session_seq);
         UPDATE s SET started_at = (SELECT MIN(i.started_at) FROM interactions i WHERE i.session_seq = s.session_seq)
         FROM sessions s WHERE s.session_seq IN (SELECT session_seq FROM @sessions);
         {put_turns}
         {put_opinions}
         {put_funnels}
         {put_usage}
         {forget}
         {forget_queries}
         COMMIT TRANSACTION;
         {unlock}
         SELECT 1;",
        turns = declare("@turns", VERSION, "@P1"),
        opinions = declare("@opinions", VERSION, "@P2"),
        put_turns = rollups::put_sql::<InteractionFact>("@put_turns", "@P3"),
        put_opinions = rollups::put_sql::<FeedbackFact>("@put_opinions", "@P4"),
        put_funnels = rollups::put_sql::<FunnelFact>("@put_funnels", "@P6"),
        put_usage = usage::write_sql(7),
        forget = usage::forget_sql(),
        forget_queries = queries::forget_day_sql("@P12"),
        unlock = rollups::unlock_all(),
    );
    let [put_turns, put_opinions, put_funnels] = put;
    Call::safe("remove_old", sql)
        .bind(versions(turns))
        .bind(versions(opinions))
        .bind(rows(put_turns))
        .bind(rows(put_opinions))
        .bind((turns.len() + opinions.len()) as i64)
        .bind(rows(put_funnels))
        .with(usage::write_values(usage))
}
