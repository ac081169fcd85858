//! No call takes longer than it may.

use super::{Bench, once, safe};
use crate::StoreError;
use std::time::{Duration, Instant};
use testkit::tds::{LoginReply, Reply};

const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_silent_server_costs_a_call_its_budget_and_no_more() {
    let bench = Bench::tuned(|tuning| tuning.call = SHORT).await;
    bench.pool.patient().run(safe()).await.unwrap();
    bench.server.then(Reply::stall());
    let begun = Instant::now();
    assert!(matches!(
        bench.pool.run(safe()).await,
        Err(StoreError::DeadlineExceeded)
    ));
    assert!(begun.elapsed() >= SHORT && begun.elapsed() < SHORT * 10);
    bench.pool.patient().run(safe()).await.unwrap();
}

#[tokio::test]
async fn a_patient_call_outlasts_what_others_do_not() {
    let bench = Bench::tuned(|tuning| tuning.call = SHORT).await;
    bench.pool.patient().run(safe()).await.unwrap();
    let slow = || Reply::done().and_wait(SHORT * 2);
    bench.server.then(slow());
    assert!(matches!(
        bench.pool.run(safe()).await,
        Err(StoreError::DeadlineExceeded)
    ));
    bench.server.then(slow());
    bench.pool.patient().run(safe()).await.unwrap();
}

#[tokio::test]
async fn a_database_that_wakes_is_waited_for_as_long_as_the_budget_allows() {
    let bench = Bench::new().await;
    bench.server.on_login(|_| LoginReply::refuse(40613, "paused"));
    let error = bench.pool.run(safe()).await.unwrap_err();
    // What the server said is worth more than that the time is over.
    assert!(error.to_string().contains("40613"), "{error}");
    let waited: Duration = bench.waits().iter().sum();
    assert!(waited <= Duration::from_secs(25), "{waited:?}");
    assert!(waited >= Duration::from_secs(10), "{waited:?}");

    bench.waits.lock().unwrap().clear();
    let mut refusals = 0;
    bench.server.on_login(move |_| {
        refusals += 1;
        // About a minute and a half at eight seconds each, and the short ones before.
        if refusals < 13 {
            LoginReply::refuse(40613, "paused")
        } else {
            LoginReply::Accept
        }
    });
    bench.pool.patient().run(safe()).await.unwrap();
    let waited: Duration = bench.waits().iter().sum();
    assert!(
        waited >= Duration::from_secs(40) && waited <= Duration::from_secs(120),
        "{waited:?}"
    );
}

#[tokio::test]
async fn a_login_that_stalls_is_given_up_and_tried_again() {
    let bench = Bench::tuned(|tuning| tuning.connect = SHORT).await;
    bench.server.then_login(LoginReply::Stall);
    bench.pool.run(once()).await.unwrap();
    assert!(bench.server.logins().len() >= 2);
    assert_eq!(bench.server.round_trips(), 1);
}

#[tokio::test]
async fn callers_that_wait_for_a_session_have_deadlines_too() {
    let bench = Bench::tuned(|tuning| tuning.call = SHORT).await;
    bench.server.on_statement(|_| Reply::stall());
    let unhurried = bench.pool.within(SHORT * 50);
    let holders = (0..4).map(|_| unhurried.run(safe()));
    let mut holders = Box::pin(futures::future::join_all(holders));
    tokio::select! {
        _ = &mut holders => panic!("the server said nothing"),
        () = bench.server.until_round_trips(4) => {}
    }
    assert_eq!(bench.pool.figures().in_use, 4);

    let mut waiting = Box::pin(bench.pool.run(safe()));
    assert!(tokio::time::timeout(SHORT / 4, &mut waiting).await.is_err());
    assert_eq!(bench.pool.figures().waiting, 1);
    assert!(matches!(waiting.await, Err(StoreError::DeadlineExceeded)));
    assert_eq!(bench.pool.figures().waiting, 0);
    drop(holders);
    bench.server.until_open_sessions(0).await;
}

#[tokio::test]
async fn nobody_is_there() {
    // Port 1 is given to a service that nobody runs.
    let server = testkit::tds::Server::start().await;
    let gone = super::options("Server=127.0.0.1,1;Database=a;User ID=a;Password=a".to_owned());
    let bench = Bench::on(server, gone, |_| {});
    let error = bench.pool.run(safe()).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unavailable(why) if why.contains("cannot connect")),
        "{error}"
    );
    assert!(bench.waits().len() >= 3);
}
