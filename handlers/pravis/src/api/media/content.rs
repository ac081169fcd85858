//! How files get out.

use super::missing;
use crate::app::App;
use crate::delivery::disposition::content_disposition;
use crate::delivery::range::{Asked, asked};
use crate::delivery::{address, blob_name, container_of};
use crate::error::ApiError;
use crate::extract::{IdPath, Later, Query, Read};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::media::{Media, Status, Variant, best};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

/// How long a redirect to the storage account is good for.
const GRANTED: SignedDuration = SignedDuration::from_mins(5);
/// Nothing in a file may run, or ask for anything, when it is opened as a page.
const POLICY: &str = "default-src 'none'; sandbox";

/// Which file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ContentQuery {
    /// Its name, such as `w640.webp`; without it the best one.
    variant: Option<String>,
}

/// One file of an upload. Photos of products need no key; all else needs one that reads. Ranges and conditional requests are honoured.
#[utoipa::path(get, path = "/v1/media/{id}/content", tag = "media", security((), ("key" = ["read"])),
    params(("id" = Uuid, Path), ContentQuery), responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The part that was asked for", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 302, description = "It is at the CDN, or for some minutes in the storage account"),
        (status = 304, description = "It is the one that the caller has")))]
pub async fn get_media_content(
    State(app): State<App>,
    IdPath(id): IdPath,
    Query(query): Query<ContentQuery>,
    caller: Later<Read>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let found = app.store().await?.get_media(id).await?;
    if !found.as_ref().is_some_and(|media| media.kind.is_public()) {
        // Who has no key is not told either what there is.
        caller.authorize(&app).await?;
    }
    let media = found.ok_or_else(|| missing(id))?;
    let variant = chosen(&media, query.variant.as_deref())?;
    if is_known(&headers, &etag(variant)) {
        return Ok((StatusCode::NOT_MODIFIED, common(&media, variant)).into_response());
    }
    match elsewhere(&app, &media, variant).await? {
        Some(redirect) => Ok(redirect),
        None => given(&app, &media, variant, &headers).await,
    }
}

/// The file that is asked for.
fn chosen<'m>(media: &'m Media, name: Option<&str>) -> Result<&'m Variant, ApiError> {
    if media.status != Status::Ready {
        let status = media.status.as_str();
        return Err(ApiError::NotFound(format!("content: the upload is {status}")));
    }
    let found = match name {
        Some(name) => media.variant(name),
        None => best(&media.variants),
    };
    found.ok_or_else(|| {
        let names: Vec<_> = media.variants.iter().map(|own| own.variant.as_str()).collect();
        ApiError::NotFound(format!("such variant: there are {}", names.join(", ")))
    })
}

/// The version of a file: its name is the hash of its bytes.
fn etag(variant: &Variant) -> String {
    let file = variant.blob.rsplit('/').next().unwrap_or_default();
    format!("\"{}\"", file.split('.').next().unwrap_or_default())
}

/// What 200, 206 and 304 share (RFC 9110, section 15.4.5).
fn common(media: &Media, variant: &Variant) -> [(header::HeaderName, String); 5] {
    let cache = if media.kind.is_public() {
        "public, max-age=31536000, immutable"
    } else {
        "private, no-store"
    };
    [
        (header::ETAG, etag(variant)),
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ]
}

/// A redirect to where the file is without this program in between. What a browser might run or show as a page is never there: only our
/// own headers keep it from that.
async fn elsewhere(app: &App, media: &Media, variant: &Variant) -> Result<Option<Response>, ApiError> {
    let kind = variant.content_type.as_str();
    let harmless = kind.starts_with("audio/") || kind.starts_with("image/") && !kind.contains("svg");
    if !harmless || media.kind == domain::media::Kind::Attachment {
        return Ok(None);
    }
    let (location, cache) = if let Some(url) = address::on_cdn(app, media, variant) {
        (url, "public, max-age=300")
    } else {
        let storage = app.storage().await?;
        let until = Timestamp::now() + GRANTED;
        let name = blob_name(&variant.blob)?;
        match storage.grant_read(container_of(media.kind), &name, until).await? {
            Some(grant) => (grant.url, "private, no-store"),
            None => return Ok(None),
        }
    };
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, cache.to_owned()),
    ];
    Ok(Some((StatusCode::FOUND, headers).into_response()))
}

/// The file, or the part of it that is asked for, through this program.
async fn given(
    app: &App,
    media: &Media,
    variant: &Variant,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let (status, range) = match asked(headers, variant.bytes, &etag(variant)) {
        Asked::Whole => (StatusCode::OK, None),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, Some(range)),
        Asked::Nothing => {
            return Err(ApiError::RangeNotSatisfiable {
                length: variant.bytes,
            });
        }
    };
    let name = blob_name(&variant.blob)?;
    let storage = app.storage().await?;
    let blob = storage
        .get(container_of(media.kind), &name, range.clone())
        .await?;
    // It is being removed at this moment.
    let blob = blob.ok_or_else(|| missing(media.id))?;
    let length = blob.range.end - blob.range.start;
    let mut response = (status, common(media, variant), Body::from_stream(blob.body)).into_response();
    let more = [
        (header::CONTENT_TYPE, Some(variant.content_type.clone())),
        (header::CONTENT_LENGTH, Some(length.to_string())),
        (
            header::CONTENT_DISPOSITION,
            Some(content_disposition(media.kind, &media.name, variant)),
        ),
        (
            header::CONTENT_RANGE,
            range.map(|_| {
                format!(
                    "bytes {}-{}/{}",
                    blob.range.start,
                    blob.range.end - 1,
                    variant.bytes
                )
            }),
        ),
    ];
    for (name, value) in more {
        if let Some(value) = value.and_then(|value| value.try_into().ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// Whether the caller has this version (RFC 9110, section 13.1.2).
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    tags.any(|tag| tag.trim() == "*" || tag.trim().trim_start_matches("W/") == etag)
}
