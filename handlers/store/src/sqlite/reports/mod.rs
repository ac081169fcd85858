//! Reports in SQLite.

mod deliveries;

use super::SqliteStore;
use super::columns::Columns;
use crate::{Completed, Reports, StoreError};
use async_trait::async_trait;
use domain::page::PageRequest;
use domain::reports::{
    Attempted, Delivery, DeliveryFilter, DocumentSizes, MOST_ATTEMPTS, Report, ReportFilter, ReportKind,
    SCHEDULED,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use uuid::Uuid;

const COLUMNS: &str = "id, kind, period_name, period_from, period_to, time_zone, revision, status, attempts, created_at, \
     generated_at, headline, html_bytes, json_bytes, csv_bytes, failure, claimed_by, claimed_until";

#[async_trait]
impl Reports for SqliteStore {
    async fn claim_report(&self, claim: Report) -> Result<Report, StoreError> {
        let work = move |connection: &Connection| self::claim(connection, &claim);
        self.writer.write(work).await
    }

    async fn create_report(&self, report: Report) -> Result<Report, StoreError> {
        let work = move |connection: &Connection| create(connection, &report);
        self.writer.write(work).await
    }

    async fn complete_report(&self, id: Uuid, run: Uuid, completed: Completed) -> Result<bool, StoreError> {
        let work = move |connection: &Connection| complete(connection, id, run, &completed);
        self.writer.write(work).await
    }

    async fn fail_report(&self, id: Uuid, run: Uuid, failure: String) -> Result<(), StoreError> {
        let work = move |connection: &Connection| {
            connection.execute(
                "UPDATE reports SET status = 'failed', failure = ?3
                 WHERE id = ?1 AND claimed_by = ?2 AND status = 'claimed'",
                params![id.as_bytes(), run.as_bytes(), failure],
            )
        };
        self.writer.write(work).await.map(|_| ())
    }

    async fn get_report(&self, id: Uuid) -> Result<Option<Report>, StoreError> {
        self.readers.read(move |connection| by_id(connection, id)).await
    }

    async fn list_reports(&self, filter: ReportFilter, page: PageRequest) -> Result<Vec<Report>, StoreError> {
        let list = move |connection: &Connection| list(connection, &filter, &page);
        self.readers.read(list).await
    }

    async fn list_scheduled_reports(
        &self,
        kind: ReportKind,
        limit: usize,
    ) -> Result<Vec<Report>, StoreError> {
        let list = move |connection: &Connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM reports WHERE kind = ?1 AND revision = {SCHEDULED} ORDER BY period_from DESC LIMIT ?2"
            );
            connection
                .prepare_cached(&sql)?
                .query_map(params![kind.as_str(), limit as i64], from_row)?
                .collect()
        };
        self.readers.read(list).await
    }

    async fn begin_delivery(
        &self,
        id: Uuid,
        attempt: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let work = move |connection: &Connection| deliveries::begin(connection, id, attempt, now, until);
        self.writer.write(work).await
    }

    async fn end_delivery(&self, id: Uuid, attempt: Uuid, attempted: Attempted) -> Result<bool, StoreError> {
        let work = move |connection: &Connection| deliveries::end(connection, id, attempt, &attempted);
        self.writer.write(work).await
    }

    async fn revive_deliveries(&self, report_id: Uuid, now: Timestamp) -> Result<u64, StoreError> {
        let work = move |connection: &Connection| deliveries::revive(connection, report_id, now);
        self.writer.write(work).await
    }

    async fn list_deliveries(
        &self,
        filter: DeliveryFilter,
        page: PageRequest,
    ) -> Result<Vec<Delivery>, StoreError> {
        let list = move |connection: &Connection| deliveries::list(connection, &filter, &page);
        self.readers.read(list).await
    }
}

fn claim(connection: &Connection, claim: &Report) -> rusqlite::Result<Report> {
    insert(connection, claim, claim.revision)?;
    connection
        .prepare_cached(
            "UPDATE reports SET status = 'failed', failure = 'every attempt was cut off'
             WHERE kind = ?1 AND period_name = ?2 AND revision = ?3 AND status = 'claimed' AND claimed_until <= ?4
               AND attempts >= ?5",
        )?
        .execute(params![
            claim.kind.as_str(),
            claim.period,
            claim.revision,
            claim.created_at.as_microsecond(),
            MOST_ATTEMPTS
        ])?;
    connection
        .prepare_cached(
            "UPDATE reports SET status = 'claimed', claimed_by = :run, claimed_until = :until, attempts = attempts + 1,
               failure = NULL
             WHERE kind = :kind AND period_name = :period AND revision = :revision AND claimed_by <> :run
               AND (status = 'claimed' AND claimed_until <= :now OR status = 'failed') AND attempts < :most",
        )?
        .execute(named_params! {
            ":run": claim.claimed_by.as_bytes(),
            ":until": claim.claimed_until.as_microsecond(),
            ":kind": claim.kind.as_str(),
            ":period": claim.period,
            ":revision": claim.revision,
            ":now": claim.created_at.as_microsecond(),
            ":most": MOST_ATTEMPTS,
        })?;
    let sql = format!("SELECT {COLUMNS} FROM reports WHERE kind = ?1 AND period_name = ?2 AND revision = ?3");
    connection.prepare_cached(&sql)?.query_row(
        params![claim.kind.as_str(), claim.period, claim.revision],
        from_row,
    )
}

