//! `pravis doctor`: tries everything that the program needs.

use super::{CommandError, logging, opened};
use crate::config::{Config, Environment};
use jiff::Timestamp;
use serde::Serialize;
use std::path::Path;

/// How one thing stands.
#[derive(Debug, Serialize)]
struct Finding {
    name: &'static str,
    ok: bool,
    detail: String,
    /// What to do about it.
    advice: Option<&'static str>,
}

/// Prints one finding a line; fails when something is wrong.
pub(super) async fn doctor(environment: &Environment, json: bool) -> Result<(), CommandError> {
    let mut findings = Vec::new();
    match Config::from_environment(environment) {
        Ok(config) => {
            findings.push(good("settings", "all settings can be used".to_owned()));
            findings.push(folder(&config.store.data_dir));
            findings.push(store(&config).await);
        }
        Err(error) => {
            findings.push(bad(
                "settings",
                error.to_string(),
                "mend the setting, or unset it to use its default",
            ));
        }
    }
    findings.push(clock(Timestamp::now()));
    if json {
        logging::say(serde_json::to_string(&findings).unwrap_or_default());
    } else {
        findings.iter().for_each(|finding| logging::say(line(finding)));
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

fn line(finding: &Finding) -> String {
    let mark = if finding.ok { "ok " } else { "BAD" };
    let advice = finding
        .advice
        .map_or_else(String::new, |advice| format!(": {advice}"));
    format!("{mark} {:<9} {}{advice}", finding.name, finding.detail)
}

/// The folder of database and blobs: can it be made and written to?
fn folder(path: &Path) -> Finding {
    let probe = path.join(".doctor");
    let tried = std::fs::create_dir_all(path)
        .and_then(|()| std::fs::write(&probe, b""))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => good("data", format!("{} can be written to", path.display())),
        Err(error) => bad(
            "data",
            format!("{}: {error}", path.display()),
            "give this user the folder, or set PRAVIS_DATA_DIR",
        ),
    }
}

async fn store(config: &Config) -> Finding {
    let tried = async {
        let store = opened::open(&config.store).await?;
        store.ping().await?;
        let keys = store.list_api_keys().await?;
        store.close().await;
        Ok::<_, store::StoreError>(keys.iter().filter(|key| key.is_live(Timestamp::now())).count())
    };
    match tried.await {
        Ok(0) => bad(
            "store",
            "answers, but no key is live".to_owned(),
            "run `pravis keys create --name NAME --scopes admin`",
        ),
        Ok(live) => good(
            "store",
            format!("{} answers, {live} live keys", config.store.database().display()),
        ),
        Err(error) => bad(
            "store",
            error.to_string(),
            "see that the file can be read and written and that the disk is not full",
        ),
    }
}

/// A clock that was never set is before this program was built.
fn clock(now: Timestamp) -> Finding {
    let built: Option<Timestamp> = "2026-11-01T00:00:00Z".parse().ok();
    if Some(now) < built {
        return bad(
            "clock",
            format!("it is {now}"),
            "set the clock: times, ids and expiry depend on it",
        );
    }
    good("clock", format!("it is {now}"))
}

fn good(name: &'static str, detail: String) -> Finding {
    Finding {
        name,
        ok: true,
        detail,
        advice: None,
    }
}

fn bad(name: &'static str, detail: String, advice: &'static str) -> Finding {
    Finding {
        name,
        ok: false,
        detail,
        advice: Some(advice),
    }
}
