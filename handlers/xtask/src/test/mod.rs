//! `cargo xtask test`: every test of the workspace and every example in its documentation, in one run, with one sum.

mod azurite;
mod ignored;
mod needs;
mod tally;

use std::io::{BufRead, BufReader, Write};
use std::process::{ExitCode, Stdio};

use crate::{Outcome, workspace};
use ignored::IgnoredTest;
use needs::Needs;
use tally::Tally;

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Handed to `cargo test` as they are: `-p store`, a test's name, `-- --nocapture`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the tests; the exit code is the runner's.
pub(crate) fn run(options: &Options) -> Outcome<ExitCode> {
    let mut needs = Needs::default();
    let (runnable, skipped): (Vec<_>, Vec<_>) = ignored::find(&workspace::root().join("handlers"))?
        .into_iter()
        .partition(|test| needs.met(&test.need));
    for test in &skipped {
        eprintln!(
            "xtask: skipped: {} (needs {}, which is not here)",
            test.name, test.need
        );
    }

    let given = as_typed(&options.arguments, std::env::args());
    let arguments = runner_arguments(&given, &runnable, &skipped);
    let mut runner = workspace::cargo()
        .args(&arguments)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut tally = Tally::default();
    if let Some(output) = runner.stdout.take() {
        pass_through(BufReader::new(output), &mut tally)?;
    }
    let status = runner.wait()?;

    println!("{}", tally.summary(filtered_by_person(&given)));
    Ok(ExitCode::from(
        status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .unwrap_or(1),
    ))
}

/// The arguments with the `--` before them that the parser takes away, as in `test -- --nocapture`.
fn as_typed(parsed: &[String], typed: impl Iterator<Item = String>) -> Vec<String> {
    let typed: Vec<_> = typed.collect();
    let first = typed.len() - parsed.len();
    let escape = typed[..first].last().filter(|before| *before == "--");
    escape.into_iter().chain(parsed).cloned().collect()
}

/// Copies the runner's output line by line, as it comes, and counts the results in it.
fn pass_through(mut output: impl BufRead, tally: &mut Tally) -> Outcome<()> {
    let mut screen = std::io::stdout().lock();
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        screen.write_all(&line)?;
        tally.read_line(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(())
}

/// The whole command line of `cargo`: no target is chosen, which means libraries, binaries, integration tests and
/// documentation, and leaves benches out. One failing crate does not hide the others.
fn runner_arguments(given: &[String], runnable: &[IgnoredTest], skipped: &[IgnoredTest]) -> Vec<String> {
    let split = given
        .iter()
        .position(|argument| argument == "--")
        .unwrap_or(given.len());
    let (to_cargo, to_tests) = given.split_at(split);
    let mut all = vec!["test".to_owned(), "--no-fail-fast".to_owned()];
    if !to_cargo
        .iter()
        .any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
    {
        all.push("--workspace".to_owned());
    }
    all.extend_from_slice(to_cargo);
    all.push("--".to_owned());
    all.extend(to_tests.iter().skip(1).cloned());
    if !runnable.is_empty() {
        all.push("--include-ignored".to_owned());
        for test in skipped {
            all.extend(["--skip".to_owned(), test.name.clone()]);
        }
    }
    all
}

/// Whether the person chose among the tests, so that "filtered out" says nothing about skipping.
fn filtered_by_person(given: &[String]) -> bool {
    let mut takes_value = false;
    given.iter().any(|argument| {
        let chosen = argument == "--skip" || (!takes_value && !argument.starts_with('-'));
        takes_value = matches!(
            argument.as_str(),
            "-p" | "--package" | "--test" | "--profile" | "-F" | "--features"
        );
        chosen
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    fn test(name: &str, need: &str) -> IgnoredTest {
        IgnoredTest {
            name: name.to_owned(),
            need: need.to_owned(),
        }
    }

    #[test]
    fn the_whole_workspace_unless_a_package_is_named() {
        assert_eq!(
            runner_arguments(&[], &[], &[]).join(" "),
            "test --no-fail-fast --workspace --"
        );
        assert_eq!(
            runner_arguments(&words("-p store -- --nocapture"), &[], &[]).join(" "),
            "test --no-fail-fast -p store -- --nocapture"
        );
    }

    #[test]
    fn ignored_tests_run_when_their_need_is_met() {
        let all = runner_arguments(
            &[],
            &[test("syncs", "strace")],
            &[test("on_azure", "PRAVIS_TEST_SQL")],
        );
        assert_eq!(
            all.join(" "),
            "test --no-fail-fast --workspace -- --include-ignored --skip on_azure"
        );
    }

    #[test]
    fn a_leading_escape_is_kept() {
        let typed = |line| words(line).into_iter();
        assert_eq!(
            as_typed(&words("--nocapture"), typed("xtask test -- --nocapture")),
            words("-- --nocapture")
        );
        assert_eq!(
            as_typed(&words("-p a -- b"), typed("xtask test -p a -- b")),
            words("-p a -- b")
        );
        assert!(as_typed(&[], typed("xtask test")).is_empty());
    }

    #[test]
    fn a_name_is_a_filter_and_a_package_is_not() {
        assert!(!filtered_by_person(&words("-p store -- --nocapture")));
        assert!(filtered_by_person(&words("-p store cursor")));
        assert!(filtered_by_person(&words("-- --skip cursor")));
    }
}
