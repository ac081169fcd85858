//! The only writer of interactions: the ingest line of `domain`, then the store, or the spill while the store is away.

pub(crate) mod events;

use crate::app::App;
use crate::error::{ApiError, Problem};
use crate::extract::IfMatch;
use crate::prices;
use crate::spill::{Budget, Failure, Update, Write, attempt};
use blobs::BlobName;
use domain::feedback::Feedback;
use domain::ingest::{prepare, prepare_update};
use domain::interactions::{Interaction, check_update};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::Arc;
use store::{CreateOutcome, FeedbackCreated, Store, UpdateOutcome};
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
    /// It is durable, and will be stored when the database is back.
    Spilled,
}

/// What became of a single write.
pub enum Written<T> {
    /// It is stored now.
    New(T),
    /// It was stored before, or is a change of what was.
    Known(T),
    /// It is durable, and will be stored when the database is back; the id of what it writes.
    Spilled(Uuid),
}

/// Stores one turn, and gives it back as it is stored.
pub async fn create(app: &App, text: &[u8], budget: Budget) -> Result<Written<Interaction>, ApiError> {
    let book = prices::book(app, budget.store()).await;
    let interaction = prepare(text, app.now(), &book, || app.new_id())?;
    let note = app.recorder().note(&interaction);
    let turn = interaction.clone();
    let stored = attempt(app, budget.store(), |store| async move {
        let id = turn.id;
        match store.create_interactions(vec![turn]).await?.first() {
            Some(CreateOutcome::Created) => Ok(None),
            Some(CreateOutcome::Duplicate) => {
                let stored = store.get_interaction(id).await?;
                Ok(Some(stored.ok_or_else(|| missing(id))?))
            }
            _ => Err(ApiError::InteractionConflict.into()),
        }
    });
    match stored.await? {
        Some(None) => {
            app.recorder().stored([note], text.len());
            Ok(Written::New(interaction))
        }
        Some(Some(stored)) => Ok(Written::Known(stored)),
        None => {
            let id = interaction.id;
            keep(app, Write::Turns(vec![interaction.into()]), None, budget).await?;
            Ok(Written::Spilled(id))
        }
    }
}

