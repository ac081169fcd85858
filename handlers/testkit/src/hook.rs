//! An endpoint that is called: it keeps what it is told, and answers as a test says.

use crate::served::Served;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How the endpoint answers.
#[derive(Debug, Clone)]
pub enum HookMood {
    /// With this status.
    Answers(u16),
    /// With 503, and this `Retry-After`.
    Busy(String),
    /// With 302, to this address.
    Redirects(String),
    /// With 200 and a body that never ends.
    Floods,
    /// Not before the test is over.
    Hangs,
}

/// One call.
#[derive(Debug, Clone)]
pub struct HookCall {
    /// Path and query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl HookCall {
    /// The value of a header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// An endpoint over plain HTTP.
pub struct HookStub {
    shared: Arc<Shared>,
    served: Served,
}

struct Shared {
    mood: Mutex<HookMood>,
    calls: Mutex<Vec<HookCall>>,
}

impl HookStub {
    /// An endpoint that takes everything.
    pub fn start() -> Self {
        let shared = Arc::new(Shared {
            mood: Mutex::new(HookMood::Answers(200)),
            calls: Mutex::default(),
        });
        let router = Router::new().fallback(call).with_state(Arc::clone(&shared));
        let served = Served::router(router);
        Self { shared, served }
    }

    /// Where it is, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.served.address)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.served.address.port()
    }

    /// Answers differently from now on.
    pub fn be(&self, mood: HookMood) {
        *self.shared.mood.lock().unwrap() = mood;
    }

    /// All calls, in order.
    pub fn calls(&self) -> Vec<HookCall> {
        self.shared.calls.lock().unwrap().clone()
    }
}

async fn call(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    shared.calls.lock().unwrap().push(HookCall {
        path: head.uri.path_and_query().unwrap().to_string(),
        headers: head.headers,
        body,
    });
    let mood = shared.mood.lock().unwrap().clone();
    match mood {
        HookMood::Answers(status) => StatusCode::from_u16(status).unwrap().into_response(),
        HookMood::Busy(rest) => {
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, rest)]).into_response()
        }
        HookMood::Redirects(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        HookMood::Floods => {
            let piece = || Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 64 * 1024]));
            Body::from_stream(futures::stream::repeat_with(piece)).into_response()
        }
        HookMood::Hangs => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
    }
}
