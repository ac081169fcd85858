use super::store;
use domain::keys::Scope;
use serde_json::{Value, json};
use testkit::TestApp;

const COSTS: &str = "/api/v1/analytics/costs";

fn close(value: Value, expected: f64) {
    let value = value.as_f64().unwrap();
    assert!(
        (value - expected).abs() < 1e-6 * expected.abs().max(1.0),
        "{value} for {expected}"
    );
}

#[tokio::test]
async fn costs_are_those_of_the_turns_by_everything() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let turns = [
        json!({"session_id": "a", "model": "m", "cost_micros": 300, "status": "succeeded", "prompt_version": "1"}),
        json!({"session_id": "a", "model": "m", "cost_micros": 100, "status": "failed", "prompt_version": "2"}),
        json!({"session_id": "b", "model": "n", "type": "tts", "status": "succeeded"}),
        json!({"session_id": "b", "started_at": "2026-11-01T23:59:59Z", "cost_micros": 50, "status": "succeeded"}),
        json!({"session_id": "c", "started_at": "2026-10-01T00:00:00Z", "cost_micros": 9}),
    ];
    store(&admin, turns.to_vec()).await;
    let caller = app.caller(&[Scope::Read]).await;
    let answer = caller.get(&format!("{COSTS}?days=2")).await;
    answer.assert_status(200);
    assert_eq!(
        (answer.at("/total"), answer.at("/cost")),
        (json!(4), json!({"micros": 450, "unpriced": 1}))
    );
    close(answer.at("/unpriced_share"), 0.25);
    close(answer.at("/per_session"), 225.0);
    close(answer.at("/per_succeeded"), 150.0);
    assert_eq!(answer.at("/unpriced"), json!([{"model": "n", "count": 1}]));
    let cost = |total: i64, micros: Value, unpriced: i64| json!({"micros": micros, "unpriced": unpriced, "total": total});
    let shown = |entry: &Value| {
        cost(
            entry["total"].as_i64().unwrap(),
            entry["cost"]["micros"].clone(),
            entry["cost"]["unpriced"].as_i64().unwrap(),
        )
    };
    for (pointer, name, expected) in [
        (
            "/by_model",
            "model",
            vec![
                (json!("m"), cost(2, json!(400), 0)),
                (json!(null), cost(1, json!(50), 0)),
                (json!("n"), cost(1, json!(null), 1)),
            ],
        ),
        (
            "/by_type",
            "type",
            vec![
                (json!("chat"), cost(3, json!(450), 0)),
                (json!("tts"), cost(1, json!(null), 1)),
            ],
        ),
        (
            "/by_prompt_version",
            "prompt_version",
            vec![
                (json!(null), cost(2, json!(50), 1)),
                (json!("1"), cost(1, json!(300), 0)),
                (json!("2"), cost(1, json!(100), 0)),
            ],
        ),
        (
            "/by_day",
            "day",
            vec![
                (json!("2026-11-01"), cost(1, json!(50), 0)),
                (json!("2026-11-02"), cost(3, json!(400), 1)),
            ],
        ),
    ] {
        let given = answer.at(pointer);
        let given: Vec<_> = given
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (entry[name].clone(), shown(entry)))
            .collect();
        assert_eq!(given, expected, "{pointer}");
    }
    assert_eq!(
        answer.at("/month_to_date"),
        json!({"from": "2026-11-01", "total": 4, "cost": {"micros": 450, "unpriced": 1}, "forecast": null})
    );
}

#[tokio::test]
async fn without_turns_nothing_is_known() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    let answer = caller.get(&format!("{COSTS}?days=1&model=none")).await;
    answer.assert_status(200);
    for name in [
        "/unpriced_share",
        "/per_session",
        "/per_succeeded",
        "/by_prompt_version",
        "/cost/micros",
    ] {
        assert_eq!(answer.at(name), json!(null), "{name}");
    }
    assert_eq!(
        answer.at("/by_day"),
        json!([{"day": "2026-11-02", "total": 0, "cost": {"micros": null, "unpriced": 0}}])
    );
}

#[tokio::test]
async fn the_month_is_that_of_the_shops_zone_and_is_forecast_from_four_weeks() {
    // In Kiritimati (+14) the second of November has begun when the test does.
    let app = TestApp::with(&[("PRAVIS_TIME_ZONE", "Pacific/Kiritimati")]).await;
    let admin = app.admin().await;
    app.clock().set("2026-11-16T12:00:00Z");
    // 16 November, 02:00 of the 17th there. Four weeks of 700 a day, at noon there, and 200 today. Of one day in October nobody
    // knows what it cost.
    let noon: jiff::Timestamp = "2026-11-16T22:00:00Z".parse().unwrap();
    let days = (1..=28).map(|day| {
        let started_at = (noon - jiff::SignedDuration::from_hours(24 * day)).to_string();
        match day {
            20 => json!({"started_at": started_at}),
            _ => json!({"started_at": started_at, "cost_micros": 700}),
        }
    });
    let today = json!({"started_at": "2026-11-16T11:00:00Z", "cost_micros": 200});
    store(&admin, days.chain([today]).collect()).await;
    let answer = admin.get(&format!("{COSTS}?days=1&tz=UTC")).await;
    let month = answer.at("/month_to_date");
    // The noon of the 1st to the 16th is in, and what today has cost.
    assert_eq!(
        (&month["from"], &month["cost"]["micros"]),
        (&json!("2026-11-01"), &json!(16 * 700 + 200))
    );
    // Every day costs the same, so that nothing is in doubt: 30 days of 700.
    for name in ["micros", "low", "high"] {
        close(month["forecast"][name].clone(), 30.0 * 700.0);
    }
    assert_eq!(month["forecast"]["unpriced_days"], 1);
}
