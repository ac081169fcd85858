use super::store;
use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use testkit::{Answer, TestApp, feedback, id};

const SERIES: &str = "/api/v1/analytics/timeseries";

/// The values of each series, after its key.
fn values(answer: &Answer) -> Vec<(Value, Vec<Value>)> {
    answer.assert_status(200);
    let series = answer.at("/series");
    let series = series.as_array().unwrap().iter();
    series
        .map(|series| {
            let points = series["points"].as_array().unwrap();
            let values = points.iter().map(|point| point["value"].clone());
            (series["key"].clone(), values.collect())
        })
        .collect()
}

#[tokio::test]
async fn a_series_has_every_bucket_and_says_which_are_partial() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let turns = [
        "2026-10-31T08:00:00Z",
        "2026-10-31T20:00:00Z",
        "2026-11-02T09:00:00Z",
    ];
    let turns =
        turns.map(|time| json!({"started_at": time, "duration_ms": 100, "cost_micros": 5, "model": "m-1"}));
    store(&admin, turns.to_vec()).await;
    let range = "from=2026-10-31T12:00:00Z&to=2026-11-02T10:00:00Z";
    let caller = app.caller(&[Scope::Read]).await;
    let answer = caller
        .get(&format!("{SERIES}?{range}&metric=cost&group_by=model"))
        .await;
    assert_json_snapshot!(answer.json(), @r#"
    {
      "from": "2026-10-31T12:00:00Z",
      "group_by": "model",
      "interval": "day",
      "metric": "cost",
      "series": [
        {
          "key": {
            "model": "m-1"
          },
          "other": false,
          "points": [
            {
              "partial": true,
              "start": "2026-10-31T00:00:00Z",
              "value": 5
            },
            {
              "start": "2026-11-01T00:00:00Z",
              "value": null
            },
            {
              "partial": true,
              "start": "2026-11-02T00:00:00Z",
              "value": 5
            }
          ]
        }
      ],
      "to": "2026-11-02T10:00:00Z",
      "tz": "UTC"
    }
    "#);
    let counts = caller.get(&format!("{SERIES}?{range}")).await;
    assert_eq!(values(&counts), [(json!({}), vec![json!(1), json!(0), json!(1)])]);
}

#[tokio::test]
async fn without_turns_counts_are_0_and_everything_else_is_null() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    for (metric, empty) in [
        ("interactions", json!(0)),
        ("failures", json!(0)),
        ("feedback", json!(0)),
        ("success_rate", json!(null)),
        ("p50_ms", json!(null)),
        ("p95_ms", json!(null)),
        ("ttft_p95_ms", json!(null)),
        ("tokens_input", json!(null)),
        ("tokens_output", json!(null)),
        ("cost", json!(null)),
        ("rating", json!(null)),
    ] {
        let answer = caller.get(&format!("{SERIES}?metric={metric}&days=2")).await;
        assert_eq!(
            values(&answer),
            [(json!({}), vec![empty.clone(), empty])],
            "{metric}"
        );
        let grouped = caller
            .get(&format!("{SERIES}?metric={metric}&days=2&group_by=model"))
            .await;
        assert_eq!(values(&grouped), [], "{metric}");
    }
}

#[tokio::test]
async fn every_metric_is_that_of_its_turns_and_feedback() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let turns = [
        json!({"id": id(1), "status": "succeeded", "duration_ms": 100, "time_to_first_token_ms": 10, "tokens_input": 7, "tokens_output": 2, "cost_micros": 11, "prompt_version": "a"}),
        json!({"id": id(2), "status": "failed", "duration_ms": 300, "tokens_input": 1, "prompt_version": "b"}),
        json!({"id": id(3), "status": "pending", "prompt_version": "b", "started_at": "2026-11-01T09:00:00Z"}),
        json!({"id": id(4), "status": "succeeded", "prompt_version": "b"}),
    ];
    store(&admin, turns.to_vec()).await;
    for (turn, rating) in [(1, 5), (1, 2), (3, 1)] {
        let sent = feedback(&json!(id(turn)), json!({"rating": rating}));
        admin.post("/api/v1/feedback", sent).await.assert_status(201);
    }
    for (metric, yesterday, today) in [
        ("interactions", json!(1), json!(3)),
        ("failures", json!(0), json!(1)),
        ("success_rate", json!(null), json!(2.0 / 3.0)),
        ("tokens_input", json!(null), json!(8)),
        ("tokens_output", json!(null), json!(2)),
        ("cost", json!(null), json!(11)),
        ("rating", json!(null), json!(8.0 / 3.0)),
        ("feedback", json!(0), json!(3)),
    ] {
        let answer = admin.get(&format!("{SERIES}?metric={metric}&days=2")).await;
        assert_eq!(values(&answer), [(json!({}), vec![yesterday, today])], "{metric}");
    }
    for (metric, exact) in [("p50_ms", 100.0), ("p95_ms", 300.0), ("ttft_p95_ms", 10.0)] {
        let answer = admin.get(&format!("{SERIES}?metric={metric}&days=1")).await;
        let value = values(&answer)[0].1[0].as_f64().unwrap();
        assert!((value - exact).abs() <= 0.02 * exact, "{metric}: {value}");
    }
    let by_version = admin
        .get(&format!("{SERIES}?metric=rating&days=1&group_by=prompt_version"))
        .await;
    let expected = [
        (json!({"prompt_version": "a"}), vec![json!(3.5)]),
        (json!({"prompt_version": "b"}), vec![json!(1.0)]),
    ];
    assert_eq!(values(&by_version), expected);
    let search = admin
        .get(&format!("{SERIES}?days=1&group_by=prompt_version&type=search"))
        .await;
    assert_eq!(values(&search), []);
}

