//! An upload that comes through this program: checked while it comes, and never in memory as a whole.

use super::blob_name;
use crate::app::App;
use crate::error::ApiError;
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use blobs::{BlobError, Container, PutOptions};
use bytes::Bytes;
use domain::media::{Media, Status};
use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// The longest pause between two pieces of a body.
const PAUSE: Duration = Duration::from_secs(30);
/// The longest that a body may take.
const WHOLE: Duration = Duration::from_secs(230);

/// Puts the body into `incoming`, if it is what was declared, of at most `most` bytes. Nothing is stored of one that is not. One
/// that is sent again before the first was taken in replaces it.
pub(crate) async fn receive(
    app: &App,
    media: &Media,
    headers: &HeaderMap,
    body: Body,
    most: u64,
) -> Result<(), ApiError> {
    if media.status != Status::Pending {
        let status = media.status.as_str();
        return Err(ApiError::MediaConflict(format!(
            "this upload came already: it is {status}"
        )));
    }
    let declared = media.declared_size.unwrap_or(most);
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.max(announced.unwrap_or_default()) > most {
        return Err(ApiError::PayloadTooLarge(
            usize::try_from(most).unwrap_or(usize::MAX),
        ));
    }
    if let Some(announced) = announced.filter(|announced| *announced != declared) {
        return Err(mismatch(declared, announced));
    }
    let refusal = Arc::new(Mutex::new(None));
    let checked = Checked {
        body: body.into_data_stream(),
        digest: Sha256::new(),
        length: 0,
        declared,
        sha256: media.declared_sha256,
        until: Instant::now() + WHOLE,
        ended: false,
        refusal: Arc::clone(&refusal),
    };
    let pieces = stream::unfold(checked, |mut checked| async move {
        let piece = checked.next().await?;
        Some((piece, checked))
    });
    let name = blob_name(&media.incoming)?;
    let stored = app
        .storage()
        .await?
        .put(Container::Incoming, &name, pieces.boxed(), PutOptions::default())
        .await;
    stored.map(|_| ()).map_err(|error| {
        let refusal = refusal.lock().ok().and_then(|mut refusal| refusal.take());
        refusal.unwrap_or_else(|| error.into())
    })
}

fn mismatch(declared: u64, came: u64) -> ApiError {
    ApiError::ContentMismatch(format!("{declared} bytes were declared, and {came} came"))
}

/// A body that ends with an error unless it is what was declared: so the blob is never written.
struct Checked {
    body: BodyDataStream,
    digest: Sha256,
    length: u64,
    declared: u64,
    sha256: Option<[u8; 32]>,
    until: Instant,
    ended: bool,
    /// Why it was refused, for the answer.
    refusal: Arc<Mutex<Option<ApiError>>>,
}

impl Checked {
    async fn next(&mut self) -> Option<Result<Bytes, BlobError>> {
        if self.ended {
            return None;
        }
        let until = self.until.min(Instant::now() + PAUSE);
        let refused = match tokio::time::timeout_at(until, self.body.next()).await {
            Ok(Some(Ok(piece))) => match self.take(&piece) {
                Ok(()) => return Some(Ok(piece)),
                Err(refused) => refused,
            },
            Ok(Some(Err(_))) => ApiError::UploadIncomplete("the body broke off"),
            Ok(None) => match self.end() {
                Ok(()) => return None,
                Err(refused) => refused,
            },
            Err(_) => ApiError::UploadIncomplete("the body did not arrive in time"),
        };
        self.ended = true;
        if let Ok(mut refusal) = self.refusal.lock() {
            *refusal = Some(refused);
        }
        Some(Err(BlobError::Broken("the upload was refused".to_owned())))
    }

    fn take(&mut self, piece: &Bytes) -> Result<(), ApiError> {
        self.length += piece.len() as u64;
        if self.length > self.declared {
            return Err(ApiError::ContentMismatch(format!(
                "{} bytes were declared, and more came",
                self.declared
            )));
        }
        if self.sha256.is_some() {
            self.digest.update(piece);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ApiError> {
        self.ended = true;
        if self.length != self.declared {
            return Err(mismatch(self.declared, self.length));
        }
        let digest: [u8; 32] = std::mem::take(&mut self.digest).finalize().into();
        match self.sha256 {
            Some(declared) if declared != digest => Err(ApiError::ContentMismatch(
                "the SHA-256 of what came is not the one that was declared".to_owned(),
            )),
            _ => Ok(()),
        }
    }
}
