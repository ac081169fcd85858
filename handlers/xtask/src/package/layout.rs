//! What lies where in a package. The host looks for functions only directly beside `host.json`, so the folders of
//! `functions/` are lifted by one.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Outcome, workspace};

/// One file of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name in the package, with `/` between the parts.
    pub(super) name: String,
    /// Where its content comes from.
    pub(super) source: PathBuf,
    /// Whether the host has to be able to start it.
    pub(super) executable: bool,
}

/// How uploads reach the program. Both at once would take each in twice: harmless, but paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Door {
    /// Event Grid writes into a queue; the only one on Flex Consumption
    Queue,
    /// The host looks for blobs itself
    Blob,
}

impl Door {
    /// The folder of the other door, which is not deployed.
    fn closed(self) -> &'static str {
        match self {
            Self::Queue => "process_media_blob",
            Self::Blob => "process_media",
        }
    }
}

/// All files of the package of the workspace at `root`, sorted by name.
pub(super) fn collect(root: &Path, binary: &Path, door: Door) -> Outcome<Vec<Entry>> {
    let host = root.join("host.json");
    let program = program_name(&workspace::read(&host)?)?;
    let mut entries = vec![
        Entry {
            name: "host.json".to_owned(),
            source: host,
            executable: false,
        },
        Entry {
            name: program,
            source: binary.to_path_buf(),
            executable: true,
        },
    ];
    for folder in list(&root.join("functions"))? {
        if folder.is_dir() && file_name(&folder)? != door.closed() {
            entries.extend(function_files(&folder)?);
        }
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

/// The name that `host.json` starts: the binary must be called exactly that, or the host finds nothing to start.
fn program_name(host: &str) -> Outcome<String> {
    let host: Value = serde_json::from_str(host).map_err(|fault| format!("host.json: {fault}"))?;
    match host
        .pointer("/customHandler/description/defaultExecutablePath")
        .and_then(Value::as_str)
    {
        Some(name) if !name.is_empty() && !name.contains(['/', '\\']) => Ok(name.to_owned()),
        other => {
            Err(format!("host.json: defaultExecutablePath must be a bare file name, is {other:?}").into())
        }
    }
}

fn function_files(folder: &Path) -> Outcome<Vec<Entry>> {
    let name = file_name(folder)?;
    if !folder.join("function.json").is_file() {
        return Err(format!("functions/{name} has no function.json").into());
    }
    if !is_function_name(&name) {
        return Err(
            format!("functions/{name}: the host takes letters, digits, `_` and `-`, a letter first").into(),
        );
    }
    let mut entries = Vec::new();
    for source in list(folder)?.into_iter().filter(|path| path.is_file()) {
        entries.push(Entry {
            name: format!("{name}/{}", file_name(&source)?),
            source,
            executable: false,
        });
    }
    Ok(entries)
}

/// The host's own rule; a folder that breaks it is logged and left out, which is easily overlooked.
fn is_function_name(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
        && !name.eq_ignore_ascii_case("host")
}

/// What may be done with the file: the host has to read all, and to start one.
pub(super) fn mode(entry: &Entry) -> u32 {
    if entry.executable { 0o755 } else { 0o644 }
}

/// Writes the entries as files into a fresh `folder`.
pub(super) fn write(entries: &[Entry], folder: &Path) -> Outcome<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for entry in entries {
        let path = folder.join(&entry.name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::copy(&entry.source, &path)
            .map_err(|fault| format!("cannot copy {}: {fault}", entry.source.display()))?;
        set_mode(&path, mode(entry))?;
    }
    Ok(())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> std::io::Result<()> {
    Ok(())
}

fn list(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).map_err(|fault| format!("cannot list {}: {fault}", folder.display()))?;
    Ok(entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?)
}

fn file_name(path: &Path) -> Outcome<String> {
    let name = path.file_name().and_then(|name| name.to_str());
    Ok(name
        .ok_or_else(|| format!("{} has no readable name", path.display()))?
        .to_owned())
}

#[cfg(test)]
pub(in crate::package) use tests::small_workspace;

#[cfg(test)]
mod tests {
    use super::*;

    pub(in crate::package) fn small_workspace() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let host = r#"{"customHandler": {"description": {"defaultExecutablePath": "pravis"}}}"#;
        fs::write(root.path().join("host.json"), host).unwrap();
        for name in ["timer_sweep", "create_interaction"] {
            let folder = root.path().join("functions").join(name);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("function.json"), format!("{{\"name\": \"{name}\"}}")).unwrap();
        }
        fs::write(root.path().join("built"), b"\x7fELF, let us say").unwrap();
        root
    }

    #[test]
    fn folders_are_lifted_beside_host_json() {
        let root = small_workspace();
        let entries = collect(root.path(), &root.path().join("built"), Door::Queue).unwrap();
        let names: Vec<_> = entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.executable))
            .collect();
        assert_eq!(
            names,
            [
                ("create_interaction/function.json", false),
                ("host.json", false),
                ("pravis", true),
                ("timer_sweep/function.json", false)
            ]
        );
    }

    #[test]
    fn one_door_is_open() {
        let root = small_workspace();
        for name in ["process_media", "process_media_blob"] {
            let folder = root.path().join("functions").join(name);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("function.json"), "{}").unwrap();
        }
        for (door, open) in [
            (Door::Queue, "process_media/"),
            (Door::Blob, "process_media_blob/"),
        ] {
            let entries = collect(root.path(), &root.path().join("built"), door).unwrap();
            let names = entries.iter().filter(|entry| entry.name.starts_with("process_"));
            let names: Vec<_> = names.map(|entry| entry.name.clone()).collect();
            assert_eq!(names, [format!("{open}function.json")]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_program_can_be_executed_and_nothing_old_stays() {
        use std::os::unix::fs::PermissionsExt;
        let root = small_workspace();
        let out = root.path().join("out/package");
        fs::create_dir_all(&out).unwrap();
        fs::write(out.join("left_over"), "").unwrap();
        write(
            &collect(root.path(), &root.path().join("built"), Door::Queue).unwrap(),
            &out,
        )
        .unwrap();

        let mode = |name: &str| fs::metadata(out.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("pravis"), 0o755);
        assert_eq!(mode("create_interaction/function.json"), 0o644);
        assert!(!out.join("left_over").exists());
    }

    #[test]
    fn what_the_host_would_overlook_is_refused() {
        let root = small_workspace();
        fs::create_dir_all(root.path().join("functions/9lives")).unwrap();
        let built = root.path().join("built");
        assert!(
            collect(root.path(), &built, Door::Queue)
                .unwrap_err()
                .to_string()
                .contains("no function.json")
        );
        fs::write(root.path().join("functions/9lives/function.json"), "{}").unwrap();
        assert!(
            collect(root.path(), &built, Door::Queue)
                .unwrap_err()
                .to_string()
                .contains("a letter first")
        );
        assert!(
            program_name(r#"{"customHandler": {"description": {"defaultExecutablePath": "./pravis"}}}"#)
                .is_err()
        );
    }
}
