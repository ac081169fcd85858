//! What is printed where: answers and routine records on stdout, errors on stderr, each in one line.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where the program speaks"
)]

use super::CommandError;
use crate::telemetry::{self, Telemetry};
use serde::Serialize;
use std::fmt::Display;
use std::io::IsTerminal as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Prints a line for the person or script that asked.
pub(super) fn say(line: impl Display) {
    println!("{line}");
}

/// Prints what a command found: as JSON for scripts, else in words.
pub(super) fn print(json: bool, value: &impl Serialize, words: impl FnOnce() -> String) {
    if json {
        say(serde_json::to_string(value).unwrap_or_default());
    } else {
        say(words());
    }
}

/// Prints why a command failed.
pub(super) fn complain(error: &CommandError) {
    eprintln!("pravis: {}", error.to_string().replace('\n', " "));
}

/// One JSON object a record on stdout: the Functions host reads lines, and takes stderr for errors.
pub(super) fn log_json(directives: &str, telemetry: &Telemetry) -> Result<(), CommandError> {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_span_events(FmtSpan::NONE)
        .with_filter(telemetry::filter(directives)?);
    let exported = telemetry.layers(directives)?;
    tracing_subscriber::registry().with(exported).with(lines).init();
    Ok(())
}

/// Short lines for a person at a terminal.
pub(super) fn log_text(directives: &str, telemetry: &Telemetry) -> Result<(), CommandError> {
    let lines = tracing_subscriber::fmt::layer()
        .compact()
        .with_ansi(std::io::stdout().is_terminal())
        .with_target(false)
        .with_filter(telemetry::filter(directives)?);
    let exported = telemetry.layers(directives)?;
    tracing_subscriber::registry().with(exported).with(lines).init();
    Ok(())
}

/// Prints a panic as one line, without a backtrace.
pub(super) fn one_line_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(String::new, |place| format!(" at {place}"));
        let text = panic
            .payload_as_str()
            .unwrap_or("a panic without words")
            .replace('\n', " ");
        eprintln!("pravis: panicked{place}: {text}");
    }));
}