/// Stores the right ones of many turns as one unit; each has its own answer, in their order.
pub async fn create_batch(
    app: &App,
    items: &[&RawValue],
    budget: Budget,
) -> Result<Vec<BatchItem>, ApiError> {
    let book = prices::book(app, budget.store()).await;
    let now = app.now();
    let mut answers: Vec<BatchItem> = Vec::with_capacity(items.len());
    let mut right = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let prepared = prepare(item.get().as_bytes(), now, &book, || app.new_id());
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
    let outcomes = attempt(app, budget.store(), |store| async move {
        Ok(store.create_interactions(interactions).await?)
    });
    let Some(outcomes) = outcomes.await? else {
        return spill_batch(app, items, now, answers, budget).await;
    };
    let mut stored = Vec::with_capacity(notes.len());
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

/// Spills what would have been stored. It is prepared once more, since the store was given the only copy.
async fn spill_batch(
    app: &App,
    items: &[&RawValue],
    now: Timestamp,
    mut answers: Vec<BatchItem>,
    budget: Budget,
) -> Result<Vec<BatchItem>, ApiError> {
    let book = prices::current(app);
    let mut turns = Vec::with_capacity(items.len());
    for answer in &mut answers {
        if let (ItemOutcome::Created, Some(id)) = (answer.outcome, answer.id) {
            let item = items[answer.index].get().as_bytes();
            turns.push(prepare(item, now, &book, || id)?.into());
            answer.outcome = ItemOutcome::Spilled;
        }
    }
    keep(app, Write::Turns(turns), None, budget).await?;
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
pub async fn update(
    app: &App,
    id: Uuid,
    patch: Value,
    if_match: IfMatch,
    budget: Budget,
) -> Result<Written<Interaction>, ApiError> {
    let book = prices::book(app, budget.store()).await;
    let (change, condition, book) = (&patch, &if_match, &book);
    let stored = in_order(app, id, budget, |store| async move {
        for _ in 0..ATTEMPTS {
            let Some(current) = store.get_interaction(id).await? else {
                return Ok(None);
            };
            condition.check(current.version)?;
            let next = prepare_update(&current, change, app.now(), book).map_err(ApiError::from)?;
            if next.version == current.version {
                return Ok(Some(current));
            }
            if store.update_interaction(next.clone(), current.version).await? == UpdateOutcome::Updated {
                app.recorder().updated(&current, &next);
                return Ok(Some(next));
            }
        }
        let busy = "the record changes too fast".to_owned();
        Err(ApiError::StoreUnavailable(busy).into())
    });
    let after = match stored.await? {
        InOrder::Done(record) => return Ok(Written::Known(record)),
        InOrder::Spill(after) => after,
    };
    check_update(id, &patch, app.now())?;
    let update = Write::Update(Update { id, patch, if_match });
    keep(app, update, after, budget).await?;
    Ok(Written::Spilled(id))
}

/// Stores feedback on a turn, and gives it back as it is stored.
pub async fn create_feedback(
    app: &App,
    record: Feedback,
    budget: Budget,
) -> Result<Written<Feedback>, ApiError> {
    let (id, turn) = (record.id, record.interaction_id);
    let feedback = &record;
    let stored = in_order(app, turn, budget, |store| async move {
        match store.create_feedback(feedback.clone()).await? {
            FeedbackCreated::Created => Ok(Some(None)),
            FeedbackCreated::Duplicate => {
                let stored = store.get_feedback(id).await?;
                let missing = || ApiError::NotFound(format!("feedback with the id {id}"));
                Ok(Some(Some(stored.ok_or_else(missing)?)))
            }
            FeedbackCreated::Conflict => Err(ApiError::FeedbackConflict.into()),
            FeedbackCreated::NoInteraction => Ok(None),
        }
    });
    match stored.await? {
        InOrder::Done(None) => Ok(Written::New(record)),
        InOrder::Done(Some(stored)) => Ok(Written::Known(stored)),
        InOrder::Spill(after) => {
            keep(app, Write::Feedback(Box::new(record.into())), after, budget).await?;
            Ok(Written::Spilled(id))
        }
    }
}

/// What became of a write that has to come after the earlier ones of its turn.
enum InOrder<T> {
    Done(T),
    /// It has to be spilled, to be stored after this one.
    Spill(Option<BlobName>),
}

/// Does `work` about a turn, which gives none when there is no such turn. While an earlier write of the turn is spilled,
/// or the turn may be, the work is not done, but has to be spilled, too.
async fn in_order<T, F>(
    app: &App,
    id: Uuid,
    budget: Budget,
    work: impl Fn(Arc<dyn Store>) -> F,
) -> Result<InOrder<T>, ApiError>
where
    F: Future<Output = Result<Option<T>, Failure>>,
{
    let spill = app.spill();
    if app.store_at_hand().await.is_none() {
        return Ok(InOrder::Spill(spill.last_known(id)));
    }
    if let Some(last) = spill.last_of(id, budget).await? {
        return Ok(InOrder::Spill(Some(last)));
    }
    // A turn that was spilled is stored before its blob goes: when it is in neither, the second look finds it.
    for _ in 0..2 {
        match attempt(app, budget.store(), &work).await? {
            Some(Some(done)) => return Ok(InOrder::Done(done)),
            None => return Ok(InOrder::Spill(spill.last_known(id))),
            Some(None) if spill.is_anything_pending(budget).await? => {
                return Ok(InOrder::Spill(spill.last_known(id)));
            }
            Some(None) => {}
        }
    }
    Err(missing(id))
}

async fn keep(app: &App, write: Write, after: Option<BlobName>, budget: Budget) -> Result<(), ApiError> {
    app.spill().keep(write, after, app.now(), budget).await?;
    app.recorder().metrics().spilled(1);
    Ok(())
}

fn missing(id: Uuid) -> ApiError {
    ApiError::NotFound(format!("interaction with the id {id}"))
}
