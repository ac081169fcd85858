//! `ETag` and `If-Match` (RFC 9110, sections 8.8.3 and 13.1.1).

use crate::app::App;
use crate::error::ApiError;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

/// The versions that a change is meant for; without the header any.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct IfMatch(Option<Vec<String>>);

impl FromRequestParts<App> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let values: Vec<_> = parts.headers.get_all(header::IF_MATCH).iter().collect();
        let tags = values
            .iter()
            .flat_map(|value| value.to_str().unwrap_or_default().split(','));
        Ok(Self(
            (!values.is_empty()).then(|| tags.map(|tag| tag.trim().to_owned()).collect()),
        ))
    }
}

impl IfMatch {
    /// Passes when the record still has a version that is meant.
    pub fn check(&self, version: i64) -> Result<(), ApiError> {
        let own = etag(version);
        match &self.0 {
            Some(tags) if !tags.iter().any(|tag| *tag == own || tag == "*") => {
                Err(ApiError::PreconditionFailed)
            }
            _ => Ok(()),
        }
    }
}

/// A single record with its `ETag`.
pub struct WithETag<T> {
    /// The record.
    pub record: T,
    /// Its version.
    pub version: i64,
}

impl<T: Serialize> IntoResponse for WithETag<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.record).into_response();
        if let Ok(value) = HeaderValue::try_from(etag(self.version)) {
            response.headers_mut().insert(header::ETAG, value);
        }
        response
    }
}

fn etag(version: i64) -> String {
    format!("\"{version}\"")
}
