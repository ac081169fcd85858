//! Databases as another program makes them: where `PRAVIS_TEST_MIGRATED_BY` names a newer `pravis`, it migrates each
//! database before a test opens it. So `cargo xtask compat` runs this suite, as one release has it, on the schema of the
//! next one.

use std::path::Path;
use std::process::Command;

/// Has the SQLite database at `path` made by the other program, if there is one.
pub(super) fn sqlite(path: &Path) {
    if !path.exists() {
        let folder = path.parent().unwrap();
        migrate(&[("PRAVIS_DATA_DIR", &folder.to_string_lossy())]);
        assert!(
            path.exists() || program().is_none(),
            "the program calls its file {}",
            path.display()
        );
    }
}

/// The same for an empty database on a server.
pub(super) fn azure_sql(connection: &str) {
    migrate(&[("PRAVIS_STORE", "azure_sql"), ("PRAVIS_SQL", connection)]);
}

fn program() -> Option<std::ffi::OsString> {
    std::env::var_os("PRAVIS_TEST_MIGRATED_BY").filter(|program| !program.is_empty())
}

fn migrate(settings: &[(&str, &str)]) {
    let Some(program) = program() else {
        return;
    };
    // Nothing else of this process's settings: the program refuses those that it does not know.
    let mut migrating = Command::new(program);
    migrating
        .arg("migrate")
        .env_clear()
        .envs(settings.iter().copied());
    let told = migrating.output().expect("the program starts");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}
