//! Lists in the order of the names' bytes.

use super::{Folder, place, place::Place, place::Role, record::Record};
use crate::{BlobError, BlobName, Container, Listed};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// What is asked, and what was found so far.
struct Walk<'a> {
    root: &'a Path,
    container: Container,
    prefix: &'a str,
    after: &'a str,
    limit: usize,
    found: Vec<Listed>,
}

impl Folder {
    pub(super) fn list(
        &self,
        container: Container,
        prefix: &str,
        after: Option<&BlobName>,
        limit: usize,
    ) -> Result<Vec<Listed>, BlobError> {
        let mut walk = Walk {
            root: &self.root,
            container,
            prefix,
            after: after.map_or("", BlobName::as_str),
            limit,
            found: Vec::new(),
        };
        walk.visit(&self.root.join(container.as_str()), "")?;
        Ok(walk.found)
    }
}

impl Walk<'_> {
    /// Takes what is in `folder`; all names in it begin with `above`.
    fn visit(&mut self, folder: &Path, above: &str) -> Result<(), BlobError> {
        for (entry, name) in sorted_names(folder, above)? {
            if self.found.len() >= self.limit {
                break;
            }
            if name.ends_with('/') {
                if self.may_hold_more(&name) {
                    self.visit(&folder.join(entry), &name)?;
                }
            } else if name.starts_with(self.prefix) && name.as_str() > self.after {
                self.take(name)?;
            }
        }
        Ok(())
    }

    /// Whether a name that begins with this may be in the list.
    fn may_hold_more(&self, above: &str) -> bool {
        (above.starts_with(self.prefix) || self.prefix.starts_with(above))
            && (above > self.after || self.after.starts_with(above))
    }

    fn take(&mut self, name: String) -> Result<(), BlobError> {
        // A file that someone else put there is not ours to list.
        let Ok(name) = BlobName::new(name) else {
            return Ok(());
        };
        // None when it was deleted meanwhile.
        if let Some(record) = Record::read(&Place::of(self.root, self.container, &name))? {
            self.found.push(Listed {
                name,
                etag: record.etag,
                length: record.length,
                last_modified: record.last_modified,
            });
        }
        Ok(())
    }
}

/// Blobs (`a/b`) and folders (`a/b/`) with their entries on disk, in the order of all names below them: what differs
/// within a folder's own name decides, and its slash counts.
fn sorted_names(folder: &Path, above: &str) -> io::Result<Vec<(String, String)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Ok(file) = entry.file_name().into_string() else {
            continue;
        };
        if entry.file_type()?.is_dir() {
            let name = format!("{above}{}/", place::unescape(&file));
            names.push((file, name));
        } else if let Some((stem, Role::Record)) = place::role(&file) {
            let name = format!("{above}{}", place::unescape(stem));
            names.push((file, name));
        }
    }
    names.sort_by(|one, other| one.1.cmp(&other.1));
    Ok(names)
}
