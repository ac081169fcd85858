//! Connections that come back in the middle of something are not used again.

use super::{Bench, once, safe};
use futures::FutureExt;
use std::time::Duration;
use testkit::tds::{Cell, Reply, Table, Type};

/// A table that does not fit into one packet.
fn large() -> Table {
    let row = || [Cell::Text("x".repeat(3_000))];
    Table::of([("text", Type::Text)]).row(row()).row(row()).row(row())
}

async fn number(bench: &Bench) -> i64 {
    let answer = bench.pool.run(safe()).await.unwrap();
    super::rows::first(answer).get().unwrap()
}

#[tokio::test]
async fn one_session_serves_one_call_after_the_other() {
    let bench = Bench::new().await;
    for expected in 0..20 {
        bench.server.then(Reply::rows(Table::number(expected)));
        assert_eq!(number(&bench).await, expected);
    }
    assert_eq!(bench.server.logins().len(), 1);
}

#[tokio::test]
async fn a_call_that_is_dropped_takes_its_session_with_it() {
    for reply in [Reply::stall(), Reply::rows(large()).and_stall()] {
        let bench = Bench::new().await;
        bench.server.then(reply);
        bench.server.on_statement(|_| Reply::rows(Table::number(7)));
        tokio::select! {
            _ = bench.pool.run(once()) => panic!("the server said nothing"),
            () = bench.server.until_round_trips(1) => {}
        }
        assert_eq!(number(&bench).await, 7);
        bench.server.until_open_sessions(1).await;
        assert_eq!((bench.server.logins().len(), bench.server.round_trips()), (2, 2));
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_while_it_logs_in_leaves_nothing() {
    let bench = Bench::new().await;
    bench.server.then_login(testkit::tds::LoginReply::Stall);
    tokio::select! {
        _ = bench.pool.run(safe()) => panic!("the server said nothing"),
        () = bench.server.until_logins(1) => {}
    }
    assert_eq!(bench.pool.figures().in_use, 0);
    bench.pool.run(safe()).await.unwrap();
    assert_eq!(bench.server.round_trips(), 1);
    bench.server.until_open_sessions(1).await;
}

#[tokio::test]
async fn work_that_is_dropped_between_two_calls_takes_its_session_with_it() {
    let bench = Bench::new().await;
    let held = bench.pool.session("test", |session| {
        async move {
            session.run(safe()).await?;
            std::future::pending().await
        }
        .boxed()
    });
    let held: Result<(), _> = tokio::select! {
        result = held => result,
        () = bench.server.until_round_trips(1) => Ok(()),
    };
    held.unwrap();
    // Its locks end with it, since the session does.
    bench.server.until_open_sessions(0).await;
}

#[tokio::test]
async fn a_session_that_the_server_ended_is_not_tried_with_what_must_not_be_lost() {
    let bench = Bench::new().await;
    bench.pool.run(safe()).await.unwrap();
    bench.server.cut();
    bench.server.until_open_sessions(0).await;
    bench.pool.run(once()).await.unwrap();
    assert_eq!((bench.server.logins().len(), bench.server.round_trips()), (2, 2));
}

#[tokio::test]
async fn more_callers_than_sessions_take_turns() {
    let bench = Bench::new().await;
    bench
        .server
        .on_statement(|_| Reply::rows(Table::number(1)).and_wait(Duration::from_millis(5)));
    let calls = (0..50).map(|_| bench.pool.run(safe()));
    for answer in futures::future::join_all(calls).await {
        answer.unwrap();
    }
    assert!(bench.server.logins().len() <= 4);
    assert_eq!(bench.server.round_trips(), 50);
    let figures = bench.pool.figures();
    assert_eq!((figures.in_use, figures.waiting), (0, 0));
    assert!((1..=4).contains(&figures.open), "{figures:?}");
}
