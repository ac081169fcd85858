use super::{SUMMARY, store};
use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::json;
use testkit::{TestApp, feedback, id, over};

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
            "unknown": 2
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
            "unknown": 1
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
            "unknown": 1
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
            "unknown": 1
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
            "unknown": 1
          },
          "thumbs": {
            "down": 1,
            "up": 1
          },
          "total": 2,
          "type": "search"
        }
      ],
      "common": {
        "complete": true,
        "counted": 0,
        "phrases": [],
        "tags": []
      },
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
        "unknown": 2
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
