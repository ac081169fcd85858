use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use testkit::{Answer, Caller, TestApp, feedback, id, over, turn};

const STATS: &str = "/api/v1/analytics/interactions";
const SUMMARY: &str = "/api/v1/analytics/feedback";

async fn store(caller: &Caller, turns: Vec<Value>) {
    let turns: Vec<_> = turns.into_iter().map(turn).collect();
    let stored = caller
        .post("/api/v1/interactions/batch", json!({ "items": turns }))
        .await;
    stored.assert_status(201);
}

/// Day and total of each entry of `by_day`.
fn days(answer: &Answer) -> Vec<(String, i64)> {
    let days = answer.at("/by_day");
    let days = days.as_array().unwrap().iter();
    days.map(|day| {
        (
            day["day"].as_str().unwrap().to_owned(),
            day["total"].as_i64().unwrap(),
        )
    })
    .collect()
}

fn named(days: &[(&str, i64)]) -> Vec<(String, i64)> {
    days.iter()
        .map(|(day, total)| ((*day).to_owned(), *total))
        .collect()
}

#[tokio::test]
async fn stats_are_the_counts_sums_and_percentiles_of_the_turns() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    store(
        &admin,
        vec![
            json!({"model": "m-1", "channel": "web", "started_at": "2026-11-01T09:00:00Z", "completed_at": "2026-11-01T09:00:01Z",
                "time_to_first_token_ms": 200, "tokens_input": 100, "tokens_output": 50, "tokens_cached": 20, "cost_micros": 300}),
            json!({"model": "m-1", "started_at": "2026-11-02T09:00:00Z", "error_type": "timeout", "tokens_input": 10}),
            json!({"type": "search", "started_at": "2026-11-02T09:59:59Z"}),
        ],
    )
    .await;
    let answer = app
        .caller(&[Scope::Read])
        .await
        .get(&format!("{STATS}?days=3"))
        .await;
    answer.assert_status(200);
    let percentiles = [".p50", ".p90", ".p95", ".p99"];
    for percentile in percentiles {
        let value = answer.at(&format!("/duration_ms{}", percentile.replace('.', "/")));
        let value = value.as_f64().unwrap();
        assert!((980.0..=1020.0).contains(&value), "{percentile} is {value}");
    }
    let rounded = insta::rounded_redaction(0);
    assert_json_snapshot!(answer.json(), {".**.p50" => insta::rounded_redaction(0), ".**.p90" => insta::rounded_redaction(0),
        ".**.p95" => insta::rounded_redaction(0), ".**.p99" => rounded}, @r#"
    {
      "by_day": [
        {
          "cost": {
            "micros": null,
            "unpriced": 0
          },
          "day": "2026-10-31",
          "duration_ms": {
            "mean": null,
            "p50": null,
            "p90": null,
            "p95": null,
            "p99": null
          },
          "failed": 0,
          "pending": 0,
          "succeeded": 0,
          "success_rate": null,
          "time_to_first_token_ms": {
            "mean": null,
            "p50": null,
            "p90": null,
            "p95": null,
            "p99": null
          },
          "tokens": {
            "cached": null,
            "input": null,
            "input_mean": null,
            "output": null,
            "output_mean": null
          },
          "total": 0
        },
        {
          "cost": {
            "micros": 300,
            "unpriced": 0
          },
          "day": "2026-11-01",
          "duration_ms": {
            "mean": 1000.0,
            "p50": 1006.0,
            "p90": 1006.0,
            "p95": 1006.0,
            "p99": 1006.0
          },
          "failed": 0,
          "pending": 0,
          "succeeded": 1,
          "success_rate": 1.0,
          "time_to_first_token_ms": {
            "mean": 200.0,
            "p50": 197.0,
            "p90": 197.0,
            "p95": 197.0,
            "p99": 197.0
          },
          "tokens": {
            "cached": 20,
            "input": 100,
            "input_mean": 100.0,
            "output": 50,
            "output_mean": 50.0
          },
          "total": 1
        },
        {
          "cost": {
            "micros": null,
            "unpriced": 2
          },
          "day": "2026-11-02",
          "duration_ms": {
            "mean": null,
            "p50": null,
            "p90": null,
            "p95": null,
            "p99": null
          },
          "failed": 1,
          "pending": 1,
          "succeeded": 0,
          "success_rate": 0.0,
          "time_to_first_token_ms": {
            "mean": null,
            "p50": null,
            "p90": null,
            "p95": null,
            "p99": null
          },
          "tokens": {
            "cached": null,
            "input": 10,
            "input_mean": 10.0,
            "output": null,
            "output_mean": null
          },
          "total": 2
        }
      ],
      "by_model": [
        {
          "cost": {
            "micros": 300,
            "unpriced": 1
          },
          "duration_ms": {
            "mean": 1000.0,
            "p50": 1006.0,
            "p90": 1006.0,
            "p95": 1006.0,
            "p99": 1006.0
          },
          "failed": 1,
          "model": "m-1",
          "pending": 0,
          "succeeded": 1,
          "success_rate": 0.5,
          "time_to_first_token_ms": {
            "mean": 200.0,
            "p50": 197.0,
            "p90": 197.0,
            "p95": 197.0,
            "p99": 197.0
          },
          "tokens": {
            "cached": 20,
            "input": 110,
            "input_mean": 55.0,
            "output": 50,
            "output_mean": 50.0
          },
          "total": 2
        },
        {
          "cost": {
            "micros": null,
            "unpriced": 1
          },
          "duration_ms": {
            "mean": null,
            "p50": null,
            "p90": null,
            "p95": null,
            "p99": null
          },
          "failed": 0,
          "model": null,
          "pending": 1,
          "succeeded": 0,
          "success_rate": null,
          "time_to_first_token_ms": {
            "mean": null,
            "p50": null,
            "p90": null,
            "p95": null,
            "p99": null
          },
          "tokens": {
            "cached": null,
            "input": null,
            "input_mean": null,
            "output": null,
            "output_mean": null
          },
          "total": 1
        }
      ],
      "by_type": [
        {
          "cost": {
            "micros": 300,
            "unpriced": 1
          },
          "duration_ms": {
            "mean": 1000.0,
            "p50": 1006.0,
            "p90": 1006.0,
            "p95": 1006.0,
            "p99": 1006.0
          },
          "failed": 1,
          "pending": 0,
          "succeeded": 1,
          "success_rate": 0.5,
          "time_to_first_token_ms": {
            "mean": 200.0,
            "p50": 197.0,
            "p90": 197.0,
            "p95": 197.0,
            "p99": 197.0
          },
          "tokens": {
            "cached": 20,
            "input": 110,
            "input_mean": 55.0,
            "output": 50,
            "output_mean": 50.0
          },
          "total": 2,
          "type": "chat"
        },
        {
          "cost": {
            "micros": null,
            "unpriced": 1
          },
          "duration_ms": {
            "mean": null,
            "p50": null,
            "p90": null,
            "p95": null,
            "p99": null
          },
          "failed": 0,
          "pending": 1,
          "succeeded": 0,
          "success_rate": null,
          "time_to_first_token_ms": {
            "mean": null,
            "p50": null,
            "p90": null,
            "p95": null,
            "p99": null
          },
          "tokens": {
            "cached": null,
            "input": null,
            "input_mean": null,
            "output": null,
            "output_mean": null
          },
          "total": 1,
          "type": "search"
        }
      ],
      "cost": {
        "micros": 300,
        "unpriced": 2
      },
      "duration_ms": {
        "mean": 1000.0,
        "p50": 1006.0,
        "p90": 1006.0,
        "p95": 1006.0,
        "p99": 1006.0
      },
      "failed": 1,
      "from": "2026-10-31T00:00:00Z",
      "pending": 1,
      "succeeded": 1,
      "success_rate": 0.5,
      "time_to_first_token_ms": {
        "mean": 200.0,
        "p50": 197.0,
        "p90": 197.0,
        "p95": 197.0,
        "p99": 197.0
      },
      "to": "2026-11-03T00:00:00Z",
      "tokens": {
        "cached": 20,
        "input": 110,
        "input_mean": 55.0,
        "output": 50,
        "output_mean": 50.0
      },
      "total": 3,
      "tz": "UTC"
    }
    "#);
}

