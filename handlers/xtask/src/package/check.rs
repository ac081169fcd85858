//! Whether a zip can be deployed: what the host would only answer with a start that fails.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::elf;
use super::layout::{self, Door, Entry};
use crate::Outcome;

/// One file as it lies in the zip.
struct Zipped {
    mode: Option<u32>,
    bytes: Vec<u8>,
}

/// Refuses a zip that is not a package of the workspace at `root`, and says all that is wrong with it.
pub(super) fn check(zip: &Path, root: &Path) -> Outcome<()> {
    let (mut files, mut faults) = (unpack(zip)?, Vec::new());
    // The program is the one file that the workspace does not hold; where it came from is never looked at.
    for entry in layout::collect(root, zip, door(&files))? {
        match files.remove(&entry.name) {
            None => faults.push(format!("{} is missing", entry.name)),
            Some(file) => faults.extend(look(&entry, &file)?),
        }
    }
    for name in files.keys() {
        faults.push(format!("{name} does not belong there"));
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} must not be deployed:\n  {}",
        zip.display(),
        faults.join("\n  ")
    )
    .into())
}

/// The door that this package opens; with both or none of them, the check of names tells.
fn door(files: &BTreeMap<String, Zipped>) -> Door {
    if files.contains_key("process_media_blob/function.json") {
        Door::Blob
    } else {
        Door::Queue
    }
}

fn look(entry: &Entry, file: &Zipped) -> Outcome<Vec<String>> {
    let mut faults = Vec::new();
    let mode = layout::mode(entry);
    if file.mode.map(|found| found & 0o7777) != Some(mode) {
        let found = file
            .mode
            .map_or("no mode".to_owned(), |found| format!("{found:o}"));
        faults.push(format!("{} has {found} where {mode:o} is needed", entry.name));
    }
    if entry.executable {
        faults.extend(elf::fault(&file.bytes).map(|fault| format!("{} {fault}", entry.name)));
    } else if std::fs::read(&entry.source)? != file.bytes {
        faults.push(format!("{} is not the one of this workspace", entry.name));
    }
    Ok(faults)
}

fn unpack(path: &Path) -> Outcome<BTreeMap<String, Zipped>> {
    let file = File::open(path).map_err(|fault| format!("cannot read {}: {fault}", path.display()))?;
    let mut zip = zip::ZipArchive::new(file).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index)?;
        let name = file.name()?.into_owned();
        let mode = file.unix_mode();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        files.insert(name, Zipped { mode, bytes });
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::super::archive;
    use super::super::layout::{collect, small_workspace};
    use super::*;
    use std::fs;

    /// A workspace, and the zip that `change` made of its package.
    fn packed(change: impl FnOnce(&Path, &mut Vec<Entry>)) -> Outcome<()> {
        let root = small_workspace();
        let (built, zip) = (root.path().join("built"), root.path().join("pravis.zip"));
        fs::write(&built, elf::program()).unwrap();
        let mut entries = collect(root.path(), &built, Door::Queue).unwrap();
        change(root.path(), &mut entries);
        archive::write(&entries, &zip).unwrap();
        check(&zip, root.path())
    }

    fn refused(change: impl FnOnce(&Path, &mut Vec<Entry>)) -> String {
        packed(change).unwrap_err().to_string()
    }

    #[test]
    fn a_package_passes() {
        packed(|_, _| {}).unwrap();
    }

    #[test]
    fn what_is_missing_or_too_much_is_named() {
        let fault = refused(|_, entries| {
            entries[0].name = "functions/create_interaction/function.json".to_owned();
        });
        assert!(
            fault.contains("\n  create_interaction/function.json is missing"),
            "{fault}"
        );
        assert!(
            fault.contains("\n  functions/create_interaction/function.json does not belong there"),
            "{fault}"
        );
    }

    #[test]
    fn a_program_that_cannot_be_started_is_refused() {
        let program = |entries: &mut Vec<Entry>| entries.iter().position(|entry| entry.executable).unwrap();
        let fault = refused(|root, entries| {
            let index = program(entries);
            entries[index].source = root.join("host.json");
        });
        assert!(fault.contains("pravis is no whole 64-bit ELF file"), "{fault}");
        let fault = refused(|_, entries| {
            let index = program(entries);
            entries[index].executable = false;
        });
        assert!(fault.contains("pravis has 100644 where 755 is needed"), "{fault}");
    }

    #[test]
    fn a_package_of_another_workspace_is_refused() {
        let fault = refused(|root, entries| {
            let other = root.join("other.json");
            fs::write(&other, "{}").unwrap();
            entries[0].source = other;
        });
        assert!(
            fault.contains("create_interaction/function.json is not the one of this workspace"),
            "{fault}"
        );
    }

    #[test]
    fn two_doors_are_one_too_many() {
        let fault = refused(|root, entries| {
            for door in ["process_media", "process_media_blob"] {
                let folder = root.join("functions").join(door);
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join("function.json"), "{}").unwrap();
                entries.push(Entry {
                    name: format!("{door}/function.json"),
                    source: folder.join("function.json"),
                    executable: false,
                });
            }
        });
        assert!(
            fault.contains("process_media/function.json does not belong there"),
            "{fault}"
        );
    }
}
