//! How a change becomes visible, under the blob's lock.

use super::{Folder, durable, place::Place, record::Record};
use crate::{BlobError, Condition};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use tempfile::NamedTempFile;

impl Folder {
    /// Puts the bytes in place, then the record that names them. Killed before the second rename, the old blob stays and
    /// the new version is swept; killed after it, the old version is.
    pub(super) fn commit(
        &self,
        place: &Place,
        bytes: NamedTempFile,
        record: &Record,
        condition: &Condition,
    ) -> Result<(), BlobError> {
        bytes.as_file().sync_all()?;
        let _lock = self.lock(place)?;
        let old = Record::read(place)?;
        self.check(place, condition, old.as_ref())?;
        move_in(place, bytes, &record.version)?;
        self.folders.sync(&self.root, &place.folder)?;
        if old.is_some() {
            // The record must not reach the disk before the bytes, or neither version might be whole after a loss of power.
            durable::sync_folder(&place.folder)?;
        }
        self.write_record(place, record)?;
        if let Some(old) = old {
            durable::remove(&place.version(&old.version))?;
        }
        Ok(())
    }

    /// Makes this the record of a blob that is there.
    pub(super) fn write_record(&self, place: &Place, record: &Record) -> Result<(), BlobError> {
        let json = serde_json::to_vec(record).map_err(|error| BlobError::Broken(error.to_string()))?;
        let file = self.write_file(&json)?;
        file.persist(place.record()).map_err(|failed| failed.error)?;
        durable::sync_folder(&place.folder)?;
        Ok(())
    }

    /// Removes the blob, record first: without it the rest is waste.
    pub(super) fn remove(&self, place: &Place, condition: &Condition) -> Result<bool, BlobError> {
        let _lock = self.lock(place)?;
        let Some(old) = Record::read(place)? else {
            return Ok(false);
        };
        self.check(place, condition, Some(&old))?;
        // Before the record, or a new blob of this name might find it.
        durable::remove(&place.lease())?;
        durable::remove(&place.record())?;
        durable::sync_folder(&place.folder)?;
        durable::remove(&place.version(&old.version))?;
        self.prune(&place.folder);
        Ok(true)
    }

    /// Removes folders that are empty now, up to the container's.
    pub(super) fn prune(&self, folder: &Path) {
        let inner = |folder: &&Path| {
            folder
                .strip_prefix(&self.root)
                .is_ok_and(|path| path.components().count() > 1)
        };
        for folder in folder.ancestors().take_while(inner) {
            // Fails when something is in it.
            if std::fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }

    /// Whether the condition holds, and no lease is in the way.
    pub(super) fn check(
        &self,
        place: &Place,
        condition: &Condition,
        old: Option<&Record>,
    ) -> Result<(), BlobError> {
        let lease = match old {
            Some(_) => self.active_lease(place)?,
            None => None,
        };
        let holds = match condition {
            Condition::Held(held) => lease.is_some_and(|lease| lease.id == held.id),
            _ if lease.is_some() => false,
            Condition::None => true,
            Condition::Absent => old.is_none(),
            Condition::Matches(etag) => old.is_some_and(|old| &old.etag == etag),
        };
        if holds {
            Ok(())
        } else {
            Err(BlobError::ConditionNotMet)
        }
    }
}

/// Puts the bytes in place. Whoever deletes the last blob beside it removes the folder: then all over again.
fn move_in(place: &Place, mut bytes: NamedTempFile, version: &str) -> io::Result<()> {
    loop {
        let made = fs::create_dir_all(&place.folder);
        if let Err(error) = made
            && error.kind() != ErrorKind::NotFound
        {
            return Err(error);
        }
        match bytes.persist(place.version(version)) {
            Ok(_) => return Ok(()),
            // Unless it is the file itself that is missing.
            Err(failed) if failed.error.kind() == ErrorKind::NotFound && failed.file.path().exists() => {
                bytes = failed.file;
            }
            Err(failed) => return Err(failed.error),
        }
    }
}
