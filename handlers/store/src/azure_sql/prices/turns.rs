//! Turns that are priced anew.

use crate::StoreError;
use crate::azure_sql::audit_log;
use crate::azure_sql::call::Call;
use crate::azure_sql::columns::Columns;
use crate::azure_sql::rollups;
use crate::azure_sql::rows::{self, Shape, hex, time};
use domain::analytics::quarter_of;
use domain::audit::AuditEntry;
use domain::pricing::{CostChange, PricedTurn};
use jiff::Timestamp;
use serde_json::json;
use tiberius::Row;
use uuid::Uuid;

const CHANGE: &Shape = &[
    ("id", "binary(16)"),
    ("bucket", "datetime2(7)"),
    ("version", "bigint"),
    ("cost_micros", "bigint"),
];

pub(super) fn list_call(
    from: Timestamp,
    to: Timestamp,
    after: Option<(Timestamp, Uuid)>,
    limit: usize,
) -> Call {
    let (at, id) = after.unzip();
    let sql =
        "SELECT TOP (@P3) id, started_at, version, provider, model, model_version, deployment, tokens_input,
           tokens_output, tokens_cached, audio_seconds, characters, images, cost_micros
         FROM interactions
         WHERE started_at >= @P1 AND started_at < @P2 AND (priced = 1 OR cost_micros IS NULL)
           AND (@P4 IS NULL OR started_at > @P4 OR (started_at = @P4 AND id > @P5))
         ORDER BY started_at, id";
    Call::safe("list_priced_turns", sql)
        .bind(at.map_or(from, |at| at.max(from)))
        .bind(to)
        .bind(limit as i64)
        .bind(at)
        .bind(id)
}

/// Replaces the costs and answers 1 and nothing, or nothing and the turns that have another version by now. Sent again after it
/// was done, it answers these: they are read again then, and found to be right.
pub(super) fn reprice_call(changes: &[CostChange], audit: &AuditEntry) -> Call {
    let sql = format!(
        "SET NOCOUNT ON; SET XACT_ABORT ON;
         {changes}
         {audit}
         BEGIN TRANSACTION;
         UPDATE i SET cost_micros = c.cost_micros, priced = CASE WHEN c.cost_micros IS NULL THEN 0 ELSE 1 END,
           version = i.version + 1, repricings = COALESCE(i.repricings, 0) + 1,
           updated_at = CASE WHEN i.updated_at < @P3 THEN @P3 ELSE i.updated_at END
         FROM interactions i JOIN @changes c ON c.id = i.id WHERE i.version = c.version;
         IF @@ROWCOUNT <> (SELECT COUNT(*) FROM @changes)
         BEGIN
           ROLLBACK TRANSACTION;
           SELECT 1 WHERE 1 = 0;
           SELECT c.id FROM @changes c WHERE NOT EXISTS (
             SELECT 1 FROM interactions i WHERE i.id = c.id AND i.version = c.version);
           RETURN;
         END;
         {dirty} SELECT DISTINCT {kind}, bucket FROM @changes;
         {mark}
         {append}
         COMMIT TRANSACTION;
         SELECT 1;
         SELECT id FROM @changes WHERE 1 = 0;",
        changes = rows::declare("@changes", CHANGE, "@P1"),
        audit = audit_log::declare("@P2"),
        kind = rollups::INTERACTIONS,
        dirty = rollups::DIRTY,
        mark = rollups::MARK,
        append = audit_log::append(),
    );
    let sent = changes.iter().map(|change| {
        vec![
            hex(change.id.as_bytes()),
            time(quarter_of(change.started_at)),
            json!(change.version),
            json!(change.cost_micros),
        ]
    });
    Call::safe("reprice", sql)
        .bind(rows::rows(sent))
        .bind(audit_log::sent(audit))
        .bind(audit.at)
}

pub(super) fn from_row(row: Row) -> Result<PricedTurn, StoreError> {
    let mut columns = Columns::of(row);
    Ok(PricedTurn {
        id: columns.id()?,
        started_at: columns.time()?,
        version: columns.get()?,
        provider: columns.get()?,
        model: columns.get()?,
        model_version: columns.get()?,
        deployment: columns.get()?,
        tokens_input: columns.get()?,
        tokens_output: columns.get()?,
        tokens_cached: columns.get()?,
        audio_seconds: columns.get()?,
        characters: columns.get()?,
        images: columns.get()?,
        cost_micros: columns.get()?,
    })
}
