//! Who asks, and how.

use crate::Answer;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use serde_json::Value;
use tower::ServiceExt;

/// A client of the program: a key, perhaps, and the headers that it sends with every request.
#[derive(Clone)]
pub struct Caller {
    router: Router,
    headers: HeaderMap,
}

impl Caller {
    pub(crate) fn new(router: Router) -> Self {
        let headers = HeaderMap::new();
        Self { router, headers }
    }

    /// The same caller with this key as its bearer token.
    #[must_use]
    pub fn secret(self, secret: &str) -> Self {
        self.with("authorization", &format!("Bearer {secret}"))
    }

    /// The key that it sends.
    pub fn key(&self) -> &str {
        let value = self.headers[header::AUTHORIZATION].to_str().unwrap();
        value.strip_prefix("Bearer ").unwrap()
    }

    /// The same caller with this header, in place of one of the same name.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut caller = self.clone();
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        caller.headers.insert(name.parse::<HeaderName>().unwrap(), value);
        caller
    }

    /// The same caller with one more header of this name.
    #[must_use]
    pub fn and(&self, name: &'static str, value: &'static str) -> Self {
        let mut caller = self.clone();
        caller.headers.append(name, HeaderValue::from_static(value));
        caller
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.raw(Method::POST, path, body.to_string()).await
    }

    /// `PATCH` with a merge patch.
    pub async fn patch(&self, path: &str, patch: Value) -> Answer {
        let media_type = Some("application/merge-patch+json");
        self.send(Method::PATCH, path, media_type, patch.to_string().into())
            .await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, Body::empty()).await
    }

    /// Any method with any bytes that are said to be JSON.
    pub async fn raw(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        self.send(method, path, Some("application/json"), body.into())
            .await
    }

    /// Any request at all.
    pub async fn send(&self, method: Method, path: &str, media_type: Option<&str>, body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path).body(body).unwrap();
        *request.headers_mut() = self.headers.clone();
        if let Some(media_type) = media_type {
            let value = HeaderValue::from_str(media_type).unwrap();
            request.headers_mut().insert(header::CONTENT_TYPE, value);
        }
        let Ok(response) = self.router.clone().oneshot(request).await;
        Answer::read(response, path).await
    }
}
