//! Removes what killed processes left. It never touches what someone is at work on, so it needs no quiet moment.

use super::{Folder, durable, place, place::Place, place::Role, record::Record};
use crate::{BlobError, Container};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A writer takes the lock of its file right after it made the file.
const UNLOCKED: Duration = Duration::from_secs(60);

/// Sweeps once, on a thread of its own: a start does not wait for it.
pub(super) fn start(folder: Arc<Folder>) -> Result<(), BlobError> {
    std::thread::Builder::new()
        .name("blobs-sweep".to_owned())
        .spawn(move || {
            if let Err(error) = folder.sweep() {
                tracing::warn!(%error, "the storage folder could not be swept");
            }
        })?;
    Ok(())
}

impl Folder {
    pub(super) fn sweep(&self) -> Result<(), BlobError> {
        for entry in fs::read_dir(self.tmp())? {
            sweep_unfinished(&entry?.path())?;
        }
        for container in Container::ALL {
            self.sweep_container(&self.root.join(container.as_str()))?;
        }
        Ok(())
    }

    fn sweep_container(&self, folder: &Path) -> Result<(), BlobError> {
        let Ok(entries) = fs::read_dir(folder) else {
            // Its last blob was deleted meanwhile.
            return Ok(());
        };
        // For each blob: whether it has a record, and its other files.
        let mut blobs: BTreeMap<String, (bool, usize)> = BTreeMap::new();
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                self.sweep_container(&entry.path())?;
            } else if let Some((stem, role)) = entry.file_name().to_str().and_then(place::role) {
                let blob = blobs.entry(stem.to_owned()).or_default();
                match role {
                    Role::Record => blob.0 = true,
                    Role::Version => blob.1 += 1,
                    Role::Lease => {}
                }
            }
        }
        for (stem, (has_record, versions)) in blobs {
            if !has_record || versions > 1 {
                let folder = folder.to_path_buf();
                self.sweep_blob(&Place { folder, stem })?;
            }
        }
        self.prune(folder);
        Ok(())
    }

    /// Removes what the record does not name. Under the blob's lock nobody is between two renames.
    fn sweep_blob(&self, place: &Place) -> Result<(), BlobError> {
        let _lock = self.lock(place)?;
        let record = Record::read(place)?;
        let current = record.as_ref().map(|record| place.version(&record.version));
        let Ok(entries) = fs::read_dir(&place.folder) else {
            return Ok(());
        };
        for entry in entries {
            let path = entry?.path();
            let file = path.file_name().and_then(|name| name.to_str());
            let waste = match file.and_then(place::role) {
                Some((stem, Role::Version)) if stem == place.stem => current.as_ref() != Some(&path),
                Some((stem, Role::Lease)) if stem == place.stem => record.is_none(),
                _ => false,
            };
            if waste {
                durable::remove(&path)?;
            }
        }
        Ok(())
    }
}

/// Removes a file of `tmp` whose writer is gone.
fn sweep_unfinished(path: &Path) -> io::Result<()> {
    // One that cannot be opened was finished meanwhile.
    let Ok(file) = File::open(path) else {
        return Ok(());
    };
    let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
    if age > UNLOCKED && file.try_lock().is_ok() {
        durable::remove(path)?;
    }
    Ok(())
}
