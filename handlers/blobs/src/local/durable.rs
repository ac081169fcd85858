//! Files and folders that survive a loss of power.

use super::Folder;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
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

/// Folders whose entries, up to the root, are known to be durable.
#[derive(Default)]
pub(super) struct Folders(Mutex<HashMap<PathBuf, Identity>>);

/// What tells a folder from a later one of the same name.
#[derive(PartialEq, Clone, Copy)]
struct Identity(Option<SystemTime>, u64);

impl Identity {
    fn of(folder: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(folder)?;
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let number = 0;
        Ok(Self(metadata.created().ok(), number))
    }
}

impl Folders {
    /// Makes the entries of `leaf` and the folders above it durable, up to `root`. Something must be in `leaf`, or it might
    /// be removed meanwhile. That it is there says nothing: another process may have made it a moment ago.
    pub(super) fn sync(&self, root: &Path, leaf: &Path) -> io::Result<()> {
        let mut new = Vec::new();
        for folder in leaf.ancestors().take_while(|folder| *folder != root) {
            let identity = Identity::of(folder)?;
            if self.known().get(folder) == Some(&identity) {
                break;
            }
            new.push((folder.to_path_buf(), identity));
        }
        for folder in new.iter().filter_map(|(folder, _)| folder.parent()) {
            sync_folder(folder)?;
        }
        // Only now, or another thread would take for durable what is about to be.
        self.known().extend(new);
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<PathBuf, Identity>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
