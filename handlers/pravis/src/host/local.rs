//! The local host's front door: what the Functions host does with a client's request in proxying mode.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;
use uuid::Uuid;

use super::headers::{HOST_VERSION, INVOCATION_ID, PROXIED_INVOCATION_ID};
use super::invoke::LOCAL_HOST_VERSION;
use super::routes::{Match, RouteTable};

type NotFound = Arc<dyn Fn(&Request) -> Response + Send + Sync>;
type MethodNotAllowed = Arc<dyn Fn(&Request, &HeaderValue) -> Response + Send + Sync>;

/// Passes requests that match a function's route on to the handler, and answers all others itself.
///
/// Triggers cannot be reached through it: they have no route, and a request that a catch-all lets through carries
/// the header by which the triggers refuse it.
#[derive(Clone)]
pub struct LocalHost {
    handler: Router,
    routes: Arc<RouteTable>,
    not_found: NotFound,
    method_not_allowed: MethodNotAllowed,
}

impl LocalHost {
    /// A host in front of `handler`, which speaks the handler's side of the protocol.
    pub fn new(handler: Router, routes: RouteTable) -> Self {
        Self {
            handler,
            routes: Arc::new(routes),
            not_found: Arc::new(|_| StatusCode::NOT_FOUND.into_response()),
            method_not_allowed: Arc::new(|_, _| StatusCode::METHOD_NOT_ALLOWED.into_response()),
        }
    }

    /// Answers requests that no route has.
    #[must_use]
    pub fn not_found(mut self, answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        self.not_found = Arc::new(answer);
        self
    }

    /// Answers requests whose path is known and whose method is not. The `Allow` header is added to the answer.
    #[must_use]
    pub fn method_not_allowed(
        mut self,
        answer: impl Fn(&Request, &HeaderValue) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.method_not_allowed = Arc::new(answer);
        self
    }

    /// The router to serve. Routes that are the host's own, such as `/`, can be added to it.
    pub fn into_router(self) -> Router {
        Router::new().fallback(pass_on).with_state(self)
    }
}

async fn pass_on(State(host): State<LocalHost>, mut request: Request) -> Response {
    match host.routes.find(request.method(), request.uri().path()) {
        Match::Function(_) => {
            mark_as_proxied(request.headers_mut());
            match host.handler.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
        Match::MethodNotAllowed { allow } => {
            let mut response = (host.method_not_allowed)(&request, &allow);
            response.headers_mut().insert(ALLOW, allow);
            response
        }
        Match::NotFound => (host.not_found)(&request),
    }
}

/// Sets the headers that the host sets. The last one keeps a client's own value, as it does in Azure.
fn mark_as_proxied(headers: &mut HeaderMap) {
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    let id = Uuid::now_v7().hyphenated().encode_lower(&mut text);
    let Ok(id) = HeaderValue::from_str(id) else { return };
    headers.insert(HOST_VERSION, HeaderValue::from_static(LOCAL_HOST_VERSION));
    headers.insert(INVOCATION_ID, id.clone());
    headers.entry(PROXIED_INVOCATION_ID).or_insert(id);
}
