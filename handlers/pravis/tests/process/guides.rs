//! The guides in `docs/`, held against what they speak of.

mod commands;
mod kql;
mod links;
mod monitoring;
mod pages;
mod queries;

use crate::support::{Body, FunctionsHost, Options, PATIENCE, repository, within};
use pages::{Page, blocks, pages};
use pravis::config::Environment;
use serde_json::Value;

/// What a block may be. `sh run` is run by a test, `sh tour` by the one of the tour; `sh` alone needs more than a laptop, or
/// a person. A path after the kind says of which file it is an excerpt.
const KINDS: [&str; 9] = [
    "sh", "sh run", "sh tour", "json", "json log", "kql", "bicep", "mermaid", "text",
];

#[test]
fn every_block_is_of_a_known_kind_or_an_excerpt() {
    for block in pages().iter().flat_map(Page::blocks) {
        let excerpt_of = block
            .kind
            .split_once(' ')
            .map(|(_, path)| path)
            .filter(|path| path.contains('/'));
        if let Some(path) = excerpt_of {
            let file = std::fs::read_to_string(repository().join(path)).unwrap();
            assert!(file.contains(&block.text), "{}: {path} has changed", block.place);
        } else {
            assert!(
                KINDS.contains(&block.kind.as_str()),
                "{}: `{}`",
                block.place,
                block.kind
            );
        }
    }
}

#[test]
fn every_json_block_is_json() {
    let all = blocks("json");
    assert!(all.len() > 1);
    for block in all {
        if let Err(error) = serde_json::from_str::<Value>(&block.text) {
            panic!("{}: {error}", block.place);
        }
    }
}

/// The names in an object, and below it.
fn shape(line: &Value) -> Vec<String> {
    let mut names = Vec::new();
    for (name, value) in line.as_object().into_iter().flatten() {
        names.push(name.clone());
        names.extend(shape(value).iter().map(|below| format!("{name}.{below}")));
    }
    names
}

#[test]
fn a_line_of_the_log_is_as_it_is_shown() {
    let data = tempfile::tempdir().unwrap();
    let host = FunctionsHost::start(Options::new(data.path()));
    host.invoke("timer_retention", &[], Body::Sized(b"no envelope"));
    let line = within(PATIENCE, "the line", || {
        let text = host.process.stdout();
        text.lines()
            .find(|line| line.contains("ERROR"))
            .map(str::to_owned)
    });
    let told: Value = serde_json::from_str(&line).unwrap();
    let shown = blocks("json")
        .into_iter()
        .find(|block| block.kind == "json log")
        .unwrap();
    let shown: Value = serde_json::from_str(&shown.text).unwrap();
    assert_eq!(shape(&told), shape(&shown), "{line}");
    for name in ["level", "message", "target"] {
        assert_eq!(told[name], shown[name]);
    }
}

/// Of a diagram only its kind can be looked at here.
#[test]
fn every_diagram_says_what_it_is() {
    let kinds = ["flowchart ", "sequenceDiagram", "stateDiagram-v2"];
    let all = blocks("mermaid");
    assert!(all.len() > 3, "only {} diagrams were found", all.len());
    for block in all {
        assert!(
            kinds.iter().any(|kind| block.text.starts_with(kind)),
            "{}",
            block.place
        );
    }
}

/// Settings of deployments are shown as a `.bicepparam` has them: each must be a parameter of `infra/main.bicep`.
#[test]
fn every_parameter_that_is_shown_exists() {
    let main = std::fs::read_to_string(repository().join("infra/main.bicep")).unwrap();
    let names = |text: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix("param "));
        lines
            .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let known = names(&main);
    for block in blocks("bicep") {
        for name in names(&block.text) {
            assert!(
                known.contains(&name),
                "{}: there is no parameter {name}",
                block.place
            );
        }
    }
}

#[test]
fn every_setting_that_is_named_exists() {
    let known = Environment::known();
    for page in pages() {
        let words = page.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in words.filter(|word| word.starts_with("PRAVIS_") && !word.ends_with('_')) {
            assert!(
                known.contains(&word) || word == "PRAVIS_TEST_SQL",
                "{}: {word}",
                page.name
            );
        }
    }
}
