//! One change of a blob at a time, over all processes.

use super::{Folder, place::Place};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io;

/// Held until it is dropped, or its process ends.
pub(super) struct Lock {
    _file: File,
}

impl Folder {
    /// Waits until nobody else changes this blob. Blobs share 256 locks: a lock file for each could never be removed,
    /// for someone might be waiting for it.
    pub(super) fn lock(&self, place: &Place) -> io::Result<Lock> {
        // Below the root, since two processes may see the root under two names.
        let folder = place.folder.strip_prefix(&self.root).unwrap_or(&place.folder);
        let digest = Sha256::digest(folder.join(&place.stem).as_os_str().as_encoded_bytes());
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.root.join("locks").join(format!("{:02x}", digest[0])))?;
        file.lock()?;
        Ok(Lock { _file: file })
    }
}
