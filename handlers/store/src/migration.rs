//! How far a database is migrated, and which programs may open it.

use crate::StoreError;

/// What a migration run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The files that were applied now, in order.
    pub applied: Vec<String>,
    /// How the database stands now.
    pub standing: Standing,
}

/// How far a database is migrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The newest migration that was applied; 0 for a database that does not exist yet.
    pub found: i64,
    /// The newest migration that this program knows.
    pub known: i64,
}

impl Standing {
    /// Refuses a database that says (`minimum_version` in its properties) that it needs a newer program. One that merely
    /// has more migrations than this program knows is accepted: releases expand the schema first, so that the one before
    /// runs on it.
    pub(crate) fn unless_too_new(self, minimum_version: Option<&str>) -> Result<Self, StoreError> {
        let needed = minimum_version
            .and_then(|needed| needed.parse().ok())
            .unwrap_or(0);
        if needed > self.known {
            return Err(StoreError::TooNew {
                needed,
                known: self.known,
            });
        }
        Ok(self)
    }

    /// Whether files are missing.
    pub fn is_behind(self) -> bool {
        self.found < self.known
    }
}

/// The newest of the migrations.
pub(crate) fn newest(migrations: &refinery::Runner) -> i64 {
    let versions = migrations
        .get_migrations()
        .iter()
        .map(|migration| migration.version());
    versions.max().map_or(0, i64::from)
}
