//! The settings that the program knows, and where they are described.

use pravis::config::{Config, Environment};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn file(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(name)).unwrap()
}

fn known() -> BTreeSet<&'static str> {
    Environment::known().iter().copied().collect()
}

#[test]
fn the_example_names_every_setting_and_no_other() {
    let example: Value = serde_json::from_str(&file("local.settings.example.json")).unwrap();
    let values = example["Values"].as_object().unwrap();
    let own = values
        .keys()
        .map(String::as_str)
        .filter(|name| name.starts_with("PRAVIS_"));
    assert_eq!(own.collect::<BTreeSet<_>>(), known());
}

#[test]
fn the_program_starts_with_the_example() {
    let example: Value = serde_json::from_str(&file("local.settings.example.json")).unwrap();
    let values = example["Values"].as_object().unwrap().iter();
    let environment: Environment = values
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    Config::from_environment(&environment).unwrap();
}

#[test]
fn the_readme_describes_every_setting_and_no_other() {
    let readme = file("README.md");
    let section = readme.split("\n## Configuration\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let names = rows.map(|row| row.split('`').next().unwrap());
    let own = names.filter(|name| name.starts_with("PRAVIS_"));
    assert_eq!(own.collect::<BTreeSet<_>>(), known());
}
