//! `pravis replay`.

use super::{CommandError, logging, opened};
use crate::app::App;
use crate::config::Config;
use crate::spill::replay::{ReplayError, Replayed};
use crate::spill::sweep::{self, Sweep, Swept, Waiting};
use blobs::BlobName;
use jiff::SignedDuration;
use serde_json::json;

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    /// Only show what waits.
    #[arg(long)]
    dry_run: bool,
}

impl Replay {
    pub(super) async fn run(self, config: Config, as_json: bool) -> Result<(), CommandError> {
        if self.dry_run {
            return show(&opened::app_without_store(config).await?, as_json).await;
        }
        let (app, store) = opened::app(config).await?;
        let all = Sweep {
            least_age: SignedDuration::ZERO,
            until: None,
        };
        let swept = sweep::sweep(&app, all, &|name, replayed| tell(as_json, name, replayed)).await;
        store.close().await;
        let swept = swept.map_err(CommandError::failed)?;
        if as_json {
            logging::say(json!(swept));
        } else {
            logging::say(summary(&swept));
        }
        match swept {
            Swept {
                failed: 0,
                complete: true,
                ..
            } => Ok(()),
            Swept {
                complete: true,
                failed,
                ..
            } => Err(CommandError::Failed(format!("{failed} writes failed"))),
            _ => Err(CommandError::Failed(
                "the store or the storage is away: run it again".to_owned(),
            )),
        }
    }
}

/// Shows what waits, oldest first.
async fn show(app: &App, as_json: bool) -> Result<(), CommandError> {
    let mut count = 0_u64;
    let shown = sweep::look(app, |waiting: Waiting| {
        count += 1;
        if as_json {
            logging::say(json!(waiting));
        } else {
            let kind = waiting.kind.unwrap_or("unreadable");
            logging::say(format!("{}  {kind}  {}", waiting.blob, waiting.items));
        }
    });
    shown.await.map_err(CommandError::failed)?;
    if !as_json {
        logging::say(format!("{count} writes wait."));
    }
    Ok(())
}

/// Tells of what did not go well; the rest is counted.
fn tell(as_json: bool, name: &BlobName, replayed: &Result<Replayed, ReplayError>) {
    if as_json {
        return;
    }
    match replayed {
        Ok(Replayed::Stored | Replayed::Gone) => {}
        Ok(Replayed::Dead(reason)) => logging::say(format!("{name}  dead: {}", reason.as_str())),
        Ok(Replayed::Waits(wait)) => logging::say(format!("{name}  waits: {wait:?}")),
        Err(error) => logging::say(format!("{name}  failed: {error}")),
    }
}

fn summary(swept: &Swept) -> String {
    format!(
        "Stored {}, kept {} as dead letters, {} wait, {} failed.",
        swept.stored, swept.dead, swept.waiting, swept.failed
    )
}
