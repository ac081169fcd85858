//! Where the files of a blob are.

use crate::{BlobName, Container};
use std::path::{Path, PathBuf};

/// What no name holds, so no file of a blob is ever the folder of another.
const MARK: char = '@';
const RECORD: &str = "meta";
const LEASE: &str = "lease";

/// The folder of a blob, and what the names of its files begin with.
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) stem: String,
}

/// What a file in a container's folder is.
pub(super) enum Role {
    Record,
    Lease,
    Version,
}

impl Place {
    /// The place of this blob below `root`.
    pub(super) fn of(root: &Path, container: Container, name: &BlobName) -> Self {
        let mut folder = root.join(container.as_str());
        let escaped = escape(name.as_str());
        let stem = match escaped.rsplit_once('/') {
            Some((folders, stem)) => {
                folder.extend(folders.split('/'));
                stem
            }
            None => &escaped,
        };
        Self {
            stem: stem.to_owned(),
            folder,
        }
    }

    /// The file that says what is known of the blob: when it is there, so is the blob.
    pub(super) fn record(&self) -> PathBuf {
        self.file(RECORD)
    }

    /// The file that says who holds the lease.
    pub(super) fn lease(&self) -> PathBuf {
        self.file(LEASE)
    }

    /// The file of the bytes.
    pub(super) fn version(&self, version: &str) -> PathBuf {
        self.file(version)
    }

    fn file(&self, what: &str) -> PathBuf {
        self.folder.join(format!("{}{MARK}{what}", self.stem))
    }
}

/// Stem and role of a file; none when it is not ours.
pub(super) fn role(file: &str) -> Option<(&str, Role)> {
    let (stem, what) = file.rsplit_once(MARK)?;
    let role = match what {
        RECORD => Role::Record,
        LEASE => Role::Lease,
        _ => Role::Version,
    };
    Some((stem, role))
}

/// `Photo` is `!photo`, since some file systems take `Photo` and `photo` for one.
fn escape(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            escaped.push('!');
        }
        escaped.push(letter.to_ascii_lowercase());
    }
    escaped
}

/// The name that [`escape`] made this of.
pub(super) fn unescape(escaped: &str) -> String {
    let mut name = String::with_capacity(escaped.len());
    let mut letters = escaped.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '!' => name.extend(letters.next().map(|next| next.to_ascii_uppercase())),
            _ => name.push(letter),
        }
    }
    name
}
