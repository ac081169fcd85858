//! Azure Monitor, as far as its clients can tell: `/v2/track` of Application Insights, the Logs Ingestion API, and a collector
//! of OTLP. It keeps what it takes, and can be made to fail. A managed identity stands beside it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};
use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Where tokens are.
const IDENTITY: &str = "/msi/token";

/// What it does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Takes it.
    Take,
    /// Answers with this status, and keeps nothing.
    Refuse(u16),
    /// Answers 429 once, with this `Retry-After` in seconds, and takes the next.
    Busy(u64),
    /// Never answers.
    Stall,
}

/// One call that was taken, decompressed.
#[derive(Debug, Clone)]
pub struct Call {
    /// Path and query.
    pub target: String,
    /// `Authorization`.
    pub authorization: Option<String>,
    /// `Content-Encoding`.
    pub encoding: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Call {
    /// The entries of a body that is a JSON array.
    pub fn items(&self) -> Vec<Value> {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The stub; it listens while it lives, beside whatever runtime the test has.
pub struct Ingestion {
    address: SocketAddr,
    shared: Arc<Shared>,
    running: Mutex<Option<Runtime>>,
}

struct Shared {
    mode: Mutex<Mode>,
    calls: Mutex<Vec<Call>>,
    attempts: Mutex<Vec<Call>>,
}

impl Ingestion {
    /// Listens on a port that is free, and takes everything.
    #[allow(clippy::new_without_default, reason = "it listens")]
    pub fn new() -> Self {
        let shared = Arc::new(Shared {
            mode: Mutex::new(Mode::Take),
            calls: Mutex::default(),
            attempts: Mutex::default(),
        });
        let any = (Ipv4Addr::LOCALHOST, 0).into();
        let (running, address) = listen(any, Arc::clone(&shared));
        Self {
            address,
            shared,
            running: Mutex::new(Some(running)),
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its address and a key, as `APPLICATIONINSIGHTS_CONNECTION_STRING` takes it.
    pub fn connection_string(&self) -> String {
        format!(
            "InstrumentationKey=0f0f0f0f-0000-4000-8000-000000000001;IngestionEndpoint={}/",
            self.url()
        )
    }

    /// Its identity, as App Service tells it to a program.
    pub fn identity(&self) -> [(&'static str, String); 2] {
        let endpoint = format!("{}{IDENTITY}", self.url());
        [
            ("IDENTITY_ENDPOINT", endpoint),
            ("IDENTITY_HEADER", "secret-of-the-identity".to_owned()),
        ]
    }

    /// Does so from now on.
    pub fn set(&self, mode: Mode) {
        *self.shared.mode.lock().unwrap() = mode;
    }

    /// Ends all connections, and takes no new one.
    pub fn go_away(&self) {
        if let Some(running) = self.running.lock().unwrap().take() {
            running.shutdown_background();
        }
    }

    /// Listens again where it did.
    pub fn come_back(&self) {
        let (running, _) = listen(self.address, Arc::clone(&self.shared));
        *self.running.lock().unwrap() = Some(running);
    }

    /// Every call that was taken.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// Every call that arrived, taken or not.
    pub fn attempts(&self) -> Vec<Call> {
        self.shared.attempts.lock().unwrap().clone()
    }

    /// What Application Insights took, in the order of arrival.
    pub fn envelopes(&self) -> Vec<Value> {
        self.items(|target| matches!(target, "/v2/track" | "/v2.1/track"))
    }

    /// What the Logs Ingestion API took, in the order of arrival.
    pub fn rows(&self) -> Vec<Value> {
        self.items(|target| target.starts_with("/dataCollectionRules/"))
    }

    fn items(&self, of: impl Fn(&str) -> bool) -> Vec<Value> {
        let calls = self.calls().into_iter().filter(|call| of(&call.target));
        calls.flat_map(|call| call.items()).collect()
    }

    /// Every byte that arrived, taken or not, as text.
    pub fn text(&self) -> String {
        let attempts = self.attempts().into_iter();
        attempts
            .map(|call| format!("{}\n{}\n", call.target, String::from_utf8_lossy(&call.body)))
            .collect()
    }
}

impl Drop for Ingestion {
    fn drop(&mut self) {
        self.go_away();
    }
}

fn listen(address: SocketAddr, shared: Arc<Shared>) -> (Runtime, SocketAddr) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    // Beside the runtime that the test may run on.
    let handle = runtime.handle().clone();
    let bound = std::thread::spawn(move || handle.block_on(TcpListener::bind(address)).unwrap());
    let listener = bound.join().unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route(IDENTITY, get(token))
        .fallback(take)
        .with_state(shared);
    runtime.spawn(async move { axum::serve(listener, router).await });
    (runtime, address)
}

/// A token for whatever is asked for (App Service, `api-version=2019-08-01`).
async fn token(uri: Uri) -> axum::Json<Value> {
    let resource = uri.query().unwrap_or_default();
    let hour = SystemTime::now() + Duration::from_secs(3600);
    let expires = hour.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    axum::Json(json!({
        "access_token": "managed-token",
        "expires_on": expires.to_string(),
        "resource": resource,
        "token_type": "Bearer",
    }))
}

async fn take(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let encoding = text(header::CONTENT_ENCODING);
    let call = Call {
        target: uri.to_string(),
        authorization: text(header::AUTHORIZATION),
        body: decoded(&body, encoding.as_deref()),
        encoding,
    };
    shared.attempts.lock().unwrap().push(call.clone());
    let mode = *shared.mode.lock().unwrap();
    match mode {
        Mode::Take => {
            let answer = accepted(&call);
            shared.calls.lock().unwrap().push(call);
            answer
        }
        Mode::Refuse(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Mode::Busy(seconds) => {
            *shared.mode.lock().unwrap() = Mode::Take;
            let wait = [(header::RETRY_AFTER, seconds.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, wait).into_response()
        }
        Mode::Stall => std::future::pending().await,
    }
}

fn decoded(body: &[u8], encoding: Option<&str>) -> Vec<u8> {
    if encoding != Some("gzip") {
        return body.to_vec();
    }
    let mut text = Vec::new();
    MultiGzDecoder::new(body).read_to_end(&mut text).unwrap();
    text
}

/// What the service says to a call that it takes.
fn accepted(call: &Call) -> Response {
    if call.target.starts_with("/dataCollectionRules/") {
        return StatusCode::NO_CONTENT.into_response();
    }
    if call.target.starts_with("/v1/") {
        return StatusCode::OK.into_response();
    }
    let items = call.items().len();
    axum::Json(json!({"itemsReceived": items, "itemsAccepted": items, "errors": []})).into_response()
}
