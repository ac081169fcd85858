use super::store;
use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use testkit::{TestApp, id};

const USAGE: &str = "/api/v1/analytics/usage";

/// A turn of a session and a user, at a time of 2026.
fn said(session: &str, user: Option<&str>, time: &str, fields: Value) -> Value {
    let own = json!({"session_id": session, "user_id": user, "started_at": format!("2026-{time}Z")});
    testkit::over(own, fields)
}

#[tokio::test]
async fn usage_tells_users_sessions_and_who_came_back() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let done = |time: &str| json!({"completed_at": format!("2026-{time}Z"), "channel": "web"});
    let turns = vec![
        said("a", Some("u"), "10-12T09:00:00", done("10-12T09:00:10")),
        said("b", Some("u"), "10-20T09:00:00", done("10-20T09:00:01")),
        said("c", Some("v"), "10-20T09:00:00", json!({"error_type": "timeout"})),
        said("d", Some("u"), "11-02T09:00:00", done("11-02T09:00:01")),
        said("d", Some("u"), "11-02T09:04:00", done("11-02T09:05:00")),
        said("e", None, "11-02T09:10:00", json!({})),
        said("f", None, "11-02T09:50:00", json!({})),
    ];
    store(&admin, turns).await;
    let reader = app.caller(&[Scope::Read]).await;
    let answer = reader.get(&format!("{USAGE}?days=22")).await;
    answer.assert_status(200);
    let days = answer.at("/by_day");
    let days = days.as_array().unwrap();
    assert_eq!(days.len(), 22, "every day of the range");
    assert_eq!(
        days[21],
        json!({"start": "2026-11-02", "users": 1, "new_users": 0, "returning_users": 1, "sessions": 3, "sessions_per_user": 1.0})
    );
    assert_eq!(days[20]["sessions_per_user"], json!(null), "nobody was there");
    let rounded = || insta::rounded_redaction(3);
    assert_json_snapshot!(answer.json(), {
        ".by_day" => "[checked]", ".**.rate" => rounded(), ".**.stickiness" => rounded(), ".turns_per_session" => rounded(),
        ".follow_up_rate" => rounded(), ".anonymous_share" => rounded(), ".session_length_ms.*" => insta::rounded_redaction(0),
    });

    let web = reader.get(&format!("{USAGE}?days=22&channel=web")).await;
    assert_eq!((web.at("/sessions"), web.at("/new_users")), (json!(3), json!(1)));
    let none = reader.get(&format!("{USAGE}?days=1&channel=fax")).await;
    assert_eq!(none.at("/sessions"), 0);
    for unknown in [
        "/turns_per_session",
        "/abandonment_rate",
        "/session_length_ms/p95",
        "/active_users/stickiness",
    ] {
        assert_eq!(none.at(unknown), json!(null), "{unknown}");
    }
}

#[tokio::test]
async fn a_pending_turn_is_given_up_after_half_an_hour() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    store(&admin, vec![json!({"session_id": "a", "id": id(1)})]).await;
    let rate = async || {
        admin
            .get(&format!("{USAGE}?days=1"))
            .await
            .at("/abandonment_rate")
    };
    assert_eq!(rate().await, json!(null), "nothing is known of the only session");
    app.clock().set("2026-11-02T10:29:59Z");
    assert_eq!(rate().await, json!(null));
    app.clock().set("2026-11-02T10:30:00Z");
    assert_eq!(rate().await, json!(1.0));
    let update = json!({"response_text": "well", "status": "succeeded"});
    let changed = admin
        .patch(&format!("/api/v1/interactions/{}", id(1)), update)
        .await;
    changed.assert_status(200);
    assert_eq!(rate().await, json!(0.0));
}

#[tokio::test]
async fn days_are_whole_days_of_the_shop() {
    let app = TestApp::with(&[("PRAVIS_TIME_ZONE", "Asia/Kolkata")]).await;
    let admin = app.admin().await;
    let range = "from=2026-11-01T12:00:00Z&to=2026-11-02T18:30:00Z";
    for tz in ["", "&tz=Asia/Kolkata"] {
        let answer = admin.get(&format!("{USAGE}?{range}{tz}")).await;
        assert_eq!(
            (answer.at("/from"), answer.at("/to"), answer.at("/tz")),
            (
                json!("2026-10-31T18:30:00Z"),
                json!("2026-11-02T18:30:00Z"),
                json!("Asia/Kolkata")
            )
        );
        assert_eq!(answer.at("/by_day").as_array().unwrap().len(), 2);
    }
    let other = admin.get(&format!("{USAGE}?tz=Asia/Kathmandu")).await;
    other.assert_faults(&[("?tz", "invalid_field")]);
    assert!(
        other
            .at("/errors/0/detail")
            .as_str()
            .unwrap()
            .contains("Asia/Kolkata")
    );
}

