//! The OpenAPI document.

use insta::assert_json_snapshot;
use serde_json::Value;
use testkit::TestApp;

#[tokio::test]
async fn the_document_is_served_as_it_is_made() {
    let app = TestApp::new().await;
    let answer = app.anonymous().get("/api/openapi.json").await;
    answer.assert_status(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let made: Value = serde_json::from_str(&pravis::openapi::document().to_json().unwrap()).unwrap();
    assert_eq!(answer.json(), made);
    assert_json_snapshot!("openapi", made, {".info.version" => "[version]"});
}

#[test]
fn every_reference_leads_somewhere() {
    let text = pravis::openapi::document().to_json().unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let references: Vec<_> = text
        .split("\"#")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(!references.is_empty());
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}
