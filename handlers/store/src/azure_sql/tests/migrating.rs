//! Migrations that are refused, that fail, and that are cut off.

use super::super::migrate::migrate_on;
use super::super::{AzureSqlStore, standing};
use super::{Bench, Tuning, options};
use crate::StoreError;
use std::sync::{Arc, Mutex};
use testkit::tds::{Cell, LoginReply, Reply, Statement, Table, Type};

/// What a database keeps of `refinery`'s ledger: version, name, date and checksum of each file.
#[derive(Default)]
struct Database {
    files: Vec<[String; 4]>,
    /// What was written in the transaction that is open.
    pending: Vec<[String; 4]>,
    lock: i64,
    /// How the transactions of files begin: the first one with the first of these.
    starts: Vec<Reply>,
}

impl Database {
    fn answer(&mut self, statement: &Statement) -> Reply {
        let sql = &statement.sql;
        if let Some((_, values)) = sql
            .split_once("VALUES (")
            .filter(|_| sql.contains("refinery_schema_history (version"))
        {
            let values = values.trim_end_matches(')').replace('\'', "");
            let values: Vec<_> = values.split(", ").map(str::to_owned).collect();
            self.pending.push(values.try_into().unwrap());
            return Reply::done();
        }
        if sql.starts_with("BEGIN TRAN") {
            self.pending.clear();
        } else if sql.starts_with("COMMIT TRAN") {
            self.files.append(&mut self.pending);
        } else if sql.contains("CREATE TABLE sessions") && !self.starts.is_empty() {
            return self.starts.remove(0);
        } else if sql.contains("sp_getapplock") {
            return Reply::rows(Table::number(self.lock));
        } else if sql.contains("OBJECT_ID") {
            return self.standing();
        } else if sql.starts_with("SELECT version") {
            return self.ledger();
        } else if sql.contains("N'time_zone'") {
            return Reply::rows(Table::of([("value", Type::Text)]).row([Cell::Text("UTC".to_owned())]));
        }
        Reply::done()
    }

    fn standing(&self) -> Reply {
        let nothing = Table::of([("value", Type::Text)]).row([Cell::Null]);
        Reply::rows(Table::number(self.files.len() as i64)).and_rows(nothing)
    }

    fn ledger(&self) -> Reply {
        let texts = [
            ("version", Type::Int),
            ("name", Type::Text),
            ("on", Type::Text),
            ("sum", Type::Text),
        ];
        let rows = self
            .files
            .iter()
            .fold(Table::of(texts), |table, [version, name, on, sum]| {
                let text = |text: &String| Cell::Text(text.clone());
                table.row([
                    Cell::Int(version.parse().unwrap()),
                    text(name),
                    text(on),
                    text(sum),
                ])
            });
        Reply::rows(rows)
    }
}

async fn bench(database: Database) -> Bench {
    let bench = Bench::new().await;
    let mut database = database;
    bench
        .server
        .on_statement(move |statement| database.answer(statement));
    bench
}

/// Runs the migrations; the lines of progress come with the result.
async fn run(bench: &Bench) -> (Result<usize, StoreError>, Vec<String>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&lines);
    let migrated = migrate_on(&bench.pool, move |line| {
        told.lock().unwrap().push(line.to_owned())
    })
    .await;
    let lines = lines.lock().unwrap().clone();
    (migrated.map(|migrated| migrated.applied.len()), lines)
}

#[tokio::test]
async fn a_store_opens_only_what_is_migrated_and_not_too_new() {
    let bench = bench(Database::default()).await;
    let options = options(bench.server.connection_string_of("app", "password"));
    let refused = AzureSqlStore::open(options.clone()).await.err().unwrap();
    assert!(
        matches!(&refused, StoreError::Unavailable(why) if why.contains("run `pravis migrate`")),
        "{refused}"
    );
    assert!(
        !bench
            .server
            .statements()
            .iter()
            .any(|statement| statement.sql.contains("CREATE"))
    );
    run(&bench).await.0.unwrap();
    AzureSqlStore::open(options.clone()).await.unwrap();
    // More files than this program knows are fine, unless one of them needs a newer program.
    let known = standing(options.clone()).await.unwrap().known;
    for (needed, opens) in [(known, true), (known + 1, false)] {
        let minimum_version = Table::of([("", Type::Text)]).row([Cell::Text(needed.to_string())]);
        bench
            .server
            .then(Reply::rows(Table::number(known + 5)).and_rows(minimum_version));
        match AzureSqlStore::open(options.clone()).await {
            Ok(_) => assert!(opens),
            Err(error) => assert!(!opens && matches!(error, StoreError::TooNew { .. }), "{error}"),
        }
    }
}

#[tokio::test]
async fn each_file_is_a_transaction_and_a_line_of_progress() {
    let bench = bench(Database::default()).await;
    let (applied, lines) = run(&bench).await;
    let applied = applied.unwrap();
    assert!(applied >= 5);
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("Applied V")).count(),
        applied
    );
    assert!(lines[0].starts_with("Connecting"), "{lines:?}");
    let (again, lines) = run(&bench).await;
    assert_eq!((again.unwrap(), lines.len()), (0, 1));
}

#[tokio::test]
async fn a_second_runner_is_told_so() {
    let bench = bench(Database {
        lock: -1,
        ..Database::default()
    })
    .await;
    let (applied, _) = run(&bench).await;
    assert!(matches!(applied, Err(StoreError::Unavailable(why)) if why.contains("another `pravis migrate`")));
    assert!(
        !bench
            .server
            .statements()
            .iter()
            .any(|statement| statement.sql.starts_with("CREATE"))
    );
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_applied_again_and_no_other() {
    let starts = vec![Reply::hang_up(), Reply::error(40613, "moving")];
    let bench = bench(Database {
        starts,
        ..Database::default()
    })
    .await;
    let (applied, lines) = run(&bench).await;
    let applied = applied.unwrap();
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("Applied V"))
        .collect();
    assert_eq!(told.len(), applied, "{lines:?}");
    let statements = bench.server.statements();
    let count = |text: &str| {
        statements
            .iter()
            .filter(|statement| statement.sql.contains(text))
            .count()
    };
    assert_eq!(
        (count("CREATE TABLE properties"), count("CREATE TABLE sessions")),
        (1, 3)
    );
    assert_eq!(bench.waits().len(), 2);
}

#[tokio::test]
async fn a_file_that_fails_is_named_with_the_servers_reason() {
    let starts = vec![Reply::error(1934, "SET options")];
    let bench = bench(Database {
        starts,
        ..Database::default()
    })
    .await;
    let (applied, lines) = run(&bench).await;
    let error = applied.unwrap_err().to_string();
    assert!(
        error.contains("migration 2: error 1934") && error.contains("SET options"),
        "{error}"
    );
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("Applied V")).count(),
        1,
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_paused_database_is_waited_for() {
    let bench = bench(Database::default()).await;
    let mut refusals = 0;
    bench.server.on_login(move |_| {
        refusals += 1;
        if refusals < 13 {
            LoginReply::refuse(40613, "paused")
        } else {
            LoginReply::Accept
        }
    });
    let (applied, _) = run(&bench).await;
    assert!(applied.unwrap() >= 5);
    let waited: std::time::Duration = bench.waits().iter().sum();
    assert!(waited > Tuning::default().call, "{waited:?}");
    assert!(Tuning::default().patient >= std::time::Duration::from_secs(90));
}
