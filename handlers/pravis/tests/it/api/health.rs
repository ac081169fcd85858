use pravis::version;
use serde_json::json;
use testkit::TestApp;
use testkit::faulty::Fault;

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

/// A database that is paused is not woken to see whether it would wake.
#[tokio::test]
async fn a_store_without_a_session_is_not_asked() {
    let app = TestApp::new().await;
    let caller = app.admin().await;
    app.set_store_idle(true);
    app.store_faults().set(Fault::Away);
    caller.get("/api/health/ready").await.assert_status(200);
    let turn = testkit::turn(json!({"type": "chat", "session_id": "s-1"}));
    caller.post("/api/v1/interactions", turn).await.assert_status(202);
    let answer = caller.get("/api/health/ready").await;
    answer.assert_status(503);
    assert_eq!(
        answer.at("/checks/0/detail"),
        "it does not answer; writes are kept beside it"
    );
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
