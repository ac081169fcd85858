//! JSON bodies, whole and of a bounded size.

use crate::app::App;
use crate::error::ApiError;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use serde_json::Value;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// How long a body may take to arrive: it holds its share of the memory meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

/// A JSON body of at most `MOST` bytes, as text: what reads it decides which faults it has.
pub struct Body<const MOST: usize> {
    /// The text.
    pub text: Bytes,
    /// Its share of the memory for bodies, given back with it.
    _share: OwnedSemaphorePermit,
}

impl<const MOST: usize> FromRequest<App> for Body<MOST> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        if !is(request.headers(), &["application/json"]) {
            return Err(ApiError::UnsupportedMediaType("application/json"));
        }
        read(request, app, MOST).await
    }
}

/// A body as [`Body`], which may also be called plain text: a page may send that to another origin without asking first, so
/// that it arrives although the page is being closed (`navigator.sendBeacon`).
pub struct Beacon<const MOST: usize>(pub Body<MOST>);

impl<const MOST: usize> FromRequest<App> for Beacon<MOST> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        if !is(request.headers(), &["application/json", "text/plain"]) {
            return Err(ApiError::UnsupportedMediaType("application/json or text/plain"));
        }
        read(request, app, MOST).await.map(Self)
    }
}

/// A merge patch (RFC 7396) of at most 4 MiB.
pub struct MergePatch(pub Value);

impl FromRequest<App> for MergePatch {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        if !is(
            request.headers(),
            &["application/merge-patch+json", "application/json"],
        ) {
            return Err(ApiError::UnsupportedMediaType(
                "application/merge-patch+json or application/json",
            ));
        }
        let body: Body<{ 4 * 1024 * 1024 }> = read(request, app, 4 * 1024 * 1024).await?;
        serde_json::from_slice(&body.text)
            .map(Self)
            .map_err(|error| ApiError::InvalidJson(error.to_string()))
    }
}

/// Whether the body has one of these media types; parameters such as a charset do not matter.
fn is(headers: &HeaderMap, types: &[&str]) -> bool {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    types.iter().any(|own| essence.eq_ignore_ascii_case(own))
}

async fn read<const MOST: usize>(request: Request, app: &App, most: usize) -> Result<Body<MOST>, ApiError> {
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let share = length.unwrap_or(most);
    if share > most {
        return Err(ApiError::PayloadTooLarge(most));
    }
    let share = app
        .bodies()
        .acquire_many_owned(u32::try_from(share).unwrap_or(u32::MAX))
        .await;
    let share = share.map_err(|error| ApiError::Internal(error.to_string()))?;
    let text = tokio::time::timeout(PATIENCE, Limited::new(request.into_body(), most).collect())
        .await
        .map_err(|_| ApiError::InvalidJson("it did not arrive in time".to_owned()))?
        .map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                ApiError::PayloadTooLarge(most)
            } else {
                ApiError::InvalidJson("it broke off".to_owned())
            }
        })?;
    Ok(Body {
        text: text.to_bytes(),
        _share: share,
    })
}
