//! Files and folders that survive a loss of power.

use super::Folder;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Makes a folder, and those above it, that only its owner can look into.
pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    sync_folder(&path.join(".."))
}

/// Makes the folders from `root` down to `leaf`, and their entries durable. That they are there already says nothing:
/// another process may have made them a moment ago.
pub(super) fn create_folders(root: &Path, leaf: &Path) -> io::Result<()> {
    fs::create_dir_all(leaf)?;
    for folder in leaf.ancestors().skip(1) {
        sync_folder(folder)?;
        if folder == root {
            break;
        }
    }
    Ok(())
}

/// Makes the entries of a folder durable; only Unix has a call for that.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    Ok(())
}

/// Removes a file; one that is gone is no error.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads a file; none when it is gone.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Folder {
    /// A new file in `tmp`, gone when it is dropped. Its lock tells the sweep that someone is at work on it.
    pub(super) fn new_file(&self) -> io::Result<NamedTempFile> {
        let file = NamedTempFile::new_in(self.tmp())?;
        file.as_file().lock()?;
        Ok(file)
    }

    /// A new file in `tmp` with these bytes, which are on the disk.
    pub(super) fn write_file(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        let mut file = self.new_file()?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    }
}
