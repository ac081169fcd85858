//! The only writer of interactions: the ingest line of `domain`, then the store.

use crate::app::App;
use crate::error::{ApiError, Problem};
use crate::extract::IfMatch;
use domain::ingest::{prepare, prepare_update};
use domain::interactions::Interaction;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use store::{CreateOutcome, UpdateOutcome};
use utoipa::ToSchema;
use uuid::Uuid;

/// Attempts at a change that others keep overtaking.
const ATTEMPTS: usize = 32;

/// What became of one turn of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchItem {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Its id; null when it was rejected without one.
    pub id: Option<Uuid>,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Why it is not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// What can become of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemOutcome {
    /// It is stored now.
    Created,
    /// The same turn was stored before.
    Duplicate,
    /// Another turn has its id.
    Conflict,
    /// It is wrong.
    Rejected,
}

/// Stores one turn. Gives it back as it is stored, and whether it is new.
pub async fn create(app: &App, text: &[u8]) -> Result<(Interaction, bool), ApiError> {
    let interaction = prepare(text, app.now(), || app.new_id())?;
    let store = app.store().await?;
    let outcome = store.create_interactions(vec![interaction.clone()]).await?;
    match outcome.first() {
        Some(CreateOutcome::Created) => {
            app.recorder()
                .stored([app.recorder().note(&interaction)], text.len());
            Ok((interaction, true))
        }
        Some(CreateOutcome::Duplicate) => {
            let stored = store.get_interaction(interaction.id).await?;
            Ok((stored.ok_or_else(|| missing(interaction.id))?, false))
        }
        _ => Err(ApiError::InteractionConflict),
    }
}

/// Stores the right ones of many turns as one unit; each has its own answer, in their order.
pub async fn create_batch(app: &App, items: &[&RawValue]) -> Result<Vec<BatchItem>, ApiError> {
    let now = app.now();
    let mut answers: Vec<BatchItem> = Vec::with_capacity(items.len());
    let mut right = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let prepared = prepare(item.get().as_bytes(), now, || app.new_id());
        answers.push(match prepared {
            Ok(interaction) => {
                let id = Some(interaction.id);
                right.push((index, interaction));
                BatchItem {
                    index,
                    id,
                    outcome: ItemOutcome::Created,
                    problem: None,
                }
            }
            Err(error) => rejected(index, item, error.into()),
        });
    }
    let (places, interactions): (Vec<_>, Vec<_>) = right.into_iter().unzip();
    if interactions.is_empty() {
        return Ok(answers);
    }
    let notes: Vec<_> = interactions
        .iter()
        .map(|turn| app.recorder().note(turn))
        .collect();
    let mut stored = Vec::with_capacity(notes.len());
    let outcomes = app.store().await?.create_interactions(interactions).await?;
    for ((place, outcome), note) in places.into_iter().zip(outcomes).zip(notes) {
        let answer = &mut answers[place];
        match outcome {
            CreateOutcome::Created => stored.push(note),
            CreateOutcome::Duplicate => answer.outcome = ItemOutcome::Duplicate,
            CreateOutcome::Conflict => {
                answer.outcome = ItemOutcome::Conflict;
                answer.problem = Some(ApiError::InteractionConflict.problem());
            }
        }
    }
    app.recorder().batch(items, stored);
    Ok(answers)
}

/// The faults of one item are told as places in the whole body.
fn rejected(index: usize, item: &RawValue, error: ApiError) -> BatchItem {
    let error = match error {
        ApiError::Faults(faults) => ApiError::Faults(faults.below(&format!("/items/{index}"))),
        other => other,
    };
    let value: Option<Value> = serde_json::from_str(item.get()).ok();
    let id = value.and_then(|value| value.get("id")?.as_str()?.parse().ok());
    BatchItem {
        index,
        id,
        outcome: ItemOutcome::Rejected,
        problem: Some(error.problem()),
    }
}

/// Changes one turn by a merge patch, if it still has a version that `if_match` means.
pub async fn update(app: &App, id: Uuid, patch: &Value, if_match: &IfMatch) -> Result<Interaction, ApiError> {
    let store = app.store().await?;
    for _ in 0..ATTEMPTS {
        let current = store.get_interaction(id).await?.ok_or_else(|| missing(id))?;
        if_match.check(current.version)?;
        let next = prepare_update(&current, patch, app.now())?;
        if next.version == current.version {
            return Ok(current);
        }
        if store.update_interaction(next.clone(), current.version).await? == UpdateOutcome::Updated {
            app.recorder().updated(&current, &next);
            return Ok(next);
        }
    }
    Err(ApiError::StoreUnavailable(
        "the record changes too fast".to_owned(),
    ))
}

fn missing(id: Uuid) -> ApiError {
    ApiError::NotFound(format!("interaction with the id {id}"))
}
