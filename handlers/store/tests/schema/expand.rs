//! Migrations expand first and contract later: the release before runs on the new schema, while a new one is rolled out
//! and after it was taken back. A statement that could break programs has to say from which release on it does not:
//! `-- Safe since 0.2.0: nothing reads it any more.` right above it, and that release is an older one. (What a comment
//! claims, `cargo xtask compat` tries: it runs the code of the release before on the schema.)

use super::{folder, names, parts, words};

/// The migrations that came before there was a release: nobody runs a program that knows fewer of them.
const BEFORE_RELEASES: usize = 15;

const MARK: &str = "Safe since ";

#[test]
fn what_could_break_the_release_before_says_why_it_does_not() {
    for backend in ["sqlite", "azure_sql"] {
        for name in names(backend).into_iter().skip(BEFORE_RELEASES) {
            let text = std::fs::read_to_string(folder(backend).join(&name)).expect("a migration");
            let faults = faults(&text, env!("CARGO_PKG_VERSION"));
            assert!(faults.is_empty(), "{backend}/{name}:\n{}", faults.join("\n"));
        }
    }
}

/// What in a migration of `release` may break the programs before it, and does not say why it does not.
fn faults(text: &str, release: &str) -> Vec<String> {
    let statements = statements(text);
    let mut faults = Vec::new();
    for (place, statement) in statements.iter().enumerate() {
        let Some(why) = breaks(&statement.sql, &statements[..place], &statements) else {
            continue;
        };
        match statement.safe_since.as_deref() {
            Some(since) if version(since) < version(release) => {}
            Some(since) => faults.push(format!("{why}, and {since} is not out yet: {}", statement.sql)),
            None => faults.push(format!("{why}: {}", statement.sql)),
        }
    }
    faults
}

/// Why a program that does not know the statement might fail after it. What the same file made `before` is new to all.
fn breaks(sql: &str, before: &[Statement], file: &[Statement]) -> Option<&'static str> {
    let upper = sql.to_uppercase();
    let words = words(&upper);
    match words.as_slice() {
        // Queries name indexes. One that is made again under its name is only another index.
        ["DROP", "INDEX", name, ..] if makes(file, "INDEX", name) => None,
        ["DROP", ..] => Some("it removes something"),
        ["EXEC" | "EXECUTE", "SP_RENAME" | "SYS.SP_RENAME", ..] => Some("it renames something"),
        ["CREATE", "TRIGGER", ..] => Some("it changes what a write does"),
        ["CREATE", "UNIQUE", rest @ ..] if !makes(before, "TABLE", after("ON", rest)) => {
            Some("it refuses rows that were fine")
        }
        ["UPDATE" | "INSERT" | "DELETE" | "MERGE", ..] if upper.contains("'MINIMUM_VERSION'") => {
            Some("it shuts programs out")
        }
        ["ALTER", "TABLE", table, ..] if makes(before, "TABLE", table) => None,
        ["ALTER", "TABLE", _, "DROP", ..] => Some("it removes something"),
        ["ALTER", "TABLE", _, "RENAME", ..] => Some("it renames something"),
        ["ALTER", "TABLE", _, "ALTER", ..] => Some("it changes a column"),
        [
            "ALTER",
            "TABLE",
            _,
            "ADD",
            "CONSTRAINT" | "UNIQUE" | "CHECK" | "FOREIGN" | "PRIMARY",
            ..,
        ] => Some("it refuses rows that were fine"),
        ["ALTER", "TABLE", _, "ADD", ..] if parts(added(&upper)).any(asks) => Some("it asks for a column"),
        _ => None,
    }
}

/// Whether the file has a `CREATE … TABLE name` (or `INDEX`); names are in capitals.
fn makes(file: &[Statement], kind: &str, name: &str) -> bool {
    file.iter().any(|statement| {
        let upper = statement.sql.to_uppercase();
        let words = words(&upper);
        words.first() == Some(&"CREATE") && plain(after(kind, &words)) == plain(name)
    })
}

/// The word that comes after another one.
fn after<'a>(word: &str, words: &[&'a str]) -> &'a str {
    let place = words.iter().position(|found| *found == word);
    place
        .and_then(|place| words.get(place + 1))
        .copied()
        .unwrap_or_default()
}

/// A name without the bracket that may follow it at once.
fn plain(name: &str) -> &str {
    name.split('(').next().unwrap_or_default()
}

/// What an `ALTER TABLE … ADD` adds: one column, or some with commas between them.
fn added(upper: &str) -> &str {
    upper.split_once(" ADD ").map_or("", |(_, added)| added)
}

/// Whether who writes a row has to know of this column.
fn asks(column: &str) -> bool {
    let words = words(column);
    words.windows(2).any(|pair| pair == ["NOT", "NULL"]) && !words.contains(&"DEFAULT")
}

