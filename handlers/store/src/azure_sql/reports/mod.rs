//! Reports in Azure SQL.

mod deliveries;

use super::AzureSqlStore;
use super::answers::last;
use super::call::Call;
use super::columns::Columns;
use super::conditions::Conditions;
use super::rows;
use crate::{Completed, Reports, StoreError};
use async_trait::async_trait;
use domain::page::PageRequest;
use domain::reports::{
    Attempted, Delivery, DeliveryFilter, DocumentSizes, MOST_ATTEMPTS, Report, ReportFilter, ReportKind,
    SCHEDULED,
};
use jiff::Timestamp;
use tiberius::Row;
use uuid::Uuid;

const COLUMNS: &str = "id, kind, period_name, period_from, period_to, time_zone, revision, status, attempts, created_at, \
     generated_at, headline, html_bytes, json_bytes, csv_bytes, failure, claimed_by, claimed_until";

#[async_trait]
impl Reports for AzureSqlStore {
    async fn claim_report(&self, claim: Report) -> Result<Report, StoreError> {
        let revision = claim.revision;
        let call = bound(Call::safe("claim_report", claim_sql()), claim).bind(revision);
        from_row(last(self.write(call).await?)?)
    }

    async fn create_report(&self, report: Report) -> Result<Report, StoreError> {
        let call = bound(Call::safe("create_report", create_sql()), report);
        from_row(last(self.write(call).await?)?)
    }

    async fn complete_report(&self, id: Uuid, run: Uuid, completed: Completed) -> Result<bool, StoreError> {
        let call = Call::safe("complete_report", complete_sql())
            .bind(rows::rows(completed.deliveries.iter().map(deliveries::sent)))
            .bind(id)
            .bind(run)
            .bind(completed.generated_at)
            .bind(completed.headline)
            .bind(completed.sizes.html)
            .bind(completed.sizes.json)
            .bind(completed.sizes.csv);
        Columns::of(last(self.write(call).await?)?).get()
    }

    async fn fail_report(&self, id: Uuid, run: Uuid, failure: String) -> Result<(), StoreError> {
        let call = Call::safe(
            "fail_report",
            "UPDATE reports SET status = N'failed', failure = @P3
             WHERE id = @P1 AND claimed_by = @P2 AND status = N'claimed'",
        )
        .bind(id)
        .bind(run)
        .bind(failure);
        self.pool.run(call).await.map(|_| ())
    }

    async fn get_report(&self, id: Uuid) -> Result<Option<Report>, StoreError> {
        let call = Call::safe(
            "get_report",
            format!("SELECT {COLUMNS} FROM reports WHERE id = @P1"),
        )
        .bind(id);
        self.first(call).await?.map(from_row).transpose()
    }

    async fn list_reports(&self, filter: ReportFilter, page: PageRequest) -> Result<Vec<Report>, StoreError> {
        let mut conditions = Conditions::default();
        if let Some(last) = page.after {
            conditions.before(("created_at", "id"), last.at, last.key);
        }
        conditions.all("kind = {}", filter.kind.map(|kind| kind.as_str()));
        let limit = conditions.bind(page.limit as i64 + 1);
        let call = Call::safe(
            "list_reports",
            format!(
                "SELECT TOP ({limit}) {COLUMNS} FROM reports{} ORDER BY created_at DESC, id DESC",
                conditions.sql()
            ),
        )
        .with(conditions.values);
        self.all(call, from_row).await
    }

    async fn list_scheduled_reports(
        &self,
        kind: ReportKind,
        limit: usize,
    ) -> Result<Vec<Report>, StoreError> {
        let call = Call::safe(
            "list_scheduled_reports",
            format!(
                "SELECT TOP (@P2) {COLUMNS} FROM reports WHERE kind = @P1 AND revision = {SCHEDULED}
                 ORDER BY period_from DESC"
            ),
        )
        .bind(kind.as_str())
        .bind(limit as i64);
        self.all(call, from_row).await
    }

    async fn begin_delivery(
        &self,
        id: Uuid,
        attempt: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        self.first(deliveries::begin(id, attempt, now, until))
            .await?
            .map(deliveries::from_row)
            .transpose()
    }

