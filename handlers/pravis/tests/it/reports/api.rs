//! Reports that people ask for.

use super::*;
use domain::keys::Scope;
use serde_json::json;
use testkit::faulty::Fault;

const REPORTS: &str = "/api/v1/reports";

#[tokio::test]
async fn a_report_is_made_at_once_as_a_new_revision() {
    let app = TestApp::with(&[("PRAVIS_PUBLIC_URL", "https://shop.example/")]).await;
    let admin = app.admin().await;
    let made = admin
        .post(REPORTS, json!({"kind": "weekly", "period": "2026-W43"}))
        .await;
    made.assert_status(201);
    for (member, expected) in [
        ("/kind", json!("weekly")),
        ("/period", json!("2026-W43")),
        ("/from", json!("2026-10-19T00:00:00Z")),
        ("/to", json!("2026-10-26T00:00:00Z")),
        ("/tz", json!("UTC")),
        ("/revision", json!(2)),
        ("/status", json!("ready")),
        ("/generated_at", json!("2026-11-02T10:00:00Z")),
        ("/error", json!(null)),
    ] {
        assert_eq!(made.at(member), expected, "{member}");
    }
    let again = admin
        .post(REPORTS, json!({"kind": "weekly", "period": "2026-W43"}))
        .await;
    assert_eq!(again.at("/revision"), 3);
    let last = admin.post(REPORTS, json!({"kind": "monthly"})).await;
    assert_eq!(
        (last.at("/period"), last.at("/revision")),
        (json!("2026-10"), json!(2))
    );
    let id = made.at("/id").as_str().unwrap().to_owned();
    let shown = admin.get(&format!("{REPORTS}/{id}")).await;
    shown.assert_status(200);
    assert_eq!(
        shown.at("/links/html"),
        format!("https://shop.example/api/v1/reports/{id}/html")
    );
    assert_eq!(shown.at("/deliveries"), json!([]));
    assert_eq!(waiting(&app).await, 0, "nobody asked to send it");
    // The scheduled one comes all the same.
    fire(&app, "timer_weekly_report").await.unwrap();
    assert!(names(&app).await.contains(&"weekly 2026-W44 r1".to_owned()));
}

#[tokio::test]
async fn documents_are_what_was_stored() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin.post(REPORTS, json!({"kind": "daily"})).await;
    let id = made.at("/id").as_str().unwrap().to_owned();
    let reader = app.caller(&[Scope::Read]).await;
    for (format, media_type) in [
        ("html", "text/html; charset=utf-8"),
        ("json", "application/json"),
        ("csv", "text/csv; charset=utf-8; header=present"),
    ] {
        let path = format!("{REPORTS}/{id}/{format}");
        let document = reader.get(&path).await;
        document.assert_status(200);
        assert_eq!(document.header("content-type"), Some(media_type));
        assert_eq!(document.header("x-content-type-options"), Some("nosniff"));
        let policy = document.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert_eq!(json!(document.text().len()), made.at(&format!("/sizes/{format}")));
        let known = reader.with("if-none-match", document.etag()).get(&path).await;
        known.assert_status(304);
        assert_eq!((known.text().as_str(), known.etag()), ("", document.etag()));
        reader
            .with("if-none-match", "\"other\"")
            .get(&path)
            .await
            .assert_status(200);
    }
    reader
        .get(&format!("{REPORTS}/{id}/pdf"))
        .await
        .assert_problem(404, "not_found");
    reader
        .get(&format!("{REPORTS}/{}/csv", Uuid::nil()))
        .await
        .assert_problem(404, "not_found");
    reader
        .get(&format!("{REPORTS}/{}", Uuid::nil()))
        .await
        .assert_problem(404, "not_found");
    reader
        .get(&format!("{REPORTS}/no-id/csv"))
        .await
        .assert_problem(404, "not_found");
}

#[tokio::test]
async fn who_asks_wrong_is_told() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for (body, code, pointer) in [
        (json!({}), "missing_field", "/kind"),
        (json!({"kind": "yearly"}), "invalid_field", "/kind"),
        (
            json!({"kind": "weekly", "period": "2026-11"}),
            "invalid_field",
            "/period",
        ),
        (
            json!({"kind": "weekly", "period": "2026-W54"}),
            "invalid_field",
            "/period",
        ),
        (
            json!({"kind": "weekly", "period": "2026-W45"}),
            "invalid_field",
            "/period",
        ),
        (
            json!({"kind": "daily", "period": "2026-11-02"}),
            "invalid_field",
            "/period",
        ),
        (
            json!({"kind": "daily", "periode": "2026-11-01"}),
            "unknown_field",
            "/periode",
        ),
    ] {
        let answer = admin.post(REPORTS, body.clone()).await;
        answer.assert_status(422);
        assert_eq!(answer.at("/errors/0/pointer"), pointer, "{body}");
        assert_eq!(answer.at("/errors/0/code"), code, "{body}");
    }
    let reader = app.caller(&[Scope::Read]).await;
    reader
        .post(REPORTS, json!({"kind": "daily"}))
        .await
        .assert_problem(403, "forbidden");
    reader
        .get(&format!("{REPORTS}?kind=yearly"))
        .await
        .assert_status(422);
    assert_eq!(names(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for day in 1..=3 {
        let body = json!({"kind": "daily", "period": format!("2026-10-{day:02}")});
        admin.post(REPORTS, body).await.assert_status(201);
        admin
            .post(REPORTS, json!({"kind": "weekly"}))
            .await
            .assert_status(201);
    }
    let page = admin.get(&format!("{REPORTS}?kind=daily&limit=2")).await;
    assert_eq!(page.each("period"), [json!("2026-10-03"), json!("2026-10-02")]);
    let cursor = page.at("/next_cursor").as_str().unwrap().to_owned();
    let rest = admin
        .get(&format!("{REPORTS}?kind=daily&limit=2&cursor={cursor}"))
        .await;
    assert_eq!(rest.each("period"), [json!("2026-10-01")]);
    admin
        .get(&format!("{REPORTS}?kind=weekly&cursor={cursor}"))
        .await
        .assert_problem(400, "invalid_cursor");
}

#[tokio::test]
async fn what_takes_long_goes_on_after_the_answer() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    app.storage().blobs.set(Fault::Slow(Duration::from_secs(20)));
    let (body, caller) = (json!({"kind": "daily"}), admin.clone());
    let asked = tokio::spawn(async move { caller.post(REPORTS, body).await });
    testkit::until("the report to be begun", async || !reports(&app).await.is_empty()).await;
    tokio::time::pause();
    let answer = asked.await.unwrap();
    answer.assert_status(202);
    assert_eq!(answer.at("/status"), "claimed");
    let id = answer.at("/id").as_str().unwrap().to_owned();
    tokio::time::resume();
    admin
        .get(&format!("{REPORTS}/{id}/csv"))
        .await
        .assert_problem(404, "not_found");
    app.storage().blobs.set(Fault::None);
    tokio::time::pause();
    // Time passes by itself now, and the rest of the work is done.
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    tokio::time::resume();
    testkit::until("the report to be ready", async || {
        admin.get(&format!("{REPORTS}/{id}")).await.at("/status") == "ready"
    })
    .await;
}
