//! Folders that tests need.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository, which is a Functions app.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A copy of `from` and all below it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A copy of the app with another route prefix.
pub(crate) fn app_root(prefix: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    copy(&repository().join("functions"), &root.path().join("functions"));
    let host = fs::read(repository().join("host.json")).unwrap();
    let mut host: serde_json::Value = serde_json::from_slice(&host).unwrap();
    host["extensions"]["http"]["routePrefix"] = prefix.into();
    fs::write(root.path().join("host.json"), host.to_string()).unwrap();
    root
}