fn create(connection: &Connection, report: &Report) -> rusqlite::Result<Report> {
    if let Some(stored) = by_id(connection, report.id)? {
        return Ok(stored);
    }
    let last: u32 = connection
        .prepare_cached(
            "SELECT coalesce(max(revision), 0) FROM reports WHERE kind = ?1 AND period_name = ?2",
        )?
        .query_row(params![report.kind.as_str(), report.period], |row| row.get(0))?;
    insert(connection, report, last.max(SCHEDULED) + 1)?;
    by_id(connection, report.id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

/// Stores the report with this revision, unless there is one.
fn insert(connection: &Connection, report: &Report, revision: u32) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO reports (id, created_at, kind, period_name, revision, period_from, period_to, time_zone, status,
               attempts, claimed_by, claimed_until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'claimed', 1, ?9, ?10)
             ON CONFLICT (kind, period_name, revision) DO NOTHING",
        )?
        .execute(params![
            report.id.as_bytes(),
            report.created_at.as_microsecond(),
            report.kind.as_str(),
            report.period,
            revision,
            report.from.as_microsecond(),
            report.to.as_microsecond(),
            report.tz,
            report.claimed_by.as_bytes(),
            report.claimed_until.as_microsecond(),
        ])?;
    Ok(())
}

fn complete(connection: &Connection, id: Uuid, run: Uuid, completed: &Completed) -> rusqlite::Result<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE reports SET status = 'ready', generated_at = ?3, headline = ?4, html_bytes = ?5, json_bytes = ?6,
               csv_bytes = ?7
             WHERE id = ?1 AND claimed_by = ?2 AND status = 'claimed'",
        )?
        .execute(params![
            id.as_bytes(),
            run.as_bytes(),
            completed.generated_at.as_microsecond(),
            completed.headline,
            completed.sizes.html,
            completed.sizes.json,
            completed.sizes.csv,
        ])?;
    if changed == 1 {
        for delivery in &completed.deliveries {
            deliveries::insert(connection, delivery)?;
        }
        return Ok(true);
    }
    connection
        .prepare_cached("SELECT 1 FROM reports WHERE id = ?1 AND claimed_by = ?2 AND status = 'ready'")?
        .exists(params![id.as_bytes(), run.as_bytes()])
}

fn by_id(connection: &Connection, id: Uuid) -> rusqlite::Result<Option<Report>> {
    let sql = format!("SELECT {COLUMNS} FROM reports WHERE id = ?1");
    connection
        .prepare_cached(&sql)?
        .query_row([id.as_bytes()], from_row)
        .optional()
}

fn list(connection: &Connection, filter: &ReportFilter, page: &PageRequest) -> rusqlite::Result<Vec<Report>> {
    let (at, id) = page.after.map_or((i64::MAX, Uuid::max()), |last| {
        (last.at.as_microsecond(), last.key)
    });
    // Two statements rather than one with an OR: each has its index.
    let kind = filter.kind.map_or("?3 IS NULL", |_| "kind = ?3");
    let sql = format!(
        "SELECT {COLUMNS} FROM reports WHERE (created_at, id) < (?1, ?2) AND {kind}
         ORDER BY created_at DESC, id DESC LIMIT ?4"
    );
    let kind = filter.kind.map(|kind| kind.as_str());
    connection
        .prepare_cached(&sql)?
        .query_map(params![at, id.as_bytes(), kind, page.limit as i64 + 1], from_row)?
        .collect()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Report> {
    let mut columns = Columns::of(row);
    Ok(Report {
        id: columns.id()?,
        kind: columns.name()?,
        period: columns.get()?,
        from: columns.time()?,
        to: columns.time()?,
        tz: columns.get()?,
        revision: columns.get()?,
        status: columns.name()?,
        attempts: columns.get()?,
        created_at: columns.time()?,
        generated_at: columns.optional_time()?,
        headline: columns.get()?,
        sizes: DocumentSizes::of(columns.get()?, columns.get()?, columns.get()?),
        error: columns.get()?,
        claimed_by: columns.id()?,
        claimed_until: columns.time()?,
    })
}
