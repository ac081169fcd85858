//! One run: from a blob in `incoming` to a record that is ready, quarantined or failed.

use super::claim::{Owner, claim};
use super::make::{Made, make, refusal};
use super::outputs::{put, sweep};
use super::put_aside::put_aside;
use super::workers::{Turn, WorkError};
use crate::app::App;
use blobs::{BlobError, BlobName, Condition, Container, Properties, Storage};
use domain::media::{Facts, Media, Variant};
use futures::TryStreamExt as _;
use media::{Reason, Refusal};
use std::sync::Arc;
use std::time::Duration;
use store::{MediaClaimed, MediaFinished, MediaResult, Store, StoreError};
use tokio::time::Instant;
use uuid::Uuid;

/// How long a run waits for a store that is away: a paused database takes about a minute to wake up.
const STORE: Duration = Duration::from_secs(90);
/// How long a run waits for its turn to work. Others are as important, and their messages are hidden for no longer than minutes.
const TURN: Duration = Duration::from_secs(120);
/// Longest detail that is stored, in characters.
const DETAIL: usize = 400;

/// What became of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processed {
    /// What was made of it can be served.
    Ready,
    /// It was refused, and put aside.
    Quarantined(Reason),
    /// It failed time after time, and was put aside.
    Failed,
    /// A run before came to the end.
    Settled,
    /// It is gone, or its upload is.
    Gone,
    /// It stays as it is: its name is none that is taken.
    Left,
    /// Another run took it over.
    Overtaken,
    /// It has to wait.
    Waits(Wait),
}

/// What a blob waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The store is away.
    Store,
    /// Blobs and queues are away.
    Storage,
    /// Others are worked on.
    Turn,
    /// Another run has it.
    Run,
    /// It was written anew while it was read.
    Change,
}

/// Why a blob could not be looked after. Another attempt may do better.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says it")]
pub enum ProcessError {
    #[error(transparent)]
    Storage(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("an upload could not be worked on: {0}")]
    Work(String),
    #[error("an upload waited in vain: {0:?}")]
    Waited(Wait),
}

impl From<WorkError> for ProcessError {
    fn from(error: WorkError) -> Self {
        Self::Work(error.to_string())
    }
}

/// Takes in the blob of this name. With `give_up` nothing is tried with it any more: it is put aside as failed.
pub(super) async fn process(
    app: &App,
    name: &BlobName,
    run: Uuid,
    give_up: bool,
) -> Result<Processed, ProcessError> {
    let Some(store) = app.store_by(Instant::now() + STORE).await else {
        return Ok(Processed::Waits(Wait::Store));
    };
    let store = store.patient().unwrap_or(store);
    let Some(turn) = app.intake().workers.turn(TURN).await else {
        return Ok(Processed::Waits(Wait::Turn));
    };
    let storage = app.storage().await?;
    let declared = match Owner::of(name) {
        Owner::Declared(id) => Some(id),
        Owner::Nobody => None,
        Owner::Lookalike => return Ok(Processed::Left),
    };
    let Some(properties) = storage.head(Container::Incoming, name).await? else {
        return gone(&*store, &*storage, declared).await;
    };
    let claim = claim(app, &*storage, (name, &properties), declared, run).await?;
    let id = claim.id;
    let claimed = store.claim_media(claim).await?;
    let work = Work {
        app,
        store,
        storage,
        turn,
        name,
        properties,
        run,
    };
    match claimed {
        MediaClaimed::Claimed(media) => work.run(media, give_up).await,
        MediaClaimed::Busy => Ok(Processed::Waits(Wait::Run)),
        MediaClaimed::Done(_) => {
            work.delete_incoming().await?;
            Ok(Processed::Settled)
        }
        MediaClaimed::Gone => {
            sweep(&*work.storage, id).await?;
            work.delete_incoming().await?;
            Ok(Processed::Gone)
        }
    }
}

/// What is left where no blob is: nothing, unless the upload was removed while a run was at it that was killed.
async fn gone(
    store: &dyn Store,
    storage: &dyn Storage,
    declared: Option<Uuid>,
) -> Result<Processed, ProcessError> {
    if let Some(id) = declared
        && store.get_media(id).await?.is_none()
    {
        sweep(storage, id).await?;
    }
    Ok(Processed::Gone)
}

/// What a run works with.
struct Work<'a> {
    app: &'a App,
    store: Arc<dyn Store>,
    storage: Arc<dyn Storage>,
    turn: Turn,
    name: &'a BlobName,
    properties: Properties,
    run: Uuid,
}

