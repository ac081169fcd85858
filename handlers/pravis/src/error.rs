//! What goes wrong with a request, and how it is told: `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::cursor::InvalidCursor;
use domain::parse::ParseError;
use domain::{Fault, Faults};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

/// Everything that a request can end in besides its answer.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ApiError {
    #[error("the body is not JSON: {0}")]
    InvalidJson(String),
    #[error("{0}")]
    Faults(#[from] Faults),
    #[error("the body must be at most {0} bytes")]
    PayloadTooLarge(usize),
    #[error("the body must be {0}")]
    UnsupportedMediaType(&'static str),
    #[error("{0}")]
    Unauthorized(&'static str),
    #[error("{0}")]
    Forbidden(String),
    #[error("there is no {0}")]
    NotFound(String),
    #[error("{0} is not possible here")]
    MethodNotAllowed(String),
    #[error("another interaction has this id: the fields that were first supplied with it differ")]
    InteractionConflict,
    #[error("another feedback has this id: the fields that were first supplied with it differ")]
    FeedbackConflict,
    #[error("another event has this id: the fields that were first supplied with it differ")]
    EventConflict,
    #[error("{0}")]
    MediaConflict(String),
    #[error("{0}")]
    ContentMismatch(String),
    #[error("{0}: send it again")]
    UploadIncomplete(&'static str),
    #[error("there are {length} bytes, and the asked range begins after them")]
    RangeNotSatisfiable { length: u64 },
    #[error("the record has changed: read it again and send its new ETag")]
    PreconditionFailed,
    #[error(transparent)]
    InvalidCursor(#[from] InvalidCursor),
    #[error("this key asks too often")]
    RateLimited { retry_after: u64 },
    #[error("this key has sent as many events as it may in a day")]
    OverQuota { retry_after: u64 },
    #[error("the store is not available: {0}")]
    StoreUnavailable(String),
    #[error("the store did not answer in time")]
    StoreTimeout,
    /// A defect. Its text is for the log only.
    #[error("something went wrong here; the request id finds it in the log")]
    Internal(String),
}

/// An error as it is told (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem; a URN that ends in the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The kind of problem; stable, for programs.
    pub code: &'static str,
    /// This problem in words.
    pub detail: String,
    /// The path that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Each fault of the input with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
}

impl ApiError {
    /// Status, stable code and title.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::InvalidJson(_) => (StatusCode::BAD_REQUEST, "invalid_json", "Not JSON"),
            Self::Faults(faults) if faults.only_unknown_fields() => {
                (StatusCode::UNPROCESSABLE_ENTITY, "unknown_field", "Unknown field")
            }
            Self::Faults(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", "Invalid field"),
            Self::PayloadTooLarge(_) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "payload_too_large",
                "Body too large",
            ),
            Self::UnsupportedMediaType(_) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Unsupported media type",
            ),
            Self::Unauthorized(_) => (StatusCode::UNAUTHORIZED, "unauthorized", "No valid key"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden", "Not allowed"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found", "Not found"),
            Self::MethodNotAllowed(_) => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Method not allowed",
            ),
            Self::InteractionConflict => (
                StatusCode::CONFLICT,
                "interaction_conflict",
                "Another interaction has this id",
            ),
            Self::FeedbackConflict => (
                StatusCode::CONFLICT,
                "feedback_conflict",
                "Another feedback has this id",
            ),
            Self::EventConflict => (
                StatusCode::CONFLICT,
                "event_conflict",
                "Another event has this id",
            ),
            Self::MediaConflict(_) => (
                StatusCode::CONFLICT,
                "media_conflict",
                "The upload was made otherwise",
            ),
            Self::ContentMismatch(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "content_mismatch",
                "Not what was declared",
            ),
            Self::UploadIncomplete(_) => (
                StatusCode::BAD_REQUEST,
                "upload_incomplete",
                "The upload is not whole",
            ),
            Self::RangeNotSatisfiable { .. } => (
                StatusCode::RANGE_NOT_SATISFIABLE,
                "range_not_satisfiable",
                "No such range",
            ),
            Self::PreconditionFailed => (
                StatusCode::PRECONDITION_FAILED,
                "precondition_failed",
                "The record has changed",
            ),
            Self::InvalidCursor(_) => (StatusCode::BAD_REQUEST, "invalid_cursor", "Invalid cursor"),
            Self::RateLimited { .. } | Self::OverQuota { .. } => {
                (StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests")
            }
            Self::StoreUnavailable(_) | Self::StoreTimeout => (
                StatusCode::SERVICE_UNAVAILABLE,
                "store_unavailable",
                "The store is not available",
            ),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.kind().1
    }

    /// The error as it is told.
    pub fn problem(self) -> Problem {
        let (status, code, title) = self.kind();
        let (detail, errors) = match self {
            Self::Faults(Faults(errors)) if errors.len() == 1 => ("one field is wrong".to_owned(), errors),
            Self::Faults(Faults(errors)) => (format!("{} fields are wrong", errors.len()), errors),
            other => (other.to_string(), Vec::new()),
        };
        let kind = format!("urn:pravis:problem:{code}");
        Problem {
            kind,
            title,
            status: status.as_u16(),
            code,
            detail,
            instance: None,
            errors,
        }
    }

    /// The header that says when to come again, or how to do better.
    fn header(&self) -> Option<(header::HeaderName, HeaderValue)> {
        match self {
            Self::Unauthorized(_) => Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::RateLimited { retry_after } | Self::OverQuota { retry_after } => {
                Some((header::RETRY_AFTER, (*retry_after).into()))
            }
            Self::StoreUnavailable(_) | Self::StoreTimeout => Some((header::RETRY_AFTER, 5.into())),
            Self::RangeNotSatisfiable { length } => HeaderValue::try_from(format!("bytes */{length}"))
                .ok()
                .map(|range| (header::CONTENT_RANGE, range)),
            _ => None,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::TooNew { .. } => {
                tracing::error!(%error, "the store is not available");
                Self::StoreUnavailable("try again later".to_owned())
            }
            StoreError::DeadlineExceeded => Self::StoreTimeout,
            StoreError::Broken(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<ParseError> for ApiError {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::NotJson(error) => Self::InvalidJson(error.to_string()),
            ParseError::Faults(faults) => Self::Faults(faults),
        }
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        Self::Faults(fault.into())
    }
}

impl IntoResponse for ApiError {
    /// Leaves the problem in the extensions; [`crate::middleware`] writes the body, since it knows the path.
    fn into_response(self) -> Response {
        if let Self::Internal(cause) = &self {
            tracing::error!(cause, "internal error");
        }
        let mut response = self.kind().0.into_response();
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(self.problem());
        response
    }
}
