//! `pravis seed`, and the data of `serve --demo`.

use super::{CommandError, logging, opened};
use crate::app::App;
use crate::config::Config;
use domain::analytics::{RangeRequest, StatsFilter, resolve_range, zone};
use domain::demo::{Demo, DemoTurn};
use domain::feedback::Feedback;
use domain::interactions::Interaction;
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;
use store::{FeedbackCreated, NumbersQuery, Store, StoreError};
use tokio::task::JoinSet;

/// Turns of one unit of work.
const BATCH: usize = 500;
/// Units of work under way at once: enough for the store to commit in groups.
const AT_ONCE: usize = 64;
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
        let (turns, feedback) = fill(&app, &store, self.interactions, self.days, self.seed).await?;
        let seconds = began.elapsed().as_secs_f64();
        store.close().await;
        if as_json {
            logging::say(json!({"interactions": turns, "feedback": feedback, "seconds": seconds}));
        } else {
            logging::say(format!(
                "Stored {turns} turns and {feedback} feedbacks in {seconds:.1} s."
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
    let (turns, feedback) = fill(app, store, DEMO_TURNS, 30, 7).await?;
    logging::say(format!(
        "Made up {turns} turns and {feedback} feedbacks of the last 30 days."
    ));
    Ok(())
}

async fn fill(
    app: &App,
    store: &Arc<dyn Store>,
    interactions: u64,
    days: u16,
    seed: u64,
) -> Result<(u64, u64), CommandError> {
    let end = domain::time::truncated(app.now());
    let mut turns = Demo {
        seed,
        ..Demo::new(interactions, days, end)
    }
    .turns();
    let (mut stored, mut opinions) = (0, 0);
    loop {
        let batch: Vec<DemoTurn> = turns.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let (turns, feedback) = records(batch);
        stored += turns.len() as u64;
        opinions += feedback.len() as u64;
        store
            .create_interactions(turns)
            .await
            .map_err(CommandError::failed)?;
        store_feedback(store, feedback).await?;
    }
    warm(app, store, days).await?;
    Ok((stored, opinions))
}

/// The records, as if each had been stored when it happened.
fn records(batch: Vec<DemoTurn>) -> (Vec<Interaction>, Vec<Feedback>) {
    let mut turns = Vec::with_capacity(batch.len());
    let mut opinions = Vec::new();
    for DemoTurn {
        interaction,
        feedback,
        feedback_at,
    } in batch
    {
        let at = interaction.started_at.unwrap_or(feedback_at);
        let id = interaction.id.unwrap_or_default();
        opinions.extend(feedback.map(|new| {
            let id = new.id.unwrap_or_default();
            new.into_feedback(id, feedback_at)
                .judged(interaction.locale.as_deref())
        }));
        turns.push(interaction.into_interaction(id, at));
    }
    (turns, opinions)
}

async fn store_feedback(store: &Arc<dyn Store>, feedback: Vec<Feedback>) -> Result<(), CommandError> {
    let mut storing: JoinSet<Result<FeedbackCreated, StoreError>> = JoinSet::new();
    for feedback in feedback {
        if storing.len() == AT_ONCE
            && let Some(stored) = storing.join_next().await
        {
            stored
                .map_err(CommandError::failed)?
                .map_err(CommandError::failed)?;
        }
        let store = Arc::clone(store);
        storing.spawn(async move { store.create_feedback(feedback).await });
    }
    while let Some(stored) = storing.join_next().await {
        stored
            .map_err(CommandError::failed)?
            .map_err(CommandError::failed)?;
    }
    Ok(())
}

/// Asks for the numbers once, so that the first visitor does not wait for the rollups.
async fn warm(app: &App, store: &Arc<dyn Store>, days: u16) -> Result<(), CommandError> {
    let zone = zone(&app.config().time_zone).map_err(CommandError::failed)?;
    let request = RangeRequest {
        days: Some(i64::from(days)),
        ..RangeRequest::default()
    };
    let range = resolve_range(request, &zone, app.now()).map_err(CommandError::failed)?;
    let query = NumbersQuery {
        range,
        zone,
        filter: StatsFilter::default(),
    };
    store
        .interaction_numbers(query.clone())
        .await
        .map_err(CommandError::failed)?;
    store
        .feedback_numbers(query)
        .await
        .map_err(CommandError::failed)?;
    Ok(())
}
