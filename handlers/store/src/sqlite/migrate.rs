//! Migrations, and which programs may open which database.

use super::connect;
use crate::StoreError;
use rusqlite::{Connection, OptionalExtension};
use std::fs::File;
use std::path::Path;

mod embedded {
    refinery::embed_migrations!("../../migrations/sqlite");
}

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

/// Applies the migrations that are missing, each in a transaction; one process at a time, the others wait.
///
/// A database that has more migrations than this program knows is left alone and accepted, unless it records that it
/// needs a newer program: releases expand the schema first, so that the one before runs on it.
pub fn migrate(path: &Path) -> Result<Migrated, StoreError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| unavailable(folder, &error))?;
    }
    let lock_path = path.with_extension("lock");
    let lock = File::create(&lock_path).map_err(|error| unavailable(&lock_path, &error))?;
    lock.lock().map_err(|error| unavailable(&lock_path, &error))?;

    let mut connection = connect(path)?;
    let before = read_standing(&connection)?;
    refuse_newer(&connection, before)?;
    if before.found >= before.known {
        return Ok(Migrated {
            applied: Vec::new(),
            standing: before,
        });
    }
    let report = embedded::migrations::runner()
        .set_abort_missing(false)
        .run(&mut connection)
        .map_err(|error| StoreError::Broken(format!("migrating {}: {error}", path.display())))?;
    let applied = report
        .applied_migrations()
        .iter()
        .map(ToString::to_string)
        .collect();
    Ok(Migrated {
        applied,
        standing: read_standing(&connection)?,
    })
}

/// How far the database at `path` is migrated; changes nothing.
pub fn standing(path: &Path) -> Result<Standing, StoreError> {
    if !path.exists() {
        return Ok(Standing {
            found: 0,
            known: known(),
        });
    }
    let connection = connect(path)?;
    let standing = read_standing(&connection)?;
    refuse_newer(&connection, standing)?;
    Ok(standing)
}

fn known() -> i64 {
    let newest = embedded::migrations::runner()
        .get_migrations()
        .iter()
        .map(|migration| migration.version())
        .max();
    newest.map_or(0, i64::from)
}

fn read_standing(connection: &Connection) -> Result<Standing, StoreError> {
    let found = if has_table(connection, "refinery_schema_history")? {
        connection.query_row(
            "SELECT coalesce(max(version), 0) FROM refinery_schema_history",
            [],
            |row| row.get(0),
        )?
    } else {
        0
    };
    Ok(Standing {
        found,
        known: known(),
    })
}

fn refuse_newer(connection: &Connection, standing: Standing) -> Result<(), StoreError> {
    if !has_table(connection, "properties")? {
        return Ok(());
    }
    let needed: Option<String> = connection
        .query_row(
            "SELECT value FROM properties WHERE name = 'minimum_version'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    let needed = needed.and_then(|needed| needed.parse().ok()).unwrap_or(0);
    if needed > standing.known {
        return Err(StoreError::TooNew {
            needed,
            known: standing.known,
        });
    }
    Ok(())
}

fn has_table(connection: &Connection, name: &str) -> Result<bool, StoreError> {
    Ok(connection
        .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")?
        .exists([name])?)
}

fn unavailable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}
