//! Every operation, with a request that it answers. `routes.rs` sees that none is missing.

use axum::http::Method;
use blobs::{BlobName, Container};
use domain::keys::Scope;
use domain::reports::{DocumentSizes, Report, ReportKind, ReportStatus};
use serde_json::{Value, json};
use store::Completed;
use testkit::{Answer, Caller, TestApp, feedback, id, key, turn};
use uuid::Uuid;

/// An operation and a request that a caller with its scope is answered with success.
pub(crate) struct Operation {
    /// Its id, which is also the name of its folder.
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    /// The path as it stands in the OpenAPI document.
    pub(crate) path: &'static str,
    /// Who may; none: everybody.
    pub(crate) scope: Option<Scope>,
    pub(crate) body: fn() -> Value,
}

fn none() -> Value {
    Value::Null
}

const fn operation(
    name: &'static str,
    method: Method,
    path: &'static str,
    scope: Option<Scope>,
    body: fn() -> Value,
) -> Operation {
    Operation {
        name,
        method,
        path,
        scope,
        body,
    }
}

/// The table of `api.md`, as far as it is built.
pub(crate) fn all() -> Vec<Operation> {
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PATCH: Method = Method::PATCH;
    use Scope::{Admin, Events, Feedback, Ingest, Read, Review};
    vec![
        operation("get_liveness", GET, "/health/live", None, none),
        operation("get_readiness", GET, "/health/ready", None, none),
        operation("get_openapi", GET, "/openapi.json", None, none),
        operation("get_api_docs", GET, "/docs", None, none),
        operation(
            "create_interaction",
            POST,
            "/v1/interactions",
            Some(Ingest),
            || turn(json!({})),
        ),
        operation(
            "create_interactions",
            POST,
            "/v1/interactions/batch",
            Some(Ingest),
            || json!({"items": [turn(json!({}))]}),
        ),
        operation("get_interaction", GET, "/v1/interactions/{id}", Some(Read), none),
        operation(
            "update_interaction",
            PATCH,
            "/v1/interactions/{id}",
            Some(Ingest),
            || json!({"model": "m"}),
        ),
        operation("list_interactions", GET, "/v1/interactions", Some(Read), none),
        operation(
            "list_user_interactions",
            GET,
            "/v1/users/{user_id}/interactions",
            Some(Read),
            none,
        ),
        operation("list_sessions", GET, "/v1/sessions", Some(Read), none),
        operation("get_session", GET, "/v1/sessions/{session_id}", Some(Read), none),
        operation(
            "list_session_interactions",
            GET,
            "/v1/sessions/{session_id}/interactions",
            Some(Read),
            none,
        ),
        operation("create_feedback", POST, "/v1/feedback", Some(Feedback), || {
            feedback(&json!(id(1)), json!({"rating": 4}))
        }),
        operation("list_feedback", GET, "/v1/feedback", Some(Read), none),
        operation("get_feedback", GET, "/v1/feedback/{id}", Some(Read), none),
        operation(
            "update_feedback",
            PATCH,
            "/v1/feedback/{id}",
            Some(Review),
            || json!({"category": "tone"}),
        ),
        operation(
            "create_events",
            POST,
            "/v1/events",
            Some(Events),
            || json!({"items": [{"type": "click", "session_id": "s-1"}]}),
        ),
        operation(
            "get_interaction_stats",
            GET,
            "/v1/analytics/interactions",
            Some(Read),
            none,
        ),
        operation(
            "get_feedback_summary",
            GET,
            "/v1/analytics/feedback",
            Some(Read),
            none,
        ),
        operation("get_funnel", GET, "/v1/analytics/funnel", Some(Read), none),
        operation(
            "get_timeseries",
            GET,
            "/v1/analytics/timeseries",
            Some(Read),
            none,
        ),
        operation("get_usage", GET, "/v1/analytics/usage", Some(Read), none),
        operation("list_prices", GET, "/v1/prices", Some(Read), none),
        operation(
            "set_price",
            POST,
            "/v1/prices",
            Some(Admin),
            || json!({"provider": "p", "model": "m", "unit": "image", "price_micros": 1}),
        ),
        operation(
            "create_report",
            POST,
            "/v1/reports",
            Some(Admin),
            || json!({"kind": "daily"}),
        ),
        operation("list_reports", GET, "/v1/reports", Some(Read), none),
        operation("get_report", GET, "/v1/reports/{id}", Some(Read), none),
        operation(
            "get_report_document",
            GET,
            "/v1/reports/{id}/{format}",
            Some(Read),
            none,
        ),
        operation("get_costs", GET, "/v1/analytics/costs", Some(Read), none),
        operation("get_errors", GET, "/v1/analytics/errors", Some(Read), none),
        operation("get_top_queries", GET, "/v1/analytics/queries", Some(Read), none),
        operation(
            "export_interactions",
            GET,
            "/v1/exports/interactions",
            Some(Read),
            none,
        ),
        operation("export_feedback", GET, "/v1/exports/feedback", Some(Read), none),
        operation("create_api_key", POST, "/v1/keys", Some(Admin), || key(json!({}))),
        operation("list_api_keys", GET, "/v1/keys", Some(Admin), none),
        operation(
            "revoke_api_key",
            Method::DELETE,
            "/v1/keys/{id}",
            Some(Admin),
            none,
        ),
    ]
}