/// A release as numbers that can be compared.
fn version(text: &str) -> Vec<u64> {
    text.split('.')
        .map(|number| number.parse().expect("a version is three numbers"))
        .collect()
}

/// One statement, and the release of the mark above it.
pub(super) struct Statement {
    pub(super) sql: String,
    safe_since: Option<String>,
}

/// The statements of a file, in order.
pub(super) fn statements(text: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let (mut sql, mut safe_since) = (String::new(), None);
    for line in text.lines() {
        let (code, comment) = line.split_once("--").unwrap_or((line, ""));
        if let Some(mark) = comment.trim().strip_prefix(MARK) {
            let (since, reason) = mark.split_once(':').expect("a mark is `Safe since 0.2.0: why`");
            assert!(!reason.trim().is_empty(), "a mark says why: {line}");
            safe_since = Some(since.trim().to_owned());
        }
        let mut pieces = code.split(';');
        sql += pieces.next().unwrap_or_default();
        for piece in pieces {
            let whole = words(&std::mem::replace(&mut sql, piece.to_owned())).join(" ");
            statements.push(Statement {
                sql: whole,
                safe_since: safe_since.take(),
            });
        }
        sql.push('\n');
    }
    assert!(sql.trim().is_empty(), "the last statement has no end: {sql}");
    statements
}

#[test]
fn what_programs_may_depend_on_is_found() {
    for sql in [
        "DROP TABLE feedback;",
        "DROP INDEX feedback_by_user;",
        "drop view numbers;",
        "ALTER TABLE feedback DROP COLUMN tags;",
        "ALTER TABLE feedback DROP CONSTRAINT feedback_key;",
        "ALTER TABLE feedback RENAME TO opinions;",
        "ALTER TABLE feedback RENAME COLUMN tags TO labels;",
        "EXEC sp_rename N'feedback.tags', N'labels';",
        "ALTER TABLE feedback ALTER COLUMN tags nvarchar(64) NULL;",
        "ALTER TABLE feedback ADD COLUMN weight INTEGER NOT NULL;",
        "ALTER TABLE feedback ADD mood int NULL, weight int NOT NULL;",
        "ALTER TABLE feedback ADD mood int NOT NULL CONSTRAINT m DEFAULT 0, weight int NOT NULL;",
        "ALTER TABLE feedback ADD CONSTRAINT c CHECK (rating > 0);",
        "CREATE UNIQUE INDEX one_each ON feedback (user_id);",
        "CREATE UNIQUE NONCLUSTERED INDEX one_each ON feedback(user_id) WHERE user_id IS NOT NULL;",
        "CREATE TRIGGER t AFTER INSERT ON feedback BEGIN SELECT 1;",
        "UPDATE properties SET value = '16' WHERE name = 'minimum_version';",
        "-- Unused.\nDROP TABLE feedback;",
        "-- Safe since 0.1.0: of another statement.\nSELECT 1;\nDROP TABLE feedback;",
        "-- Safe since 0.2.0: the release that is being made still reads it.\nDROP TABLE feedback;",
    ] {
        assert_eq!(faults(sql, "0.2.0").len(), 1, "{sql}");
    }
}

#[test]
fn what_only_adds_needs_no_word() {
    for sql in [
        "CREATE TABLE moods (id BLOB NOT NULL PRIMARY KEY) STRICT;",
        "CREATE TABLE moods(\n  id int NOT NULL,\n  word int NOT NULL\n);\nCREATE UNIQUE INDEX m ON moods (word);",
        "CREATE TABLE moods (id int);\nALTER TABLE moods ADD CONSTRAINT c CHECK (id > 0);",
        "ALTER TABLE feedback ADD COLUMN mood TEXT;",
        "ALTER TABLE feedback ADD mood int NULL, weight int NOT NULL CONSTRAINT w DEFAULT (0);",
        "CREATE INDEX feedback_by_mood ON feedback (mood);",
        "DROP INDEX feedback_by_user;\nCREATE INDEX feedback_by_user ON feedback (user_id, mood);",
        "DELETE FROM interaction_rollups WHERE tier <> 2;",
        "UPDATE properties SET value = 'x' WHERE name = 'time_zone';",
        "-- Safe since 0.1.9: nothing reads it any more.\nDROP TABLE feedback;",
    ] {
        assert_eq!(faults(sql, "0.2.0"), [""; 0], "{sql}");
    }
}

/// Two files of before the first release: they show that the rule finds what real migrations do.
#[test]
fn older_files_show_that_the_rule_bites() {
    let read = |file: &str| std::fs::read_to_string(folder("sqlite").join(file)).expect("a migration");
    let found = faults(&read("V0010__series.sql"), "0.1.0");
    assert!(
        found
            .iter()
            .any(|fault| fault.starts_with("it renames something")),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|fault| fault.starts_with("it shuts programs out")),
        "{found:?}"
    );
    assert_eq!(faults(&read("V0014__interaction_facts.sql"), "0.1.0"), [""; 0]);
}
