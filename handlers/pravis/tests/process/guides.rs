//! The guides in `docs/`, held against what they speak of.

mod commands;
mod kql;
mod links;
mod pages;

use pages::{blocks, pages};
use pravis::config::Environment;
use pravis::telemetry::facts::COLUMNS;
use crate::support::repository;

/// What a block may be. `sh run` is run by a test, `sh tour` by the one of the tour; `sh` alone needs more than a laptop, or
/// a person.
const KINDS: [&str; 9] = ["sh", "sh run", "sh tour", "json", "kql", "bicep", "mermaid", "rust", "text"];

#[test]
fn every_block_is_of_a_known_kind() {
    for page in pages() {
        for block in page.blocks() {
            assert!(KINDS.contains(&block.kind.as_str()), "{}: `{}`", block.place, block.kind);
        }
    }
}

#[test]
fn every_json_block_is_json() {
    let all = blocks("json");
    assert!(!all.is_empty());
    for block in all {
        if let Err(error) = serde_json::from_str::<serde_json::Value>(&block.text) {
            panic!("{}: {error}", block.place);
        }
    }
}

/// Of a diagram only its kind can be looked at here.
#[test]
fn every_diagram_says_what_it_is() {
    let kinds = ["flowchart ", "sequenceDiagram", "stateDiagram-v2"];
    let all = blocks("mermaid");
    assert!(all.len() > 3, "only {} diagrams were found", all.len());
    for block in all {
        assert!(kinds.iter().any(|kind| block.text.starts_with(kind)), "{}", block.place);
    }
}

/// Settings of deployments are shown as a `.bicepparam` has them: each must be a parameter of `infra/main.bicep`.
#[test]
fn every_parameter_that_is_shown_exists() {
    let main = std::fs::read_to_string(repository().join("infra/main.bicep")).unwrap();
    let names = |text: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix("param "));
        lines.map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let known = names(&main);
    for block in blocks("bicep") {
        for name in names(&block.text) {
            assert!(known.contains(&name), "{}: there is no parameter {name}", block.place);
        }
    }
}

#[test]
fn every_setting_that_is_named_exists() {
    let known = Environment::known();
    for page in pages() {
        let words = page.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in words.filter(|word| word.starts_with("PRAVIS_") && !word.ends_with('_')) {
            assert!(known.contains(&word) || word == "PRAVIS_TEST_SQL", "{}: {word}", page.name);
        }
    }
}

/// The monitoring guide, which is to name all that can be recorded.
fn monitoring_guide() -> Vec<String> {
    let all = pages().into_iter();
    let mut all = all.filter(|page| page.name == "docs/monitoring-guide.md");
    all.next().unwrap().code()
}

/// The texts that follow `before` in the sources of the program, up to the next quotation mark.
fn in_sources(files: &[&str], before: &str) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(repository().join("handlers/pravis/src").join(file)).unwrap();
        let rest = text.split(before).skip(1);
        found.extend(rest.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()));
    }
    found
}

#[test]
fn the_monitoring_guide_names_every_metric_and_column() {
    let guide = monitoring_guide();
    let of = |prefix: &str| {
        let names = in_sources(&["telemetry/metrics.rs"], &format!("\"{prefix}."));
        names.into_iter().map(move |rest| format!("{prefix}.{rest}"))
    };
    // Attributes of `gen_ai` stand beside the one metric.
    let metrics = of("pravis").chain(of("gen_ai").filter(|name| name.ends_with(".usage")));
    let metrics: Vec<_> = metrics.collect();
    assert!(metrics.len() > 10, "{metrics:?}");
    for name in metrics.iter().map(String::as_str).chain(COLUMNS.iter().map(|column| column.name)) {
        assert!(guide.iter().any(|code| code == name), "{name} is not in the guide");
    }
}

/// Where alerts are logged.
const ALERTING: [&str; 7] = [
    "media/process.rs",
    "media/take_in.rs",
    "reports/deliver.rs",
    "spill/dead.rs",
    "triggers/deliver.rs",
    "triggers/media.rs",
    "triggers/replay.rs",
];

#[test]
fn the_monitoring_guide_says_what_to_do_for_every_alert_of_the_program() {
    let guide = monitoring_guide();
    let events = in_sources(&ALERTING, "event = \"");
    assert!(events.len() >= ALERTING.len(), "{events:?}");
    for event in events {
        assert!(guide.contains(&event), "{event} is not in the guide");
    }
}
