//! Where the workspace lies, and how its cargo is called.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;

/// The folder that holds the root `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Where cargo builds: `target`, unless `CARGO_TARGET_DIR` says otherwise.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The cargo that runs this task (so that the toolchain is the same), started in the workspace's root.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// What git says of the repository at `root`.
pub(crate) fn git(root: &Path, arguments: &[&str]) -> Outcome<String> {
    let said = told(Command::new("git").args(arguments).current_dir(root))?;
    Ok(said.trim().to_owned())
}

/// What a program prints; where it fails, what it says about that.
pub(crate) fn told(command: &mut Command) -> Outcome<String> {
    let output = command.output()?;
    if !output.status.success() {
        let fault = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}", fault.trim()).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Builds one binary of the workspace for this machine and answers where it lies.
pub(crate) fn build(package: &str, profile: &str) -> Outcome<PathBuf> {
    build_with(package, profile, None, |_| {})
}

/// The same for any target, with what else cargo is to be told.
pub(crate) fn build_with(
    package: &str,
    profile: &str,
    target: Option<&str>,
    tell: impl FnOnce(&mut Command),
) -> Outcome<PathBuf> {
    let mut cargo = cargo();
    cargo.args([
        "build",
        "--package",
        package,
        "--bin",
        package,
        "--profile",
        profile,
    ]);
    let mut folder = target_dir();
    if let Some(target) = target {
        cargo.args(["--target", target]);
        folder.push(target);
    }
    tell(&mut cargo);
    if !cargo.status()?.success() {
        return Err(format!("{package} does not build with profile {profile}").into());
    }
    // The one profile whose folder is not called like itself.
    folder.push(if profile == "dev" { "debug" } else { profile });
    Ok(folder.join(format!("{package}{}", std::env::consts::EXE_SUFFIX)))
}

/// Every `.rs` file below `folder`, in a fixed order.
pub(crate) fn rust_files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries =
        std::fs::read_dir(folder).map_err(|fault| format!("cannot list {}: {fault}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The text of a file; a failure names the file.
pub(crate) fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|fault| format!("cannot read {}: {fault}", path.display()).into())
}