impl Work<'_> {
    async fn run(&self, media: Media, give_up: bool) -> Result<Processed, ProcessError> {
        if give_up {
            return self.fail(&media).await;
        }
        let made = match self.check(&media) {
            Ok(()) => match self.read().await? {
                Some(bytes) => self.make(&media, bytes).await?,
                None => return Ok(Processed::Waits(Wait::Change)),
            },
            Err(refusal) => Err(refusal),
        };
        match made {
            Ok(made) => self.keep(&media, made).await,
            Err(refusal) => self.refuse(&media, refusal).await,
        }
    }

    /// What can be told without reading it.
    fn check(&self, media: &Media) -> Result<(), Refusal> {
        let (length, most) = (self.properties.length, media.kind.most_bytes());
        if length == 0 {
            return Err(refusal(Reason::Empty, "there are no bytes"));
        }
        if length > most {
            return Err(refusal(
                Reason::TooLarge,
                format!("{length} bytes are more than {most}"),
            ));
        }
        match media.declared_size {
            Some(declared) if declared != length => Err(refusal(
                Reason::Mismatch,
                format!("{declared} bytes were declared, and {length} came"),
            )),
            _ => Ok(()),
        }
    }

    /// The bytes; none when they are others by now.
    async fn read(&self) -> Result<Option<Vec<u8>>, ProcessError> {
        let Some(blob) = self.storage.get(Container::Incoming, self.name, None).await? else {
            return Ok(None);
        };
        if blob.properties.etag != self.properties.etag {
            return Ok(None);
        }
        let room = usize::try_from(self.properties.length).unwrap_or_default();
        let bytes = blob
            .body
            .try_fold(Vec::with_capacity(room), async |mut bytes, piece| {
                bytes.extend_from_slice(&piece);
                Ok(bytes)
            });
        Ok(Some(bytes.await?))
    }

    async fn make(&self, media: &Media, bytes: Vec<u8>) -> Result<Result<Made, Refusal>, ProcessError> {
        let settings = self.app.config().media.clone();
        let media = media.clone();
        let work = move || make(&media, bytes, &settings.photo, &settings.voice);
        Ok(self.turn.work(work).await?)
    }

    async fn keep(&self, media: &Media, made: Made) -> Result<Processed, ProcessError> {
        let variants = put(&*self.storage, media, made.files).await?;
        let format = Some(made.format.as_str().to_owned());
        let ready = ready(made.facts, variants);
        self.finish(media, format, ready, Processed::Ready).await
    }

    async fn refuse(&self, media: &Media, refusal: Refusal) -> Result<Processed, ProcessError> {
        let reason = refusal.reason.as_str();
        put_aside(&*self.storage, self.name, media.id, &self.properties, reason).await?;
        tracing::info!(media = %media.id, reason, "an upload is quarantined");
        let quarantined = MediaResult::Quarantined {
            reason: reason.to_owned(),
            detail: refusal.detail.chars().take(DETAIL).collect(),
        };
        self.finish(media, None, quarantined, Processed::Quarantined(refusal.reason))
            .await
    }

    async fn fail(&self, media: &Media) -> Result<Processed, ProcessError> {
        const REASON: &str = "processing_failed";
        put_aside(&*self.storage, self.name, media.id, &self.properties, REASON).await?;
        tracing::error!(
            target: "pravis::alert",
            event = "media_failed",
            media = %media.id,
            kind = media.kind.as_str(),
            "an upload cannot be worked on; it is put aside in quarantine"
        );
        let failed = MediaResult::Failed {
            reason: REASON.to_owned(),
            detail: "every attempt at it ended in an error of the program or the machine".to_owned(),
        };
        self.finish(media, None, failed, Processed::Failed).await
    }

    /// Writes the record, and then removes what came.
    async fn finish(
        &self,
        media: &Media,
        format: Option<String>,
        result: MediaResult,
        processed: Processed,
    ) -> Result<Processed, ProcessError> {
        let finished = MediaFinished {
            id: media.id,
            run: self.run,
            now: self.app.now(),
            format,
            size: Some(self.properties.length),
            result,
        };
        if !self.store.finish_media(finished).await? {
            // Removed, or another run's by now, which puts the same files.
            if self.store.get_media(media.id).await?.is_none() {
                sweep(&*self.storage, media.id).await?;
            }
            return Ok(Processed::Overtaken);
        }
        self.delete_incoming().await?;
        Ok(processed)
    }

    /// Removes what came, unless it was written anew; what came then has an event of its own.
    async fn delete_incoming(&self) -> Result<(), ProcessError> {
        let unchanged = Condition::Matches(self.properties.etag.clone());
        match self
            .storage
            .delete(Container::Incoming, self.name, unchanged)
            .await
        {
            Ok(_) | Err(BlobError::ConditionNotMet) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn ready(facts: Option<Facts>, variants: Vec<Variant>) -> MediaResult {
    MediaResult::Ready { facts, variants }
}
