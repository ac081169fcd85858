//! Spans of the services that a request needs, as the crates that call them make them: `otel.kind` is `client`, `otel.name`
//! the function or operation, and the rest says which service.

use crate::support::{envelopes, kinds, one, shared, trace};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use insta::assert_json_snapshot;
use pravis::middleware::observe;
use testkit::TestApp;
use tower::ServiceExt as _;
use tracing::Instrument as _;
use tracing::field::Empty;

/// One call of each service.
async fn handler() -> StatusCode {
    let sql = tracing::info_span!(
        target: "store::azure_sql",
        "sql",
        otel.name = "create_interactions",
        otel.kind = "client",
        db.system.name = "microsoft.sql_server",
        db.namespace = "pravis",
        server.address = "shop.database.windows.net",
        rows = 3,
    );
    async {}.instrument(sql).await;
    let blob = tracing::info_span!(
        target: "blobs::azure",
        "blob",
        otel.name = "put",
        otel.kind = "client",
        rpc.system.name = "azure.blob",
        server.address = "shop.blob.core.windows.net",
        http.response.status_code = 201,
    );
    let message = async {
        let queue = tracing::info_span!(
            target: "blobs::azure",
            "queue",
            otel.name = "send",
            otel.kind = "producer",
            messaging.system = "azure.queue",
            messaging.destination.name = "pravis-spill",
            server.address = "shop.queue.core.windows.net",
        );
        async {}.instrument(queue).await;
    };
    message.instrument(blob).await;
    let vault = tracing::info_span!(
        target: "pravis::secrets",
        "vault",
        otel.name = "get_secret",
        otel.kind = "client",
        otel.status_code = Empty,
        rpc.system.name = "azure.key_vault",
        server.address = "shop.vault.azure.net",
        http.response.status_code = Empty,
    );
    vault.in_scope(|| {
        vault.record("http.response.status_code", 403);
        vault.record("otel.status_code", "ERROR");
    });
    // Of others, and of no interest: neither is exported.
    tracing::info_span!(target: "hyper::client", "call", otel.kind = "client").in_scope(|| {});
    tracing::debug_span!(target: "store::azure_sql", "detail").in_scope(|| {});
    StatusCode::OK
}

#[tokio::test]
async fn each_is_a_dependency_of_its_request() {
    shared();
    let app = TestApp::without_store(&[]);
    let router = Router::new()
        .route("/v1/things/{id}", get(handler))
        .layer(from_fn_with_state(app.app().clone(), observe));
    let (id, traceparent) = trace();
    let request = Request::get("/v1/things/secret-17")
        .header("traceparent", traceparent)
        .header("x-request-id", "req-1");
    let Ok(answer) = router.oneshot(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), 200);

    let envelopes = envelopes(&id).await;
    let dependency = "RemoteDependency";
    assert_eq!(
        kinds(&envelopes),
        [dependency, dependency, dependency, dependency, "Request"]
    );
    let request = &one(&envelopes, "Request")["data"]["baseData"]["id"];
    let parent = |name: &str| {
        let mut named = envelopes
            .iter()
            .filter(|envelope| envelope["data"]["baseData"]["name"] == name);
        named.next().unwrap()["tags"]["ai.operation.parentId"].clone()
    };
    assert_eq!(
        [parent("create_interactions"), parent("put"), parent("get_secret")],
        [(); 3].map(|()| request.clone())
    );
    assert_ne!(parent("send"), *request);
    assert_json_snapshot!(envelopes, {
        "[].time" => "[time]",
        "[].tags[\"ai.operation.id\"]" => "[trace]",
        "[].tags[\"ai.operation.parentId\"]" => "[parent]",
        "[].tags[\"ai.application.ver\"]" => "[version]",
        "[].data.baseData.id" => "[span]",
        "[].data.baseData.duration" => "[duration]",
        "[].data.baseData.properties[\"service.version\"]" => "[version]",
    });
}
