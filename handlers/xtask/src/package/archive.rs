//! The zip. The same input gives the same bytes, so that a release can be compared with a rebuild of it.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::layout::{self, Entry};
use crate::Outcome;

/// Writes the entries, in their order, into a zip at `path`.
pub(super) fn write(entries: &[Entry], path: &Path) -> Outcome<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut zip = ZipWriter::new(BufWriter::new(File::create(path)?));
    for entry in entries {
        zip.start_file(entry.name.as_str(), options(entry))?;
        let source = File::open(&entry.source)
            .map_err(|fault| format!("cannot read {}: {fault}", entry.source.display()))?;
        std::io::copy(&mut BufReader::new(source), &mut zip)?;
    }
    zip.finish()?
        .into_inner()
        .map_err(|fault| fault.into_error())?
        .sync_all()?;
    Ok(())
}

/// Made by Unix even when packed elsewhere: only then is the mode read, and without its execute bit the program
/// cannot be started from the read-only folder that the zip is mounted as.
fn options(entry: &Entry) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix)
        .unix_permissions(layout::mode(entry))
}

#[cfg(test)]
mod tests {
    use super::super::layout::{Door, collect, small_workspace};
    use super::*;

    #[test]
    fn modes_times_and_order_are_fixed() {
        let root = small_workspace();
        let path = root.path().join("out/pravis.zip");
        write(
            &collect(root.path(), &root.path().join("built"), Door::Queue).unwrap(),
            &path,
        )
        .unwrap();

        let mut zip = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
        let mut seen = Vec::new();
        for index in 0..zip.len() {
            let file = zip.by_index(index).unwrap();
            assert_eq!(file.last_modified(), Some(DateTime::DEFAULT));
            seen.push((file.name().unwrap().into_owned(), file.unix_mode()));
        }
        assert_eq!(
            seen,
            [
                ("create_interaction/function.json".to_owned(), Some(0o100_644)),
                ("host.json".to_owned(), Some(0o100_644)),
                ("pravis".to_owned(), Some(0o100_755)),
                ("timer_sweep/function.json".to_owned(), Some(0o100_644)),
            ]
        );
    }

    #[test]
    fn made_by_unix() {
        let root = small_workspace();
        let path = root.path().join("pravis.zip");
        write(
            &collect(root.path(), &root.path().join("built"), Door::Queue).unwrap(),
            &path,
        )
        .unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let central = bytes
            .windows(4)
            .position(|window| window == b"PK\x01\x02")
            .unwrap();
        assert_eq!(
            bytes[central + 5],
            3,
            "the high byte of `version made by` is the system"
        );
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        let root = small_workspace();
        let entries = collect(root.path(), &root.path().join("built"), Door::Queue).unwrap();
        let (one, other) = (root.path().join("one.zip"), root.path().join("other.zip"));
        write(&entries, &one).unwrap();
        write(&entries, &other).unwrap();
        assert_eq!(std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
    }
}
