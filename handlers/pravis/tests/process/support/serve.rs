//! `pravis serve`, and keys.

use super::{Client, PATIENCE, Process, finish, pravis, within};
use std::path::Path;
use std::process::Command;

/// Makes a key beside whatever runs on the data folder.
pub(crate) fn key(data: &Path, scopes: &str) -> String {
    let made = finish(
        pravis()
            .env("PRAVIS_DATA_DIR", data)
            .args(["keys", "create", "--name", "test", "--json", "--scopes", scopes]),
    );
    assert_eq!(made.code, Some(0), "{made:?}");
    made.json()["key"].as_str().unwrap().to_owned()
}

/// A `serve` that has said all that it says at its start.
pub(crate) struct Serve {
    pub(crate) process: Process,
    pub(crate) url: String,
    pub(crate) port: u16,
    /// The key of a first start.
    pub(crate) key: Option<String>,
}

impl Serve {
    /// The command, on a data folder and any port; more can be added to it.
    pub(crate) fn command(data: &Path) -> Command {
        let mut command = pravis();
        command
            .arg("serve")
            .current_dir(super::repository())
            .env("PRAVIS_DATA_DIR", data)
            .env("PRAVIS_ADDRESS", "127.0.0.1:0")
            .env("PRAVIS_RATE_LIMIT_PER_SECOND", "1000000")
            .env("PRAVIS_RATE_LIMIT_BURST", "1000000");
        command
    }

    pub(crate) fn on(data: &Path) -> Self {
        Self::start(&mut Self::command(data))
    }

    pub(crate) fn start(command: &mut Command) -> Self {
        let mut process = Process::start(command);
        let text = within(2 * PATIENCE, "the address", || {
            assert!(process.ended().is_none(), "it ended: {}", process.stderr());
            let text = process.stdout();
            text.contains("Ctrl-C ends it.").then_some(text)
        });
        let url = word(&text, "Pravis is at ").unwrap();
        let url = url.strip_suffix("/api,").unwrap().to_owned();
        let port = url.rsplit(':').next().unwrap().parse().unwrap();
        let key = word(&text, "Admin key, shown only this once: ");
        Self {
            process,
            url,
            port,
            key,
        }
    }

    /// A client with the first key.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.port).with_key(self.key.as_deref().unwrap())
    }
}

/// The word after a text.
fn word(text: &str, before: &str) -> Option<String> {
    let rest = text.split_once(before)?.1;
    rest.split_whitespace().next().map(str::to_owned)
}
