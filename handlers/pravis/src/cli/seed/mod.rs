//! `pravis seed`, and the data of `serve --demo`.

mod fill;
mod warm;

use super::{CommandError, logging, opened};
use crate::app::App;
use crate::config::Config;
use domain::demo::Demo;
use fill::{Filled, fill};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;
use store::Store;

/// Turns of the demonstration.
const DEMO_TURNS: u64 = 6_000;

/// Arguments of `seed`.
#[derive(Debug, clap::Args)]
pub(super) struct Seed {
    /// How many turns, about.
    #[arg(long, default_value_t = DEMO_TURNS)]
    interactions: u64,
    /// Over how many days, the last of which is today.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=400))]
    days: u16,
    /// The same seed makes the same data (on the same day).
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

impl Seed {
    pub(super) async fn run(self, config: Config, as_json: bool) -> Result<(), CommandError> {
        let (app, store) = opened::app(config).await?;
        let began = Instant::now();
        // It is drawn on stderr, and only where that is a terminal.
        let progress = ProgressBar::new(self.interactions).with_style(style()?);
        let demo = Demo {
            seed: self.seed,
            ..Demo::new(self.interactions, self.days, domain::time::truncated(app.now()))
        };
        let Filled {
            turns,
            feedback,
            events,
        } = fill(&app, &store, &demo, &progress).await?;
        progress.finish_and_clear();
        let seconds = began.elapsed().as_secs_f64();
        store.close().await;
        if as_json {
            logging::say(
                json!({"interactions": turns, "feedback": feedback, "events": events, "seconds": seconds}),
            );
        } else {
            logging::say(format!(
                "Stored {turns} turns, {feedback} feedbacks and {events} events in {seconds:.1} s."
            ));
        }
        Ok(())
    }
}

/// Fills an empty database with the demonstration; leaves one that holds turns as it is.
pub(super) async fn demo(app: &App, store: &Arc<dyn Store>) -> Result<(), CommandError> {
    let any = store
        .list_interactions(Default::default(), Default::default())
        .await
        .map_err(CommandError::failed)?;
    if !any.is_empty() {
        return Ok(());
    }
    let demo = Demo::new(DEMO_TURNS, 30, domain::time::truncated(app.now()));
    let Filled {
        turns,
        feedback,
        events,
    } = fill(app, store, &demo, &ProgressBar::hidden()).await?;
    logging::say(format!(
        "Made up {turns} turns, {feedback} feedbacks and {events} events of the last 30 days."
    ));
    Ok(())
}

fn style() -> Result<ProgressStyle, CommandError> {
    ProgressStyle::with_template("{msg} {wide_bar} {human_pos} of {human_len}, {per_sec}, {eta} left")
        .map_err(CommandError::failed)
}
