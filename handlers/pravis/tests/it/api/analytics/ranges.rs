use super::{STATS, SUMMARY, days, named, store};
use domain::keys::Scope;
use serde_json::json;
use testkit::TestApp;

#[tokio::test]
async fn by_day_has_every_day_and_days_include_today() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    store(
        &admin,
        vec![json!({"started_at": "2026-10-31T12:00:00Z"}), json!({})],
    )
    .await;
    let answer = admin.get(&format!("{STATS}?days=4")).await;
    assert_eq!(
        days(&answer),
        named(&[
            ("2026-10-30", 0),
            ("2026-10-31", 1),
            ("2026-11-01", 0),
            ("2026-11-02", 1)
        ])
    );
    assert_eq!(
        (answer.at("/from"), answer.at("/to")),
        (json!("2026-10-30T00:00:00Z"), json!("2026-11-03T00:00:00Z"))
    );
    assert_eq!(
        days(&admin.get(STATS).await).len(),
        30,
        "30 days unless said otherwise"
    );
    assert_eq!(days(&admin.get(&format!("{STATS}?days=400")).await).len(), 400);
    let empty = answer.at("/by_day/0");
    assert_eq!(
        (&empty["success_rate"], &empty["cost"]["micros"]),
        (&json!(null), &json!(null))
    );
}

#[tokio::test]
async fn a_range_is_half_open_and_ends_now_unless_said() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let times = [
        "08:59:59.999999",
        "09:00:00",
        "09:07:30",
        "09:29:59.999999",
        "09:30:00",
    ];
    let turns = times.map(|time| json!({"started_at": format!("2026-11-02T{time}Z")}));
    store(&admin, turns.to_vec()).await;
    for (range, total) in [
        ("from=2026-11-02T09:00:00Z&to=2026-11-02T09:30:00Z", 3),
        (
            "from=2026-11-02T09:00:00.000001Z&to=2026-11-02T09:30:00.000001Z",
            3,
        ),
        ("from=2026-11-02T09:07:30Z&to=2026-11-02T09:07:30.000001Z", 1),
        ("from=2026-11-02T09:00:00Z", 4),
        ("from=2026-11-02T10:00:00%2B01:00", 4),
        ("from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z", 0),
    ] {
        let answer = admin.get(&format!("{STATS}?{range}")).await;
        answer.assert_status(200);
        assert_eq!(answer.at("/total"), total, "{range}");
        let by_day: i64 = days(&answer).iter().map(|(_, total)| total).sum();
        assert_eq!(by_day, total, "{range}, by day");
    }
    let answer = admin.get(&format!("{STATS}?from=2026-11-02T09:00:00Z")).await;
    assert_eq!(answer.at("/to"), "2026-11-02T10:00:00Z");
}

#[tokio::test]
async fn days_are_those_of_the_asked_zone() {
    // 2026-11-02 begins in Kolkata at 18:30 of the day before, in UTC.
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let times = [
        "01T18:29:59.999999",
        "01T18:30:00",
        "02T09:00:00",
        "02T18:29:59.999999",
        "02T18:30:00",
    ];
    let turns = times.map(|time| json!({"started_at": format!("2026-11-{time}Z")}));
    store(&admin, turns.to_vec()).await;
    app.clock().set("2026-11-02T20:00:00Z");
    let answer = admin.get(&format!("{STATS}?days=3&tz=Asia/Kolkata")).await;
    assert_eq!(answer.at("/tz"), "Asia/Kolkata");
    assert_eq!(
        days(&answer),
        named(&[("2026-11-01", 1), ("2026-11-02", 3), ("2026-11-03", 1)])
    );
    let utc = admin.get(&format!("{STATS}?days=2")).await;
    assert_eq!(days(&utc), named(&[("2026-11-01", 2), ("2026-11-02", 3)]));
}

