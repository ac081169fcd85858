//! `pravis reprice`.

use super::{CommandError, logging, opened};
use crate::config::Config;
use crate::reprice::{self, ModelChange, Repriced};
use domain::analytics::zone;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Arguments of `reprice`.
#[derive(Debug, clap::Args)]
pub(super) struct Reprice {
    /// First start of the turns: a day of the shop's zone, or a time (RFC 3339).
    #[arg(long)]
    from: String,
    /// First start after them, likewise.
    #[arg(long)]
    to: String,
    /// Only show what would change.
    #[arg(long)]
    dry_run: bool,
}

impl Reprice {
    pub(super) async fn run(self, config: Config, as_json: bool) -> Result<(), CommandError> {
        let zone = zone(&config.time_zone).map_err(CommandError::failed)?;
        let asked = reprice::Reprice {
            from: time("--from", &self.from, &zone)?,
            to: time("--to", &self.to, &zone)?,
            dry_run: self.dry_run,
        };
        if asked.from >= asked.to {
            return Err(CommandError::Usage("--from must be before --to".to_owned()));
        }
        let (app, store) = opened::app(config).await?;
        let patient = store.patient().unwrap_or_else(|| store.clone());
        let told = std::sync::atomic::AtomicU64::new(0);
        let repriced = reprice::reprice(&app, &*patient, asked, "cli", |turns| {
            // A line for each hundred thousand, so that a long run is seen to go on.
            let before = told.swap(turns / 100_000, std::sync::atomic::Ordering::Relaxed);
            if !as_json && turns / 100_000 > before {
                logging::say(format!("{turns} turns looked at"));
            }
        });
        let repriced = repriced.await;
        store.close().await;
        let repriced = repriced.map_err(CommandError::failed)?;
        logging::print(as_json, &repriced, || summary(&repriced));
        Ok(())
    }
}

/// A point in time, or the beginning of a day.
fn time(name: &str, text: &str, zone: &TimeZone) -> Result<Timestamp, CommandError> {
    let day = |text: &str| {
        Some(
            text.parse::<Date>()
                .ok()?
                .to_zoned(zone.clone())
                .ok()?
                .timestamp(),
        )
    };
    let time = text.parse::<Timestamp>().ok().or_else(|| day(text));
    let takes = || format!("{name} takes a day such as 2026-11-02 or a time such as 2026-11-02T09:00:00Z");
    time.ok_or_else(|| CommandError::Usage(takes()))
}

fn summary(repriced: &Repriced) -> String {
    let mut lines: Vec<String> = repriced.models.iter().map(line).collect();
    let verb = if repriced.run.is_some() {
        "changed"
    } else {
        "would change"
    };
    lines.push(format!(
        "{} of {} turns {verb}; the cost of {} is unknown.",
        repriced.changed, repriced.turns, repriced.unpriced
    ));
    lines.join("\n")
}

fn line(change: &ModelChange) -> String {
    format!(
        "{}  {}  {} turns  {} micros ({} priced)  ->  {} micros ({} priced)",
        change.provider.as_deref().unwrap_or("-"),
        change.model.as_deref().unwrap_or("-"),
        change.turns,
        change.before_micros,
        change.priced_before,
        change.after_micros,
        change.priced_after,
    )
}
