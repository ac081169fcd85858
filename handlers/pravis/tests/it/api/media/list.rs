//! Lists of uploads.

use super::{finish, make_ready, take};
use serde_json::json;
use store::MediaResult;
use testkit::{TestApp, id, upload};

const PATH: &str = "/api/v1/media";

#[tokio::test]
async fn uploads_are_found_by_what_became_of_them() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for (number, product) in (1..=4).zip(["bag", "bag", "Bag", "bag"]) {
        let declared = upload(json!({"id": id(number), "product_id": product}));
        admin
            .post("/api/v1/media/uploads", declared)
            .await
            .assert_status(201);
        app.clock().advance(jiff::SignedDuration::from_secs(1));
    }
    make_ready(&app, &id(1)).await;
    make_ready(&app, &id(2)).await;
    let (media, run) = take(&app, &id(3)).await;
    let refused = MediaResult::Quarantined {
        reason: "too_large".to_owned(),
        detail: "200 MB".to_owned(),
    };
    finish(&app, media, run, refused).await;
    for (query, numbers) in [
        ("", vec![4, 3, 2, 1]),
        ("?status=ready", vec![2, 1]),
        ("?status=quarantined", vec![3]),
        ("?status=pending&kind=product_photo", vec![4]),
        ("?kind=attachment", vec![]),
        ("?product_id=bag", vec![4, 2, 1]),
        ("?interaction_id=019a4400-0000-7000-8000-000000000001", vec![]),
    ] {
        let list = admin.get(&format!("{PATH}{query}")).await;
        list.assert_status(200);
        let expected: Vec<_> = numbers.into_iter().map(|number| json!(id(number))).collect();
        assert_eq!(list.each("id"), expected, "{query}");
    }
    let refused = admin.get(&format!("{PATH}?status=quarantined")).await;
    assert_eq!(refused.each("reason"), [json!("too_large")]);
    let first = admin.get(&format!("{PATH}?product_id=bag&limit=2")).await;
    let cursor = first.at("/next_cursor");
    let next = admin
        .get(&format!(
            "{PATH}?product_id=bag&limit=2&cursor={}",
            cursor.as_str().unwrap()
        ))
        .await;
    assert_eq!(next.each("id"), [json!(id(1))]);
    let other = admin
        .get(&format!(
            "{PATH}?product_id=Bag&cursor={}",
            cursor.as_str().unwrap()
        ))
        .await;
    other.assert_problem(400, "invalid_cursor");
    admin
        .get(&format!("{PATH}?status=gone"))
        .await
        .assert_faults(&[("?status", "invalid_field")]);
    let near = admin.get(&format!("{PATH}/{}", id(1))).await;
    assert_eq!(near.at("/near_duplicates"), json!([{"id": id(2), "distance": 0}]));
}
