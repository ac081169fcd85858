//! Log records on their way out.

use super::queue::Queue;
use super::shorten;
use opentelemetry::InstrumentationScope;
use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord, SdkLogger, SdkLoggerProvider};
use std::time::Duration;

/// A record, and who made it.
pub(super) type Item = (SdkLogRecord, InstrumentationScope);

/// Puts records into the queue; those of errors as exceptions.
#[derive(Debug)]
pub(super) struct Logs {
    queue: Queue<Item>,
    /// Makes empty records: those that come cannot be shortened.
    blank: SdkLogger,
}

impl Logs {
    pub(super) fn new(queue: Queue<Item>) -> Self {
        let blank = SdkLoggerProvider::builder().build().logger("");
        Self { queue, blank }
    }

    fn shortened(&self, long: &SdkLogRecord) -> SdkLogRecord {
        let mut short = self.blank.create_log_record();
        long.timestamp()
            .into_iter()
            .for_each(|at| short.set_timestamp(at));
        long.observed_timestamp()
            .into_iter()
            .for_each(|at| short.set_observed_timestamp(at));
        long.severity_number()
            .into_iter()
            .for_each(|severity| short.set_severity_number(severity));
        long.severity_text()
            .into_iter()
            .for_each(|severity| short.set_severity_text(severity));
        long.body()
            .into_iter()
            .for_each(|body| short.set_body(shorten::any_value(body)));
        if let Some(trace) = long.trace_context() {
            short.set_trace_context(trace.trace_id, trace.span_id, trace.trace_flags);
        }
        for (key, value) in long.attributes_iter() {
            short.add_attribute(key.clone(), shorten::any_value(value));
        }
        short
    }
}

impl LogProcessor for Logs {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if record.severity_number() >= Some(Severity::Error) {
            make_exception(record);
        }
        if let Some(target) = record.target().cloned() {
            record.add_attribute("target", target.into_owned());
        }
        let long = record.attributes_iter().any(|(_, value)| shorten::is_long(value))
            || record.body().is_some_and(shorten::is_long);
        let record = if long {
            self.shortened(record)
        } else {
            record.clone()
        };
        self.queue.push((record, scope.clone()));
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Names what the exporter takes for an exception: our message, always the same for the same defect, as its type, and the
/// error itself as its text.
fn make_exception(record: &mut SdkLogRecord) {
    let text = |value: &AnyValue| match value {
        AnyValue::String(text) => Some(text.as_str().to_owned()),
        _ => None,
    };
    let field = |wanted: &str| {
        let mut named = record.attributes_iter().filter(|(key, _)| key.as_str() == wanted);
        named.next().and_then(|(_, value)| text(value))
    };
    let message = record.body().and_then(text).unwrap_or_default();
    let error = field("error")
        .or_else(|| field("cause"))
        .unwrap_or_else(|| message.clone());
    if field("exception.message").is_none() {
        record.add_attribute("exception.message", error);
    }
    record.add_attribute("exception.type", message);
}
