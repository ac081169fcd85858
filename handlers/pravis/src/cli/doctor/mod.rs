//! `pravis doctor`: tries everything that the program needs.

mod azure;
mod finding;
mod local;
mod outside;
mod storage;
mod store;

use super::{CommandError, logging, opened};
use crate::access::Access;
use crate::config::{Config, Environment};
use finding::Finding;
use jiff::Timestamp;

/// Prints one finding a line; fails when something is wrong.
pub(super) async fn doctor(environment: &Environment, json: bool) -> Result<(), CommandError> {
    let mut findings = match Config::from_environment(environment) {
        Ok(config) => {
            let mut findings = vec![Finding::good("settings", "all settings can be used")];
            findings.extend(examine(&config).await);
            findings
        }
        Err(error) => vec![Finding::bad(
            "settings",
            error,
            "mend the setting, or unset it to use its default",
        )],
    };
    findings.push(local::clock(Timestamp::now()));
    if json {
        logging::say(serde_json::to_string(&findings).unwrap_or_default());
    } else {
        findings.iter().for_each(logging::say);
    }
    let wrong = findings.iter().filter(|finding| !finding.ok).count();
    if wrong == 0 {
        Ok(())
    } else {
        Err(CommandError::Failed(format!(
            "{wrong} of {} checks failed",
            findings.len()
        )))
    }
}

/// Tries what the settings name, and nothing else: first what the rest needs.
async fn examine(config: &Config) -> Vec<Finding> {
    let access = Access::new(config);
    let mut findings = vec![local::folder(&config.data_dir)];
    findings.extend(azure::identity(config, &access).await);
    findings.extend(azure::vault(config, &access).await);
    findings.push(store::store(config, &access).await);
    findings.extend(storage::storage(opened::storage(config, &access).await).await);
    findings.extend(outside::outside(config, &access).await);
    findings
}
