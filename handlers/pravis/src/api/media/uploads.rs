//! How files come.

use super::answers::{MediaAnswer, UploadAnswer};
use super::missing;
use crate::app::App;
use crate::delivery::blob_name;
use crate::delivery::receive::receive;
use crate::error::ApiError;
use crate::extract::{self, Authorized, IdPath, PairPath, Query};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use blobs::{BlobError, Container, UploadTerms};
use domain::fault::Fault;
use domain::media::{Kind, Media, NewUpload, Status};
use domain::parse;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use store::MediaCreated;
use utoipa::IntoParams;
use uuid::Uuid;

/// How long a grant is good for.
const GRANTED: SignedDuration = SignedDuration::from_mins(15);
/// Longest upload through this program in bytes: larger ones go to the storage by their grant.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Declares an upload; the answer says how to send its bytes without a key. Sending the declaration again is harmless: the same id with
/// the same fields answers 200, with a new grant while nothing has come.
#[utoipa::path(post, path = "/v1/media/uploads", tag = "media", security(("key" = ["media"])),
    request_body = NewUpload, responses(
        (status = 201, description = "Declared now", body = UploadAnswer),
        (status = 200, description = "Was declared before", body = UploadAnswer)))]
pub async fn create_upload(
    State(app): State<App>,
    _caller: Authorized<extract::Media>,
    body: extract::Body<{ 64 * 1024 }>,
) -> Result<(StatusCode, Json<UploadAnswer>), ApiError> {
    let new: NewUpload = parse::from_slice(&body.text)?;
    new.validate()?;
    let id = new.id.unwrap_or_else(|| app.new_id());
    let declared = new.into_media(id, app.now());
    let store = app.store().await?;
    let (status, media) = match store.create_media(declared.clone()).await? {
        MediaCreated::Created => (StatusCode::CREATED, declared),
        MediaCreated::Duplicate => {
            let stored = store.get_media(id).await?;
            (StatusCode::OK, stored.ok_or_else(|| missing(id))?)
        }
        MediaCreated::Conflict => return Err(another(id)),
        MediaCreated::NoInteraction => {
            return Err(Fault::invalid("/interaction_id", "there is no interaction with this id").into());
        }
    };
    upload_answer(&app, media)
        .await
        .map(|answer| (status, Json(answer)))
}

fn another(id: Uuid) -> ApiError {
    ApiError::MediaConflict(format!(
        "another upload has the id {id}: the fields that were first supplied with it differ"
    ))
}

async fn upload_answer(app: &App, media: Media) -> Result<UploadAnswer, ApiError> {
    let upload = if media.status == Status::Pending {
        // The storage judges the end by the time of the world, whatever the program's clock says.
        let terms = UploadTerms {
            until: Timestamp::now() + GRANTED,
        };
        let name = blob_name(&media.incoming)?;
        let storage = app.storage().await?;
        let grant = storage.grant_upload(Container::Incoming, &name, terms).await?;
        Some(grant.into())
    } else {
        None
    };
    Ok(UploadAnswer {
        media: MediaAnswer::of(app, media),
        upload,
    })
}

/// Takes the bytes of a declared upload of at most 32 MiB, if they are what was declared.
#[utoipa::path(put, path = "/v1/media/uploads/{id}/content", tag = "media", security(("key" = ["media"])),
    params(("id" = Uuid, Path)), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 202, description = "Stored, and soon worked on", body = MediaAnswer)))]
pub async fn put_upload_content(
    State(app): State<App>,
    _caller: Authorized<extract::Media>,
    IdPath(id): IdPath,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<MediaAnswer>), ApiError> {
    let media = app
        .store()
        .await?
        .get_media(id)
        .await?
        .ok_or_else(|| missing(id))?;
    receive(&app, &media, &headers, body, MOST_BYTES).await?;
    Ok((StatusCode::ACCEPTED, Json(MediaAnswer::of(&app, media))))
}

/// What a granted URL holds besides its path.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GrantQuery {
    /// When the grant ends, in seconds since 1970.
    until: String,
    /// What proves the grant.
    signature: String,
}

/// Takes the bytes of a declared upload from whoever has its grant. Only a program that keeps files in a folder has this: in Azure,
/// grants are for the storage account itself.
#[utoipa::path(put, path = "/v1/blobs/{container}/{name}", tag = "media",
    params(("container" = String, Path), ("name" = String, Path), GrantQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "Stored, and soon worked on")))]
pub async fn put_granted_content(
    State(app): State<App>,
    PairPath(container, name): PairPath,
    Query(grant): Query<GrantQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let storage = app.storage().await?;
    let now = Timestamp::now();
    let redeemed = storage.redeem_upload(&container, &name, &grant.until, &grant.signature, now);
    let (_, name) = redeemed.await.map_err(|error| match error {
        BlobError::Forbidden(why) => ApiError::Forbidden(why),
        other => other.into(),
    })?;
    let id = name.as_str().parse();
    let id: Uuid = id.map_err(|_| ApiError::Forbidden("this grant is for no upload".to_owned()))?;
    let media = app
        .store()
        .await?
        .get_media(id)
        .await?
        .ok_or_else(|| missing(id))?;
    receive(&app, &media, &headers, body, Kind::most_bytes(media.kind)).await?;
    Ok(StatusCode::CREATED)
}
