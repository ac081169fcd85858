//! Requests and triggers.

use crate::support::{envelopes, kinds, one, shared, trace};
use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::json;
use testkit::{TestApp, turn};

#[tokio::test]
async fn a_request_has_its_template_for_a_name_and_its_caller_for_a_parent() {
    let recorder = shared().recorder.clone();
    let app = TestApp::telling(&[], recorder).await;
    let (id, traceparent) = trace();
    let admin = app.admin().await.with("traceparent", &traceparent);
    let caller = admin
        .with("x-request-id", "req-1")
        .with("x-azure-functions-invocationid", "call-1");
    let path = "/api/v1/users/shopper-17/interactions?limit=7";
    caller.get(path).await.assert_status(200);
    let envelopes = envelopes(&id).await;
    assert_json_snapshot!(envelopes, {
        "[].time" => "[time]",
        "[].tags[\"ai.operation.id\"]" => "[trace]",
        "[].tags[\"ai.application.ver\"]" => "[version]",
        "[].data.baseData.id" => "[span]",
        "[].data.baseData.duration" => "[duration]",
        "[].data.baseData.properties.key" => "[key]",
        "[].data.baseData.properties[\"service.version\"]" => "[version]",
    });
}

#[tokio::test]
async fn what_nobody_asked_for_before_begins_a_trace() {
    let shared = shared();
    let app = TestApp::telling(&[], shared.recorder.clone()).await;
    let caller = app.admin().await.with("x-request-id", "no-parent-17");
    caller.get("/api/v1/sessions").await.assert_status(200);
    envelopes("").await;
    let all = shared.stub.envelopes();
    let own: Vec<_> = all
        .iter()
        .filter(|envelope| envelope.to_string().contains("no-parent-17"))
        .collect();
    assert_eq!(own.len(), 1, "{own:#?}");
    assert_eq!(own[0]["tags"].get("ai.operation.parentId"), None);
    assert_eq!(own[0]["sampleRate"], 100.0);
}

#[tokio::test]
async fn faults_of_the_client_succeed_and_ours_fail() {
    shared();
    for (path, status, success, code) in [
        ("/api/nothing/shopper-17", 404, true, "not_found"),
        ("/api/v1/interactions", 401, true, "unauthorized"),
        ("/api/v1/interactions?limit=0", 422, true, "invalid_field"),
    ] {
        let app = TestApp::new().await;
        let (id, traceparent) = trace();
        let caller = if status == 401 {
            app.anonymous()
        } else {
            app.admin().await
        };
        caller
            .with("traceparent", &traceparent)
            .get(path)
            .await
            .assert_status(status);
        let envelopes = envelopes(&id).await;
        let request = &one(&envelopes, "Request")["data"]["baseData"];
        assert_eq!(request["responseCode"], status.to_string());
        assert_eq!(request["success"], success, "{path}");
        assert_eq!(request["properties"]["error.type"], code, "{path}");
        assert!(!request.to_string().contains("shopper-17"));
    }
    let (id, traceparent) = trace();
    let app = TestApp::without_store(&[]);
    let caller = app.anonymous().with("traceparent", &traceparent);
    caller.get("/api/health/ready").await.assert_status(503);
    let envelopes = envelopes(&id).await;
    assert_eq!(kinds(&envelopes), ["Message", "Request"]);
    assert_eq!(one(&envelopes, "Request")["data"]["baseData"]["success"], false);
}

#[tokio::test]
async fn a_trigger_is_a_request_and_its_error_an_exception() {
    shared();
    let app = TestApp::new().await;
    let (id, traceparent) = trace();
    let host = app
        .anonymous()
        .with("traceparent", &traceparent)
        .with("x-azure-functions-invocationid", "call-2");
    let answer = host.raw(Method::POST, "/timer_retention", "no envelope").await;
    answer.assert_status(500);
    let envelopes = envelopes(&id).await;
    assert_json_snapshot!(envelopes, {
        "[].time" => "[time]",
        "[].tags[\"ai.operation.id\"]" => "[trace]",
        "[].tags[\"ai.operation.parentId\"]" => "[span]",
        "[].tags[\"ai.application.ver\"]" => "[version]",
        "[].data.baseData.id" => "[span]",
        "[].data.baseData.duration" => "[duration]",
        "[].data.baseData.properties[\"service.version\"]" => "[version]",
    });
    let (request, exception) = (one(&envelopes, "Request"), one(&envelopes, "Exception"));
    assert_eq!(
        exception["tags"]["ai.operation.parentId"],
        request["data"]["baseData"]["id"]
    );
    assert_eq!(request["tags"]["ai.operation.parentId"], "b7ad6b7169203331");
}

#[tokio::test]
async fn counting_anew_is_a_part_of_the_request() {
    shared();
    let app = TestApp::telling(&[], shared().recorder.clone()).await;
    let admin = app.admin().await;
    admin
        .post("/api/v1/interactions", turn(json!({})))
        .await
        .assert_status(201);
    let (id, traceparent) = trace();
    let caller = admin.with("traceparent", &traceparent);
    caller
        .get("/api/v1/analytics/interactions?days=1")
        .await
        .assert_status(200);
    let envelopes = envelopes(&id).await;
    let part = one(&envelopes, "RemoteDependency");
    let request = one(&envelopes, "Request");
    assert_eq!(part["data"]["baseData"]["name"], "recompute_rollups");
    assert_eq!(part["data"]["baseData"]["type"], "InProc");
    assert_eq!(
        part["tags"]["ai.operation.parentId"],
        request["data"]["baseData"]["id"]
    );
}
