//! `pravis report`.

use super::{CommandError, logging, opened};
use crate::app::App;
use crate::config::Config;
use crate::reports::{Format, Made, ReportError, ask, document, resend};
use domain::page::{MOST_LIMIT, PageRequest, Positioned};
use domain::reports::{Delivery, DeliveryFilter, DeliveryState, NewReport, Report, ReportKind};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::Store;
use uuid::Uuid;

/// How long the command waits: longer than a report may take.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Arguments of `report`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum ReportCommand {
    /// Make the report on a day.
    Daily(Make),
    /// Make the report on an ISO week.
    Weekly(Make),
    /// Make the report on a month.
    Monthly(Make),
    /// Show to whom reports went, and what failed.
    Deliveries {
        /// Only those in this state: queued, sent, failed, dead.
        #[arg(long)]
        state: Option<DeliveryState>,
    },
    /// Send a report again to those for whom it was given up; the running program does that.
    Resend {
        /// Its id.
        report: Uuid,
    },
}

/// Which report, and what to do with it.
#[derive(Debug, clap::Args)]
pub(super) struct Make {
    /// The period: 2026-11-22, 2026-W46 or 2026-11; default: the last one that is over.
    #[arg(long)]
    period: Option<String>,
    /// Write its documents into this folder, too.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Send it to all who get the scheduled ones; the running program does that.
    #[arg(long)]
    deliver: bool,
}

impl ReportCommand {
    pub(super) async fn run(self, config: Config, as_json: bool) -> Result<(), CommandError> {
        let (app, store) = opened::app(config).await?;
        let done = match self {
            Self::Daily(make) => make.run(&app, ReportKind::Daily, as_json).await,
            Self::Weekly(make) => make.run(&app, ReportKind::Weekly, as_json).await,
            Self::Monthly(make) => make.run(&app, ReportKind::Monthly, as_json).await,
            Self::Deliveries { state } => deliveries(&*store, state, as_json).await,
            Self::Resend { report } => again(&app, &*store, report, as_json).await,
        };
        store.close().await;
        done
    }
}

impl Make {
    async fn run(self, app: &App, kind: ReportKind, as_json: bool) -> Result<(), CommandError> {
        let new = NewReport {
            kind,
            period: self.period,
            deliver: self.deliver,
        };
        let made = ask(app, &new, PATIENCE).await.map_err(|error| match error {
            ReportError::Faults(faults) => CommandError::Usage(faults.to_string()),
            other => CommandError::failed(other),
        })?;
        let Made::Ready(report) = made else {
            return Err(CommandError::Failed("the report takes too long".to_owned()));
        };
        if let Some(folder) = &self.out {
            write(app, &report, folder).await?;
        }
        if as_json {
            logging::say(json!(report));
        } else {
            let Report { period, revision, .. } = &report;
            let headline = report.headline.as_deref().unwrap_or_default();
            logging::say(format!(
                "{} {period}, revision {revision}: {headline}",
                kind.as_str()
            ));
        }
        Ok(())
    }
}

/// Writes the documents of a report into a folder.
async fn write(app: &App, report: &Report, folder: &Path) -> Result<(), CommandError> {
    let storage = app.storage().await.map_err(CommandError::failed)?;
    std::fs::create_dir_all(folder).map_err(CommandError::failed)?;
    for format in Format::ALL {
        let found = document(&*storage, report, format)
            .await
            .map_err(CommandError::failed)?;
        let (bytes, _) = found.ok_or_else(|| CommandError::Failed("a document is gone".to_owned()))?;
        std::fs::write(folder.join(format.file_name(report)), bytes).map_err(CommandError::failed)?;
    }
    Ok(())
}

/// Sends a report again to those for whom it was given up.
async fn again(app: &App, store: &dyn Store, report: Uuid, as_json: bool) -> Result<(), CommandError> {
    let revived = resend(app, store, report).await.map_err(CommandError::failed)?;
    let Some(revived) = revived else {
        return Err(CommandError::Usage(format!("there is no report {report}")));
    };
    if as_json {
        logging::say(json!({"report": report, "resent": revived}));
    } else {
        logging::say(format!(
            "report {report} is sent again to {revived} of its readers"
        ));
    }
    Ok(())
}

/// Shows deliveries, newest first.
async fn deliveries(
    store: &dyn Store,
    state: Option<DeliveryState>,
    as_json: bool,
) -> Result<(), CommandError> {
    let filter = DeliveryFilter {
        report_id: None,
        state,
    };
    let mut after = None;
    loop {
        let page = PageRequest {
            limit: MOST_LIMIT,
            after,
        };
        let mut found = store
            .list_deliveries(filter.clone(), page)
            .await
            .map_err(CommandError::failed)?;
        let more = found.len() > MOST_LIMIT;
        found.truncate(MOST_LIMIT);
        for delivery in &found {
            if as_json {
                logging::say(json!(delivery));
            } else {
                logging::say(line(delivery));
            }
        }
        after = found.last().map(Positioned::position).filter(|_| more);
        if after.is_none() {
            return Ok(());
        }
    }
}

fn line(delivery: &Delivery) -> String {
    let Delivery {
        id,
        report_id,
        target,
        attempts,
        updated_at,
        ..
    } = delivery;
    let (channel, state) = (delivery.channel.as_str(), delivery.state.as_str());
    let reason = delivery.reason.as_deref().unwrap_or_default();
    format!(
        "{id}  report {report_id}  {channel} {target}  {state} after {attempts} attempts, {updated_at}  {reason}"
    )
}
