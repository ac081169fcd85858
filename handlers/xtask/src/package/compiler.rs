//! Building the program that is deployed: what that needs, and what keeps this machine's paths out of it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::source::Source;
use crate::{Outcome, workspace};

/// What Azure runs: static, so that it does not matter which C library the host has.
pub(super) const DEPLOYED: &str = "x86_64-unknown-linux-musl";

/// Builds the program, and answers where it lies. Without a target it is for this machine.
pub(super) fn build(profile: &str, target: Option<&str>, source: &Source) -> Outcome<PathBuf> {
    let missing = target.map(missing).unwrap_or_default();
    if !missing.is_empty() {
        return Err(format!(
            "the program cannot be built, for want of\n  {}",
            missing.join("\n  ")
        )
        .into());
    }
    workspace::build_with("pravis", profile, target, |cargo| {
        cargo.arg("--locked");
        if let Some(commit) = &source.commit {
            cargo.env("PRAVIS_COMMIT", commit);
        }
        if let Some(target) = target {
            cargo.envs(without_paths(target));
        }
    })
}

/// What is not here of what a build for `target` needs; each with the command that gets it.
fn missing(target: &str) -> Vec<String> {
    let mut missing = Vec::new();
    if !has_standard_library(target) {
        missing.push(format!(
            "the standard library of {target}: rustup target add {target}"
        ));
    }
    let compiler = format!("CC_{}", target.replace('-', "_"));
    let known = ["musl-gcc", "x86_64-linux-musl-gcc"];
    if target == DEPLOYED && env::var_os(&compiler).is_none() && !known.into_iter().any(on_path) {
        missing.push(format!(
            "a C compiler for musl: apt-get install musl-tools, or name one in {compiler}"
        ));
    }
    if env::var_os("CMAKE").is_none() && !on_path("cmake") {
        missing.push("cmake, for the voice codec: apt-get install cmake".to_owned());
    }
    missing
}

fn has_standard_library(target: &str) -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", target]);
    let told = rustc.current_dir(workspace::root()).output();
    told.is_ok_and(|told| {
        told.status.success() && Path::new(String::from_utf8_lossy(&told.stdout).trim()).is_dir()
    })
}

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Flags that put fixed names in the place of folders of this machine, which would get into messages of a panic, and so
/// make each machine's build another one.
fn without_paths(target: &str) -> [(String, OsString); 2] {
    let folders = [(cargo_home(), "/cargo"), (workspace::root(), "/pravis")];
    let flags = |flag: &str| {
        let each = folders
            .iter()
            .map(|(folder, name)| format!("{flag}={}={name}", folder.display()));
        each.collect::<Vec<_>>()
    };
    [
        (
            "CARGO_ENCODED_RUSTFLAGS".to_owned(),
            flags("--remap-path-prefix").join("\u{1f}").into(),
        ),
        (
            format!("CFLAGS_{}", target.replace('-', "_")),
            flags("-ffile-prefix-map").join(" ").into(),
        ),
    ]
}

fn cargo_home() -> PathBuf {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    named.unwrap_or_else(|| env::home_dir().unwrap_or_default().join(".cargo"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_cure() {
        let missing = missing("x86_64-unknown-nowhere");
        assert!(
            missing[0].contains("rustup target add x86_64-unknown-nowhere"),
            "{missing:?}"
        );
    }

    #[test]
    fn the_paths_of_this_machine_are_replaced() {
        let [(name, rust), (for_c, c)] = without_paths(DEPLOYED);
        assert_eq!(name, "CARGO_ENCODED_RUSTFLAGS");
        assert_eq!(for_c, "CFLAGS_x86_64_unknown_linux_musl");
        let root = workspace::root();
        assert!(
            rust.to_string_lossy()
                .contains(&format!("--remap-path-prefix={}=/pravis", root.display()))
        );
        assert!(
            c.to_string_lossy()
                .contains(&format!("-ffile-prefix-map={}=/pravis", root.display()))
        );
    }
}