    async fn end_delivery(&self, id: Uuid, attempt: Uuid, attempted: Attempted) -> Result<bool, StoreError> {
        let answer = self.pool.run(deliveries::end(id, attempt, attempted)).await?;
        Columns::of(last(answer)?).get()
    }

    async fn revive_deliveries(&self, report_id: Uuid, now: Timestamp) -> Result<u64, StoreError> {
        let answer = self.pool.run(deliveries::revive(report_id, now)).await?;
        Columns::of(last(answer)?).get()
    }

    async fn list_deliveries(
        &self,
        filter: DeliveryFilter,
        page: PageRequest,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.all(deliveries::list(&filter, &page), deliveries::from_row)
            .await
    }
}

/// Binds a new report as `@P1` to `@P9`.
fn bound(call: Call, report: Report) -> Call {
    call.bind(report.id)
        .bind(report.created_at)
        .bind(report.kind.as_str())
        .bind(report.period)
        .bind(report.from)
        .bind(report.to)
        .bind(report.tz)
        .bind(report.claimed_by)
        .bind(report.claimed_until)
}

/// The begin of a statement that stores the report of [`bound`] with a revision.
fn insert(revision: &str) -> String {
    format!(
        "INSERT INTO reports (id, created_at, kind, period_name, revision, period_from, period_to, time_zone, status, attempts,
           claimed_by, claimed_until)
         SELECT @P1, @P2, @P3, @P4, {revision}, @P5, @P6, @P7, N'claimed', 1, @P8, @P9"
    )
}

/// Stores the report with the revision `@P10` or takes it over; answers how it stands.
fn claim_sql() -> String {
    let own = "kind = @P3 AND period_name = @P4 AND revision = @P10";
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         BEGIN TRANSACTION;
         {insert} WHERE NOT EXISTS (SELECT 1 FROM reports WITH (UPDLOCK, HOLDLOCK) WHERE {own});
         UPDATE reports SET status = N'failed', failure = N'every attempt was cut off'
         WHERE {own} AND status = N'claimed' AND claimed_until <= @P2 AND attempts >= {MOST_ATTEMPTS};
         UPDATE reports SET status = N'claimed', claimed_by = @P8, claimed_until = @P9, attempts = attempts + 1, failure = NULL
         WHERE {own} AND claimed_by <> @P8
           AND (status = N'claimed' AND claimed_until <= @P2 OR status = N'failed') AND attempts < {MOST_ATTEMPTS};
         COMMIT TRANSACTION;
         SELECT {COLUMNS} FROM reports WHERE {own};",
        insert = insert("@P10"),
    )
}

/// Stores a report as the next revision; answers how it stands.
fn create_sql() -> String {
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         BEGIN TRANSACTION;
         DECLARE @revision int = (SELECT COALESCE(MAX(revision), 0) FROM reports WITH (UPDLOCK, HOLDLOCK)
           WHERE kind = @P3 AND period_name = @P4);
         IF @revision < {SCHEDULED} SET @revision = {SCHEDULED};
         {insert} WHERE NOT EXISTS (SELECT 1 FROM reports WHERE id = @P1);
         COMMIT TRANSACTION;
         SELECT {COLUMNS} FROM reports WHERE id = @P1;",
        insert = insert("@revision + 1"),
    )
}

/// Makes the report ready and stores its deliveries; answers whether it was this run's to do so.
fn complete_sql() -> String {
    format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {sent}
         BEGIN TRANSACTION;
         UPDATE reports SET status = N'ready', generated_at = @P4, headline = @P5, html_bytes = @P6, json_bytes = @P7,
           csv_bytes = @P8
         WHERE id = @P2 AND claimed_by = @P3 AND status = N'claimed';
         IF @@ROWCOUNT = 1
           INSERT INTO report_deliveries ({names}) SELECT {names} FROM @deliveries;
         COMMIT TRANSACTION;
         SELECT COUNT(*) FROM reports WHERE id = @P2 AND claimed_by = @P3 AND status = N'ready';",
        sent = rows::declare("@deliveries", deliveries::SHAPE, "@P1"),
        names = rows::names(deliveries::SHAPE, ""),
    )
}

fn from_row(row: Row) -> Result<Report, StoreError> {
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
