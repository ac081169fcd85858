//! Azurite, the emulator of Azure Storage, from npm: the versions of `handlers/testkit/azurite/package-lock.json`, in the
//! target folder.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::needs::on_path;
use crate::{Outcome, workspace};

/// Whether it is there, after an attempt to install it. It is installed again when the lock file has changed.
pub(super) fn installed() -> bool {
    if !on_path("node") || !on_path("npm") {
        eprintln!("xtask: Azurite needs Node and npm, which are not here");
        return false;
    }
    let source = workspace::root().join("handlers/testkit/azurite");
    install(&source, &workspace::target_dir().join("azurite")).unwrap_or_else(|fault| {
        eprintln!("xtask: Azurite cannot be installed: {fault}");
        false
    })
}

fn install(source: &Path, target: &Path) -> Outcome<bool> {
    let lock = workspace::read(&source.join("package-lock.json"))?;
    // Written last, so that half an installation is none.
    let done = target.join("installed.json");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == lock) {
        return Ok(true);
    }
    eprintln!("xtask: installing Azurite, which tests need");
    fs::create_dir_all(target)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source.join(name), target.join(name))?;
    }
    let npm = Command::new("npm")
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .current_dir(target)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()?;
    if npm.success() {
        fs::write(done, lock)?;
    }
    Ok(npm.success())
}
