//! Plain SQLite: the very rows that the program stored, inserted again into the same table with the same indexes,
//! just as durably, by a loop that does nothing else. Taking the rows from the program's own file honours whatever
//! encoding and constraint its migrations chose.

use std::path::Path;
use std::time::Instant;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use crate::Outcome;

/// The best of the tries.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawInsert {
    pub(super) rows_per_second: f64,
    /// Rows to a transaction.
    pub(super) transaction: usize,
}

const TABLE: &str = "interactions";

/// Copies up to `limit` rows of the database at `source` into fresh files in `folder`.
pub(super) fn insert(source: &Path, folder: &Path, limit: usize) -> Outcome<RawInsert> {
    let source = Connection::open_with_flags(source, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let schema = schema(&source)?;
    let columns = columns(&source)?;
    let rows = rows(&source, &columns, limit)?;
    drop(source);
    if rows.is_empty() {
        return Err("the program's database has no interactions to copy".into());
    }
    let mut best = RawInsert {
        rows_per_second: 0.0,
        transaction: 0,
    };
    for transaction in [100, 400] {
        let path = folder.join(format!("raw-{transaction}.db"));
        let rows_per_second = insert_into(&path, &schema, &columns, &rows, transaction)?;
        if rows_per_second > best.rows_per_second {
            best = RawInsert {
                rows_per_second,
                transaction,
            };
        }
    }
    Ok(best)
}

/// How many interactions the database at `path` holds.
pub(super) fn count(path: &Path) -> Outcome<usize> {
    count_of(path, TABLE)
}

/// How many rows a table of a database has.
pub(super) fn count_of(path: &Path, table: &str) -> Outcome<usize> {
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let rows: i64 = database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
    Ok(usize::try_from(rows)?)
}

/// The table first, then its indexes. Those that SQLite makes by itself have no text.
fn schema(source: &Connection) -> rusqlite::Result<Vec<String>> {
    source
        .prepare(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ?1 AND type IN ('table', 'index') AND sql IS NOT NULL
             ORDER BY type = 'index', name",
        )?
        .query_map([TABLE], |row| row.get(0))?
        .collect()
}

/// All columns that can be written: `table_info` leaves generated ones out.
fn columns(source: &Connection) -> rusqlite::Result<Vec<String>> {
    source
        .prepare("SELECT name FROM pragma_table_info(?1)")?
        .query_map([TABLE], |row| row.get(0))?
        .collect()
}

fn rows(source: &Connection, columns: &[String], limit: usize) -> rusqlite::Result<Vec<Vec<Value>>> {
    let select = format!("SELECT {} FROM {TABLE} LIMIT {limit}", names(columns));
    source
        .prepare(&select)?
        .query_map([], |row| {
            (0..columns.len()).map(|column| row.get(column)).collect()
        })?
        .collect()
}

fn insert_into(
    path: &Path,
    schema: &[String],
    columns: &[String],
    rows: &[Vec<Value>],
    transaction: usize,
) -> Outcome<f64> {
    let database = Connection::open(path)?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    // The tables that it may refer to are not here.
    database.pragma_update(None, "foreign_keys", false)?;
    for statement in schema {
        database.execute_batch(statement)?;
    }
    let places = vec!["?"; columns.len()].join(", ");
    let mut insert = database.prepare(&format!(
        "INSERT INTO {TABLE} ({}) VALUES ({places})",
        names(columns)
    ))?;
    let start = Instant::now();
    for batch in rows.chunks(transaction) {
        let open = database.unchecked_transaction()?;
        for row in batch {
            insert.execute(params_from_iter(row))?;
        }
        open.commit()?;
    }
    Ok(rows.len() as f64 / start.elapsed().as_secs_f64())
}

fn names(columns: &[String]) -> String {
    columns
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_rows_go_into_the_same_schema() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pravis.db");
        let source = Connection::open(&path).unwrap();
        source
            .execute_batch(
                "CREATE TABLE shops (id INTEGER PRIMARY KEY) STRICT;
                 CREATE TABLE interactions (id BLOB PRIMARY KEY CHECK (length(id) = 16), shop INTEGER REFERENCES shops,
                     \"type\" TEXT NOT NULL, size INTEGER AS (length(\"type\"))) STRICT, WITHOUT ROWID;
                 CREATE INDEX interactions_by_type ON interactions (\"type\") WHERE shop IS NOT NULL;
                 INSERT INTO shops VALUES (7);
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                 INSERT INTO interactions (id, shop, \"type\") SELECT randomblob(16), 7, 'chat' FROM n;",
            )
            .unwrap();
        let raw = insert(&path, folder.path(), 900).unwrap();
        assert!(raw.rows_per_second > 0.0);

        assert_eq!(count(&folder.path().join("raw-100.db")).unwrap(), 900);
        let copy = Connection::open(folder.path().join("raw-400.db")).unwrap();
        assert_eq!(schema(&copy).unwrap(), schema(&source).unwrap());
        let mode: String = copy
            .query_row("PRAGMA journal_mode", [], |row| row.get(0))
            .unwrap();
        assert_eq!(mode, "wal");
    }
}
