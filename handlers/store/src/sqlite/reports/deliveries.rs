//! Deliveries in SQLite.

use crate::sqlite::columns::Columns;
use domain::page::PageRequest;
use domain::reports::{Attempted, Delivery, DeliveryFilter};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use uuid::Uuid;

const COLUMNS: &str = "id, report_id, channel, target, state, attempts, answer_status, reason, created_at, updated_at, next_at, \
     target_hash, held_by, held_until";

pub(super) fn insert(connection: &Connection, delivery: &Delivery) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO report_deliveries (id, created_at, report_id, channel, target, target_hash, state, attempts,
               updated_at, next_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (report_id, channel, target_hash) DO NOTHING",
        )?
        .execute(params![
            delivery.id.as_bytes(),
            delivery.created_at.as_microsecond(),
            delivery.report_id.as_bytes(),
            delivery.channel.as_str(),
            delivery.target,
            delivery.target_hash,
            delivery.state.as_str(),
            delivery.attempts,
            delivery.updated_at.as_microsecond(),
            delivery.next_at.map(|at| at.as_microsecond()),
        ])?;
    Ok(())
}

pub(super) fn begin(
    connection: &Connection,
    id: Uuid,
    attempt: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> rusqlite::Result<Option<Delivery>> {
    connection
        .prepare_cached(
            "UPDATE report_deliveries SET attempts = attempts + 1, held_by = ?2, held_until = ?4, updated_at = ?3
             WHERE id = ?1 AND state IN ('queued', 'failed') AND next_at <= ?3
               AND (held_until IS NULL OR held_until <= ?3) AND (held_by IS NULL OR held_by <> ?2)",
        )?
        .execute(params![
            id.as_bytes(),
            attempt.as_bytes(),
            now.as_microsecond(),
            until.as_microsecond()
        ])?;
    let sql = format!("SELECT {COLUMNS} FROM report_deliveries WHERE id = ?1");
    connection
        .prepare_cached(&sql)?
        .query_row([id.as_bytes()], from_row)
        .optional()
}

pub(super) fn end(
    connection: &Connection,
    id: Uuid,
    attempt: Uuid,
    attempted: &Attempted,
) -> rusqlite::Result<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE report_deliveries SET state = ?3, answer_status = ?4, reason = ?5, updated_at = ?6, next_at = ?7,
               held_until = NULL
             WHERE id = ?1 AND held_by = ?2",
        )?
        .execute(params![
            id.as_bytes(),
            attempt.as_bytes(),
            attempted.state.as_str(),
            attempted.status,
            attempted.reason,
            attempted.at.as_microsecond(),
            attempted.next_at.map(|at| at.as_microsecond()),
        ])?;
    Ok(changed == 1)
}

pub(super) fn revive(connection: &Connection, report: Uuid, now: Timestamp) -> rusqlite::Result<u64> {
    let revived = connection
        .prepare_cached(
            "UPDATE report_deliveries SET state = 'queued', attempts = 0, answer_status = NULL, reason = NULL,
               updated_at = ?2, next_at = ?2, held_by = NULL, held_until = NULL
             WHERE report_id = ?1 AND state = 'dead'",
        )?
        .execute(params![report.as_bytes(), now.as_microsecond()])?;
    Ok(revived as u64)
}

pub(super) fn list(
    connection: &Connection,
    filter: &DeliveryFilter,
    page: &PageRequest,
) -> rusqlite::Result<Vec<Delivery>> {
    let (at, id) = page.after.map_or((i64::MAX, Uuid::max()), |last| {
        (last.at.as_microsecond(), last.key)
    });
    let mut sql = format!("SELECT {COLUMNS} FROM report_deliveries WHERE (created_at, id) < (:at, :id)");
    let limit = page.limit as i64 + 1;
    let id = id.into_bytes();
    let report = filter.report_id.map(Uuid::into_bytes);
    let state = filter.state.map(|state| state.as_str());
    let mut values: Vec<(&str, &dyn ToSql)> = vec![(":at", &at), (":id", &id), (":limit", &limit)];
    if let Some(report) = &report {
        sql.push_str(" AND report_id = :report");
        values.push((":report", report));
    }
    if let Some(state) = &state {
        sql.push_str(" AND state = :state");
        values.push((":state", state));
    }
    sql.push_str(" ORDER BY created_at DESC, id DESC LIMIT :limit");
    connection
        .prepare_cached(&sql)?
        .query_map(values.as_slice(), from_row)?
        .collect()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let mut columns = Columns::of(row);
    Ok(Delivery {
        id: columns.id()?,
        report_id: columns.id()?,
        channel: columns.name()?,
        target: columns.get()?,
        state: columns.name()?,
        attempts: columns.get()?,
        status: columns.get()?,
        reason: columns.get()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
        next_at: columns.optional_time()?,
        target_hash: columns.get()?,
        held_by: columns.optional_id()?,
        held_until: columns.optional_time()?,
    })
}