#[tokio::test]
async fn the_shops_zone_is_meant_unless_said() {
    let app = TestApp::with(&[("PRAVIS_TIME_ZONE", "Asia/Kolkata")]).await;
    let admin = app.admin().await;
    store(&admin, vec![json!({"started_at": "2026-11-01T18:30:00Z"})]).await;
    for stats in [STATS, SUMMARY] {
        let answer = admin.get(&format!("{stats}?days=1")).await;
        assert_eq!(answer.at("/tz"), "Asia/Kolkata");
        assert_eq!(answer.at("/from"), "2026-11-01T18:30:00Z");
    }
    let answer = admin.get(&format!("{STATS}?days=2")).await;
    assert_eq!(days(&answer), named(&[("2026-11-01", 0), ("2026-11-02", 1)]));
}

#[tokio::test]
async fn days_of_23_and_25_hours_are_exact() {
    for (shop, days_around, edges, hours) in [
        (
            "UTC",
            ["2026-03-28", "2026-03-29", "2026-03-30"],
            ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"],
            23,
        ),
        (
            "Europe/Paris",
            ["2026-03-28", "2026-03-29", "2026-03-30"],
            ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"],
            23,
        ),
        (
            "UTC",
            ["2026-10-24", "2026-10-25", "2026-10-26"],
            ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"],
            25,
        ),
        (
            "Europe/Paris",
            ["2026-10-24", "2026-10-25", "2026-10-26"],
            ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"],
            25,
        ),
    ] {
        let app = TestApp::with(&[("PRAVIS_TIME_ZONE", shop)]).await;
        let admin = app.admin().await;
        let [begin, end] = edges.map(|edge| edge.parse::<jiff::Timestamp>().unwrap());
        let before = jiff::SignedDuration::from_micros(1);
        let mut times = vec![begin - before, begin, end - before, end];
        times.extend((0..hours).map(|hour| begin + jiff::SignedDuration::from_mins(hour * 60 + 30)));
        // The clock first: a turn cannot begin a day after now.
        app.clock()
            .set(&(end + jiff::SignedDuration::from_hours(12)).to_string());
        let turns = times.iter().map(|time| json!({"started_at": time.to_string()}));
        store(&admin, turns.collect()).await;
        let answer = admin.get(&format!("{STATS}?days=3&tz=Europe/Paris")).await;
        let [first, second, third] = days_around;
        assert_eq!(
            days(&answer),
            named(&[(first, 1), (second, hours + 2), (third, 1)]),
            "shop in {shop}"
        );
        app.clock().set(&begin.to_string());
        let one = admin.get(&format!("{STATS}?days=1&tz=Europe/Paris")).await;
        assert_eq!(
            (one.at("/from"), one.at("/to")),
            (json!(edges[0]), json!(edges[1]))
        );
        assert_eq!(one.at("/total"), hours + 2);
    }
}

#[tokio::test]
async fn wrong_parameters_are_told_by_name() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    for (query, name, code) in [
        ("days=0", "days", "invalid_field"),
        ("days=-1", "days", "invalid_field"),
        ("days=401", "days", "invalid_field"),
        ("days=9223372036854775807", "days", "invalid_field"),
        ("days=x", "days", "invalid_field"),
        ("days=1&days=2", "days", "invalid_field"),
        ("days=1&from=2026-11-01T00:00:00Z", "days", "invalid_field"),
        ("to=2026-11-01T00:00:00Z", "from", "invalid_field"),
        (
            "from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z",
            "to",
            "invalid_field",
        ),
        (
            "from=2026-11-02T00:00:00Z&to=2026-11-02T00:00:00Z",
            "to",
            "invalid_field",
        ),
        ("from=2026-11-03T00:00:00Z", "to", "invalid_field"),
        ("from=2026-11-02", "from", "invalid_field"),
        ("tz=Mars/Olympus", "tz", "invalid_field"),
        ("tz=", "tz", "invalid_field"),
        ("tz=../../etc/passwd", "tz", "invalid_field"),
        ("type=chatt", "type", "invalid_field"),
        ("time_zone=UTC", "time_zone", "unknown_field"),
        ("limit=5", "limit", "unknown_field"),
    ] {
        for stats in [STATS, SUMMARY] {
            let answer = caller.get(&format!("{stats}?{query}")).await;
            answer.assert_faults(&[(&format!("?{name}"), code)]);
        }
    }
}