#[tokio::test]
async fn of_nothing_everything_but_counts_is_null() {
    let app = TestApp::new().await;
    let answer = app
        .caller(&[Scope::Read])
        .await
        .get(&format!("{STATS}?days=1"))
        .await;
    assert_json_snapshot!(answer.json(), @r#"
    {
      "by_day": [
        {
          "cost": {
            "micros": null,
            "unpriced": 0
          },
          "day": "2026-11-02",
          "duration_ms": {
            "mean": null,
            "p50": null,
            "p90": null,
            "p95": null,
            "p99": null
          },
          "failed": 0,
          "pending": 0,
          "succeeded": 0,
          "success_rate": null,
          "time_to_first_token_ms": {
            "mean": null,
            "p50": null,
            "p90": null,
            "p95": null,
            "p99": null
          },
          "tokens": {
            "cached": null,
            "input": null,
            "input_mean": null,
            "output": null,
            "output_mean": null
          },
          "total": 0
        }
      ],
      "by_model": [],
      "by_type": [],
      "cost": {
        "micros": null,
        "unpriced": 0
      },
      "duration_ms": {
        "mean": null,
        "p50": null,
        "p90": null,
        "p95": null,
        "p99": null
      },
      "failed": 0,
      "from": "2026-11-02T00:00:00Z",
      "pending": 0,
      "succeeded": 0,
      "success_rate": null,
      "time_to_first_token_ms": {
        "mean": null,
        "p50": null,
        "p90": null,
        "p95": null,
        "p99": null
      },
      "to": "2026-11-03T00:00:00Z",
      "tokens": {
        "cached": null,
        "input": null,
        "input_mean": null,
        "output": null,
        "output_mean": null
      },
      "total": 0,
      "tz": "UTC"
    }
    "#);
    let answer = app
        .caller(&[Scope::Read])
        .await
        .get(&format!("{SUMMARY}?days=1"))
        .await;
    assert_json_snapshot!(answer.json(), @r#"
    {
      "average_rating": null,
      "by_category": [],
      "by_model": [],
      "by_type": [],
      "from": "2026-11-02T00:00:00Z",
      "latest_comments": [],
      "rated": 0,
      "ratings": {
        "1": 0,
        "2": 0,
        "3": 0,
        "4": 0,
        "5": 0
      },
      "sentiment": {
        "negative": 0,
        "neutral": 0,
        "positive": 0,
        "unknown": 0
      },
      "thumbs": {
        "down": 0,
        "up": 0
      },
      "to": "2026-11-03T00:00:00Z",
      "total": 0,
      "tz": "UTC"
    }
    "#);
}

#[tokio::test]
async fn percentiles_are_within_two_percent() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let turns = (1..=1000).map(|n| json!({"duration_ms": n * 7, "time_to_first_token_ms": n}));
    store(&admin, turns.collect()).await;
    let answer = admin.get(&format!("{STATS}?days=1")).await;
    for (of, unit) in [("duration_ms", 7.0), ("time_to_first_token_ms", 1.0)] {
        assert_eq!(answer.at(&format!("/{of}/mean")), 500.5 * unit);
        for (name, rank) in [("p50", 500.0), ("p90", 900.0), ("p95", 950.0), ("p99", 990.0)] {
            let value = answer.at(&format!("/{of}/{name}")).as_f64().unwrap();
            let exact = rank * unit;
            assert!(
                (value - exact).abs() <= 0.02 * exact,
                "{of} {name}: {value} for {exact}"
            );
        }
    }
}

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
async fn each_filter_counts_what_it_says() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    store(
        &admin,
        vec![
            json!({"id": id(1), "model": "m-1", "channel": "web"}),
            json!({"id": id(2), "model": "M-1", "channel": "web", "type": "tts"}),
            json!({"id": id(3), "model": "m-1", "channel": "voice"}),
            json!({"id": id(4)}),
        ],
    )
    .await;
    for n in 1..=4 {
        let given = feedback(&json!(id(n)), json!({"rating": n}));
        admin.post("/api/v1/feedback", given).await.assert_status(201);
    }
    for (query, total) in [
        ("", 4),
        ("&type=chat", 3),
        ("&type=search", 0),
        ("&model=m-1", 2),
        ("&model=M-1", 1),
        ("&channel=web", 2),
        ("&channel=web&model=m-1", 1),
        ("&channel=web&model=m-1&type=tts", 0),
        ("&channel=web&type=tts", 1),
        ("&code=host-key", 4),
    ] {
        for stats in [STATS, SUMMARY] {
            let answer = admin.get(&format!("{stats}?days=1{query}")).await;
            assert_eq!(answer.at("/total"), total, "{stats} {query}");
        }
    }
}

