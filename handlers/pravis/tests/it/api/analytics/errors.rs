use super::store;
use domain::keys::Scope;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use testkit::TestApp;

const ERRORS: &str = "/api/v1/analytics/errors";

fn failed(error: Value, model: Value, time: &str) -> Value {
    json!({"error_type": error, "model": model, "started_at": time, "status": "failed"})
}

#[tokio::test]
async fn errors_are_counted_by_type_and_model_with_their_trend() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let turns = vec![
        // Before the range of two days: one timeout, and one that is too old.
        failed(json!("timeout"), json!("m"), "2026-10-31T12:00:00Z"),
        failed(json!("timeout"), json!("m"), "2026-10-29T23:59:59Z"),
        failed(json!("timeout"), json!("m"), "2026-11-01T00:00:00Z"),
        failed(json!("timeout"), json!("m"), "2026-11-02T09:00:00Z"),
        failed(json!("timeout"), json!("n"), "2026-11-02T09:00:00Z"),
        failed(json!(null), json!(null), "2026-11-02T08:00:00Z"),
        failed(json!("quota"), json!("m"), "2026-10-30T00:00:00Z"),
        json!({"status": "succeeded"}),
    ];
    store(&admin, turns).await;
    let caller = app.caller(&[Scope::Read]).await;
    let answer = caller.get(&format!("{ERRORS}?days=2")).await;
    answer.assert_status(200);
    assert_json_snapshot!(answer.json(), @r#"
    {
      "errors": [
        {
          "by_day": [
            {
              "count": 1,
              "day": "2026-11-01"
            },
            {
              "count": 1,
              "day": "2026-11-02"
            }
          ],
          "change": 1.0,
          "count": 2,
          "count_before": 1,
          "error_type": "timeout",
          "first_seen": "2026-11-01T00:00:00Z",
          "last_seen": "2026-11-02T09:00:00Z",
          "model": "m",
          "share": 0.4
        },
        {
          "by_day": [
            {
              "count": 0,
              "day": "2026-11-01"
            },
            {
              "count": 1,
              "day": "2026-11-02"
            }
          ],
          "change": null,
          "count": 1,
          "count_before": 0,
          "error_type": null,
          "first_seen": "2026-11-02T08:00:00Z",
          "last_seen": "2026-11-02T08:00:00Z",
          "model": null,
          "share": 0.2
        },
        {
          "by_day": [
            {
              "count": 0,
              "day": "2026-11-01"
            },
            {
              "count": 1,
              "day": "2026-11-02"
            }
          ],
          "change": null,
          "count": 1,
          "count_before": 0,
          "error_type": "timeout",
          "first_seen": "2026-11-02T09:00:00Z",
          "last_seen": "2026-11-02T09:00:00Z",
          "model": "n",
          "share": 0.2
        },
        {
          "by_day": [
            {
              "count": 0,
              "day": "2026-11-01"
            },
            {
              "count": 0,
              "day": "2026-11-02"
            }
          ],
          "change": -1.0,
          "count": 0,
          "count_before": 1,
          "error_type": "quota",
          "first_seen": null,
          "last_seen": null,
          "model": "m",
          "share": 0.0
        }
      ],
      "failed": 4,
      "from": "2026-11-01T00:00:00Z",
      "to": "2026-11-03T00:00:00Z",
      "total": 5,
      "tz": "UTC"
    }
    "#);
    let other = caller.get(&format!("{ERRORS}?days=2&model=n&type=chat")).await;
    assert_eq!(
        (other.at("/total"), other.at("/errors/0/count")),
        (json!(1), json!(1))
    );
    assert_eq!(other.at("/errors").as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_turn_that_is_corrected_no_longer_counts() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let turn = json!({"id": testkit::id(1), "status": "failed", "error_type": "timeout"});
    store(&admin, vec![turn]).await;
    assert_eq!(admin.get(ERRORS).await.at("/errors/0/count"), 1);
    let patch = json!({"status": "succeeded", "error_type": null});
    admin
        .patch(&format!("/api/v1/interactions/{}", testkit::id(1)), patch)
        .await
        .assert_status(200);
    assert_eq!(admin.get(ERRORS).await.at("/errors"), json!([]));
}
