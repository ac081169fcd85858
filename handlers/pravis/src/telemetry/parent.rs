//! Where a request comes from, as its headers say, and how it ended.

use axum::http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::Status;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The trace id of a well-formed `traceparent` (W3C Trace Context, section 3.2); a malformed one is ignored.
pub(crate) fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let mut parts = headers.get("traceparent")?.to_str().ok()?.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length| {
        text.len() == length
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let well_formed =
        hex(version, 2) && version != "ff" && hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
    let known = trace.bytes().any(|b| b != b'0') && parent.bytes().any(|b| b != b'0');
    (well_formed && known).then_some(trace)
}

/// Makes the caller's span the parent of a span that was not entered yet. The propagator alone takes more than the standard
/// allows.
pub(crate) fn link(span: &Span, headers: &HeaderMap) {
    if trace_id(headers).is_some() {
        let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
        // It fails where no telemetry is.
        let _ = span.set_parent(parent);
    }
}

/// Notes how a request or trigger ended: what came from a defect or a failed dependency of ours is a failure.
pub(crate) fn answered(span: &Span, status: u16, error: Option<&'static str>) {
    span.set_attribute("http.response.status_code", i64::from(status));
    if let Some(code) = error {
        span.set_attribute("error.type", code);
    }
    if status >= 500 {
        span.set_status(Status::error(""));
    }
}
