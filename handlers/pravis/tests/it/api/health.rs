use pravis::version;
use serde_json::json;
use testkit::TestApp;

#[tokio::test]
async fn the_program_lives_with_and_without_a_store() {
    for app in [TestApp::without_store(&[]), TestApp::new().await] {
        let answer = app.anonymous().get("/api/health/live").await;
        answer.assert_status(200);
        assert_eq!(
            answer.json(),
            json!({"status": "live", "version": version::VERSION, "commit": version::COMMIT})
        );
    }
}

#[tokio::test]
async fn it_is_ready_with_store_and_storage() {
    let app = TestApp::new().await;
    let answer = app.anonymous().get("/api/health/ready").await;
    answer.assert_status(200);
    let checks = ["store", "storage"].map(|name| json!({"name": name, "status": "ready", "detail": null}));
    assert_eq!(answer.json(), json!({"status": "ready", "checks": checks}));
}

#[tokio::test]
async fn what_it_lacks_is_said() {
    let app = TestApp::without_store(&[]);
    let answer = app.anonymous().get("/api/health/ready").await;
    answer.assert_status(503);
    assert_eq!(answer.at("/status"), "not_ready");
    assert_eq!(answer.at("/checks/0/name"), "store");
    assert_eq!(answer.at("/checks/0/status"), "not_ready");
    assert!(answer.at("/checks/0/detail").is_string());
}
