//! Commands of a page, run as a person would paste them.

use super::{Serve, finish, process, repository};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Keeps what each `curl` got instead of printing it.
const NOTING: &str = r#"
set -eu
CALLS=0
curl() {
  CALLS=$((CALLS + 1))
  command curl -o "$NOTES/$CALLS.body" -w '%{http_code}' "$@" > "$NOTES/$CALLS.status"
}
"#;

/// What a `curl` got.
pub(crate) struct Call {
    pub(crate) status: String,
    pub(crate) head: String,
    pub(crate) body: String,
    /// Null where the body is none.
    pub(crate) json: Value,
}

impl Call {
    fn read(notes: &Path, number: usize) -> Self {
        let read = |kind: &str| std::fs::read_to_string(notes.join(format!("{number}.{kind}"))).unwrap();
        let body = read("body");
        // With `-i` the head stands before the body.
        let (head, body) = if body.starts_with("HTTP/") {
            body.split_once("\r\n\r\n").unwrap()
        } else {
            ("", body.as_str())
        };
        Self {
            status: read("status"),
            head: head.to_ascii_lowercase(),
            json: serde_json::from_str(body).unwrap_or(Value::Null),
            body: body.to_owned(),
        }
    }
}

/// Runs a script in a folder with nothing but a link to `handlers`, whose recordings may be sent, and with `$URL`, `$KEY` and `pravis` at
/// hand; gives what each `curl` got.
pub(crate) fn walk(script: &str, serve: &Serve, data: &Path) -> Vec<Call> {
    let (notes, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(repository().join("handlers"), folder.path().join("handlers")).unwrap();
    let mut command = Command::new("sh");
    process::clear(&mut command);
    let programs = Path::new(env!("CARGO_BIN_EXE_pravis")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let walked = finish(
        command
            .arg("-c")
            .arg(format!("{NOTING}{script}"))
            .current_dir(folder.path())
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("NOTES", notes.path())
            .env("PRAVIS_DATA_DIR", data)
            .env("URL", &serve.url)
            .env("KEY", serve.key.as_deref().unwrap()),
    );
    assert_eq!(walked.code, Some(0), "{walked:?}");
    assert_eq!(walked.stderr, "");
    let calls = std::fs::read_dir(notes.path()).unwrap().count() / 2;
    (1..=calls)
        .map(|number| Call::read(notes.path(), number))
        .collect()
}
