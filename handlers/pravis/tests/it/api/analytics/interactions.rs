use super::{STATS, SUMMARY, store};
use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::json;
use testkit::{TestApp, feedback, id};

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
      "common": {
        "complete": true,
        "counted": 0,
        "phrases": [],
        "tags": []
      },
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
