//! The guides in `docs/`, held against what they speak of.

mod commands;
mod kql;
mod links;
mod pages;

use crate::support::{Body, FunctionsHost, Options, PATIENCE, repository, within};
use pages::{Page, blocks, pages, sources};
use pravis::config::Environment;
use pravis::telemetry::facts::COLUMNS;
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

/// The monitoring guide, which is to name all that can be recorded.
fn monitoring_guide() -> Vec<String> {
    let all = pages().into_iter();
    let mut all = all.filter(|page| page.name == "docs/monitoring-guide.md");
    all.next().unwrap().code()
}

/// The texts that follow `before` in a source, up to the next quotation mark.
fn quoted<'s>(source: &'s str, before: &str) -> Vec<&'s str> {
    let rest = source.split(before).skip(1);
    rest.map(|rest| rest.split('"').next().unwrap_or_default())
        .collect()
}

#[test]
fn the_monitoring_guide_names_every_metric_and_column() {
    let guide = monitoring_guide();
    let source = sources(&["handlers/pravis/src/telemetry"]);
    let ours = quoted(&source, "\"pravis.")
        .into_iter()
        .map(|rest| format!("pravis.{rest}"));
    let ours: Vec<_> = ours.chain(["gen_ai.client.token.usage".to_owned()]).collect();
    assert!(ours.len() > 12, "{ours:?}");
    for name in ours
        .iter()
        .map(String::as_str)
        .chain(COLUMNS.iter().map(|column| column.name))
    {
        assert!(
            guide.iter().any(|code| code == name),
            "{name} is not in the guide"
        );
    }
}

#[test]
fn the_monitoring_guide_says_what_to_do_for_every_alert_of_the_program() {
    let guide = monitoring_guide();
    let source = sources(&["handlers/pravis/src"]);
    let events = quoted(&source, " event = \"");
    assert!(events.len() > 6, "{events:?}");
    for event in events {
        assert!(
            guide.iter().any(|code| code == event),
            "{event} is not in the guide"
        );
    }
}

/// The text between the first quotes of a line that begins with `name`.
fn value<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let rest = line.trim_start().strip_prefix(name)?.strip_prefix(": '")?;
    rest.split('\'').next()
}

#[test]
fn the_monitoring_guide_says_what_to_do_for_every_alert_of_azure() {
    let guide = monitoring_guide();
    let rules = std::fs::read_to_string(repository().join("infra/modules/alerts.bicep")).unwrap();
    let lines: Vec<_> = rules.lines().collect();
    // A rule of the lists has a title; one of its own is called `alert-…`.
    let listed = lines.windows(2).filter(|pair| value(pair[1], "title").is_some());
    let listed = listed.filter_map(|pair| value(pair[0], "name"));
    let own = lines.iter().filter_map(|line| {
        value(line, "name")?
            .strip_prefix("alert-")?
            .strip_suffix("-${suffix}")
    });
    let names: Vec<_> = listed.chain(own.filter(|name| !name.contains('$'))).collect();
    assert!(names.len() > 8, "{names:?}");
    for name in names {
        assert!(
            guide.iter().any(|code| code == name),
            "{name} is not in the guide"
        );
    }
}

#[test]
fn the_monitoring_guide_tells_how_long_tables_are_kept() {
    let guide = std::fs::read_to_string(repository().join("docs/monitoring-guide.md")).unwrap();
    let module = std::fs::read_to_string(repository().join("infra/modules/monitoring.bicep")).unwrap();
    let tables = module
        .lines()
        .filter_map(|line| line.trim().strip_prefix("{ table: '")?.split_once("', days: "));
    let tables =
        tables.filter_map(|(table, days)| Some((table, days.strip_suffix(" }")?.parse::<u32>().ok()?)));
    let tables: Vec<_> = tables.collect();
    assert!(tables.len() > 3, "{tables:?}");
    for (table, days) in tables {
        assert!(
            guide.contains(&format!("\n| `{table}` | {days} days |")),
            "{table}: {days} days"
        );
    }
}
