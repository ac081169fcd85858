//! What is remembered of a timer between two runs of the program.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A timer's memory, one small file each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerState {
    /// The schedule for which it was written; another one makes `next` meaningless.
    pub schedule: String,
    /// When it last ran.
    pub last: Option<Timestamp>,
    /// When it is to run next.
    pub next: Option<Timestamp>,
    /// When this was written.
    pub updated: Timestamp,
}

/// The folder with the files.
#[derive(Debug, Clone)]
pub struct TimerStates {
    folder: PathBuf,
}

impl TimerStates {
    /// Keeps them in `folder`, which is made when it is first needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The memory of `function`. A file that cannot be read counts as none: a timer must not stay silent for it.
    pub fn load(&self, function: &str) -> Option<TimerState> {
        let path = self.path(function, "json");
        let read = fs::read(&path).and_then(|bytes| serde_json::from_slice(&bytes).map_err(io::Error::from));
        match read {
            Ok(state) => Some(state),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(function, %error, "the timer's state cannot be read and is started anew");
                }
                None
            }
        }
    }

    /// Replaces the memory of `function`; a crash leaves the old one or the new one.
    pub fn save(&self, function: &str, state: &TimerState) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let written = self.path(function, "json.new");
        fs::write(&written, serde_json::to_vec(state)?)?;
        sync(&written)?;
        fs::rename(&written, self.path(function, "json"))
    }

    fn path(&self, function: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{function}.{extension}"))
    }
}

/// Without it a power cut could leave the new name on an empty file.
fn sync(path: &Path) -> io::Result<()> {
    fs::File::options().write(true).open(path)?.sync_all()
}
