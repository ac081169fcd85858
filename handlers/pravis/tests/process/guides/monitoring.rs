//! The monitoring guide: whether it names all that is recorded, and says what to do for each alert.

use super::pages::{pages, sources};
use crate::support::repository;
use pravis::telemetry::facts::COLUMNS;

/// What the guide has between backticks.
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
