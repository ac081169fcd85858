//! Golden envelopes and answers.

use axum::http::HeaderMap;
use pravis::host::envelope::Invocation;
use serde_json::Value;

/// A file of `fixtures/`.
pub(crate) fn text(name: &str) -> String {
    let path = format!("{}/tests/host/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The same, parsed.
pub(crate) fn json(name: &str) -> Value {
    serde_json::from_str(&text(name)).unwrap()
}

/// The same, as the invocation that it makes.
pub(crate) fn invocation(name: &str) -> Invocation {
    decode(&text(name))
}

/// An invocation from a body alone.
pub(crate) fn decode(body: &str) -> Invocation {
    Invocation::decode("F", &HeaderMap::new(), body.as_bytes()).unwrap()
}