#[tokio::test]
async fn the_rest_is_one_series_beside_a_group_that_is_called_other() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let models = [("a", 3), ("other", 2), ("b", 1), ("c", 1)];
    let turns = models
        .iter()
        .flat_map(|(model, count)| vec![json!({"model": model}); *count]);
    store(&admin, turns.chain([json!({})]).collect()).await;
    let answer = admin.get(&format!("{SERIES}?days=1&group_by=model&top=2")).await;
    let named = |name: &str, count: i64| (json!({"model": name}), vec![json!(count)]);
    assert_eq!(
        values(&answer),
        [named("a", 3), named("other", 2), named("other", 3)]
    );
    assert_eq!(
        (answer.at("/series/1/other"), answer.at("/series/2/other")),
        (json!(false), json!(true))
    );
    let all = admin.get(&format!("{SERIES}?days=1&group_by=model&top=50")).await;
    let unknown = (json!({"model": null}), vec![json!(1)]);
    assert_eq!(
        values(&all),
        [
            named("a", 3),
            named("other", 2),
            unknown,
            named("b", 1),
            named("c", 1)
        ]
    );
}

#[tokio::test]
async fn buckets_are_those_of_the_asked_zone() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    app.clock().set("2026-10-27T00:00:00Z");
    // The hour from 02:00 is there twice on this day in Paris; in Kathmandu hours begin at a quarter past.
    let times = [
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
        "2026-10-25T01:10:00Z",
    ];
    store(&admin, times.map(|time| json!({"started_at": time})).to_vec()).await;
    let hours = "interval=hour&from=2026-10-25T00:00:00Z&to=2026-10-25T02:00:00Z";
    let paris = admin.get(&format!("{SERIES}?{hours}&tz=Europe/Paris")).await;
    assert_eq!(values(&paris)[0].1, [json!(1), json!(2)]);
    let kathmandu = admin.get(&format!("{SERIES}?{hours}&tz=Asia/Kathmandu")).await;
    assert_eq!(values(&kathmandu)[0].1, [json!(0), json!(2), json!(1)]);
    assert_eq!(
        kathmandu.at("/series/0/points/0"),
        json!({"start": "2026-10-24T23:15:00Z", "value": 0, "partial": true})
    );
    let days = admin
        .get(&format!(
            "{SERIES}?tz=Europe/Paris&from=2026-10-24T22:00:00Z&to=2026-10-25T23:00:00Z"
        ))
        .await;
    assert_eq!(
        days.at("/series/0/points"),
        json!([{"start": "2026-10-24T22:00:00Z", "value": 3}])
    );
}

#[tokio::test]
async fn wrong_questions_are_told_by_name_with_what_is_possible() {
    let app = TestApp::new().await;
    let caller = app.caller(&[Scope::Read]).await;
    for (query, name, told) in [
        ("metric=clicks", "metric", "ttft_p95_ms"),
        ("interval=minute", "interval", "month"),
        ("group_by=colour", "group_by", "prompt_version"),
        ("group_by=category", "group_by", "prompt_version"),
        ("group_by=locale&model=m", "group_by", "type, model, channel"),
        ("top=0", "top", "1 to 50"),
        ("top=51", "top", "1 to 50"),
        ("interval=hour&days=400&group_by=type", "interval", "10000"),
        ("tz=Mars/Olympus", "tz", "Europe/Paris"),
        (
            "from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z",
            "to",
            "later than from",
        ),
    ] {
        let answer = caller.get(&format!("{SERIES}?{query}")).await;
        answer.assert_faults(&[(&format!("?{name}"), "invalid_field")]);
        assert!(answer.text().contains(told), "{query}: {}", answer.text());
    }
}
