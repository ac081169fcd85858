//! `pravis migrate`.

use super::{CommandError, logging};
use crate::config::Config;
use serde_json::json;
use store::sqlite;

/// Arguments of `migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Migrate {
    /// Change nothing; exit with 3 when migrations are missing.
    #[arg(long)]
    check: bool,
}

impl Migrate {
    pub(super) fn run(&self, config: &Config, as_json: bool) -> Result<(), CommandError> {
        let path = config.store.database();
        if self.check {
            let standing = sqlite::standing(&path).map_err(CommandError::failed)?;
            let missing = standing.known - standing.found;
            if as_json {
                logging::say(json!({"found": standing.found, "known": standing.known}));
            }
            if missing > 0 {
                return Err(CommandError::Todo(format!(
                    "{missing} migrations are missing: run `pravis migrate`"
                )));
            }
            if !as_json {
                logging::say(format!("Up to date (migration {}).", standing.found));
            }
            return Ok(());
        }
        let migrated = sqlite::migrate(&path).map_err(CommandError::failed)?;
        if as_json {
            logging::say(json!({"applied": migrated.applied, "found": migrated.standing.found}));
        } else {
            migrated
                .applied
                .iter()
                .for_each(|file| logging::say(format!("Applied {file}")));
            logging::say(format!("Up to date (migration {}).", migrated.standing.found));
        }
        Ok(())
    }
}
