//! The only writer of client events: they are checked one by one, then the store has them, or the spill while it is away.

mod address;

pub(crate) use address::ip_hash;

use super::{BatchItem, ItemOutcome, keep, rejected};
use crate::app::App;
use crate::error::ApiError;
use crate::spill::{Budget, Write, attempt};
use domain::analytics::{day_after, day_of, zone};
use domain::events::{Clock, Event, prepare};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::value::RawValue;
use store::{CreateOutcome, EventQuota, EventsCreated};
use utoipa::ToSchema;
use uuid::Uuid;

/// Who sent events.
pub(crate) struct Sender {
    /// The key.
    pub(crate) key_id: Uuid,
    /// What is kept of the network address.
    pub(crate) ip_hash: Option<[u8; 16]>,
    /// The clock that the times are of.
    pub(crate) clock: Clock,
}

/// What became of each event of a batch.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct EventsAnswer {
    /// One answer an item, in their order.
    pub items: Vec<BatchItem>,
    /// Of those that are taken now: how many happened more than a week ago.
    pub late: usize,
    /// Of those that are taken now: how many have another time than they said, since the client's clock is wrong.
    pub skewed: usize,
}

/// Stores the right ones of many events as one unit; each has its own answer, in their order.
pub(crate) async fn create(
    app: &App,
    items: &[&RawValue],
    sender: &Sender,
    budget: Budget,
) -> Result<EventsAnswer, ApiError> {
    let mut answer = EventsAnswer::default();
    let (mut places, mut events) = (Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        let prepared = prepare(item.get().as_bytes(), &sender.clock, sender.key_id, || {
            app.new_id()
        });
        answer.items.push(match prepared {
            Ok(event) => {
                let id = Some(event.id);
                places.push((index, event.is_late(), event.skewed));
                events.push(Event {
                    ip_hash: sender.ip_hash,
                    ..event
                });
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
    if events.is_empty() {
        return Ok(answer);
    }
    let outcomes = store(app, events, sender, budget).await?;
    let mut taken = 0;
    for (place, (index, late, skewed)) in places.into_iter().enumerate() {
        let item = &mut answer.items[index];
        match outcomes.as_ref().map(|outcomes| outcomes[place]) {
            Some(CreateOutcome::Created) => {}
            Some(CreateOutcome::Duplicate) => item.outcome = ItemOutcome::Duplicate,
            Some(CreateOutcome::Conflict) => {
                item.outcome = ItemOutcome::Conflict;
                item.problem = Some(ApiError::EventConflict.problem());
            }
            None => item.outcome = ItemOutcome::Spilled,
        }
        if matches!(item.outcome, ItemOutcome::Created | ItemOutcome::Spilled) {
            taken += 1;
            answer.late += usize::from(late);
            answer.skewed += usize::from(skewed);
        }
    }
    let metrics = app.recorder().metrics();
    metrics.events(taken, answer.late as u64, answer.skewed as u64);
    Ok(answer)
}

/// What became of each event; none when they are spilled.
async fn store(
    app: &App,
    events: Vec<Event>,
    sender: &Sender,
    budget: Budget,
) -> Result<Option<Vec<CreateOutcome>>, ApiError> {
    let now = sender.clock.received_at;
    let quota = quota(app, sender.key_id, now);
    let sent = events.clone();
    let stored = attempt(app, budget.store(), |store| async move {
        match store.create_events(sent, quota).await? {
            EventsCreated::Done(outcomes) => Ok(outcomes),
            EventsCreated::OverQuota => {
                let tomorrow = day_after(now, &shop_zone(app));
                let wait = tomorrow.duration_since(now).as_secs().unsigned_abs();
                Err(ApiError::OverQuota {
                    retry_after: wait + 1,
                }
                .into())
            }
        }
    });
    let outcomes = stored.await?;
    if outcomes.is_none() {
        keep(app, Write::Events(events), None, budget).await?;
    }
    Ok(outcomes)
}

/// What the events of a key that came at `received_at` are counted against.
pub(crate) fn quota(app: &App, key_id: Uuid, received_at: Timestamp) -> EventQuota {
    EventQuota {
        key_id,
        day: day_of(received_at, &shop_zone(app)),
        most: app.config().events.per_day.map(std::num::NonZeroU64::get),
    }
}

/// The zone of the settings, which were checked when they were read.
fn shop_zone(app: &App) -> TimeZone {
    zone(&app.config().time_zone).unwrap_or(TimeZone::UTC)
}
