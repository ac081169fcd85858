//! Migrations, and which programs may open which database.

use super::connect;
use crate::migration;
use crate::{Migrated, Standing, StoreError};
use rusqlite::{Connection, OptionalExtension};
use std::fs::File;
use std::path::Path;

mod embedded {
    refinery::embed_migrations!("../../migrations/sqlite");
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
    if !before.is_behind() {
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
    read_standing(&connect(path)?)
}

fn known() -> i64 {
    migration::newest(&embedded::migrations::runner())
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
    let standing = Standing {
        found,
        known: known(),
    };
    standing.unless_too_new(minimum_version(connection)?.as_deref())
}

fn minimum_version(connection: &Connection) -> Result<Option<String>, StoreError> {
    if !has_table(connection, "properties")? {
        return Ok(None);
    }
    let sql = "SELECT value FROM properties WHERE name = 'minimum_version'";
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?)
}

fn has_table(connection: &Connection, name: &str) -> Result<bool, StoreError> {
    Ok(connection
        .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")?
        .exists([name])?)
}

fn unavailable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}
