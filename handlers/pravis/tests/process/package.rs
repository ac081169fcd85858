//! What is deployed: its layout, its modes, and that it runs from where it lies.

use crate::support::{FunctionsHost, Options, key, repository};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// Names and modes of all files below a folder.
fn files(folder: &Path, below: &str, found: &mut BTreeMap<String, u32>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, entry.metadata().unwrap().permissions().mode() & 0o777);
        }
    }
}

/// Sets the mode of a folder and of all folders below it.
fn set_folders(folder: &Path, mode: u32) {
    fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            set_folders(&path, mode);
        }
    }
}

#[test]
fn the_package_has_the_hosts_layout_and_runs_from_a_read_only_folder() {
    let out = tempfile::tempdir().unwrap();
    // Not `finish`, which loses patience: where xtask was not built yet, it is built now.
    let packed = Command::new(env!("CARGO"))
        .args([
            "run", "-q", "--locked", "-p", "xtask", "--", "package", "--binary",
        ])
        .arg(env!("CARGO_BIN_EXE_pravis"))
        .arg("--out")
        .arg(out.path())
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(
        packed.status.success(),
        "{}",
        String::from_utf8_lossy(&packed.stderr)
    );

    let mut expected = BTreeMap::from([("host.json".to_owned(), 0o644), ("pravis".to_owned(), 0o755)]);
    for function in fs::read_dir(repository().join("functions")).unwrap() {
        let name = function.unwrap().file_name().into_string().unwrap();
        // The other door of uploads is not deployed.
        if name == "process_media_blob" {
            continue;
        }
        expected.insert(format!("{name}/function.json"), 0o644);
    }
    let package = out.path().join("package");
    let mut found = BTreeMap::new();
    files(&package, "", &mut found);
    assert_eq!(found, expected);

    let mut zip = zip::ZipArchive::new(fs::File::open(out.path().join("pravis.zip")).unwrap()).unwrap();
    let mut zipped = BTreeMap::new();
    for index in 0..zip.len() {
        let file = zip.by_index(index).unwrap();
        zipped.insert(
            file.name().unwrap().into_owned(),
            file.unix_mode().unwrap() & 0o777,
        );
    }
    assert_eq!(zipped, expected);

    set_folders(&package, 0o555);
    let data = tempfile::tempdir().unwrap();
    let mut options = Options::new(data.path());
    options.binary = package.join("pravis");
    options.root = package.clone();
    options.folder = package.clone();
    let host = FunctionsHost::start(options);
    host.wait_for_store();
    let mut client = host.client().with_key(&key(data.path(), "ingest"));
    let turn = json!({"type": "chat", "session_id": "s-1"});
    client.post("/api/v1/interactions", &turn).expect(201);
    let mut after = BTreeMap::new();
    files(&package, "", &mut after);
    assert_eq!(after, expected, "nothing was written beside the program");
    set_folders(&package, 0o755);
}
