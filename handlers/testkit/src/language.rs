//! Azure AI Language, as far as its clients can tell: `/language/:analyze-text` of its version 2023-04-01
//! (<https://learn.microsoft.com/rest/api/language/text-analysis-runtime/analyze-text>).
//!
//! It judges by a plain rule: a text is negative when it has "bad" in it, positive when it has "good", mixed with both, else
//! neutral; and each "delivery" in it is a target of the same tone.

use crate::FixedToken;
use crate::served::Served;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use pravis::access::Access;
use pravis::config::Config;
use pravis::secrets::Pace;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TOKEN: &str = "seeded-token-of-language";

/// What it does with a call.
#[derive(Debug, Clone, PartialEq)]
pub enum LanguageMood {
    /// Answers it.
    Answers,
    /// Answers with this status and `Retry-After`.
    Refuses(u16, Option<u64>),
    /// Answers with this text.
    Says(String),
    /// Answers for other documents than it was asked about.
    Mistakes,
    /// Leaves out every document.
    Forgets,
    /// Never answers.
    Hangs,
}

/// The stub; it listens while it lives.
pub struct LanguageStub {
    shared: Arc<Mutex<Shared>>,
    served: Served,
}

struct Shared {
    mood: LanguageMood,
    requests: Vec<Value>,
    bad: Vec<String>,
}

impl LanguageStub {
    /// A service that answers.
    pub fn start() -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            mood: LanguageMood::Answers,
            requests: Vec::new(),
            bad: Vec::new(),
        }));
        let router = Router::new()
            .without_v07_checks()
            .route("/language/:analyze-text", post(analyze))
            .with_state(Arc::clone(&shared));
        let served = Served::router(router);
        Self { shared, served }
    }

    /// Its address, as `PRAVIS_LANGUAGE_ENDPOINT` takes it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.served.address)
    }

    /// An identity whose token it takes.
    pub fn access(&self, config: &Config) -> Access {
        Access::by(config, Arc::new(FixedToken(TOKEN)), None, Pace::default())
    }

    /// Answers differently from now on.
    pub fn be(&self, mood: LanguageMood) {
        self.shared.lock().unwrap().mood = mood;
    }

    /// The bodies of all calls, in order.
    pub fn requests(&self) -> Vec<Value> {
        self.shared.lock().unwrap().requests.clone()
    }

    /// What was wrong with calls.
    pub fn faults(&self) -> Vec<String> {
        self.shared.lock().unwrap().bad.clone()
    }
}

async fn analyze(
    State(shared): State<Arc<Mutex<Shared>>>,
    uri: Uri,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> Response {
    let mood = {
        let mut shared = shared.lock().unwrap();
        let right = format!("Bearer {TOKEN}");
        if headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()) != Some(right.as_bytes()) {
            shared.bad.push("no token".to_owned());
            return StatusCode::UNAUTHORIZED.into_response();
        }
        if uri.query() != Some("api-version=2023-04-01") {
            shared.bad.push(format!("query {:?}", uri.query()));
        }
        shared.requests.push(request.clone());
        shared.mood.clone()
    };
    match mood {
        LanguageMood::Answers if request["kind"] == "LanguageDetection" => {
            Json(detected(&request)).into_response()
        }
        LanguageMood::Answers => Json(judged(&request, |id| id.to_owned())).into_response(),
        LanguageMood::Mistakes => Json(judged(&request, |id| format!("9{id}9"))).into_response(),
        LanguageMood::Forgets => Json(json!({
            "kind": "SentimentAnalysisResults", "results": {"documents": [], "errors": [], "modelVersion": "2022-11-01"}
        }))
        .into_response(),
        LanguageMood::Refuses(status, wait) => {
            let mut response = StatusCode::from_u16(status).unwrap().into_response();
            if let Some(seconds) = wait {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
        LanguageMood::Says(text) => text.into_response(),
        LanguageMood::Hangs => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
    }
}

/// The languages of documents: one with "langsam" in it is German, any other nobody knows.
fn detected(request: &Value) -> Value {
    let documents = request["analysisInput"]["documents"].as_array().unwrap();
    let documents: Vec<Value> = documents
        .iter()
        .map(|document| {
            let (name, code, score) = match document["text"].as_str().unwrap().contains("langsam") {
                true => ("German", "de", 1.0),
                false => ("(Unknown)", "(Unknown)", 0.0),
            };
            let language = json!({"name": name, "iso6391Name": code, "confidenceScore": score});
            json!({"id": document["id"], "detectedLanguage": language, "warnings": []})
        })
        .collect();
    json!({"kind": "LanguageDetectionResults",
        "results": {"documents": documents, "errors": [], "modelVersion": "2022-10-01"}})
}

/// The answer to a request; `id` says under which id.
fn judged(request: &Value, id: impl Fn(&str) -> String) -> Value {
    let (mut documents, mut errors) = (Vec::new(), Vec::new());
    for document in request["analysisInput"]["documents"].as_array().unwrap() {
        let (own, text) = (
            document["id"].as_str().unwrap(),
            document["text"].as_str().unwrap(),
        );
        if document["language"] == "xx" || text.contains("unsupported") {
            let inner = json!({"code": "UnsupportedLanguageCode", "message": format!("Invalid: {text}")});
            let error = json!({"code": "InvalidArgument", "message": format!("Invalid: {text}"), "innererror": inner});
            errors.push(json!({"id": id(own), "error": error}));
            continue;
        }
        let (tone, positive, negative) = match (text.contains("good"), text.contains("bad")) {
            (true, true) => ("mixed", 0.5, 0.4),
            (true, false) => ("positive", 0.98, 0.01),
            (false, true) => ("negative", 0.02, 0.9),
            (false, false) => ("neutral", 0.1, 0.05),
        };
        let scores =
            json!({"positive": positive, "neutral": 1.0 - positive - negative, "negative": negative});
        let targets: Vec<Value> = text
            .match_indices("delivery")
            .map(|(offset, target)| {
                json!({"sentiment": tone, "confidenceScores": {"positive": positive, "negative": negative}, "offset": offset,
                    "length": target.len(), "text": target, "relations": []})
            })
            .collect();
        documents.push(json!({
            "id": id(own), "sentiment": tone, "confidenceScores": scores, "warnings": [],
            "sentences": [{"sentiment": tone, "confidenceScores": scores, "offset": 0, "length": text.len(), "text": text,
                "targets": targets, "assessments": []}],
        }));
    }
    json!({"kind": "SentimentAnalysisResults",
        "results": {"documents": documents, "errors": errors, "modelVersion": "2022-11-01"}})
}
