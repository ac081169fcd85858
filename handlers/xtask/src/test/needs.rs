//! What a test may need beyond the toolchain: a program on the path, or a variable that says where something is.

use std::collections::HashMap;
use std::env;
use std::process::{Command, Stdio};

use super::azurite;

/// What was found out so far: many tests have the same need, and an attempt to meet one takes its time.
#[derive(Default)]
pub(super) struct Needs(HashMap<String, bool>);

impl Needs {
    /// Whether the need is met, after an attempt to meet it.
    pub(super) fn met(&mut self, need: &str) -> bool {
        *self.0.entry(need.to_owned()).or_insert_with(|| met(need))
    }
}

/// A name in capitals is an environment variable (`PRAVIS_TEST_SQL`), `azurite` is a package of npm, and any other is a
/// program, named like its package (`strace`).
fn met(need: &str) -> bool {
    if is_variable(need) {
        return env::var_os(need).is_some_and(|value| !value.is_empty());
    }
    if need == "azurite" {
        return azurite::installed();
    }
    on_path(need) || (installed_by_apt(need) && on_path(need))
}

fn is_variable(need: &str) -> bool {
    need.chars()
        .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

pub(super) fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Installs the package where that needs nobody's password: as root, on a system that has apt.
fn installed_by_apt(package: &str) -> bool {
    if !is_root() || !on_path("apt-get") {
        return false;
    }
    eprintln!("xtask: installing {package}, which a test needs");
    apt_get(&["install", "--yes", "--no-install-recommends", package])
        || (apt_get(&["update"]) && apt_get(&["install", "--yes", "--no-install-recommends", package]))
}

fn apt_get(arguments: &[&str]) -> bool {
    Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_a_variable_and_the_rest_is_a_program() {
        assert!(is_variable("PRAVIS_TEST_SQL"));
        assert!(!is_variable("strace"));
        assert!(!met("PRAVIS_VARIABLE_THAT_NOBODY_SETS"));
        assert!(on_path("cargo"));
    }
}
