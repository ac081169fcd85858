//! Browsers, and the origins of keys.

use axum::body::Body;
use axum::http::Method;
use domain::keys::{NewApiKey, Scope};
use serde_json::json;
use testkit::{Caller, TestApp, feedback, id, turn};

const PATH: &str = "/api/v1/feedback";
const SHOP: &str = "https://shop.example";

async fn browser(app: &TestApp) -> Caller {
    let bound = NewApiKey {
        name: Some("browser".to_owned()),
        scopes: Some(vec![Scope::Feedback]),
        allowed_origins: Some(vec![SHOP.to_owned()]),
        expires_at: Some("2026-12-01T00:00:00Z".parse().unwrap()),
    };
    app.caller_with(bound).await.with("origin", SHOP)
}

async fn preflight(app: &TestApp, origin: &str) -> testkit::Answer {
    app.anonymous()
        .with("origin", origin)
        .with("access-control-request-method", "POST")
        .with("access-control-request-headers", "authorization,content-type")
        .send(Method::OPTIONS, PATH, None, Body::empty())
        .await
}

#[tokio::test]
async fn a_preflight_lets_the_origin_of_a_key_through() {
    let app = TestApp::new().await;
    browser(&app).await;
    let answer = preflight(&app, SHOP).await;
    answer.assert_status(204);
    assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP));
    assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
    let headers = answer.header("access-control-allow-headers").unwrap();
    for needed in ["authorization", "content-type", "x-api-key"] {
        assert!(headers.contains(needed), "{headers}");
    }
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(answer.header("vary"), Some("Origin"));
}

#[tokio::test]
async fn a_preflight_of_any_other_origin_is_let_nothing() {
    let app = TestApp::new().await;
    browser(&app).await;
    for origin in ["https://evil.example", "null", "http://shop.example"] {
        let answer = preflight(&app, origin).await;
        for header in ["access-control-allow-origin", "access-control-allow-methods"] {
            assert_eq!(answer.header(header), None, "{origin}");
        }
    }
    app.clock().set("2026-12-01T00:00:00Z");
    let expired = preflight(&app, SHOP).await;
    assert_eq!(expired.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_page_of_the_origin_reads_the_answer_faults_included() {
    let app = TestApp::new().await;
    let sent = turn(json!({"id": id(1)}));
    app.admin()
        .await
        .post("/api/v1/interactions", sent)
        .await
        .assert_status(201);
    let browser = browser(&app).await;
    for (rating, status) in [(5, 201), (6, 422)] {
        let answer = browser
            .post(PATH, feedback(&json!(id(1)), json!({"rating": rating})))
            .await;
        answer.assert_status(status);
        assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP));
        assert_eq!(answer.header("vary"), Some("Origin"));
        assert!(
            answer
                .header("access-control-expose-headers")
                .unwrap()
                .contains("x-request-id")
        );
    }
    let other = browser.with("origin", "https://evil.example");
    let answer = other.post(PATH, json!({})).await;
    answer.assert_problem(403, "forbidden");
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn without_an_origin_nothing_is_said_of_it() {
    let app = TestApp::new().await;
    let answer = app.admin().await.get(PATH).await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}
