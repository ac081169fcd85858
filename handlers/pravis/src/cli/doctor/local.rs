//! What this machine must have.

use super::Finding;
use jiff::Timestamp;
use std::path::Path;

/// The folder of what is kept here: can it be made and written to?
pub(super) fn folder(path: &Path) -> Finding {
    let probe = path.join(".doctor");
    let tried = std::fs::create_dir_all(path)
        .and_then(|()| std::fs::write(&probe, b""))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Finding::good("data", format!("{} can be written to", path.display())),
        Err(error) => Finding::bad(
            "data",
            format!("{}: {error}", path.display()),
            "give this user the folder, or set PRAVIS_DATA_DIR",
        ),
    }
}

/// A clock that was never set is before this program was built.
pub(super) fn clock(now: Timestamp) -> Finding {
    let built: Option<Timestamp> = "2026-11-01T00:00:00Z".parse().ok();
    if Some(now) < built {
        return Finding::bad(
            "clock",
            format!("it is {now}"),
            "set the clock: times, ids and expiry depend on it",
        );
    }
    Finding::good("clock", format!("it is {now}"))
}
