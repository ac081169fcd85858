//! `cargo xtask compat`: runs the previous release's store on databases that this tree's program has migrated.
//!
//! While a release is rolled out, and after it was taken back, the program before works on the new schema. So the very
//! code of that release is checked out and its contract suite is run, with one difference: each database is made by
//! `pravis migrate` of this tree (`handlers/store/tests/contract/migrated.rs`).

use std::path::PathBuf;
use std::process::ExitCode;

use crate::{Outcome, workspace};

/// Names the program that the suite has its databases made by.
const MIGRATED_BY: &str = "PRAVIS_TEST_MIGRATED_BY";

/// What `cargo xtask compat` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The release to go back to: a tag, or any other name of a commit [default: the newest tag before HEAD]
    #[arg(long)]
    previous: Option<String>,
}

/// Runs the suite; the exit code is its own.
pub(crate) fn run(options: &Options) -> Outcome<ExitCode> {
    let Some(previous) = options.previous.clone().or_else(newest_tag) else {
        println!("There is no release before this commit: nothing has to run on the new schema.");
        return Ok(ExitCode::SUCCESS);
    };
    let program = workspace::build("pravis", "dev")?;
    let tree = Worktree::of(&previous)?;
    println!("The store of {previous} on databases of this tree:");
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--locked", "--package", "store", "--test", "contract"]);
    let status = cargo
        .current_dir(&tree.0)
        .env(MIGRATED_BY, program)
        // With what is built already: most crates are those of this tree.
        .env("CARGO_TARGET_DIR", workspace::target_dir())
        .status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Of the tags that HEAD comes after, not of HEAD itself: a release is compared with the one before.
fn newest_tag() -> Option<String> {
    git(&["describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^"]).ok()
}

/// A checkout of another commit, gone when this is dropped.
struct Worktree(PathBuf);

impl Worktree {
    fn of(commit: &str) -> Outcome<Self> {
        // Always at the same place: cargo builds anew what moves.
        let tree = Self(workspace::target_dir().join("compat"));
        tree.remove();
        git(&[
            "worktree",
            "add",
            "--quiet",
            "--detach",
            &tree.0.to_string_lossy(),
            commit,
        ])?;
        // A suite that does not know the variable would pass whatever the migrations do.
        let suite = tree.0.join("handlers/store/tests/contract");
        let mut files = workspace::rust_files(&suite)?.into_iter();
        if !files.any(|file| workspace::read(&file).is_ok_and(|text| text.contains(MIGRATED_BY))) {
            return Err(format!("the suite of {commit} cannot be told who migrates ({MIGRATED_BY})").into());
        }
        Ok(tree)
    }

    /// Does nothing where there is none.
    fn remove(&self) {
        let _ = git(&["worktree", "remove", "--force", &self.0.to_string_lossy()]);
    }
}

impl Drop for Worktree {
    fn drop(&mut self) {
        self.remove();
    }
}

fn git(arguments: &[&str]) -> Outcome<String> {
    workspace::git(&workspace::root(), arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suite_of_this_tree_can_be_told_who_migrates() {
        let hook = workspace::root().join("handlers/store/tests/contract/migrated.rs");
        assert!(workspace::read(&hook).unwrap().contains(MIGRATED_BY));
    }
}
