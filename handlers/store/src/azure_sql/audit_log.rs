//! The audit log in Azure SQL.

use super::AzureSqlStore;
use super::call::Call;
use super::columns::Columns;
use super::conditions::Conditions;
use super::rows::{self, Shape, hex, time};
use super::value::Value;
use crate::{AuditLog, StoreError};
use async_trait::async_trait;
use domain::audit::AuditEntry;
use domain::page::PageRequest;
use serde_json::{Value as Json, json};
use tiberius::Row;

/// The columns of an entry, in the order in which [`sent`] sends them and [`from_row`] reads them.
const SHAPE: &Shape = &[
    ("id", "binary(16)"),
    ("at", "datetime2(7)"),
    ("actor", "nvarchar(128)"),
    ("action", "nvarchar(64)"),
    ("subject", "nvarchar(512)"),
    ("detail", "nvarchar(max)"),
];

#[async_trait]
impl AuditLog for AzureSqlStore {
    async fn list_audit_log(&self, page: PageRequest) -> Result<Vec<AuditEntry>, StoreError> {
        let mut conditions = Conditions::beside(vec![Value::from(page.limit as i64 + 1)]);
        if let Some(last) = page.after {
            conditions.before(("at", "id"), last.at, last.key);
        }
        let sql = format!(
            "SELECT TOP (@P1) {} FROM audit_log{} ORDER BY at DESC, id DESC",
            rows::names(SHAPE, ""),
            conditions.sql(),
        );
        let call = Call::safe("list_audit_log", sql).with(conditions.values);
        self.all(call, from_row).await
    }
}

/// Declares the entry in parameter `parameter` as `@audit`.
pub(super) fn declare(parameter: &str) -> String {
    rows::declare("@audit", SHAPE, parameter)
}

/// Adds the declared entry, once; part of the transaction that it tells of.
pub(super) fn append() -> String {
    format!(
        "INSERT INTO audit_log ({names}) SELECT {selected} FROM @audit a
         WHERE NOT EXISTS (SELECT 1 FROM audit_log l WHERE l.id = a.id);",
        names = rows::names(SHAPE, ""),
        selected = rows::names(SHAPE, "a."),
    )
}

/// The entry as a parameter.
pub(super) fn sent(entry: &AuditEntry) -> String {
    rows::rows([vec![
        hex(entry.id.as_bytes()),
        time(entry.at),
        json!(entry.actor),
        json!(entry.action),
        json!(entry.subject),
        Json::String(entry.detail.to_string()),
    ]])
}

fn from_row(row: Row) -> Result<AuditEntry, StoreError> {
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
