//! A session that nobody uses keeps a serverless database awake: none is kept.

use super::super::tuning::Tuning;
use super::{Bench, once, safe};
use crate::StoreError;
use std::time::Duration;
use testkit::tds::Reply;

fn quickly(tuning: &mut Tuning) {
    tuning.idle = Duration::from_millis(100);
    tuning.reap = Duration::from_millis(20);
}

#[test]
fn a_session_is_gone_within_a_minute_of_its_last_use() {
    let tuning = Tuning::default();
    assert!(tuning.idle + tuning.reap <= Duration::from_secs(60));
}

#[tokio::test]
async fn idle_sessions_are_closed_and_none_is_opened_in_their_place() {
    let bench = Bench::tuned(quickly).await;
    futures::future::join_all((0..4).map(|_| bench.pool.run(safe()))).await;
    assert!(bench.pool.figures().open > 0);
    bench.server.until_open_sessions(0).await;
    assert_eq!(bench.pool.figures().open, 0);
    let (logins, statements) = (bench.server.logins().len(), bench.server.round_trips());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        (bench.server.logins().len(), bench.server.round_trips()),
        (logins, statements)
    );
    bench.pool.run(once()).await.unwrap();
}

#[tokio::test]
async fn a_pool_that_was_never_used_opened_nothing() {
    let bench = Bench::tuned(quickly).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(bench.server.logins().len(), 0);
}

#[tokio::test]
async fn a_session_ends_of_old_age_too() {
    let bench = Bench::tuned(|tuning| tuning.lifetime = Duration::from_millis(100)).await;
    bench.pool.run(safe()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(150)).await;
    bench.pool.run(safe()).await.unwrap();
    bench.server.until_open_sessions(0).await;
}

#[tokio::test]
async fn closing_waits_for_what_runs_and_ends_every_session() {
    let bench = Bench::new().await;
    bench
        .server
        .then(Reply::done().and_wait(Duration::from_millis(200)));
    let running = bench.pool.run(safe());
    let closing = async {
        bench.server.until_round_trips(1).await;
        bench.pool.close().await;
    };
    let (ran, ()) = tokio::join!(running, closing);
    ran.unwrap();
    bench.server.until_open_sessions(0).await;
    let after = bench.pool.run(safe()).await;
    assert!(matches!(after, Err(StoreError::Unavailable(why)) if why.contains("closed")));
    bench.pool.close().await;
}
