//! What our spans become outside: the names of the semantic conventions in place of our own. Done only to what is sent.

use super::shorten;
use opentelemetry::trace::SpanKind;
use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::trace::SpanData;

/// The span around one HTTP request.
pub(crate) const REQUEST: &str = "request";
/// The span around one call of a trigger.
pub(crate) const TRIGGER: &str = "trigger";
/// The span around the recomputing of rollups, in `store`.
pub(crate) const RECOMPUTE: &str = "recompute_rollups";

/// A span as it is sent.
pub(super) fn shaped(mut span: SpanData) -> SpanData {
    match &*span.name {
        REQUEST => request(&mut span),
        TRIGGER => trigger(&mut span),
        _ => {}
    }
    span.attributes
        .iter_mut()
        .for_each(|attribute| shorten::value(&mut attribute.value));
    span
}

fn request(span: &mut SpanData) {
    span.span_kind = SpanKind::Server;
    rename(
        span,
        &[
            ("method", "http.request.method"),
            ("route", "http.route"),
            ("invocation_id", "faas.invocation_id"),
        ],
    );
    // The trace has this id anyway.
    span.attributes
        .retain(|attribute| attribute.key.as_str() != "trace_id");
    let method = text(span, "http.request.method").unwrap_or_default();
    span.name = match text(span, "http.route") {
        Some(route) => {
            // The path itself may hold what a shopper is called.
            span.attributes.push(KeyValue::new("url.path", route.clone()));
            format!("{method} {route}").into()
        }
        None => method.into(),
    };
}

fn trigger(span: &mut SpanData) {
    span.span_kind = SpanKind::Server;
    rename(
        span,
        &[("function", "faas.name"), ("invocation_id", "faas.invocation_id")],
    );
    if let Some(name) = text(span, "faas.name") {
        span.attributes
            .push(KeyValue::new("ai.operation.name", name.clone()));
        span.name = name.into();
    }
}

fn rename(span: &mut SpanData, names: &[(&str, &'static str)]) {
    for attribute in &mut span.attributes {
        if let Some((_, new)) = names.iter().find(|(old, _)| *old == attribute.key.as_str()) {
            attribute.key = Key::from_static_str(new);
        }
    }
}

fn text(span: &SpanData, name: &str) -> Option<String> {
    let mut named = span
        .attributes
        .iter()
        .filter(|attribute| attribute.key.as_str() == name);
    named.next_back().map(|attribute| attribute.value.to_string())
}
