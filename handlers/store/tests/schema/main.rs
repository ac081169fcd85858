//! Both folders of migrations make the same database: the same files, tables, columns and order.

mod expand;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One column: its name, and whether it must be known.
type Column = (String, bool);

#[test]
fn both_folders_have_the_same_files() {
    let sqlite = names("sqlite");
    assert_eq!(sqlite, names("azure_sql"));
    assert!(!sqlite.is_empty());
    for (number, name) in (1..).zip(&sqlite) {
        assert!(
            name.starts_with(&format!("V{number:04}__")),
            "{name} is not number {number}"
        );
    }
}

#[test]
fn both_folders_make_the_same_tables() {
    let (sqlite, azure_sql) = (tables("sqlite"), tables("azure_sql"));
    let of = |tables: &BTreeMap<String, Vec<Column>>| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(of(&sqlite), of(&azure_sql));
    for (table, columns) in &sqlite {
        assert_eq!(columns, &azure_sql[table], "columns of {table}");
        assert!(columns.len() > 1, "{table} was not read");
    }
}

#[test]
fn every_sqlite_table_is_strict() {
    for (file, statement) in statements("sqlite") {
        if words(&statement).starts_with(&["CREATE", "TABLE"]) {
            let (_, options) = statement.rsplit_once(')').expect("a table has columns");
            assert!(options.contains("STRICT"), "{file}: {statement}");
        }
    }
}

/// What SQL Server 2019 does not take, and what this house does not use.
#[test]
fn azure_sql_keeps_to_its_subset() {
    for (file, statement) in statements("azure_sql") {
        let upper = statement.to_uppercase();
        for word in [
            "MERGE",
            "CREATE OR ALTER",
            "UNIQUEIDENTIFIER",
            "DATETIMEOFFSET",
            " VARCHAR",
            "IDENTITY",
        ] {
            assert!(!upper.contains(word), "{file}: {word} in {statement}");
        }
        assert!(
            words(&statement) != ["GO"],
            "{file}: GO is a word of sqlcmd, not of the server"
        );
    }
}

#[test]
#[ignore = "needs sqlfluff"]
fn sqlfluff_parses_every_azure_sql_migration() {
    // What does not parse is told whatever the rules; this one only wants a last line that ends.
    let parsing = Command::new("sqlfluff")
        .args(["lint", "--dialect", "tsql", "--rules", "LT12"])
        .arg(folder("azure_sql"))
        .output()
        .expect("sqlfluff starts");
    assert!(
        parsing.status.success(),
        "{}{}",
        String::from_utf8_lossy(&parsing.stdout),
        String::from_utf8_lossy(&parsing.stderr)
    );
}

fn folder(backend: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../migrations")
        .join(backend)
}

fn names(backend: &str) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder(backend))
        .expect("the folder of migrations")
        .map(|entry| {
            entry
                .expect("its entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// The statements of all files in order, without comments, each with the name of its file.
fn statements(backend: &str) -> Vec<(String, String)> {
    let mut statements = Vec::new();
    for name in names(backend) {
        let text = std::fs::read_to_string(folder(backend).join(&name)).expect("a migration");
        let own = expand::statements(&text).into_iter();
        statements.extend(own.map(|statement| (name.clone(), statement.sql)));
    }
    statements
}

fn words(statement: &str) -> Vec<&str> {
    statement.split_whitespace().collect()
}

/// The tables as all files together leave them.
fn tables(backend: &str) -> BTreeMap<String, Vec<Column>> {
    let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for (_, statement) in statements(backend) {
        match words(&statement).as_slice() {
            ["CREATE", "TABLE", name, ..] => {
                let name = name.trim_end_matches('(').to_owned();
                let (_, inside) = statement.split_once('(').expect("a table has columns");
                let (inside, _) = inside.rsplit_once(')').expect("a table ends");
                tables.insert(name, parts(inside).filter_map(column).collect());
            }
            // SQLite says `ADD COLUMN x …`, one each; SQL Server says `ADD x …, y …`.
            ["ALTER", "TABLE", name, "ADD", ..] => {
                let (_, added) = statement.split_once("ADD").expect("it was just seen");
                let added = added.trim().trim_start_matches("COLUMN ");
                let columns = tables
                    .get_mut(*name)
                    .expect("a table was made before it is changed");
                columns.extend(parts(added).filter_map(column));
            }
            _ => {}
        }
    }
    tables
}

/// Splits at the commas that stand in no bracket.
fn parts(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    list.split(move |letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    })
}

/// The column that a part of a table declares; none for a constraint.
fn column(part: &str) -> Option<Column> {
    let words = words(part);
    let name = *words.first()?;
    if ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].contains(&name) {
        return None;
    }
    let required = words.windows(2).any(|pair| pair == ["NOT", "NULL"]);
    Some((name.to_owned(), required))
}
