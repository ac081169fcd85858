//! What happens around every request: ids, the log record, problems written out, CORS.

use crate::app::App;
use crate::auth::all_keys;
use crate::error::{ApiError, Problem};
use crate::telemetry::{parent, shape};
use axum::body::Body;
use axum::extract::{MatchedPath, OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Instant;
use tracing::{Instrument, Span};
use uuid::Uuid;

const REQUEST_ID: &str = "x-request-id";
const INVOCATION_ID: &str = "x-azure-functions-invocationid";
/// Longest request id that is taken over from a client.
const LONGEST_ID: usize = 128;

/// The span of a request: behind the local host, which has made it before, there is no second one.
#[derive(Clone)]
struct Observed(Span);

/// Gives the request its ids, logs how it ended, and writes out its problem. Routes are logged as templates and never as
/// paths, which may hold what a shopper is called.
pub async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Some(Observed(span)) = request.extensions().get() {
        span.record("route", route(&request));
        span.record("invocation_id", header_text(request.headers(), INVOCATION_ID));
        return next.run(request).await;
    }
    let began = Instant::now();
    let id = request_id(request.headers());
    let method = request.method().clone();
    // Below the route prefix the URI has lost it.
    let path = request
        .extensions()
        .get::<OriginalUri>()
        .map_or_else(|| request.uri().path(), |uri| uri.path())
        .to_owned();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let span = span(&request, &id);
    parent::link(&span, request.headers());
    request.extensions_mut().insert(Observed(span.clone()));
    let answer = async {
        let mut response = next.run(request).await;
        let status = response.status().as_u16();
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        let code = response.extensions().get::<Problem>().map(|problem| problem.code);
        if status >= 500 {
            tracing::warn!(status, code, ms, "answered");
        } else {
            tracing::debug!(status, code, ms, "answered");
        }
        parent::answered(&Span::current(), status, code);
        write_problem(&mut response, path);
        response
    };
    let mut response = answer.instrument(span).await;
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    if let Some(origin) = origin.filter(|_| method != Method::OPTIONS) {
        allow_origin(&app, &mut response, origin).await;
    }
    response
}

fn route(request: &Request) -> Option<&str> {
    request.extensions().get().map(MatchedPath::as_str)
}

fn span(request: &Request, id: &str) -> Span {
    tracing::info_span!(
        shape::REQUEST,
        request_id = id,
        invocation_id = header_text(request.headers(), INVOCATION_ID),
        trace_id = parent::trace_id(request.headers()),
        method = request.method().as_str(),
        route = route(request),
        key = tracing::field::Empty,
    )
}

fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The client's id when it is short and plain, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let plain = |id: &&str| {
        (1..=LONGEST_ID).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    };
    header_text(headers, REQUEST_ID)
        .filter(plain)
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

fn write_problem(response: &mut Response, path: String) {
    let Some(mut problem) = response.extensions_mut().remove::<Problem>() else {
        return;
    };
    problem.instance = Some(path);
    let text = serde_json::to_vec(&problem).unwrap_or_default();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, text.len().into());
    *response.body_mut() = Body::from(text);
}

/// Answers the preflight of an operation that browsers call. A preflight carries no key, so that any origin that some key
/// is bound to is let through; the request itself is then judged by its own key.
pub async fn preflight(State(app): State<App>, headers: HeaderMap) -> Response {
    preflight_of(&app, &headers, "POST").await
}

/// The same, of an operation that takes a file.
pub async fn preflight_put(State(app): State<App>, headers: HeaderMap) -> Response {
    preflight_of(&app, &headers, "PUT").await
}

async fn preflight_of(app: &App, headers: &HeaderMap, method: &'static str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(origin) = headers.get(header::ORIGIN).cloned() {
        allow_origin(app, &mut response, origin).await;
    }
    let headers = response.headers_mut();
    if let Ok(allow) = HeaderValue::try_from(format!("{method}, OPTIONS")) {
        headers.insert(header::ALLOW, allow);
    }
    if headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(method),
        );
        let allowed = HeaderValue::from_static("authorization, content-type, x-api-key, x-request-id");
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}

/// Lets a page of `origin` read the answer when a live key is bound to that origin.
async fn allow_origin(app: &App, response: &mut Response, origin: HeaderValue) {
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("Origin"));
    let bound = match origin.to_str() {
        Ok(text) => all_keys(app).await.iter().any(|key| {
            !key.allowed_origins.is_empty() && key.is_live(app.now()) && key.allows_origin(Some(text))
        }),
        Err(_) => false,
    };
    if bound {
        response
            .headers_mut()
            .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("x-request-id, etag"),
        );
    }
}

/// Turns a panic of a handler into a plain 500; the panic itself was logged by the hook.
pub fn caught(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    ApiError::Internal("a handler panicked".to_owned()).into_response()
}
