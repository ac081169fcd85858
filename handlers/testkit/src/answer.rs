//! What came back.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;

/// A whole answer. What it lacks fails the test, and shows the body.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    path: String,
}

impl Answer {
    pub(crate) async fn read(response: Response, uri: &str) -> Self {
        let (head, body) = response.into_parts();
        let path = uri.split('?').next().unwrap_or_default().to_owned();
        Self {
            status: head.status,
            headers: head.headers,
            body: body.collect().await.unwrap().to_bytes().into(),
            path,
        }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{} answered no JSON ({error}): {}", self.path, self.text()),
        }
    }

    /// A member of the JSON body, by its pointer (RFC 6901); it must be there, if only as null.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> Value {
        let json = self.json();
        match json.pointer(pointer) {
            Some(value) => value.clone(),
            None => panic!("{} has no {pointer}: {json}", self.path),
        }
    }

    /// A member of every entry of a list.
    #[track_caller]
    pub fn each(&self, member: &str) -> Vec<Value> {
        let items = self.at("/items");
        let items = items.as_array().unwrap().iter();
        items.map(|item| item[member].clone()).collect()
    }

    /// A header, if the answer has it.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The `ETag`.
    #[track_caller]
    pub fn etag(&self) -> &str {
        self.header("etag").expect("an ETag")
    }

    /// Fails unless the answer has this status.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.status(), status, "{} answered {}", self.path, self.text());
        self
    }

    /// Fails unless the answer is a whole problem (RFC 9457) of this status and code.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) -> &Self {
        self.assert_status(status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert!(self.header("x-request-id").is_some(), "no request id");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], format!("urn:pravis:problem:{code}"));
        assert_eq!(problem["instance"], self.path);
        for member in ["title", "detail"] {
            let text = problem[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "no {member}: {problem}");
        }
        self
    }

    /// Fails unless the answer is a 422 whose faults are at these places with these codes, in any order.
    #[track_caller]
    pub fn assert_faults(&self, expected: &[(&str, &str)]) -> &Self {
        self.assert_status(422);
        let problem = self.json();
        let text = |fault: &Value, member| fault[member].as_str().unwrap().to_owned();
        let faults = problem["errors"].as_array().unwrap().iter();
        let mut faults: Vec<_> = faults
            .map(|fault| (text(fault, "pointer"), text(fault, "code")))
            .collect();
        faults.sort();
        let mut expected: Vec<_> = expected
            .iter()
            .map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned()))
            .collect();
        expected.sort();
        assert_eq!(faults, expected, "{problem}");
        let only_unknown = expected.iter().all(|(_, code)| code == "unknown_field");
        let code = if only_unknown {
            "unknown_field"
        } else {
            "invalid_field"
        };
        self.assert_problem(422, code)
    }
}
