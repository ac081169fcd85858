//! Retention in SQLite: a quarter at a time, its counts moved to the tier of what was removed.

use super::columns::time_at;
use super::{SqliteStore, attributions, event_retention};
use super::{queries, rollups, sessions, usage};
use crate::StoreError;
use crate::retention::{Removed, Retention};
use async_trait::async_trait;
use domain::analytics::{FeedbackFact, FunnelFact, InteractionFact, QUARTER, TimeRange, quarter_of};
use domain::time::from_micros;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// A turn before the cutoff (?1) without feedback at or after it.
const OLD: &str = "started_at < ?1 AND NOT EXISTS (
       SELECT 1 FROM feedback f WHERE f.interaction_id = interactions.id AND f.created_at >= ?1)";

#[async_trait]
impl Retention for SqliteStore {
    async fn remove_interactions_before(&self, cutoff: Timestamp) -> Result<Removed, StoreError> {
        // What a turn led to can be told only while it is there.
        let all = TimeRange {
            from: Timestamp::MIN,
            to: cutoff,
        };
        attributions::refresh(self, all).await?;
        let mut removed = Removed::default();
        while let Some(more) = self
            .writer
            .write(move |connection| remove_quarter(connection, cutoff))
            .await?
        {
            removed.interactions += more.interactions;
            removed.feedback += more.feedback;
        }
        Ok(removed)
    }

    async fn remove_events_before(&self, cutoff: Timestamp) -> Result<u64, StoreError> {
        let all = TimeRange {
            from: Timestamp::MIN,
            to: cutoff,
        };
        attributions::refresh(self, all).await?;
        let (mut removed, mut from) = (0, from_micros(0));
        while let Some(quarter) = self
            .writer
            .write(move |connection| event_retention::remove_quarter(connection, cutoff, from))
            .await?
        {
            removed += quarter.events;
            from = quarter.next;
        }
        Ok(removed)
    }
}

/// Removes the old turns of the oldest quarter that has any.
fn remove_quarter(connection: &Connection, cutoff: Timestamp) -> rusqlite::Result<Option<Removed>> {
    let oldest = connection
        .prepare_cached(&format!(
            "SELECT started_at FROM interactions INDEXED BY interactions_by_time WHERE {OLD} ORDER BY started_at LIMIT 1"
        ))?
        .query_row([cutoff.as_microsecond()], |row| time_at(row, 0))
        .optional()?;
    let Some(oldest) = oldest else { return Ok(None) };
    let quarter = quarter_of(oldest).as_microsecond();

    let turns = BTreeSet::from([quarter]);
    let opinions = feedback_quarters(connection, quarter, cutoff)?;
    let turns_before = rollups::counts::<InteractionFact>(connection, &turns)?;
    let funnels_before = rollups::counts::<FunnelFact>(connection, &turns)?;
    let opinions_before = rollups::counts::<FeedbackFact>(connection, &opinions)?;
    usage::keep_counted(connection, quarter, cutoff.as_microsecond(), OLD)?;
    queries::forget_day(connection, oldest)?;
    let removed = delete(connection, quarter, cutoff)?;
    rollups::keep_counted::<InteractionFact>(connection, turns_before)?;
    rollups::keep_counted::<FunnelFact>(connection, funnels_before)?;
    rollups::keep_counted::<FeedbackFact>(connection, opinions_before)?;
    Ok(Some(removed))
}

/// The quarters of the feedback on the old turns of a quarter.
fn feedback_quarters(
    connection: &Connection,
    quarter: i64,
    cutoff: Timestamp,
) -> rusqlite::Result<BTreeSet<i64>> {
    connection
        .prepare_cached(&format!(
            "SELECT created_at FROM feedback WHERE interaction_id IN (
               SELECT id FROM interactions INDEXED BY interactions_by_time
               WHERE started_at >= ?2 AND started_at < ?3 AND {OLD})"
        ))?
        .query_map(
            params![cutoff.as_microsecond(), quarter, quarter + QUARTER],
            |row| time_at(row, 0).map(|at| quarter_of(at).as_microsecond()),
        )?
        .collect()
}

fn delete(connection: &Connection, quarter: i64, cutoff: Timestamp) -> rusqlite::Result<Removed> {
    let of_quarter = params![cutoff.as_microsecond(), quarter, quarter + QUARTER];
    let sessions: rusqlite::Result<Vec<(i64, Option<String>)>> = connection
        .prepare_cached(&format!(
            "SELECT DISTINCT session_seq, user_id FROM interactions INDEXED BY interactions_by_time
             WHERE started_at >= ?2 AND started_at < ?3 AND {OLD}"
        ))?
        .query_map(of_quarter, |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect();
    let feedback = connection
        .prepare_cached(&format!(
            "DELETE FROM feedback WHERE interaction_id IN (
               SELECT id FROM interactions INDEXED BY interactions_by_time
               WHERE started_at >= ?2 AND started_at < ?3 AND {OLD})"
        ))?
        .execute(of_quarter)?;
    // What is credited to a turn that is gone keeps an event from being credited to another one: no event, no need.
    connection
        .prepare_cached(&format!(
            "DELETE FROM attributions WHERE interaction_id IN (
               SELECT id FROM interactions INDEXED BY interactions_by_time
               WHERE started_at >= ?2 AND started_at < ?3 AND {OLD})
             AND NOT EXISTS (SELECT 1 FROM events e WHERE e.id = attributions.event_id)"
        ))?
        .execute(of_quarter)?;
    let interactions = connection
        .prepare_cached(&format!(
            "DELETE FROM interactions WHERE started_at >= ?2 AND started_at < ?3 AND {OLD}"
        ))?
        .execute(of_quarter)?;
    for (session, user_id) in sessions? {
        sessions::shorten(connection, session, user_id.as_deref())?;
    }
    Ok(Removed {
        interactions: interactions as u64,
        feedback: feedback as u64,
    })
}
