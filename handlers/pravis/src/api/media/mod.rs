//! Media over HTTP.

mod answers;
pub mod content;
pub mod uploads;

pub use answers::{MediaAnswer, MediaDetails, UploadAnswer, UploadRequest, VariantAnswer};

use super::interactions::list_name;
use crate::app::App;
use crate::delivery::remove::{RemovedMedia, remove};
use crate::error::ApiError;
use crate::extract::{self, Authorized, IdPath, IfMatch, Query, Read, WithETag, page};
use axum::Json;
use axum::extract::State;
use domain::media::{Kind, Media, MediaFilter, Status};
use domain::page::Page;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// The filters and the page of a list of media.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MediaQuery {
    /// Uploads of this kind.
    #[param(inline)]
    kind: Option<Kind>,
    /// Uploads that got so far.
    #[param(inline)]
    status: Option<Status>,
    /// Uploads of this product.
    product_id: Option<String>,
    /// Uploads of this turn.
    interaction_id: Option<Uuid>,
    /// Entries of the page, 1 to 200; default 50.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Uploads, newest first.
#[utoipa::path(get, path = "/v1/media", tag = "media", security(("key" = ["read"])),
    params(MediaQuery), responses((status = 200, body = Page<MediaAnswer>)))]
pub async fn list_media(
    State(app): State<App>,
    _caller: Authorized<Read>,
    Query(query): Query<MediaQuery>,
) -> Result<Json<Page<MediaAnswer>>, ApiError> {
    let filter = MediaFilter {
        kind: query.kind,
        status: query.status,
        product_id: query.product_id,
        interaction_id: query.interaction_id,
        to: None,
    };
    let name = list_name("media", &filter);
    let page = page(query.limit, query.cursor.as_deref(), &name)?;
    let limit = page.limit;
    let items = app.store().await?.list_media(filter, page).await?;
    let Page { items, next_cursor } = Page::of(items, limit, &name);
    let items = items.into_iter().map(|media| MediaAnswer::of(&app, media));
    Ok(Json(Page {
        items: items.collect(),
        next_cursor,
    }))
}

/// One upload: how far it got, what is known of it, its files, and photos of the same product that look much the same.
#[utoipa::path(get, path = "/v1/media/{id}", tag = "media", security(("key" = ["read"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = MediaDetails)))]
pub async fn get_media(
    State(app): State<App>,
    _caller: Authorized<Read>,
    IdPath(id): IdPath,
) -> Result<WithETag<MediaDetails>, ApiError> {
    let store = app.store().await?;
    let media = store.get_media(id).await?.ok_or_else(|| missing(id))?;
    let near_duplicates = store.near_duplicates(id).await?;
    Ok(WithETag {
        version: media.version,
        record: MediaDetails {
            media: MediaAnswer::of(&app, media),
            near_duplicates,
        },
    })
}

/// Removes an upload with all that was made of it, also from the CDN. `If-Match` is honoured. What breaks off is done when it is asked
/// for again.
#[utoipa::path(delete, path = "/v1/media/{id}", tag = "media", security(("key" = ["media"])),
    params(("id" = Uuid, Path)), responses((status = 200, body = RemovedMedia)))]
pub async fn delete_media(
    State(app): State<App>,
    _caller: Authorized<extract::Media>,
    IdPath(id): IdPath,
    if_match: IfMatch,
) -> Result<Json<RemovedMedia>, ApiError> {
    let store = app.store().await?;
    let media: Media = store.get_media(id).await?.ok_or_else(|| missing(id))?;
    if_match.check(media.version)?;
    remove(&app, &*store, media).await.map(Json)
}

fn missing(id: Uuid) -> ApiError {
    ApiError::NotFound(format!("upload with the id {id}"))
}
