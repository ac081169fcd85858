//! The identity endpoint of App Service
//! (<https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>).

use crate::served::Served;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

/// What the platform hands to the app in `IDENTITY_HEADER`.
const HEADER: &str = "seeded-identity-header-5b1d";

/// Gives tokens to who sends the right header; remembers for what they were asked.
pub struct IdentityStub {
    shared: Arc<Mutex<Shared>>,
    served: Served,
}

#[derive(Default)]
struct Shared {
    asked: Vec<String>,
    refusal: Option<(u16, Value)>,
    /// Seconds for which tokens are good; none: a day.
    lasts: Option<u64>,
}

impl IdentityStub {
    /// An endpoint that gives tokens.
    pub fn start() -> Self {
        let shared: Arc<Mutex<Shared>> = Arc::default();
        let router = Router::new()
            .route("/msi/token", get(token))
            .with_state(Arc::clone(&shared));
        let served = Served::router(router);
        Self { shared, served }
    }

    /// What the platform sets in the app's environment.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        let url = format!("http://{}/msi/token", self.served.address);
        [("IDENTITY_ENDPOINT", url), ("IDENTITY_HEADER", HEADER.to_owned())]
    }

    /// The token that it gives for a resource.
    pub fn token(resource: &str) -> String {
        format!("seeded-token-for-{resource}")
    }

    /// The client ids (or `-`) and resources for which it was asked, such as `- https://vault.azure.net`.
    pub fn asked(&self) -> Vec<String> {
        self.shared.lock().unwrap().asked.clone()
    }

    /// Refuses from now on, with this status and body.
    pub fn refuse(&self, status: u16, body: Value) {
        self.shared.lock().unwrap().refusal = Some((status, body));
    }

    /// Gives tokens again.
    pub fn relent(&self) {
        self.shared.lock().unwrap().refusal = None;
    }

    /// Gives tokens that are good for so many seconds.
    pub fn lasting(self, seconds: u64) -> Self {
        self.shared.lock().unwrap().lasts = Some(seconds);
        self
    }
}

async fn token(
    State(shared): State<Arc<Mutex<Shared>>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let mut shared = shared.lock().unwrap();
    let sent = headers.get("x-identity-header").map(|value| value.as_bytes());
    let right = query.get("api-version").map(String::as_str) == Some("2019-08-01");
    let Some(resource) = query
        .get("resource")
        .filter(|_| right && sent == Some(HEADER.as_bytes()))
    else {
        return (StatusCode::UNAUTHORIZED, "no").into_response();
    };
    let client_id = query.get("client_id").map_or("-", String::as_str);
    shared.asked.push(format!("{client_id} {resource}"));
    if let Some((status, body)) = &shared.refusal {
        return (StatusCode::from_u16(*status).unwrap(), Json(body.clone())).into_response();
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let expires_on = (now + shared.lasts.unwrap_or(24 * 60 * 60)).to_string();
    Json(json!({
        "access_token": IdentityStub::token(resource),
        "expires_on": expires_on,
        "resource": resource,
        "token_type": "Bearer",
        "client_id": client_id,
    }))
    .into_response()
}
