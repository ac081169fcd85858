//! Commands: those that a laptop can run are run, of the others it is looked whether they exist.

use super::pages::{blocks, pages};
use crate::support::{Serve, finish, marked, pravis, repository, walk};
use std::collections::BTreeMap;

#[test]
#[ignore = "needs curl"]
fn the_guides_work_as_written() {
    let mut walked = 0;
    for page in pages() {
        let script = marked(&page.name, "sh run");
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

/// All that the pages have, in sentences and in blocks.
fn written() -> Vec<Written> {
    let prose = pages().into_iter().flat_map(|page| {
        let code = page.code().into_iter();
        code.map(move |code| (code, page.name.clone()))
    });
    let scripts = blocks("sh").into_iter().flat_map(|block| {
        let lines: Vec<_> = block.text.lines().map(str::to_owned).collect();
        lines.into_iter().map(move |line| (line, block.place.clone()))
    });
    let all = prose.chain(scripts);
    all.filter_map(|(line, place)| Written::read(&line, &place))
        .collect()
}

#[test]
fn every_command_that_is_named_exists() {
    let mut helps: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for Written {
        subcommand,
        flags,
        place,
    } in written()
    {
        let help = helps.entry(subcommand.clone()).or_insert_with(|| {
            let told = finish(pravis().args(&subcommand).arg("--help"));
            assert_eq!(told.code, Some(0), "{place}: {subcommand:?}: {}", told.stderr);
            told.stdout
        });
        for flag in flags {
            assert!(help.contains(&flag), "{place}: {subcommand:?} has no {flag}");
        }
    }
    assert!(helps.len() > 10, "only {:?} were found", helps.keys());
}

#[test]
fn every_task_that_is_named_exists() {
    let told = finish(
        std::process::Command::new(env!("CARGO"))
            .args(["xtask", "--help"])
            .current_dir(repository()),
    );
    let tasks = told.stdout;
    let code = pages().into_iter().flat_map(|page| page.code());
    let lines = blocks("sh")
        .into_iter()
        .flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>());
    let named = code
        .chain(lines)
        .filter_map(|line| Some(line.strip_prefix("cargo xtask ")?.split(' ').next()?.to_owned()));
    for task in named {
        assert!(tasks.contains(&format!("\n  {task} ")), "there is no task {task}");
    }
}