#[tokio::test]
async fn numbers_follow_changes_at_once() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    store(&admin, vec![json!({"id": id(1)})]).await;
    let stats = format!("{STATS}?days=1");
    assert_eq!(admin.get(&stats).await.at("/pending"), 1);
    let path = format!("/api/v1/interactions/{}", id(1));
    let done = json!({"response_text": "x", "duration_ms": 5, "model": "m"});
    admin.patch(&path, done).await.assert_status(200);
    let answer = admin.get(&stats).await;
    assert_eq!(
        (answer.at("/pending"), answer.at("/succeeded")),
        (json!(0), json!(1))
    );
    assert_eq!(answer.at("/duration_ms/mean"), 5.0);
    assert_eq!(answer.at("/by_model/0/model"), "m");
    assert_eq!(answer.at("/by_model").as_array().unwrap().len(), 1);
    store(
        &admin,
        vec![json!({"started_at": "2026-11-02T00:00:00Z", "model": "late"})],
    )
    .await;
    assert_eq!(admin.get(&stats).await.at("/total"), 2);
}

#[tokio::test]
async fn groups_come_by_size() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let turns = [
        ("a", "tts"),
        ("b", "chat"),
        ("b", "chat"),
        ("c", "chat"),
        ("c", "tts"),
        ("c", "search"),
    ];
    let turns = turns.map(|(model, kind)| json!({"model": model, "type": kind}));
    store(&admin, turns.to_vec()).await;
    let answer = admin.get(&format!("{STATS}?days=1")).await;
    let names = |list: &str, member: &str| {
        let groups = answer.at(list);
        let groups = groups.as_array().unwrap().iter();
        groups.map(|group| group[member].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("/by_model", "model"), ["c", "b", "a"]);
    assert_eq!(names("/by_type", "type"), ["chat", "tts", "search"]);
}

