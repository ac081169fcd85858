//! The guides in `docs/`, held against what they speak of.

mod commands;
mod kql;
mod links;
mod monitoring;
pub(crate) mod pages;
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

/// The parameters that a Bicep text declares, or sets.
fn parameters(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("param "));
    lines
        .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
        .collect()
}

/// Blocks show what a `.bicepparam` may set. In the sentences of operators' guides a word like `latencyMs` is such a parameter,
/// too, or one of a module.
#[test]
fn every_parameter_that_is_shown_exists() {
    let infra = repository().join("infra");
    let read = |path| std::fs::read_to_string(path).unwrap();
    let main = parameters(&read(infra.join("main.bicep")));
    for block in blocks("bicep") {
        for name in parameters(&block.text) {
            assert!(
                main.contains(&name),
                "{}: there is no parameter {name}",
                block.place
            );
        }
    }
    let modules = std::fs::read_dir(infra.join("modules")).unwrap();
    let modules = modules.flat_map(|module| parameters(&read(module.unwrap().path())));
    let known: Vec<_> = modules.chain(main).collect();
    let host = read(repository().join("host.json"));
    for page in pages() {
        if !["docs/monitoring-guide.md", "docs/scaling-strategy.md"].contains(&page.name.as_str()) {
            continue;
        }
        for word in page.code() {
            let is_name = word.chars().all(char::is_alphanumeric) && word.starts_with(char::is_lowercase);
            if is_name && word.contains(char::is_uppercase) {
                assert!(
                    known.contains(&word) || host.contains(&word),
                    "{}: {word}",
                    page.name
                );
            }
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