#[tokio::test]
async fn wrong_parameters_are_told_by_name() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    for (query, name, code) in [
        ("days=0", "days", "invalid_field"),
        ("days=401", "days", "invalid_field"),
        ("days=1&from=2026-11-01T00:00:00Z", "days", "invalid_field"),
        ("to=2026-11-01T00:00:00Z", "from", "invalid_field"),
        (
            "from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z",
            "to",
            "invalid_field",
        ),
        (
            "from=-009999-01-03T00:00:00Z&to=9999-12-01T00:00:00Z",
            "from",
            "invalid_field",
        ),
        ("tz=Mars/Olympus", "tz", "invalid_field"),
        ("type=chat", "type", "unknown_field"),
        ("model=m", "model", "unknown_field"),
    ] {
        let answer = caller.get(&format!("{USAGE}?{query}")).await;
        answer.assert_faults(&[(&format!("?{name}"), code)]);
    }
    for edge in [
        "from=-009999-01-03T00:00:00Z&to=-009998-01-01T00:00:00Z",
        "from=9999-01-01T00:00:00Z&to=9999-12-30T00:00:00Z",
    ] {
        caller.get(&format!("{USAGE}?{edge}")).await.assert_status(200);
    }
}

const SERIES: &str = "/api/v1/analytics/timeseries";

/// The key of each series, and its values.
fn series(answer: &testkit::Answer) -> Vec<(Value, Vec<Value>)> {
    answer.assert_status(200);
    let series = answer.at("/series");
    let series = series.as_array().unwrap().iter();
    let values = |series: &Value| {
        let points = series["points"].as_array().unwrap().iter();
        points.map(|point| point["value"].clone()).collect()
    };
    series
        .map(|series| (series["key"]["channel"].clone(), values(series)))
        .collect()
}

#[tokio::test]
async fn users_and_sessions_are_shown_over_time() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let on = |channel: &str| json!({ "channel": channel });
    let turns = vec![
        said("a", Some("u"), "10-27T09:00:00", on("web")),
        said("b", Some("v"), "10-27T09:00:00", on("voice")),
        said("c", Some("u"), "10-29T09:00:00", on("voice")),
        said("d", None, "11-02T09:00:00", on("web")),
    ];
    store(&admin, turns).await;
    let ask = async |query: &str| admin.get(&format!("{SERIES}?{query}")).await;

    let weeks = ask("metric=active_users&interval=week&from=2026-10-28T12:00:00Z").await;
    assert_eq!(series(&weeks), [(json!(null), vec![json!(2), json!(0)])]);
    assert_eq!(
        (weeks.at("/from"), weeks.at("/to")),
        (json!("2026-10-26T00:00:00Z"), json!("2026-11-09T00:00:00Z")),
        "weeks count whole"
    );
    assert_eq!(weeks.at("/series/0/points/0/partial"), json!(null));

    let by_channel = ask("metric=active_users&interval=month&days=10&group_by=channel").await;
    assert_eq!(
        series(&by_channel),
        [
            (json!("voice"), vec![json!(2), json!(0)]),
            (json!("web"), vec![json!(1), json!(0)])
        ]
    );
    let first = ask("metric=active_users&interval=month&days=10&group_by=channel&top=1").await;
    assert_eq!(series(&first).len(), 1, "users of two channels are not added up");
    let sessions = ask("metric=sessions&interval=month&days=10&group_by=channel&top=1").await;
    assert_eq!(
        series(&sessions),
        [
            (json!("voice"), vec![json!(2), json!(0)]),
            (json!("other"), vec![json!(1), json!(1)])
        ]
    );
    let web = ask("metric=sessions&interval=day&days=1&channel=web").await;
    assert_eq!(series(&web), [(json!(null), vec![json!(1)])]);
    let web = ask("metric=sessions&interval=day&days=1&channel=web&group_by=channel").await;
    assert_eq!(series(&web), [(json!("web"), vec![json!(1)])]);
}

#[tokio::test]
async fn what_users_are_not_counted_by_is_told() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    for metric in ["active_users", "sessions"] {
        for (query, name) in [
            ("interval=hour", "interval"),
            ("tz=Asia/Kolkata", "tz"),
            ("group_by=model", "group_by"),
            ("type=chat", "type"),
            ("model=m", "model"),
        ] {
            let answer = caller.get(&format!("{SERIES}?metric={metric}&{query}")).await;
            answer.assert_faults(&[(&format!("?{name}"), "invalid_field")]);
        }
    }
}
