//! This test program again, as a process of its own that is told what to do by a variable.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Holds a child's task. A test that finds it is the child.
const TASK: &str = "PRAVIS_TEST_BLOBS_TASK";

/// The task, when this process is a child.
pub(crate) fn task() -> Option<String> {
    std::env::var(TASK).ok()
}

/// Runs the test of this name again, with a task.
pub(crate) fn child(test: &str, task: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--include-ignored"])
        .env(TASK, task)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

/// What a child said after `word`, each time. The runner begins a line that its first word ends.
pub(crate) fn said(output: impl BufRead, word: &str) -> Vec<String> {
    let lines = output.lines().map_while(Result::ok);
    lines
        .filter_map(|line| line.split_once(word).map(|(_, rest)| rest.trim().to_owned()))
        .collect()
}
