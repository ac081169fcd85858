//! Commands: those that a laptop can run are run, of the others it is looked whether they exist.

use super::pages::{blocks, pages};
use crate::support::{Serve, finish, pravis, repository, walk};
use std::collections::BTreeMap;
use std::process::Command;

#[test]
#[ignore = "needs curl"]
fn the_guides_work_as_written() {
    let mut walked = 0;
    for page in pages() {
        let script = page.script("sh run");
        if script.is_empty() {
            continue;
        }
        let data = tempfile::tempdir().unwrap();
        let serve = Serve::on(data.path());
        let calls = walk(&script, &serve, data.path());
        walked += calls.len();
        for call in calls {
            assert!(
                call.status.starts_with('2'),
                "{}: {} {}",
                page.name,
                call.status,
                call.body
            );
        }
    }
    assert!(walked > 10, "only {walked} calls were made");
}

/// A command of the program as it is written down: `pravis keys create --name shop`.
struct Written {
    subcommand: Vec<String>,
    flags: Vec<String>,
    place: String,
}

impl Written {
    fn read(line: &str, place: &str) -> Option<Self> {
        let words = line.strip_prefix("pravis ")?.split([' ', '=', '[', ']', '|']);
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        let is_name = |word: &&&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let flags = words.iter().filter(|word| word.starts_with("--"));
        Some(Self {
            subcommand: words
                .iter()
                .take_while(is_name)
                .map(ToString::to_string)
                .collect(),
            flags: flags.map(ToString::to_string).collect(),
            place: place.to_owned(),
        })
    }
}

/// What stands between backticks, and the lines of blocks for a shell, each with its page.
fn lines() -> Vec<(String, String)> {
    let prose = pages().into_iter().flat_map(|page| {
        let code = page.code().into_iter();
        code.map(move |code| (code, page.name.clone()))
    });
    let mut all: Vec<_> = prose.collect();
    for block in blocks("sh") {
        let lines = block.text.lines();
        all.extend(lines.map(|line| (line.to_owned(), block.place.clone())));
    }
    all
}

#[test]
fn every_command_that_is_named_exists() {
    let mut helps: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for Written {
        subcommand,
        flags,
        place,
    } in lines()
        .iter()
        .filter_map(|(line, place)| Written::read(line, place))
    {
        let help = helps.entry(subcommand.clone()).or_insert_with(|| {
            let told = finish(pravis().args(&subcommand).arg("--help"));
            assert_eq!(told.code, Some(0), "{place}: {subcommand:?}: {}", told.stderr);
            told.stdout
        });
        for flag in flags {
            let mut known = help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            assert!(
                known.any(|word| word == flag),
                "{place}: {subcommand:?} has no {flag}"
            );
        }
    }
    assert!(helps.len() > 10, "only {:?} were found", helps.keys());
}

#[test]
fn every_task_that_is_named_exists() {
    // Not `finish`, which loses patience: where xtask was not built yet, it is built now.
    let told = Command::new(env!("CARGO"))
        .args(["xtask", "--help"])
        .current_dir(repository())
        .output();
    let tasks = String::from_utf8(told.unwrap().stdout).unwrap();
    for (line, place) in lines() {
        let Some(rest) = line.strip_prefix("cargo xtask ") else {
            continue;
        };
        let task = rest.split(' ').next().unwrap_or_default();
        assert!(
            tasks.contains(&format!("\n  {task} ")),
            "{place}: there is no task {task}"
        );
    }
}
