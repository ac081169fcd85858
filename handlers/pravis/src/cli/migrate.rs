//! `pravis migrate`.

use super::azure_sql::{self, Grant};
use super::{CommandError, logging};
use crate::access::Access;
use crate::config::{Config, StoreConfig};
use serde_json::json;
use store::{Migrated, Standing, sqlite};

/// Longest name of a database user (`sysname`), in UTF-16 units.
const LONGEST_NAME: usize = 128;

/// Arguments of `migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Migrate {
    /// Change nothing; exit with 3 when migrations are missing.
    #[arg(long)]
    check: bool,
    /// Make a managed identity a user of the Azure SQL database, by its name and client id.
    #[arg(long, num_args = 2, value_names = ["NAME", "CLIENT_ID"], conflicts_with = "check")]
    grant_identity: Option<Vec<String>>,
}

impl Migrate {
    pub(super) async fn run(&self, config: &Config, as_json: bool) -> Result<(), CommandError> {
        let grant = self.grant()?;
        if grant.is_some() && matches!(config.store, StoreConfig::Sqlite(_)) {
            let problem =
                "--grant-identity is for PRAVIS_STORE=azure_sql: the embedded database has no users";
            return Err(CommandError::Usage(problem.to_owned()));
        }
        if self.check {
            let standing = standing(config).await.map_err(CommandError::failed)?;
            return tell_standing(standing, as_json);
        }
        let migrated = migrate(config, grant, as_json)
            .await
            .map_err(CommandError::failed)?;
        if as_json {
            logging::say(json!({"applied": migrated.applied, "found": migrated.standing.found}));
        } else {
            // Azure SQL told each of them when it was done.
            if matches!(config.store, StoreConfig::Sqlite(_)) {
                migrated
                    .applied
                    .iter()
                    .for_each(|file| logging::say(format!("Applied {file}")));
            }
            logging::say(format!("Up to date (migration {}).", migrated.standing.found));
        }
        Ok(())
    }

    /// Whom to make a user; both parts end in a statement, so neither may be anything else.
    fn grant(&self) -> Result<Option<Grant>, CommandError> {
        let Some([name, client_id]) = self.grant_identity.as_deref() else {
            return Ok(None);
        };
        let fits = (1..=LONGEST_NAME).contains(&name.encode_utf16().count());
        if !fits || name.trim() != name || name.chars().any(char::is_control) {
            return Err(CommandError::Usage(format!(
                "--grant-identity takes the identity's name, 1 to {LONGEST_NAME} characters, first"
            )));
        }
        let client_id = client_id.parse().map_err(|_| {
            CommandError::Usage(
                "--grant-identity takes the identity's client id, a GUID, second: \
                 `az identity show --query clientId` tells it"
                    .to_owned(),
            )
        })?;
        Ok(Some(Grant {
            name: name.clone(),
            client_id,
        }))
    }
}

async fn standing(config: &Config) -> Result<Standing, store::StoreError> {
    match &config.store {
        StoreConfig::Sqlite(file) => sqlite::standing(file),
        StoreConfig::AzureSql(sql) => {
            let options = azure_sql::options(sql, &config.time_zone, &Access::new(config));
            store::azure_sql::standing(options).await
        }
    }
}

async fn migrate(
    config: &Config,
    grant: Option<Grant>,
    as_json: bool,
) -> Result<Migrated, store::StoreError> {
    match &config.store {
        StoreConfig::Sqlite(file) => sqlite::migrate(file),
        StoreConfig::AzureSql(sql) => {
            let options = azure_sql::options(sql, &config.time_zone, &Access::new(config));
            let progress = move |line: &str| {
                if !as_json {
                    logging::say(line);
                }
            };
            azure_sql::migrate(options, grant, progress).await
        }
    }
}

fn tell_standing(standing: Standing, as_json: bool) -> Result<(), CommandError> {
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
    Ok(())
}
