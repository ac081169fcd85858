//! On a real server.

use super::super::call::Call;
use super::super::columns::Columns;
use super::super::error::SqlError;
use super::super::pool::Pool;
use super::super::value::Value;
use super::super::{AzureSqlOptions, AzureSqlStore, migrate, standing};
use crate::{Health, StoreError};
use futures::FutureExt;
use jiff::Timestamp;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// An empty database of its own, on the server that `PRAVIS_TEST_SQL` names.
struct Database {
    options: AzureSqlOptions,
    server: Pool,
    name: String,
}

impl Database {
    async fn new() -> Self {
        let connection = std::env::var("PRAVIS_TEST_SQL").unwrap();
        let server = super::pool(&super::options(format!("{connection};Database=master")));
        let name = format!("pravis_{}", Uuid::now_v7().simple());
        let call = Call::safe("create_database", format!("CREATE DATABASE {name}"));
        server.patient().run(call).await.unwrap();
        Self {
            options: super::options(format!("{connection};Database={name}")),
            server,
            name,
        }
    }

    fn pool(&self) -> Pool {
        super::pool(&self.options)
    }

    /// The server may take a moment until it sees that the sessions are gone.
    async fn drop(self) {
        let end = Instant::now() + Duration::from_secs(30);
        let call = Call::safe("drop_database", format!("DROP DATABASE {}", self.name));
        while let Err(error) = self.server.run(call.clone()).await {
            assert!(Instant::now() < end, "{error}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
#[ignore = "needs PRAVIS_TEST_SQL"]
async fn values_come_back_as_they_went() {
    let database = Database::new().await;
    let pool = database.pool();
    let table = "CREATE TABLE kept (at datetime2(7), number bigint, real_number float, text nvarchar(max), bytes varbinary(max), nothing binary(16))";
    pool.run(Call::safe("test", table)).await.unwrap();
    for at in [
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "2026-11-02T12:34:56.123456Z",
        "9999-12-30T21:59:59.999999Z",
    ] {
        let at: Timestamp = at.parse().unwrap();
        for length in [0, 1, 3_999, 4_000, 4_001, 300_000] {
            let (text, bytes) = (
                "ü🛍'".repeat(length).chars().take(length).collect::<String>(),
                vec![7_u8; length],
            );
            let call = Call::safe(
                "test",
                "DELETE FROM kept; INSERT INTO kept VALUES (@P1, @P2, @P3, @P4, @P5, @P6); SELECT * FROM kept",
            );
            let call = call
                .bind(at)
                .bind(i64::MIN)
                .bind(1.0e-300)
                .bind(&text)
                .bind(bytes.clone())
                .bind(Value::NullBytes);
            let mut answer = pool.run(call).await.unwrap();
            let mut columns = Columns::of(answer.remove(0).remove(0));
            assert_eq!(columns.time().unwrap(), at);
            assert_eq!(columns.get::<i64>().unwrap(), i64::MIN);
            assert_eq!(columns.get::<f64>().unwrap(), 1.0e-300);
            assert!(columns.get::<String>().unwrap() == text);
            assert!(columns.get::<Vec<u8>>().unwrap() == bytes);
            assert_eq!(columns.optional_id().unwrap(), None);
        }
    }
    pool.close().await;
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PRAVIS_TEST_SQL"]
async fn two_runners_migrate_once() {
    let database = Database::new().await;
    let options = &database.options;
    let refused = AzureSqlStore::open(options.clone()).await.err().unwrap();
    assert!(refused.to_string().contains("run `pravis migrate`"), "{refused}");

    let (one, other) = tokio::join!(migrate(options.clone(), |_| {}), migrate(options.clone(), |_| {}));
    let mut applied = one.unwrap().applied;
    applied.extend(other.unwrap().applied);
    let known = standing(options.clone()).await.unwrap().known;
    assert_eq!(applied.len() as i64, known, "{applied:?}");
    assert_eq!(
        migrate(options.clone(), |_| {}).await.unwrap().applied,
        Vec::<String>::new()
    );

    let store = AzureSqlStore::open(options.clone()).await.unwrap();
    store.ping().await.unwrap();
    store.close().await;
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PRAVIS_TEST_SQL"]
async fn a_database_that_needs_a_newer_program_is_refused() {
    let database = Database::new().await;
    migrate(database.options.clone(), |_| {}).await.unwrap();
    let pool = database.pool();
    let newer = "UPDATE properties SET value = N'9999' WHERE name = N'minimum_version'";
    pool.run(Call::safe("test", newer)).await.unwrap();
    let refused = AzureSqlStore::open(database.options.clone()).await.err();
    assert!(matches!(refused, Some(StoreError::TooNew { needed: 9999, .. })));
    assert!(matches!(
        migrate(database.options.clone(), |_| {}).await,
        Err(StoreError::TooNew { .. })
    ));
    pool.close().await;
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PRAVIS_TEST_SQL"]
async fn an_error_in_a_batch_undoes_what_came_before_it() {
    let database = Database::new().await;
    let pool = database.pool();
    pool.run(Call::safe(
        "test",
        "CREATE TABLE kept (id int NOT NULL PRIMARY KEY)",
    ))
    .await
    .unwrap();
    let twice = "BEGIN TRAN; INSERT INTO kept VALUES (1); INSERT INTO kept VALUES (1); COMMIT";
    let error = pool.try_run(Call::once("test", twice)).await.err().unwrap();
    assert!(matches!(error, SqlError::Duplicate), "{error}");
    let answer = pool
        .run(Call::safe("test", "SELECT count(*) FROM kept"))
        .await
        .unwrap();
    let count = answer.into_iter().flatten().next().unwrap();
    assert_eq!(Columns::of(count).get::<i64>().unwrap(), 0);
    pool.close().await;
    database.drop().await;
}

/// Takes a lock that the session keeps, or waits for it.
fn lock(wait: Duration) -> Call {
    let sql = "DECLARE @got int; EXEC @got = sp_getapplock @Resource = N'test', @LockMode = 'Exclusive', \
               @LockOwner = 'Session', @LockTimeout = @P1; SELECT @got";
    Call::safe("test", sql).bind(wait.as_millis() as i64)
}

#[tokio::test]
#[ignore = "needs PRAVIS_TEST_SQL"]
async fn a_lock_ends_with_work_that_is_dropped() {
    let database = Database::new().await;
    let pool = database.pool();
    let (sender, held) = tokio::sync::mpsc::channel(1);
    let mut held = held;
    let holder = pool.session("test", move |session| {
        let sender = sender.clone();
        async move {
            session.run(lock(Duration::ZERO)).await?;
            let _ = sender.send(()).await;
            std::future::pending::<Result<(), SqlError>>().await
        }
        .boxed()
    });
    tokio::select! {
        _ = holder => panic!("it never ends"),
        _ = held.recv() => {
            // The lock is waited for no longer than the call may take, and what comes after it is right.
            let begun = Instant::now();
            let late = pool.within(Duration::from_millis(500)).run(lock(Duration::from_secs(60))).await;
            assert!(matches!(late, Err(StoreError::DeadlineExceeded)), "{:?}", late.err());
            let answer = pool.run(Call::safe("test", "SELECT 3")).await.unwrap();
            assert_eq!(super::rows::first(answer).get::<i64>().unwrap(), 3);
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
    }
    let answer = pool.run(lock(Duration::from_secs(20))).await.unwrap();
    assert!(super::rows::first(answer).get::<i64>().unwrap() >= 0);
    pool.close().await;
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PRAVIS_TEST_SQL"]
async fn a_wrong_password_is_refused_at_once() {
    let connection = std::env::var("PRAVIS_TEST_SQL").unwrap();
    let wrong = super::options(format!("{connection};Database=master;Password=wrong"));
    let begun = Instant::now();
    let error = super::pool(&wrong)
        .run(Call::safe("test", "SELECT 1"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("18456"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}
