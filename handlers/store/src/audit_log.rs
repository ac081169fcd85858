//! The contract for the audit log. Entries are added by the units of work that they tell of.

use crate::StoreError;
use async_trait::async_trait;
use domain::audit::AuditEntry;
use domain::page::PageRequest;

/// Reads of the audit log.
#[async_trait]
pub trait AuditLog {
    /// Entries by `at` descending, then `id` descending; one more than the page holds when more follow.
    async fn list_audit_log(&self, page: PageRequest) -> Result<Vec<AuditEntry>, StoreError>;
}
