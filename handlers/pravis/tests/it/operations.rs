//! Every operation, with a request that it answers. `routes.rs` sees that none is missing.

use axum::body::Body;
use axum::http::Method;
use blobs::{BlobName, Container};
use domain::keys::Scope;
use domain::reports::{DocumentSizes, Report, ReportKind, ReportStatus};
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::Completed;
use testkit::{Answer, Caller, TestApp, feedback, id, key, turn, upload};
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
    /// JSON; a text stands for a file.
    pub(crate) body: fn() -> Value,
}

fn none() -> Value {
    Value::Null
}

fn file() -> Value {
    json!("a photo")
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
    use Scope::{Admin, Events, Feedback, Ingest, Media, Read, Review};
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
        operation("create_upload", POST, "/v1/media/uploads", Some(Media), || {
            upload(json!({}))
        }),
        operation(
            "put_upload_content",
            Method::PUT,
            "/v1/media/uploads/{id}/content",
            Some(Media),
            file,
        ),
        operation(
            "put_granted_content",
            Method::PUT,
            "/v1/blobs/{container}/{name}",
            None,
            file,
        ),
        operation("list_media", GET, "/v1/media", Some(Read), none),
        operation("get_media", GET, "/v1/media/{id}", Some(Read), none),
        operation("get_media_content", GET, "/v1/media/{id}/content", None, none),
        operation(
            "delete_media",
            Method::DELETE,
            "/v1/media/{id}",
            Some(Media),
            none,
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

/// What the requests are about, besides the records with the id 1.
pub(crate) struct Known {
    /// The id of a key that nobody uses.
    key: String,
    /// Path and query of the grant of the pending upload.
    grant: String,
    /// How many uploads were asked to be removed.
    removed: AtomicUsize,
}

/// Nothing that exists, where nothing does.
impl Default for Known {
    fn default() -> Self {
        Self {
            key: id(1),
            grant: String::new(),
            removed: AtomicUsize::default(),
        }
    }
}

/// The id of the upload that has no bytes yet.
const PENDING: u128 = 2;
/// The ids of uploads that are there to be removed.
const TO_BE_REMOVED: Range<u128> = 100..116;

impl Operation {
    /// Asks for it, of what [`prepared`] stores.
    pub(crate) async fn ask(&self, caller: &Caller, known: &Known) -> Answer {
        let id = match self.name {
            "revoke_api_key" => known.key.clone(),
            "put_upload_content" => id(PENDING),
            "delete_media" => id(TO_BE_REMOVED.start + known.removed.fetch_add(1, Ordering::Relaxed) as u128),
            _ => id(1),
        };
        let path = if self.name == "put_granted_content" {
            known.grant.clone()
        } else {
            let path = self.path.replace("{id}", &id);
            let path = path.replace("{session_id}", "s-1").replace("{user_id}", "u-1");
            format!("/api{}", path.replace("{format}", "json"))
        };
        let method = self.method.clone();
        match (self.body)() {
            Value::Null => caller.send(method, &path, None, Body::empty()).await,
            Value::String(file) => caller.send(method, &path, None, file.into()).await,
            body => caller.raw(method, &path, body.to_string()).await,
        }
    }
}

/// An app with a turn, a feedback, a report and a photo (all with the id 1), and what else its operations need.
pub(crate) async fn prepared() -> (TestApp, Known) {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let sent = turn(json!({"id": id(1), "user_id": "u-1"}));
    admin.post("/api/v1/interactions", sent).await.assert_status(201);
    let sent = feedback(&json!(id(1)), json!({"id": id(1), "rating": 3}));
    admin.post("/api/v1/feedback", sent).await.assert_status(201);
    report(&app).await;
    for number in [1].into_iter().chain(TO_BE_REMOVED) {
        let photo = upload(json!({"id": id(number)}));
        admin
            .post("/api/v1/media/uploads", photo)
            .await
            .assert_status(201);
    }
    crate::api::media::make_ready(&app, &id(1)).await;
    let declared = upload(json!({"id": id(PENDING)}));
    let granted = admin
        .post("/api/v1/media/uploads", declared)
        .await
        .at("/upload/url");
    let made = admin.post("/api/v1/keys", key(json!({}))).await;
    let known = Known {
        key: made.at("/id").as_str().unwrap().to_owned(),
        grant: crate::api::media::path_of(granted.as_str().unwrap()),
        removed: AtomicUsize::default(),
    };
    (app, known)
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