impl Operation {
    /// Asks for it, of the turn, feedback, report and key that [`prepared`] stores.
    pub(crate) async fn ask(&self, caller: &Caller, key: &str) -> Answer {
        let id = if self.path.contains("/keys/") {
            key.to_owned()
        } else {
            id(1)
        };
        let path = self
            .path
            .replace("{id}", &id)
            .replace("{session_id}", "s-1")
            .replace("{user_id}", "u-1")
            .replace("{format}", "json");
        let path = format!("/api{path}");
        match (self.body)() {
            Value::Null => {
                caller
                    .send(self.method.clone(), &path, None, axum::body::Body::empty())
                    .await
            }
            body => caller.raw(self.method.clone(), &path, body.to_string()).await,
        }
    }
}

/// An app with a turn, a feedback and a report (all with the id 1), and the id of a key that nobody uses.
pub(crate) async fn prepared() -> (TestApp, String) {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let sent = turn(json!({"id": id(1), "user_id": "u-1"}));
    admin.post("/api/v1/interactions", sent).await.assert_status(201);
    let sent = feedback(&json!(id(1)), json!({"id": id(1), "rating": 3}));
    admin.post("/api/v1/feedback", sent).await.assert_status(201);
    report(&app).await;
    let made = admin.post("/api/v1/keys", key(json!({}))).await;
    let id = made.at("/id").as_str().unwrap().to_owned();
    (app, id)
}

/// Stores a report with the id 1, and its documents.
async fn report(app: &TestApp) {
    let (store, now) = (app.store(), app.clock().now());
    let (id, run): (Uuid, Uuid) = (id(1).parse().unwrap(), Uuid::now_v7());
    let claim = Report {
        id,
        kind: ReportKind::Daily,
        period: "2026-11-01".to_owned(),
        from: now,
        to: now,
        tz: "UTC".to_owned(),
        revision: 1,
        status: ReportStatus::Claimed,
        attempts: 1,
        created_at: now,
        generated_at: None,
        headline: None,
        sizes: None,
        error: None,
        claimed_by: run,
        claimed_until: now,
    };
    store.claim_report(claim).await.unwrap();
    let name = BlobName::new("daily/2026-11-01/r1.json").unwrap();
    let body = Box::pin(futures::stream::iter([Ok("{}".into())]));
    let storage = &app.storage().inner;
    storage
        .put(Container::Reports, &name, body, Default::default())
        .await
        .unwrap();
    let completed = Completed {
        generated_at: now,
        headline: "one turn".to_owned(),
        sizes: DocumentSizes {
            html: 0,
            json: 2,
            csv: 0,
        },
        deliveries: Vec::new(),
    };
    assert!(store.complete_report(id, run, completed).await.unwrap());
}
