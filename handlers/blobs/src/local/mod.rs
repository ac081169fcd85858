//! A storage account in a folder, for a laptop and for tests.
//!
//! ```text
//! <root>/media/2026/photo.jpg@<version>     the bytes, never changed
//!        media/2026/photo.jpg@meta          what is known of them; names the version: its rename is the commit
//!        media/2026/photo.jpg@lease         who may write
//!        queues/pravis-spill/<visible>-<count>-<id>     a message; received by a rename
//!        tmp/                               what is being written, locked by its writer
//!        locks/00 … ff                      one of them is held around each change of a blob
//!        upload.key                         signs upload grants
//! ```
//!
//! A killed process leaves whole blobs and whole messages. What it may leave besides (files in `tmp`, a version that no
//! metadata names) is swept when a process opens the folder.

mod blobs;
mod commit;
mod durable;
mod grants;
mod leases;
mod lists;
mod locks;
mod place;
mod queues;
mod record;
mod sweep;

use crate::{BlobError, Container, Queue};
use durable::Folders;
use grants::UploadKey;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a folder is opened.
#[derive(Debug, Clone)]
pub struct LocalOptions {
    /// Where upload grants point to, without a slash at the end; `/<container>/<name>` follows.
    pub upload_url: String,
}

impl Default for LocalOptions {
    fn default() -> Self {
        Self {
            upload_url: "http://127.0.0.1:7071/api/v1/blobs".to_owned(),
        }
    }
}

/// Blobs and queues in a folder. Any number of processes may have it open.
#[derive(Clone)]
pub struct LocalStorage {
    folder: Arc<Folder>,
}

struct Folder {
    root: PathBuf,
    upload_url: String,
    upload_key: UploadKey,
    folders: Folders,
}

impl LocalStorage {
    /// Opens the folder, and makes it first when it is not there (readable by its owner only).
    pub fn open(root: &Path, options: LocalOptions) -> Result<Self, BlobError> {
        durable::create_private_folder(root)?;
        let inner = Container::ALL
            .map(Container::as_str)
            .into_iter()
            .map(PathBuf::from);
        let queues = Queue::ALL
            .into_iter()
            .flat_map(|queue| [queues::folder_of(queue), queues::poison_folder_of(queue)]);
        let folders = Folders::default();
        for folder in inner.chain(queues).chain(["tmp".into(), "locks".into()]) {
            let folder = root.join(folder);
            fs::create_dir_all(&folder)?;
            folders.sync(root, &folder)?;
        }
        let folder = Arc::new(Folder {
            root: root.to_path_buf(),
            upload_url: options.upload_url.trim_end_matches('/').to_owned(),
            upload_key: UploadKey::of_folder(root)?,
            folders,
        });
        sweep::start(folder.clone())?;
        Ok(Self { folder })
    }

    /// Does file work where it does not hold up the async threads.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, BlobError> {
        let folder = self.folder.clone();
        tokio::task::spawn_blocking(move || work(&folder))
            .await
            .map_err(|error| BlobError::Unavailable(error.to_string()))?
    }
}

impl Folder {
    fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }
}
