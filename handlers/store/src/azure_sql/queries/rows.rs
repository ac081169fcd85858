//! How turns and what they count stand in their tables.

use crate::StoreError;
use crate::azure_sql::call::Call;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::error::SqlError;
use crate::azure_sql::pool::Pool;
use crate::azure_sql::rows::{Shape, rows, time};
use crate::azure_sql::session::{Answer, Session};
use domain::analytics::TimeRange;
use domain::analytics::queries::{QueryCounts, QueryFact, QueryKey, Tally};
use jiff::Timestamp;
use serde_json::json;
use tiberius::Row;
use uuid::Uuid;

/// Turns that are read in one go: so many are in memory at once, whatever a day has.
const PAGE: usize = 20_000;

/// What a text counts, as it is sent.
pub(super) const SHAPE: &Shape = &[
    ("type", "nvarchar(16)"),
    ("channel", "nvarchar(64)"),
    ("text", "nvarchar(240)"),
    ("total", "bigint"),
    ("failed", "bigint"),
    ("without_results", "bigint"),
    ("last_seen", "datetime2(7)"),
];

/// What texts count, as rows of [`SHAPE`].
pub(super) fn sent<'a>(counts: impl Iterator<Item = (&'a QueryKey, &'a QueryCounts)>) -> String {
    rows(counts.map(|(key, counts)| {
        vec![
            json!(key.kind.as_str()),
            json!(key.channel),
            json!(key.text),
            json!(counts.total),
            json!(counts.failed),
            json!(counts.without_results),
            time(counts.last_seen),
        ]
    }))
}

/// Reads `total, failed, without_results, last_seen`.
pub(super) fn counts(columns: &mut Columns) -> Result<QueryCounts, StoreError> {
    Ok(QueryCounts {
        total: columns.get()?,
        failed: columns.get()?,
        without_results: columns.get()?,
        last_seen: columns.time()?,
    })
}

/// Who asks the server: one session, or whichever is free.
pub(super) trait Asks {
    async fn ask(&mut self, call: Call) -> Result<Answer, SqlError>;
}

impl Asks for &Pool {
    async fn ask(&mut self, call: Call) -> Result<Answer, SqlError> {
        self.try_run(call).await
    }
}

impl Asks for &mut Session {
    async fn ask(&mut self, call: Call) -> Result<Answer, SqlError> {
        self.run(call).await
    }
}

/// Counts the turns of a range, page by page.
pub(super) async fn tally(asks: &mut impl Asks, range: TimeRange, into: &mut Tally) -> Result<(), SqlError> {
    let mut last = None;
    loop {
        let page: Vec<_> = asks
            .ask(page_call(range, last))
            .await?
            .into_iter()
            .flatten()
            .collect();
        let more = page.len() == PAGE;
        for row in page {
            let (id, fact) = fact(row)?;
            last = Some((fact.started_at, id));
            into.count(fact);
        }
        if !more {
            return Ok(());
        }
    }
}

/// The turns that follow the last one.
fn page_call(range: TimeRange, last: Option<(Timestamp, Uuid)>) -> Call {
    let sql = format!(
        "SELECT TOP ({PAGE}) i.id, i.started_at, i.type, COALESCE(i.channel, N''), i.status,
           CASE WHEN i.product_ids = N'[]' THEN 0 ELSE 1 END, i.request_text
         FROM interactions i
         WHERE i.started_at >= @P1 AND i.started_at < @P2 AND i.request_text IS NOT NULL
           AND (@P3 IS NULL OR i.started_at > @P1 OR i.id > @P3)
         ORDER BY i.started_at, i.id;"
    );
    Call::safe("read_queries", sql)
        .bind(last.map_or(range.from, |(at, _)| at))
        .bind(range.to)
        .bind(last.map(|(_, id)| id))
}

fn fact(row: Row) -> Result<(Uuid, QueryFact), StoreError> {
    let mut columns = Columns::of(row);
    let id = columns.id()?;
    let fact = QueryFact {
        started_at: columns.time()?,
        kind: columns.name()?,
        channel: columns.get()?,
        status: columns.name()?,
        shown: columns.get()?,
        text: columns.get()?,
    };
    Ok((id, fact))
}
