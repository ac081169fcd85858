//! What is tried again, and what is not.

use super::super::call::Call;
use super::super::error::SqlError;
use super::super::session::Session;
use super::{Bench, once, safe};
use crate::StoreError;
use futures::FutureExt;
use std::time::Duration;
use testkit::tds::{Cell, LoginReply, Reply, Table, Type};

/// Of the database on its way: what a login may be refused with.
const AWAY: [u32; 20] = [
    20, 64, 121, 233, 615, 926, 997, 4060, 4221, 10053, 10054, 10060, 40020, 40143, 40166, 40197, 40540,
    40613, 42108, 42109,
];
/// Of a server without room.
const REFUSED: [u32; 6] = [10928, 10929, 10936, 49918, 49919, 49920];
/// Of statements that were undone in favour of others.
const UNDONE: [u32; 8] = [1204, 1205, 1222, 41301, 41302, 41305, 41325, 41839];
const NEVER: [u32; 4] = [18456, 40615, 2601, 2627];

#[tokio::test]
async fn a_login_is_tried_again_while_the_database_is_on_its_way() {
    for number in AWAY.into_iter().chain(REFUSED) {
        let bench = Bench::new().await;
        bench.server.then_login(LoginReply::refuse(number, "on its way"));
        bench.server.then_login(LoginReply::refuse(number, "on its way"));
        // Nothing was asked yet: what must not be done twice is tried again as well.
        bench.pool.run(once()).await.unwrap();
        assert_eq!(
            (bench.server.logins().len(), bench.server.round_trips()),
            (3, 1),
            "{number}"
        );
        let waits = bench.waits();
        assert!(
            waits[0] >= Duration::from_millis(250) && waits[0] <= Duration::from_millis(500),
            "{waits:?}"
        );
        assert!(
            waits[1] >= Duration::from_millis(500) && waits[1] <= Duration::from_secs(1),
            "{waits:?}"
        );
    }
}

#[tokio::test]
async fn a_statement_is_tried_again_on_a_fresh_session() {
    for number in AWAY.into_iter().chain(REFUSED).chain(UNDONE) {
        let bench = Bench::new().await;
        bench.server.then(Reply::error(number, "not now"));
        bench.pool.run(safe()).await.unwrap();
        assert_eq!(
            (bench.server.logins().len(), bench.server.round_trips()),
            (2, 2),
            "{number}"
        );
        assert!(
            bench.waits()[0] <= Duration::from_millis(500),
            "{:?}",
            bench.waits()
        );
    }
}

