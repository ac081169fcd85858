//! The audit log in SQLite.

use super::SqliteStore;
use super::columns::{Columns, json};
use crate::{AuditLog, StoreError};
use async_trait::async_trait;
use domain::audit::AuditEntry;
use domain::page::PageRequest;
use rusqlite::{Connection, Row, named_params, params};
use uuid::Uuid;

#[async_trait]
impl AuditLog for SqliteStore {
    async fn list_audit_log(&self, page: PageRequest) -> Result<Vec<AuditEntry>, StoreError> {
        let list = move |connection: &Connection| {
            let (at, id) = page.after.map_or((i64::MAX, Uuid::max()), |last| {
                (last.at.as_microsecond(), last.key)
            });
            connection
                .prepare_cached(
                    "SELECT id, at, actor, action, subject, detail FROM audit_log WHERE (at, id) < (:at, :id)
                     ORDER BY at DESC, id DESC LIMIT :limit",
                )?
                .query_map(
                    named_params! { ":at": at, ":id": id.as_bytes(), ":limit": page.limit as i64 + 1 },
                    from_row,
                )?
                .collect()
        };
        self.readers.read(list).await
    }
}

/// Adds an entry; part of the transaction that it tells of.
pub(super) fn append(connection: &Connection, entry: &AuditEntry) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO audit_log (id, at, actor, action, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            entry.id.as_bytes(),
            entry.at.as_microsecond(),
            entry.actor,
            entry.action,
            entry.subject,
            json(&entry.detail)?,
        ])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    let mut columns = Columns::of(row);
    Ok(AuditEntry {
        id: columns.id()?,
        at: columns.time()?,
        actor: columns.get()?,
        action: columns.get()?,
        subject: columns.get()?,
        detail: columns.json()?,
    })
}
