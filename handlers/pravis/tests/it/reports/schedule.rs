//! When reports are made: once a period, for the right period, in the shop's zone.

use super::*;
use domain::reports::{ReportStatus, SCHEDULED};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use testkit::VaultStub;
use testkit::faulty::Fault;

async fn shop(zone: &str) -> TestApp {
    TestApp::with(&[("PRAVIS_TIME_ZONE", zone)]).await
}

/// Fires hourly from one time to another; gives when a report was made, and which. Where none is due, the store is not asked.
async fn hourly(app: &TestApp, timer: &str, from: &str, to: &str) -> Vec<(String, Value)> {
    let mut made = Vec::new();
    app.clock().set(from);
    let end: Timestamp = to.parse().unwrap();
    while app.clock().now() <= end {
        let calls = app.store_faults().calls();
        let scheduled = fire(app, timer).await.unwrap();
        if scheduled == "nothing" {
            assert_eq!(app.store_faults().calls(), calls, "at {}", app.clock().now());
        } else {
            made.push((app.clock().now().to_string(), scheduled["made"].clone()));
        }
        app.clock().advance(SignedDuration::from_hours(1));
    }
    made
}

fn made(at: &str, period: &str) -> (String, Value) {
    (at.to_owned(), json!([period]))
}

/// The database is asked once a period, also where the report of the period before is known by its blob alone.
#[tokio::test]
async fn a_shop_in_the_west_gets_its_whole_sunday() {
    let app = shop("America/Los_Angeles").await;
    let first = hourly(
        &app,
        "timer_weekly_report",
        "2026-10-26T00:05:00Z",
        "2026-10-26T00:05:00Z",
    )
    .await;
    assert_eq!(
        first,
        [made("2026-10-26T00:05:00Z", "2026-W42")],
        "on a Sunday, for the week before"
    );
    let weeks = hourly(
        &app,
        "timer_weekly_report",
        "2026-10-26T01:05:00Z",
        "2026-11-10T12:05:00Z",
    )
    .await;
    let expected = [
        made("2026-10-26T13:05:00Z", "2026-W43"),
        // The clocks have changed on Sunday: this week has 169 hours.
        made("2026-11-02T14:05:00Z", "2026-W44"),
        made("2026-11-09T14:05:00Z", "2026-W45"),
    ];
    assert_eq!(weeks, expected);
    let week = reports(&app)
        .await
        .into_iter()
        .find(|report| report.period == "2026-W44")
        .unwrap();
    assert_eq!(week.from.to_string(), "2026-10-26T07:00:00Z");
    assert_eq!(week.to.to_string(), "2026-11-02T08:00:00Z");
}

#[tokio::test]
async fn days_and_months_end_where_the_shop_is() {
    let app = shop("Asia/Kathmandu").await;
    let days = hourly(
        &app,
        "timer_daily_report",
        "2026-11-22T18:05:00Z",
        "2026-11-24T02:05:00Z",
    )
    .await;
    let expected = [
        // There it is 23:50 on Sunday: Saturday is over and due.
        made("2026-11-22T18:05:00Z", "2026-11-21"),
        made("2026-11-23T01:05:00Z", "2026-11-22"),
        made("2026-11-24T01:05:00Z", "2026-11-23"),
    ];
    assert_eq!(days, expected);
    let months = hourly(
        &app,
        "timer_monthly_report",
        "2026-11-30T23:05:00Z",
        "2026-12-01T03:05:00Z",
    )
    .await;
    let expected = [
        made("2026-11-30T23:05:00Z", "2026-10"),
        made("2026-12-01T01:05:00Z", "2026-11"),
    ];
    assert_eq!(months, expected);
}

#[tokio::test]
async fn days_of_23_and_25_hours_are_whole() {
    let app = shop("Europe/Paris").await;
    for (from, to, hours) in [
        ("2026-03-30T03:05:00Z", "2026-03-30T05:05:00Z", 23),
        ("2026-10-26T04:05:00Z", "2026-10-26T06:05:00Z", 25),
    ] {
        assert!(!hourly(&app, "timer_daily_report", from, to).await.is_empty());
        let last = &reports(&app).await[0];
        assert_eq!(
            last.to.duration_since(last.from),
            SignedDuration::from_hours(hours),
            "{}",
            last.period
        );
    }
}

#[tokio::test]
async fn what_was_missed_is_made_up_for_three_periods_back() {
    let app = shop("UTC").await;
    app.clock().set("2026-09-07T08:05:00Z");
    fire(&app, "timer_weekly_report").await.unwrap();
    assert_eq!(
        names(&app).await,
        ["weekly 2026-W36 r1"],
        "a new shop gets no reports on the past"
    );
    app.clock().set("2026-09-23T08:05:00Z");
    let scheduled = fire(&app, "timer_weekly_report").await.unwrap();
    assert_eq!(scheduled, json!({"made": ["2026-W37", "2026-W38"]}));
    app.clock().set("2026-11-23T08:05:00Z");
    let scheduled = fire(&app, "timer_weekly_report").await.unwrap();
    assert_eq!(scheduled, json!({"made": ["2026-W45", "2026-W46", "2026-W47"]}));
    assert_eq!(fire(&app, "timer_weekly_report").await.unwrap(), "nothing");
    assert_eq!(reports(&app).await.len(), 6);
}

