//! Upload grants: `<upload_url>/<container>/<name>?until=<seconds>&signature=<HMAC-SHA256>`.

use super::{Folder, LocalStorage};
use crate::{BlobError, BlobName, Container, UploadGrant, UploadTerms};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// The folder's own key. It is no part of any `Debug`.
pub(super) struct UploadKey(Vec<u8>);

const KEY_BYTES: usize = 32;

impl UploadKey {
    /// Reads the key of the folder, or makes it; of two processes that make it at once, one wins.
    pub(super) fn of_folder(root: &Path) -> Result<Self, BlobError> {
        let path = root.join("upload.key");
        if !path.exists() {
            let mut key = [0; KEY_BYTES];
            getrandom::fill(&mut key).map_err(|error| BlobError::Unavailable(error.to_string()))?;
            // Only its owner may read it: that is how temporary files are made.
            let mut file = NamedTempFile::new_in(root)?;
            file.write_all(&key)?;
            file.as_file().sync_all()?;
            match file.persist_noclobber(&path) {
                Ok(_) => super::durable::sync_folder(root)?,
                Err(lost) if lost.error.kind() == ErrorKind::AlreadyExists => {}
                Err(failed) => return Err(failed.error.into()),
            }
        }
        let key = std::fs::read(&path)?;
        if key.len() != KEY_BYTES {
            return Err(BlobError::Broken(format!("{} is no key", path.display())));
        }
        Ok(Self(key))
    }

    fn mac(&self, container: &str, name: &str, until: &str) -> Result<Hmac<Sha256>, BlobError> {
        let mut mac = Hmac::new_from_slice(&self.0).map_err(|error| BlobError::Broken(error.to_string()))?;
        // No part holds a line break, so no other parts make the same text.
        mac.update(format!("PUT\n{container}\n{name}\n{until}").as_bytes());
        Ok(mac)
    }
}

impl Folder {
    pub(super) fn grant(
        &self,
        container: Container,
        name: &BlobName,
        terms: &UploadTerms,
    ) -> Result<UploadGrant, BlobError> {
        let until = terms.until.as_second().to_string();
        let mac = self.upload_key.mac(container.as_str(), name.as_str(), &until)?;
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        Ok(UploadGrant {
            method: "PUT",
            url: format!(
                "{}/{}/{name}?until={until}&signature={signature}",
                self.upload_url,
                container.as_str()
            ),
            headers: BTreeMap::new(),
            until: terms.until,
        })
    }
}

impl LocalStorage {
    /// Checks an upload that came to a granted URL: container and name from its path, the rest from its query. Anything
    /// that was not granted is [`BlobError::Forbidden`].
    pub fn verify_upload(
        &self,
        container: &str,
        name: &str,
        until: &str,
        signature: &str,
        now: Timestamp,
    ) -> Result<(Container, BlobName), BlobError> {
        let refused = || BlobError::Forbidden("this upload was not granted".to_owned());
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| refused())?;
        let mac = self.folder.upload_key.mac(container, name, until)?;
        // Takes the same time wherever the first difference is.
        mac.verify_slice(&signature).map_err(|_| refused())?;
        let ended = until.parse().map_or(true, |until: i64| now.as_second() >= until);
        if ended {
            return Err(BlobError::Forbidden("the leave to upload has ended".to_owned()));
        }
        let container = Container::from_name(container).ok_or_else(refused)?;
        Ok((container, BlobName::new(name)?))
    }
}
