//! What is packed: which commit, and of when.

use std::path::Path;

use jiff::Timestamp;

use crate::workspace;

/// Where the package comes from, as far as that is known: an archive of the sources has no history.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// The commit; it ends with `-modified` where files differ from it.
    pub(super) commit: Option<String>,
    /// When the commit was made. No other time may get into a package, or no two builds would be the same.
    pub(super) time: Option<Timestamp>,
}

impl Source {
    /// `PRAVIS_COMMIT` goes first: a container is built without the history.
    pub(super) fn of(root: &Path) -> Self {
        let told = std::env::var("PRAVIS_COMMIT")
            .ok()
            .filter(|commit| !commit.is_empty());
        let time = git(root, &["show", "--no-patch", "--format=%cI", "HEAD"]);
        Self {
            commit: told.or_else(|| commit(root)),
            time: time.and_then(|time| time.parse().ok()),
        }
    }
}

fn commit(root: &Path) -> Option<String> {
    let commit = git(root, &["rev-parse", "HEAD"])?;
    let modified = git(root, &["status", "--porcelain", "--untracked-files=no"]).is_some();
    Some(if modified { commit + "-modified" } else { commit })
}

/// What git says, if there is a git, a repository, and anything to say.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let said = workspace::git(root, arguments).ok()?;
    (!said.is_empty()).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::process::Command;

    fn run(root: &Path, arguments: &[&str]) {
        let person = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        let status = Command::new("git")
            .args(person)
            .args(arguments)
            .current_dir(root)
            .status();
        assert!(status.unwrap().success(), "{arguments:?}");
    }

    #[test]
    #[ignore = "needs git"]
    fn a_commit_is_known_and_so_is_that_files_differ_from_it() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(commit(root.path()), None, "no repository");
        fs::write(root.path().join("file"), "one").unwrap();
        run(root.path(), &["init", "--quiet"]);
        assert_eq!(commit(root.path()), None, "no commit");
        run(root.path(), &["add", "file"]);
        run(root.path(), &["commit", "--quiet", "--message", "One"]);
        let clean = commit(root.path()).unwrap();
        assert!(
            clean.len() == 40 && clean.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{clean}"
        );
        fs::write(root.path().join("file"), "two").unwrap();
        assert_eq!(commit(root.path()).unwrap(), clean.clone() + "-modified");
        assert!(Source::of(root.path()).time.is_some());
    }
}