#[tokio::test]
async fn many_instances_at_once_make_one_report() {
    let app = shop("UTC").await;
    let others: Vec<_> = (0..6).map(|_| app.another()).collect();
    let fired = others.iter().map(|other| fire(other, "timer_weekly_report"));
    let scheduled = futures::future::join_all(fired).await;
    let makers = scheduled
        .iter()
        .flatten()
        .filter(|scheduled| scheduled["made"].is_array());
    assert_eq!(makers.count(), 1, "{scheduled:?}");
    assert!(scheduled.iter().all(Option::is_some), "{scheduled:?}");
    let made = reports(&app).await;
    assert_eq!(
        (made.len(), made[0].attempts, made[0].status),
        (1, 1, ReportStatus::Ready)
    );
    assert_eq!(made[0].revision, SCHEDULED);
    for other in &others {
        assert_eq!(fire(other, "timer_weekly_report").await.unwrap(), "nothing");
    }
    let late = app.another();
    let calls = app.store_faults().calls();
    assert_eq!(fire(&late, "timer_weekly_report").await.unwrap(), "nothing");
    assert_eq!(app.store_faults().calls(), calls, "a new process asks the blob");
}

#[tokio::test]
async fn what_a_killed_process_left_is_taken_over_after_ten_minutes() {
    let app = shop("UTC").await;
    app.clock().set("2026-11-23T08:05:00Z");
    // A process that claims and is killed: its future is dropped in the middle of its work.
    app.storage().blobs.script({
        let mut calls = 0;
        move || {
            calls += 1;
            if calls > 4 { Fault::Stalled } else { Fault::None }
        }
    });
    let doomed = app.another();
    let killed = tokio::time::timeout(Duration::from_secs(2), fire(&doomed, "timer_weekly_report")).await;
    assert!(killed.is_err(), "{killed:?}");
    app.storage().blobs.set(Fault::None);
    let left = &reports(&app).await[0];
    assert_eq!((left.status, left.attempts), (ReportStatus::Claimed, 1));
    assert_eq!(fire(&app, "timer_weekly_report").await.unwrap(), "elsewhere");
    app.clock().advance(SignedDuration::from_mins(10));
    assert!(fire(&app, "timer_weekly_report").await.is_some());
    let made = reports(&app).await;
    assert_eq!(
        (made.len(), made[0].id, made[0].attempts, made[0].status),
        (1, left.id, 2, ReportStatus::Ready)
    );
    assert_eq!(fire(&app, "timer_weekly_report").await.unwrap(), "nothing");
}

#[tokio::test]
async fn what_fails_is_tried_again_with_the_next_timer() {
    let app = shop("UTC").await;
    app.clock().set("2026-11-23T08:05:00Z");
    app.store_faults().set(Fault::Away);
    assert_eq!(fire(&app, "timer_weekly_report").await, None);
    app.store_faults().set(Fault::None);
    assert_eq!(names(&app).await, Vec::<String>::new());
    // Storage goes away after the report was claimed.
    app.storage().blobs.script({
        let mut calls = 0;
        move || {
            calls += 1;
            if calls > 3 { Fault::Away } else { Fault::None }
        }
    });
    assert_eq!(fire(&app, "timer_weekly_report").await, None);
    app.storage().blobs.set(Fault::None);
    let failed = &reports(&app).await[0];
    assert_eq!(failed.status, ReportStatus::Failed);
    assert!(failed.error.as_deref().is_some_and(|error| !error.is_empty()));
    app.clock().advance(SignedDuration::from_hours(1));
    assert_eq!(
        fire(&app, "timer_weekly_report").await.unwrap(),
        json!({"made": ["2026-W47"]})
    );
    let made = &reports(&app).await[0];
    assert_eq!(
        (made.id, made.status, made.attempts, &made.error),
        (failed.id, ReportStatus::Ready, 2, &None)
    );
}

#[tokio::test]
async fn a_vault_that_is_away_costs_no_attempt() {
    let vault = VaultStub::start();
    let app = TestApp::with_vault(&[("PRAVIS_WEBHOOKS", "kv:webhooks")], &vault);
    app.open_store().await;
    assert_eq!(fire(&app, "timer_weekly_report").await, None);
    assert_eq!(names(&app).await, Vec::<String>::new());
    vault.set("webhooks", &format!("https://shop.example/hook|{SECRET}"));
    testkit::until("the vault to be asked again", async || {
        fire(&app, "timer_weekly_report").await.is_some()
    })
    .await;
    assert_eq!(deliveries(&app).await[0].target, "https://shop.example/…");
}
