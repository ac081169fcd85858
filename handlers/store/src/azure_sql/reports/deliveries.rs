//! Deliveries in Azure SQL.

use crate::StoreError;
use crate::azure_sql::call::Call;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::conditions::Conditions;
use crate::azure_sql::rows::{Shape, hex, optional_time, time};
use domain::page::PageRequest;
use domain::reports::{Attempted, Delivery, DeliveryFilter};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tiberius::Row;
use uuid::Uuid;

const COLUMNS: &str = "id, report_id, channel, target, state, attempts, answer_status, reason, created_at, updated_at, next_at, \
     target_hash, held_by, held_until";

/// The columns of a new delivery, in the order in which [`sent`] sends them.
pub(super) const SHAPE: &Shape = &[
    ("id", "binary(16)"),
    ("created_at", "datetime2(7)"),
    ("report_id", "binary(16)"),
    ("channel", "nvarchar(16)"),
    ("target", "nvarchar(400)"),
    ("target_hash", "binary(32)"),
    ("state", "nvarchar(16)"),
    ("attempts", "int"),
    ("updated_at", "datetime2(7)"),
    ("next_at", "datetime2(7)"),
];

pub(super) fn sent(delivery: &Delivery) -> Vec<Json> {
    vec![
        hex(delivery.id.as_bytes()),
        time(delivery.created_at),
        hex(delivery.report_id.as_bytes()),
        json!(delivery.channel.as_str()),
        json!(delivery.target),
        hex(&delivery.target_hash),
        json!(delivery.state.as_str()),
        json!(delivery.attempts),
        time(delivery.updated_at),
        optional_time(delivery.next_at),
    ]
}

/// Begins an attempt where that is possible; answers how the delivery stands.
pub(super) fn begin(id: Uuid, attempt: Uuid, now: Timestamp, until: Timestamp) -> Call {
    Call::safe(
        "begin_delivery",
        format!(
            "SET NOCOUNT ON;
             UPDATE report_deliveries SET attempts = attempts + 1, held_by = @P2, held_until = @P4, updated_at = @P3
             WHERE id = @P1 AND state IN (N'queued', N'failed') AND next_at <= @P3
               AND (held_until IS NULL OR held_until <= @P3) AND (held_by IS NULL OR held_by <> @P2);
             SELECT {COLUMNS} FROM report_deliveries WHERE id = @P1;"
        ),
    )
    .bind(id)
    .bind(attempt)
    .bind(now)
    .bind(until)
}

/// Notes the end of an attempt; answers whether it was still the latest.
pub(super) fn end(id: Uuid, attempt: Uuid, attempted: Attempted) -> Call {
    Call::safe(
        "end_delivery",
        "SET NOCOUNT ON;
         UPDATE report_deliveries SET state = @P3, answer_status = @P4, reason = @P5, updated_at = @P6, next_at = @P7,
           held_until = NULL
         WHERE id = @P1 AND held_by = @P2;
         SELECT @@ROWCOUNT;",
    )
    .bind(id)
    .bind(attempt)
    .bind(attempted.state.as_str())
    .bind(attempted.status.map(u32::from))
    .bind(attempted.reason)
    .bind(attempted.at)
    .bind(attempted.next_at)
}

/// Begins what is dead anew; answers how many there were. Sent twice, it may answer none though there were some.
pub(super) fn revive(report: Uuid, now: Timestamp) -> Call {
    Call::safe(
        "revive_deliveries",
        "SET NOCOUNT ON;
         UPDATE report_deliveries SET state = N'queued', attempts = 0, answer_status = NULL, reason = NULL,
           updated_at = @P2, next_at = @P2, held_by = NULL, held_until = NULL
         WHERE report_id = @P1 AND state = N'dead';
         SELECT CONVERT(bigint, @@ROWCOUNT);",
    )
    .bind(report)
    .bind(now)
}

/// One page, newest first.
pub(super) fn list(filter: &DeliveryFilter, page: &PageRequest) -> Call {
    let mut conditions = Conditions::default();
    if let Some(last) = &page.after {
        conditions.before(("created_at", "id"), last.at, last.key);
    }
    conditions.all("report_id = {}", filter.report_id);
    conditions.all("state = {}", filter.state.map(|state| state.as_str()));
    let limit = conditions.bind(page.limit as i64 + 1);
    let sql = format!(
        "SELECT TOP ({limit}) {COLUMNS} FROM report_deliveries{} ORDER BY created_at DESC, id DESC",
        conditions.sql()
    );
    Call::safe("list_deliveries", sql).with(conditions.values)
}

pub(super) fn from_row(row: Row) -> Result<Delivery, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Delivery {
        id: columns.id()?,
        report_id: columns.id()?,
        channel: columns.name()?,
        target: columns.get()?,
        state: columns.name()?,
        attempts: columns.get()?,
        status: columns
            .get::<Option<i32>>()?
            .and_then(|status| status.try_into().ok()),
        reason: columns.get()?,
        created_at: columns.time()?,
        updated_at: columns.time()?,
        next_at: columns.optional_time()?,
        target_hash: columns.get()?,
        held_by: columns.optional_id()?,
        held_until: columns.optional_time()?,
    })
}
