//! Whose blob it is: of an upload that was declared, or of nobody.

use super::process::ProcessError;
use crate::app::App;
use blobs::{BlobName, Container, Properties, Storage};
use domain::media::{Kind, Media, undeclared_id};
use futures::TryStreamExt as _;
use jiff::SignedDuration;
use media::format::Format;
use store::MediaClaim;
use uuid::Uuid;

/// How long a run has an upload for itself; its work takes seconds.
const HELD: SignedDuration = SignedDuration::from_mins(5);
/// Bytes by which a photo or a recording is known.
const HEAD: u64 = 64 * 1024;

/// Whose a blob is, by its name.
pub(super) enum Owner {
    /// A declared upload's, or one's that is removed by now.
    Declared(Uuid),
    /// Nobody's: an operator put it there.
    Nobody,
    /// A UUID as this program writes none; no upload has it, and nobody may take it for one's.
    Lookalike,
}

impl Owner {
    pub(super) fn of(name: &BlobName) -> Self {
        match Uuid::try_parse(name.as_str()) {
            Ok(id) if id.to_string() == name.as_str() => Self::Declared(id),
            Ok(_) => Self::Lookalike,
            Err(_) => Self::Nobody,
        }
    }
}

/// The claim of a run on the upload of this blob.
pub(super) async fn claim(
    app: &App,
    storage: &dyn Storage,
    (name, properties): (&BlobName, &Properties),
    declared: Option<Uuid>,
    run: Uuid,
) -> Result<MediaClaim, ProcessError> {
    let (now, etag) = (app.now(), properties.etag.clone());
    let undeclared = match declared {
        Some(_) => None,
        None => {
            let kind = kind_of(storage, name, properties.length).await?;
            Some(Media::undeclared(name.as_str(), &etag, kind, now))
        }
    };
    Ok(MediaClaim {
        id: declared.unwrap_or_else(|| undeclared_id(name.as_str(), &etag)),
        etag,
        run,
        now,
        until: now.saturating_add(HELD).unwrap_or(now),
        undeclared,
    })
}

/// What a file that nobody declared is for, by its first bytes.
async fn kind_of(storage: &dyn Storage, name: &BlobName, length: u64) -> Result<Kind, ProcessError> {
    if length == 0 {
        return Ok(Kind::Attachment);
    }
    let Some(blob) = storage.get(Container::Incoming, name, Some(0..HEAD)).await? else {
        return Ok(Kind::Attachment);
    };
    let pieces: Vec<_> = blob.body.try_collect().await?;
    Ok(match Format::of(&pieces.concat()) {
        Some(format) if format.is_photo() => Kind::ProductPhoto,
        Some(format) if format.is_voice() => Kind::VoiceRecording,
        _ => Kind::Attachment,
    })
}
