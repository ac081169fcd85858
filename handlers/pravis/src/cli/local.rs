//! The Functions app around this program, as the local host reads it.

use super::CommandError;
use crate::config::Environment;
use crate::host::app_root::AppRoot;
use std::path::Path;

/// Schedules of timers for which no setting gives one (NCRONTAB, UTC).
const SCHEDULES: &[(&str, &str)] = &[
    ("PRAVIS_DAILY_REPORT_SCHEDULE", "0 5 * * * *"),
    ("PRAVIS_MONTHLY_REPORT_SCHEDULE", "0 7 * * * *"),
    ("PRAVIS_RETENTION_SCHEDULE", "0 30 3 * * *"),
    ("PRAVIS_SWEEP_SPILL_SCHEDULE", "0 45 3 * * *"),
    ("PRAVIS_WEEKLY_REPORT_SCHEDULE", "0 6 * * * *"),
];

/// Reads `host.json` and the function folders below `root`.
pub(super) fn read(root: &Path, environment: &Environment) -> Result<AppRoot, CommandError> {
    let settings = |name: &str| {
        let default = SCHEDULES
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, schedule)| *schedule);
        environment.get(name).or(default).map(str::to_owned)
    };
    AppRoot::read(root, &settings).map_err(|error| {
        CommandError::Failed(format!(
            "{error}; run pravis in the folder that holds host.json, or name it with --root"
        ))
    })
}
