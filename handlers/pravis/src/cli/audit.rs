//! `pravis audit`.

use super::{CommandError, logging, opened};
use crate::config::Config;
use domain::audit::AuditEntry;
use domain::page::{MOST_LIMIT, PageRequest, Positioned};
use store::{Store, StoreError};

/// Arguments of `audit`.
#[derive(Debug, clap::Args)]
pub(super) struct Audit {
    /// How many entries, the newest first.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

impl Audit {
    pub(super) async fn run(self, config: Config, json: bool) -> Result<(), CommandError> {
        let (_app, store) = opened::app(config).await?;
        let entries = newest(&*store, self.limit).await;
        store.close().await;
        let entries = entries.map_err(CommandError::failed)?;
        let lines = || entries.iter().map(line).collect::<Vec<_>>().join("\n");
        logging::print(json, &entries, lines);
        Ok(())
    }
}

async fn newest(store: &dyn Store, most: usize) -> Result<Vec<AuditEntry>, StoreError> {
    let mut entries: Vec<AuditEntry> = Vec::new();
    while entries.len() < most {
        let limit = MOST_LIMIT.min(most - entries.len());
        let after = entries.last().map(Positioned::position);
        let page = store.list_audit_log(PageRequest { limit, after }).await?;
        let more = page.len() > limit;
        entries.extend(page.into_iter().take(limit));
        if !more {
            break;
        }
    }
    Ok(entries)
}

fn line(entry: &AuditEntry) -> String {
    format!(
        "{}  {}  {}  {}  {}",
        entry.at, entry.actor, entry.action, entry.subject, entry.detail
    )
}
