//! What becomes of one write when it meets the store.

use super::{PATIENCE, ReplayError, Replayed, Wait, Work};
use crate::ingest::events::quota;
use crate::prices;
use crate::spill::dead::{self, Reason};
use crate::spill::{Opinion, Record, Turn, Update, Write, container, is_away};
use blobs::BlobName;
use domain::events::Event;
use domain::ingest::{prepare_update, price_anew};
use domain::interactions::{Interaction, overtaken, unsettled};
use jiff::Timestamp;
use store::{CreateOutcome, EventQuota, EventsCreated, FeedbackCreated, UpdateOutcome};
use tokio::time::Instant;

/// Attempts at a change that others keep overtaking.
const ATTEMPTS: usize = 32;

/// What the store made of a write.
enum Applied {
    /// It is stored, now or before.
    Stored,
    /// Another replay was faster.
    Gone,
    /// The turn that it is about is not there.
    NoInteraction,
    /// The store was too busy with the same turn.
    Busy,
    /// This part of it can never be stored.
    Refused(Reason, String, Write),
}

impl Work<'_> {
    /// Stores the write, and removes its blob when nothing is left to do.
    pub(super) async fn apply(&self, name: &BlobName, record: &Record) -> Result<Replayed, ReplayError> {
        let applied = match &record.write {
            Write::Turns(turns) => self.create_turns(turns).await,
            Write::Update(update) => self.update(name, update, record.arrived_at).await,
            Write::Feedback(opinion) => self.create_feedback(opinion).await,
            Write::Events(events) => self.create_events(events).await,
        };
        let (reason, detail, part) = match applied {
            Ok(Applied::Stored) => {
                return self.done(name, Replayed::Stored).await;
            }
            Ok(Applied::Gone) => return Ok(Replayed::Gone),
            Ok(Applied::Busy) => return Ok(Replayed::Waits(Wait::Store)),
            Ok(Applied::NoInteraction) if self.is_overdue(record) => {
                let detail = "the turn that it is about never came".to_owned();
                (Reason::InteractionMissing, detail, record.write.clone())
            }
            Ok(Applied::NoInteraction) => return Ok(Replayed::Waits(Wait::Interaction)),
            Ok(Applied::Refused(reason, detail, part)) => (reason, detail, part),
            Err(ReplayError::Store(error)) if is_away(&error) => {
                self.app.breaker().open(self.app, &error);
                return Ok(Replayed::Waits(Wait::Store));
            }
            Err(error) => return Err(error),
        };
        dead::bury(&*self.storage, name, &record.part(part), reason, &detail).await?;
        self.done(name, Replayed::Dead(reason)).await
    }

    async fn done(&self, name: &BlobName, replayed: Replayed) -> Result<Replayed, ReplayError> {
        Ok(if container::remove(&*self.storage, name).await? {
            (self.tell)(name, replayed);
            replayed
        } else {
            Replayed::Gone
        })
    }

    async fn create_turns(&self, turns: &[Turn]) -> Result<Applied, ReplayError> {
        let book = prices::book(self.app, Instant::now() + PATIENCE).await;
        let records = turns.iter().cloned().map(Interaction::from);
        let records: Vec<_> = records.map(|turn| price_anew(turn, &book)).collect();
        let recorder = self.app.recorder();
        let notes: Vec<_> = records.iter().map(|turn| recorder.note(turn)).collect();
        let outcomes = self.store.create_interactions(records).await?;
        let created = notes.into_iter().zip(&outcomes);
        let created = created.filter(|(_, outcome)| **outcome == CreateOutcome::Created);
        // Their bytes were counted by nobody: bodies are not kept.
        recorder.stored(created.map(|(note, _)| note), 0);
        let conflicts = turns.iter().zip(outcomes);
        let conflicts: Vec<Turn> = conflicts
            .filter(|(_, outcome)| *outcome == CreateOutcome::Conflict)
            .map(|(turn, _)| turn.clone())
            .collect();
        if conflicts.is_empty() {
            return Ok(Applied::Stored);
        }
        let detail = "another turn has this id: the fields that were first supplied with it differ";
        Ok(Applied::Refused(
            Reason::InteractionConflict,
            detail.to_owned(),
            Write::Turns(conflicts),
        ))
    }

    async fn update(
        &self,
        name: &BlobName,
        update: &Update,
        arrived_at: Timestamp,
    ) -> Result<Applied, ReplayError> {
        let refused =
            |reason, detail: String| Ok(Applied::Refused(reason, detail, Write::Update(update.clone())));
        let book = prices::book(self.app, Instant::now() + PATIENCE).await;
        for _ in 0..ATTEMPTS {
            let Some(current) = self.store.get_interaction(update.id).await? else {
                return Ok(Applied::NoInteraction);
            };
            // Another replay may have stored this change and later ones since its blob was read. While the blob is there
            // none of them is, so `current` is the turn before them, or its version tells.
            if !container::exists(&*self.storage, name).await? {
                return Ok(Applied::Gone);
            }
            let patch = if overtaken(&current, arrived_at) {
                unsettled(&current, &update.patch)
            } else {
                update.patch.clone()
            };
            // The turn itself may have arrived later, by the clock of another process.
            let now = arrived_at.max(current.created_at);
            let next = match prepare_update(&current, &patch, now, &book) {
                Ok(next) => next,
                Err(faults) => return refused(Reason::InvalidField, faults.to_string()),
            };
            if next.version == current.version {
                return Ok(Applied::Stored);
            }
            if update.if_match.check(current.version).is_err() {
                let detail = format!("the turn has the version {} by now", current.version);
                return refused(Reason::PreconditionFailed, detail);
            }
            let updated = self
                .store
                .update_interaction(next.clone(), current.version)
                .await?;
            if updated == UpdateOutcome::Updated {
                self.app.recorder().updated(&current, &next);
                return Ok(Applied::Stored);
            }
        }
        Ok(Applied::Busy)
    }

    /// They were taken when they came: a quota that is used up since then refuses none of them.
    async fn create_events(&self, events: &[Event]) -> Result<Applied, ReplayError> {
        let Some(first) = events.first() else {
            return Ok(Applied::Stored);
        };
        let quota = EventQuota {
            most: None,
            ..quota(self.app, first.key_id, first.received_at)
        };
        let created = self.store.create_events(events.to_vec(), quota).await?;
        let EventsCreated::Done(outcomes) = created else {
            return Ok(Applied::Busy);
        };
        let conflicts = events.iter().zip(outcomes);
        let conflicts: Vec<Event> = conflicts
            .filter(|(_, outcome)| *outcome == CreateOutcome::Conflict)
            .map(|(event, _)| event.clone())
            .collect();
        if conflicts.is_empty() {
            return Ok(Applied::Stored);
        }
        let detail = "another event has this id: the fields that were first supplied with it differ";
        Ok(Applied::Refused(
            Reason::EventConflict,
            detail.to_owned(),
            Write::Events(conflicts),
        ))
    }

    async fn create_feedback(&self, opinion: &Opinion) -> Result<Applied, ReplayError> {
        Ok(match self.store.create_feedback(opinion.clone().into()).await? {
            FeedbackCreated::Created | FeedbackCreated::Duplicate => Applied::Stored,
            FeedbackCreated::NoInteraction => Applied::NoInteraction,
            FeedbackCreated::Conflict => {
                let detail =
                    "another feedback has this id: the fields that were first supplied with it differ";
                Applied::Refused(
                    Reason::FeedbackConflict,
                    detail.to_owned(),
                    Write::Feedback(Box::new(opinion.clone())),
                )
            }
        })
    }
}