#[tokio::test]
async fn what_must_not_be_done_twice_is_tried_again_only_when_nothing_was_done() {
    for (numbers, tries) in [(&AWAY[..], 1), (&REFUSED[..], 2), (&UNDONE[..], 2), (&[40501], 2)] {
        for number in numbers {
            let bench = Bench::new().await;
            bench.server.then(Reply::error(*number, "not now"));
            let result = bench.pool.run(once()).await;
            assert_eq!(bench.server.round_trips(), tries, "{number}");
            assert_eq!(result.is_ok(), tries == 2, "{number}");
            if let Err(error) = result {
                assert!(matches!(error, StoreError::Unavailable(_)), "{number}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn a_busy_server_is_left_alone_for_ten_seconds() {
    let bench = Bench::new().await;
    bench.server.then_login(LoginReply::refuse(40501, "busy"));
    bench.server.then(Reply::error(40501, "busy"));
    bench.pool.run(safe()).await.unwrap();
    let waits = bench.waits();
    assert_eq!(waits.len(), 2);
    assert!(
        waits.iter().all(|wait| *wait >= Duration::from_secs(10)),
        "{waits:?}"
    );
    // A third time would be beyond the 25 seconds that a call has.
    for _ in 0..3 {
        bench.server.then(Reply::error(40501, "busy"));
    }
    assert!(matches!(
        bench.pool.run(safe()).await,
        Err(StoreError::Unavailable(_))
    ));
    assert_eq!(bench.waits().len(), 4);
}

#[tokio::test]
async fn some_errors_are_never_tried_again() {
    for number in NEVER {
        let bench = Bench::new().await;
        bench.server.then(Reply::error(number, "no"));
        let error = bench.pool.try_run(safe()).await.unwrap_err();
        assert_eq!(
            matches!(error, SqlError::Duplicate),
            matches!(number, 2601 | 2627),
            "{number}"
        );
        assert_eq!(bench.server.round_trips(), 1, "{number}");

        bench.server.then_login(LoginReply::refuse(number, "no"));
        assert!(bench.pool.run(safe()).await.is_err());
        assert_eq!(bench.server.logins().len(), 2, "{number}");
        assert!(bench.waits().is_empty());
    }
}

#[tokio::test]
async fn what_waiting_does_not_mend_is_a_defect() {
    for number in [102, 207, 547, 2628, 8152, 50001] {
        let bench = Bench::new().await;
        bench.server.then(Reply::error(number, "wrong"));
        assert!(
            matches!(bench.pool.run(safe()).await, Err(StoreError::Broken(_))),
            "{number}"
        );
        assert_eq!(bench.server.round_trips(), 1);
    }
}

#[tokio::test]
async fn a_lost_connection_repeats_only_what_may_be_done_twice() {
    let midway =
        || Reply::rows(Table::of([("text", Type::Text)]).row([Cell::Text("x".repeat(9_000))])).and_hang_up();
    for lost in [Reply::hang_up(), midway()] {
        let bench = Bench::new().await;
        bench.server.then(lost.clone());
        bench.pool.run(safe()).await.unwrap();
        assert_eq!(bench.server.round_trips(), 2);

        bench.server.then(lost);
        let error = bench.pool.run(once()).await.unwrap_err();
        assert!(error.to_string().contains("the connection was lost"), "{error}");
        assert_eq!(bench.server.round_trips(), 3);
    }
}

/// What the work of a session does: one call that may be done twice, one that must not, and another one that may.
async fn work(session: &mut Session) -> Result<(), SqlError> {
    session.run(safe()).await?;
    session.run(once()).await?;
    session.run(Call::safe("test_after", "SELECT 2")).await?;
    Ok(())
}

#[tokio::test]
async fn work_of_several_calls_is_repeated_until_one_was_done_that_must_not_be_done_twice() {
    // Which of its calls fails, how, and how many calls the server sees in all.
    for (failing, reply, seen) in [
        (0, Reply::hang_up(), 4),
        (0, Reply::error(1205, "deadlock"), 4),
        (1, Reply::error(1205, "deadlock"), 5),
        (1, Reply::hang_up(), 2),
        (2, Reply::hang_up(), 3),
        (2, Reply::error(1205, "deadlock"), 3),
    ] {
        let bench = Bench::new().await;
        for _ in 0..failing {
            bench.server.then(Reply::done());
        }
        bench.server.then(reply);
        let result = bench.pool.session("test", |session| work(session).boxed()).await;
        assert_eq!(bench.server.round_trips(), seen);
        assert_eq!(result.is_ok(), seen > 3);
    }
}

#[tokio::test]
async fn a_session_that_failed_is_of_no_more_use() {
    let bench = Bench::new().await;
    bench.server.then(Reply::error(2627, "duplicate"));
    let stubborn = bench.pool.session("test", |session| {
        async move {
            assert!(session.run(safe()).await.is_err());
            let again = session.run(safe()).await;
            assert!(matches!(again, Err(SqlError::Store(StoreError::Broken(_)))));
            Ok(())
        }
        .boxed()
    });
    stubborn.await.unwrap();
    // And it does not go back to the others, although the work ended well.
    bench.pool.run(safe()).await.unwrap();
    assert_eq!((bench.server.round_trips(), bench.server.logins().len()), (2, 2));
}