#[tokio::test]
async fn a_summary_counts_feedback_by_its_own_time() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    store(
        &admin,
        vec![
            json!({"id": id(1), "model": "m-1", "started_at": "2026-10-01T00:00:00Z"}),
            json!({"id": id(2), "type": "search"}),
        ],
    )
    .await;
    for (n, (turn, fields)) in [
        (1, json!({"rating": 5, "comment": "good", "category": "tone"})),
        (1, json!({"rating": 2, "category": "speed"})),
        (2, json!({"thumb": "up"})),
        (
            2,
            json!({"thumb": "down", "comment": "wrong", "category": "tone"}),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        app.clock().set(&format!("2026-11-02T11:0{n}:00Z"));
        let sent = over(
            feedback(&json!(id(turn)), fields),
            json!({"id": id(10 + n as u128)}),
        );
        admin.post("/api/v1/feedback", sent).await.assert_status(201);
    }
    let answer = app
        .caller(&[Scope::Read])
        .await
        .get(&format!("{SUMMARY}?days=1"))
        .await;
    answer.assert_status(200);
    let comments = answer.at("/latest_comments");
    let comments: Vec<_> = comments
        .as_array()
        .unwrap()
        .iter()
        .map(|given| &given["comment"])
        .collect();
    assert_eq!(comments, ["wrong", "good"]);
    assert_json_snapshot!(answer.json(), {".latest_comments" => "[checked]"}, @r#"
    {
      "average_rating": 3.5,
      "by_category": [
        {
          "average_rating": 5.0,
          "category": "tone",
          "rated": 1,
          "ratings": {
            "1": 0,
            "2": 0,
            "3": 0,
            "4": 0,
            "5": 1
          },
          "sentiment": {
            "negative": 0,
            "neutral": 0,
            "positive": 0,
            "unknown": 0
          },
          "thumbs": {
            "down": 1,
            "up": 0
          },
          "total": 2
        },
        {
          "average_rating": null,
          "category": null,
          "rated": 0,
          "ratings": {
            "1": 0,
            "2": 0,
            "3": 0,
            "4": 0,
            "5": 0
          },
          "sentiment": {
            "negative": 0,
            "neutral": 0,
            "positive": 0,
            "unknown": 0
          },
          "thumbs": {
            "down": 0,
            "up": 1
          },
          "total": 1
        },
        {
          "average_rating": 2.0,
          "category": "speed",
          "rated": 1,
          "ratings": {
            "1": 0,
            "2": 1,
            "3": 0,
            "4": 0,
            "5": 0
          },
          "sentiment": {
            "negative": 0,
            "neutral": 0,
            "positive": 0,
            "unknown": 0
          },
          "thumbs": {
            "down": 0,
            "up": 0
          },
          "total": 1
        }
      ],
      "by_model": [
        {
          "average_rating": null,
          "model": null,
          "rated": 0,
          "ratings": {
            "1": 0,
            "2": 0,
            "3": 0,
            "4": 0,
            "5": 0
          },
          "sentiment": {
            "negative": 0,
            "neutral": 0,
            "positive": 0,
            "unknown": 0
          },
          "thumbs": {
            "down": 1,
            "up": 1
          },
          "total": 2
        },
        {
          "average_rating": 3.5,
          "model": "m-1",
          "rated": 2,
          "ratings": {
            "1": 0,
            "2": 1,
            "3": 0,
            "4": 0,
            "5": 1
          },
          "sentiment": {
            "negative": 0,
            "neutral": 0,
            "positive": 0,
            "unknown": 0
          },
          "thumbs": {
            "down": 0,
            "up": 0
          },
          "total": 2
        }
      ],
      "by_type": [
        {
          "average_rating": 3.5,
          "rated": 2,
          "ratings": {
            "1": 0,
            "2": 1,
            "3": 0,
            "4": 0,
            "5": 1
          },
          "sentiment": {
            "negative": 0,
            "neutral": 0,
            "positive": 0,
            "unknown": 0
          },
          "thumbs": {
            "down": 0,
            "up": 0
          },
          "total": 2,
          "type": "chat"
        },
        {
          "average_rating": null,
          "rated": 0,
          "ratings": {
            "1": 0,
            "2": 0,
            "3": 0,
            "4": 0,
            "5": 0
          },
          "sentiment": {
            "negative": 0,
            "neutral": 0,
            "positive": 0,
            "unknown": 0
          },
          "thumbs": {
            "down": 1,
            "up": 1
          },
          "total": 2,
          "type": "search"
        }
      ],
      "from": "2026-11-02T00:00:00Z",
      "latest_comments": "[checked]",
      "rated": 2,
      "ratings": {
        "1": 0,
        "2": 1,
        "3": 0,
        "4": 0,
        "5": 1
      },
      "sentiment": {
        "negative": 0,
        "neutral": 0,
        "positive": 0,
        "unknown": 0
      },
      "thumbs": {
        "down": 1,
        "up": 1
      },
      "to": "2026-11-03T00:00:00Z",
      "total": 4,
      "tz": "UTC"
    }
    "#);
    let before = admin
        .get(&format!(
            "{SUMMARY}?from=2026-10-01T00:00:00Z&to=2026-11-02T11:01:00Z"
        ))
        .await;
    assert_eq!(
        (before.at("/total"), before.at("/average_rating")),
        (json!(1), json!(5.0))
    );
}

#[tokio::test]
async fn a_summary_shows_the_ten_latest_comments() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    store(&admin, vec![json!({"id": id(1)})]).await;
    for n in 10..22 {
        app.clock().set(&format!("2026-11-02T11:{n}:00Z"));
        let sent = feedback(&json!(id(1)), json!({"comment": n.to_string()}));
        admin.post("/api/v1/feedback", sent).await.assert_status(201);
    }
    let answer = admin.get(SUMMARY).await;
    let comments = answer.at("/latest_comments");
    let comments: Vec<_> = comments
        .as_array()
        .unwrap()
        .iter()
        .map(|given| given["comment"].clone())
        .collect();
    let expected: Vec<_> = (12..22).rev().map(|n| json!(n.to_string())).collect();
    assert_eq!(comments, expected);
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
