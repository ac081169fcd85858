//! The contract for media: records of uploads and of what was made of them. Blobs are no matter of the store.

use crate::StoreError;
use async_trait::async_trait;
use domain::media::{Facts, Media, MediaFilter, NearDuplicate, Status, Variant};
use domain::page::PageRequest;
use jiff::Timestamp;
use uuid::Uuid;

/// What became of an upload that was to be declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaCreated {
    /// It is stored now.
    Created,
    /// The same declaration, with the same supplied fields, was stored before.
    Duplicate,
    /// Another upload has this id.
    Conflict,
    /// There is no such turn.
    NoInteraction,
}

/// A run that wants to work on the blob of an upload.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaClaim {
    /// The upload.
    pub id: Uuid,
    /// The ETag of the blob in `incoming`.
    pub etag: String,
    /// The run; each attempt has its own.
    pub run: Uuid,
    /// When it begins.
    pub now: Timestamp,
    /// When another run may take the upload over.
    pub until: Timestamp,
    /// The record to make where nobody declared the blob; none where only what was declared is taken in.
    pub undeclared: Option<Media>,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum MediaClaimed {
    /// The upload is the run's own, until the claim ends.
    Claimed(Media),
    /// Nothing is to be done but to see that the incoming blob is gone.
    Done(Media),
    /// Another run works on it.
    Busy,
    /// There is no such upload, or no longer.
    Gone,
}

impl MediaClaimed {
    /// What a claim of `run` came to where the upload stands like this now.
    pub(crate) fn of(run: Uuid, stands: Option<Media>) -> Self {
        match stands {
            None => Self::Gone,
            Some(media) if media.is_held_by(run) => Self::Claimed(media),
            Some(media) if media.status == Status::Processing => Self::Busy,
            Some(media) => Self::Done(media),
        }
    }
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaFinished {
    /// The upload.
    pub id: Uuid,
    /// The run that claimed it.
    pub run: Uuid,
    /// When it ended.
    pub now: Timestamp,
    /// The format that its bytes are of, where that is known.
    pub format: Option<String>,
    /// The length of what came, in bytes, where it is known.
    pub size: Option<u64>,
    /// What it came to.
    pub result: MediaResult,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub enum MediaResult {
    /// It can be served.
    Ready {
        /// What is known of it; none of an attachment.
        facts: Option<Facts>,
        /// The files to serve, whose blobs are stored.
        variants: Vec<Variant>,
    },
    /// It was refused, and put aside.
    Quarantined {
        /// Why, in a word; at most 64 characters.
        reason: String,
        /// The same for a person; at most 400 characters.
        detail: String,
    },
    /// It could not be worked on, and was put aside.
    Failed {
        /// Why, in a word; at most 64 characters.
        reason: String,
        /// The same for a person; at most 400 characters.
        detail: String,
    },
}

impl MediaResult {
    /// What the upload is then.
    pub fn status(&self) -> Status {
        match self {
            Self::Ready { .. } => Status::Ready,
            Self::Quarantined { .. } => Status::Quarantined,
            Self::Failed { .. } => Status::Failed,
        }
    }

    /// What is known of it.
    pub(crate) fn facts(&self) -> Option<&Facts> {
        match self {
            Self::Ready { facts, .. } => facts.as_ref(),
            Self::Quarantined { .. } | Self::Failed { .. } => None,
        }
    }

    /// The files to serve.
    pub(crate) fn variants(&self) -> &[Variant] {
        match self {
            Self::Ready { variants, .. } => variants,
            Self::Quarantined { .. } | Self::Failed { .. } => &[],
        }
    }

    /// Why there is nothing to serve.
    pub(crate) fn why(&self) -> Option<(&str, &str)> {
        match self {
            Self::Ready { .. } => None,
            Self::Quarantined { reason, detail } | Self::Failed { reason, detail } => Some((reason, detail)),
        }
    }
}

/// Photos whose hashes are compared with one, the newest of its product.
pub(crate) const MOST_COMPARED: usize = 10_000;

/// Reads and writes of media.
#[async_trait]
pub trait MediaStore {
    /// Stores a declared upload, if the turn that it names is there.
    async fn create_media(&self, media: Media) -> Result<MediaCreated, StoreError>;

    /// The upload with this id.
    async fn get_media(&self, id: Uuid) -> Result<Option<Media>, StoreError>;

    /// Uploads that pass the filter, by `created_at` descending, then `id` descending; one more than the page holds when more follow.
    async fn list_media(&self, filter: MediaFilter, page: PageRequest) -> Result<Vec<Media>, StoreError>;

    /// Claims an upload for a run: one that is pending; one whose claim has lapsed at `claim.now`; or one that failed, when the
    /// blob is another one by now. What is ready or quarantined stays as it is, whatever came after it. Where there is
    /// no such upload, `claim.undeclared` is stored first. Of many claims at once one wins.
    async fn claim_media(&self, claim: MediaClaim) -> Result<MediaClaimed, StoreError>;

    /// Notes what a run came to, facts and files as one unit; false when another run took the upload over, or it is gone. A second
    /// call of the same run is no error and changes nothing. A turn that lacks its `audio_seconds` gets those of its recording, and
    /// is to be counted anew. A run that is told that its upload is gone removes the outputs that it wrote.
    async fn finish_media(&self, finished: MediaFinished) -> Result<bool, StoreError>;

    /// Removes the upload if it still has the version `expected`; false when it has another one, or is gone.
    async fn delete_media(&self, id: Uuid, expected: i64) -> Result<bool, StoreError>;

    /// The photos of the same product that look much the same, the nearest first; none for what is no ready photo of a product.
    async fn near_duplicates(&self, id: Uuid) -> Result<Vec<NearDuplicate>, StoreError>;
}
